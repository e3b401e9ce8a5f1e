"""patents: parts of a recomputation that wait, reminders of awards, shares owed of a contribution

Revision ID: 2026_11_27_award_reminders
Revises: 2026_11_27_provider_breaker
Create Date: 2026-11-27 20:10:00
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_27_award_reminders'
down_revision = '2026_11_27_provider_breaker'
branch_labels = None
depends_on = None

APPEND_ONLY = ('award_reminder', 'units_due')


def upgrade() -> None:
    op.create_index('ix_disclosure_created', 'disclosure', ['created_at'], unique=False)
    op.add_column('deadline_run', sa.Column('first_id', sa.BigInteger(), nullable=True))
    op.add_column('deadline_run', sa.Column('last_id', sa.BigInteger(), nullable=True))
    op.execute("UPDATE deadline_run SET finished_at = created_at WHERE finished_at IS NULL")
    op.create_check_constraint(
        op.f('ck_deadline_run_of_what'), 'deadline_run',
        'finished_at IS NOT NULL OR (first_id IS NOT NULL AND last_id IS NOT NULL)',
    )
    op.create_index(
        'ix_deadline_run_waiting', 'deadline_run', ['id'], unique=False, postgresql_where=sa.text('finished_at IS NULL')
    )
    op.create_index(
        'ix_award_unsettled', 'award', ['due_on'], unique=False,
        postgresql_where=sa.text("state <> 'paid' AND state <> 'replaced'"),
    )
    op.create_table('award_reminder',
    sa.Column('award_id', sa.BigInteger(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('days', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_award_reminder_award_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_award_reminder')),
    sa.UniqueConstraint('award_id', 'due_on', 'days', name=op.f('uq_award_reminder_award_id_due_on_days')),
    )
    op.create_table('units_due',
    sa.Column('exploitation_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('rule_version_id', sa.BigInteger(), nullable=False),
    sa.Column('share_bp', sa.BigInteger(), nullable=False),
    sa.Column('units', sa.BigInteger(), nullable=False),
    sa.Column('reverses_id', sa.BigInteger(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint(
        'units <> 0 AND (units > 0) = (reverses_id IS NULL)', name=op.f('ck_units_due_reversal_is_negative')
    ),
    sa.CheckConstraint('share_bp BETWEEN 1 AND 10000', name=op.f('ck_units_due_share_in_range')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_units_due_cause_id')),
    sa.ForeignKeyConstraint(['exploitation_id'], ['exploitation.id'], name=op.f('fk_units_due_exploitation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_units_due_person_id')),
    sa.ForeignKeyConstraint(['reverses_id'], ['units_due.id'], name=op.f('fk_units_due_reverses_id')),
    sa.ForeignKeyConstraint(['rule_version_id'], ['rule_version.id'], name=op.f('fk_units_due_rule_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_units_due')),
    sa.UniqueConstraint('public_id', name=op.f('uq_units_due_public_id')),
    sa.UniqueConstraint('reverses_id', name=op.f('uq_units_due_reverses_id')),
    )
    for name in ('cause_id', 'exploitation_id', 'person_id', 'rule_version_id'):
        op.create_index(op.f(f'ix_units_due_{name}'), 'units_due', [name], unique=False)
    op.create_index(
        'uq_units_due_part', 'units_due', ['exploitation_id', 'person_id'], unique=True,
        postgresql_where=sa.text('reverses_id IS NULL'),
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"CREATE TRIGGER kept_whole BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    op.drop_table('units_due')
    op.drop_table('award_reminder')
    op.drop_index('ix_award_unsettled', table_name='award')
    op.drop_index('ix_deadline_run_waiting', table_name='deadline_run')
    op.drop_constraint(op.f('ck_deadline_run_of_what'), 'deadline_run', type_='check')
    op.execute("DELETE FROM deadline_run WHERE finished_at IS NULL")
    op.drop_column('deadline_run', 'last_id')
    op.drop_column('deadline_run', 'first_id')
    op.drop_index('ix_disclosure_created', table_name='disclosure')
