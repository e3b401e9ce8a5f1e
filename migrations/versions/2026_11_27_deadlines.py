"""patents_a: families, service and notices of matters, costs, deadlines

Revision ID: 2026_11_27_deadlines
Revises: 2026_11_27_ranking_assignment
Create Date: 2026-11-27 17:10:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '2026_11_27_deadlines'
down_revision = '2026_11_27_ranking_assignment'
branch_labels = None
depends_on = None

FAMILIES = """
INSERT INTO family (number, disclosure_id, company_id, public_id, created_at, cause_id)
SELECT 'F-' || upper(translate(substr(md5(random()::text || m.disclosure_id), 1, 6), '0189', 'WXYZ')), m.disclosure_id,
       m.company_id, translate(substr(md5(m.disclosure_id || random()::text), 1, 16), '0189', 'wxyz'), m.created_at,
       m.cause_id
  FROM (SELECT DISTINCT ON (disclosure_id) * FROM matter ORDER BY disclosure_id, id) m
"""
MEMBERS = "UPDATE matter SET family_id = family.id FROM family WHERE family.disclosure_id = matter.disclosure_id"


def upgrade() -> None:
    op.create_table('deadline_run',
    sa.Column('reason', sa.Enum('event', 'rules', 'daily', name='reason_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('matters', sa.BigInteger(), nullable=False),
    sa.Column('added', sa.BigInteger(), nullable=False),
    sa.Column('moved', sa.BigInteger(), nullable=False),
    sa.Column('completed', sa.BigInteger(), nullable=False),
    sa.Column('waiting', sa.BigInteger(), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadline_run')),
    sa.UniqueConstraint('public_id', name=op.f('uq_deadline_run_public_id'))
    )
    op.create_table('family',
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('disclosure_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_family_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_family_company_id')),
    sa.ForeignKeyConstraint(['disclosure_id'], ['disclosure.id'], name=op.f('fk_family_disclosure_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_family')),
    sa.UniqueConstraint('disclosure_id', name=op.f('uq_family_disclosure_id')),
    sa.UniqueConstraint('number', name=op.f('uq_family_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_family_public_id'))
    )
    op.create_index(op.f('ix_family_cause_id'), 'family', ['cause_id'], unique=False)
    op.create_index(op.f('ix_family_company_id'), 'family', ['company_id'], unique=False)
    op.create_table('deadline',
    sa.Column('matter_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('rule_version_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('year', sa.BigInteger(), nullable=True),
    sa.Column('base_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=True),
    sa.Column('grace_until', sa.Date(), nullable=True),
    sa.Column('restore_until', sa.Date(), nullable=True),
    sa.Column('provisional', sa.Boolean(), nullable=False),
    sa.Column('duty', sa.Boolean(), nullable=False),
    sa.Column('fee_amount', sa.BigInteger(), nullable=True),
    sa.Column('fee_currency', sa.String(length=3), nullable=True),
    sa.Column('trace', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('place', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('open', 'done', 'dropped', 'void', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('acknowledged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_by_id', sa.BigInteger(), nullable=True),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('done_by_id', sa.BigInteger(), nullable=True),
    sa.Column('done_event_id', sa.BigInteger(), nullable=True),
    sa.Column('evidence', sa.String(length=2000), nullable=False),
    sa.Column('file_id', sa.BigInteger(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("state <> 'done' OR done_on IS NOT NULL", name=op.f('ck_deadline_done_has_day')),
    sa.CheckConstraint('(fee_amount IS NULL) = (fee_currency IS NULL)', name=op.f('ck_deadline_fee_has_currency')),
    sa.CheckConstraint('due_on >= base_on', name=op.f('ck_deadline_not_before_base')),
    sa.ForeignKeyConstraint(['acknowledged_by_id'], ['person.id'], name=op.f('fk_deadline_acknowledged_by_id')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_deadline_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_deadline_company_id')),
    sa.ForeignKeyConstraint(['done_by_id'], ['person.id'], name=op.f('fk_deadline_done_by_id')),
    sa.ForeignKeyConstraint(['done_event_id'], ['matter_event.id'], name=op.f('fk_deadline_done_event_id')),
    sa.ForeignKeyConstraint(['file_id'], ['file.id'], name=op.f('fk_deadline_file_id')),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_deadline_matter_id')),
    sa.ForeignKeyConstraint(['rule_version_id'], ['rule_version.id'], name=op.f('fk_deadline_rule_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadline')),
    sa.UniqueConstraint('matter_id', 'key', name=op.f('uq_deadline_matter_id_key')),
    sa.UniqueConstraint('public_id', name=op.f('uq_deadline_public_id'))
    )
    op.create_index(op.f('ix_deadline_cause_id'), 'deadline', ['cause_id'], unique=False)
    op.create_index('ix_deadline_docket', 'deadline', ['state', 'duty', 'place'], unique=False)
    op.create_index('ix_deadline_due', 'deadline', ['due_on'], unique=False, postgresql_where=sa.text("state = 'open' AND duty"))
    op.create_index(op.f('ix_deadline_rule_version_id'), 'deadline', ['rule_version_id'], unique=False)
    op.create_table('deadline_difference',
    sa.Column('deadline_id', sa.BigInteger(), nullable=False),
    sa.Column('matter_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Enum('moved', 'gone', 'reopened', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('after', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('place', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'applied', 'discarded', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('decided_by_id', sa.BigInteger(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_deadline_difference_company_id')),
    sa.ForeignKeyConstraint(['deadline_id'], ['deadline.id'], name=op.f('fk_deadline_difference_deadline_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_deadline_difference_decided_by_id')),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_deadline_difference_matter_id')),
    sa.ForeignKeyConstraint(['run_id'], ['deadline_run.id'], name=op.f('fk_deadline_difference_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadline_difference')),
    sa.UniqueConstraint('public_id', name=op.f('uq_deadline_difference_public_id'))
    )
    op.create_index(op.f('ix_deadline_difference_company_id'), 'deadline_difference', ['company_id'], unique=False)
    op.create_index(op.f('ix_deadline_difference_decided_by_id'), 'deadline_difference', ['decided_by_id'], unique=False)
    op.create_index('ix_deadline_difference_matter', 'deadline_difference', ['matter_id', 'state'], unique=False)
    op.create_index(op.f('ix_deadline_difference_run_id'), 'deadline_difference', ['run_id'], unique=False)
    op.create_index('uq_deadline_difference_waiting', 'deadline_difference', ['deadline_id'], unique=True, postgresql_where=sa.text("state = 'waiting'"))
    op.create_table('deadline_reminder',
    sa.Column('deadline_id', sa.BigInteger(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('days', sa.BigInteger(), nullable=False),
    sa.Column('escalated', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['deadline_id'], ['deadline.id'], name=op.f('fk_deadline_reminder_deadline_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadline_reminder')),
    sa.UniqueConstraint('deadline_id', 'due_on', 'days', name=op.f('uq_deadline_reminder_deadline_id_due_on_days'))
    )
    op.create_table('matter_cost',
    sa.Column('matter_id', sa.BigInteger(), nullable=False),
    sa.Column('deadline_id', sa.BigInteger(), nullable=True),
    sa.Column('stage', sa.Enum('planned', 'actual', name='stage_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('purpose', sa.Enum('office', 'attorney', 'translation', 'search', 'other', name='purpose_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('full_amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('recorded_by_id', sa.BigInteger(), nullable=False),
    sa.Column('reverses_id', sa.BigInteger(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('abs(amount) <= abs(full_amount)', name=op.f('ck_matter_cost_reduced_from_full')),
    sa.CheckConstraint('amount <> 0 AND (amount > 0) = (reverses_id IS NULL)', name=op.f('ck_matter_cost_reversal_is_negative')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_matter_cost_cause_id')),
    sa.ForeignKeyConstraint(['deadline_id'], ['deadline.id'], name=op.f('fk_matter_cost_deadline_id')),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_matter_cost_matter_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_matter_cost_recorded_by_id')),
    sa.ForeignKeyConstraint(['reverses_id'], ['matter_cost.id'], name=op.f('fk_matter_cost_reverses_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matter_cost')),
    sa.UniqueConstraint('public_id', name=op.f('uq_matter_cost_public_id')),
    sa.UniqueConstraint('reverses_id', name=op.f('uq_matter_cost_reverses_id'))
    )
    op.create_index(op.f('ix_matter_cost_cause_id'), 'matter_cost', ['cause_id'], unique=False)
    op.create_index(op.f('ix_matter_cost_deadline_id'), 'matter_cost', ['deadline_id'], unique=False)
    op.create_index('ix_matter_cost_matter', 'matter_cost', ['matter_id', 'id'], unique=False)
    op.create_index(op.f('ix_matter_cost_recorded_by_id'), 'matter_cost', ['recorded_by_id'], unique=False)
    op.add_column('matter', sa.Column('family_id', sa.BigInteger(), nullable=True))
    op.execute(FAMILIES)
    op.execute(MEMBERS)
    op.alter_column('matter', 'family_id', nullable=False)
    op.add_column('matter', sa.Column('counsel_id', sa.BigInteger(), nullable=True))
    op.add_column('matter', sa.Column('priority_on', sa.Date(), nullable=True))
    op.add_column('matter', sa.Column('reduction_bp', sa.BigInteger(), nullable=False, server_default='0'))
    op.alter_column('matter', 'reduction_bp', server_default=None)
    op.create_check_constraint(op.f('ck_matter_reduction_in_range'), 'matter', 'reduction_bp BETWEEN 0 AND 10000')
    op.add_column('matter', sa.Column('stale_at', sa.DateTime(timezone=True), nullable=True))
    op.alter_column('matter', 'application_number',
               existing_type=sa.VARCHAR(length=20),
               type_=sa.String(length=30),
               existing_nullable=True)
    op.drop_constraint(op.f('uq_matter_disclosure_id_office'), 'matter', type_='unique')
    op.create_index(op.f('ix_matter_counsel_id'), 'matter', ['counsel_id'], unique=False)
    op.create_index(op.f('ix_matter_disclosure_id'), 'matter', ['disclosure_id'], unique=False)
    op.create_index(op.f('ix_matter_family_id'), 'matter', ['family_id'], unique=False)
    op.create_index('ix_matter_stale', 'matter', ['stale_at'], unique=False, postgresql_where=sa.text('stale_at IS NOT NULL'))
    op.create_foreign_key(op.f('fk_matter_family_id'), 'matter', 'family', ['family_id'], ['id'])
    op.create_foreign_key(op.f('fk_matter_counsel_id'), 'matter', 'person', ['counsel_id'], ['id'])
    op.add_column('matter_event', sa.Column('service_mode', sa.Enum('electronic', 'post', 'hand', name='service_known', native_enum=False, create_constraint=True, length=40), nullable=True))
    op.add_column('matter_event', sa.Column('about', sa.String(length=20), nullable=False, server_default=''))
    op.alter_column('matter_event', 'about', server_default=None)
    op.add_column('matter_event', sa.Column('file_id', sa.BigInteger(), nullable=True))
    op.create_index(op.f('ix_matter_event_file_id'), 'matter_event', ['file_id'], unique=False)
    op.create_foreign_key(op.f('fk_matter_event_file_id'), 'matter_event', 'file', ['file_id'], ['id'])
    op.drop_constraint(op.f('ck_matter_event_kind_known'), 'matter_event', type_='check')
    op.create_check_constraint(op.f('ck_matter_event_kind_known'), 'matter_event', "kind IN ('file', 'publish', 'examine', 'grant', 'lapse', 'refuse', 'withdraw', 'expire', 'restore', 'reopen', 'priority', 'request_examination', 'notice', 'answer', 'grant_notice', 'register', 'pay', 'enter_national', 'request_reexamination', 'reexamine', 'sue', 'request_clearance', 'clear')")
    op.execute("CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON deadline_reminder FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute("CREATE TRIGGER kept_whole BEFORE TRUNCATE ON deadline_reminder EXECUTE FUNCTION refuse_change()")
    op.execute("CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON matter_cost FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute("CREATE TRIGGER kept_whole BEFORE TRUNCATE ON matter_cost EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    op.drop_constraint(op.f('ck_matter_event_kind_known'), 'matter_event', type_='check')
    op.create_check_constraint(op.f('ck_matter_event_kind_known'), 'matter_event', "kind IN ('file', 'publish', 'examine', 'grant', 'lapse', 'refuse', 'withdraw', 'expire')")
    op.drop_constraint(op.f('ck_matter_reduction_in_range'), 'matter', type_='check')
    op.drop_constraint(op.f('fk_matter_event_file_id'), 'matter_event', type_='foreignkey')
    op.drop_index(op.f('ix_matter_event_file_id'), table_name='matter_event')
    op.drop_column('matter_event', 'file_id')
    op.drop_column('matter_event', 'about')
    op.drop_column('matter_event', 'service_mode')
    op.drop_constraint(op.f('fk_matter_counsel_id'), 'matter', type_='foreignkey')
    op.drop_constraint(op.f('fk_matter_family_id'), 'matter', type_='foreignkey')
    op.drop_index('ix_matter_stale', table_name='matter', postgresql_where=sa.text('stale_at IS NOT NULL'))
    op.drop_index(op.f('ix_matter_family_id'), table_name='matter')
    op.drop_index(op.f('ix_matter_disclosure_id'), table_name='matter')
    op.drop_index(op.f('ix_matter_counsel_id'), table_name='matter')
    op.create_unique_constraint(op.f('uq_matter_disclosure_id_office'), 'matter', ['disclosure_id', 'office'], postgresql_nulls_not_distinct=False)
    op.alter_column('matter', 'application_number',
               existing_type=sa.String(length=30),
               type_=sa.VARCHAR(length=20),
               existing_nullable=True)
    op.drop_column('matter', 'stale_at')
    op.drop_column('matter', 'reduction_bp')
    op.drop_column('matter', 'priority_on')
    op.drop_column('matter', 'counsel_id')
    op.drop_column('matter', 'family_id')
    op.drop_index(op.f('ix_matter_cost_recorded_by_id'), table_name='matter_cost')
    op.drop_index('ix_matter_cost_matter', table_name='matter_cost')
    op.drop_index(op.f('ix_matter_cost_deadline_id'), table_name='matter_cost')
    op.drop_index(op.f('ix_matter_cost_cause_id'), table_name='matter_cost')
    op.drop_table('matter_cost')
    op.drop_table('deadline_reminder')
    op.drop_index('uq_deadline_difference_waiting', table_name='deadline_difference', postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index(op.f('ix_deadline_difference_run_id'), table_name='deadline_difference')
    op.drop_index('ix_deadline_difference_matter', table_name='deadline_difference')
    op.drop_index(op.f('ix_deadline_difference_decided_by_id'), table_name='deadline_difference')
    op.drop_index(op.f('ix_deadline_difference_company_id'), table_name='deadline_difference')
    op.drop_table('deadline_difference')
    op.drop_index(op.f('ix_deadline_rule_version_id'), table_name='deadline')
    op.drop_index('ix_deadline_due', table_name='deadline', postgresql_where=sa.text("state = 'open' AND duty"))
    op.drop_index('ix_deadline_docket', table_name='deadline')
    op.drop_index(op.f('ix_deadline_cause_id'), table_name='deadline')
    op.drop_table('deadline')
    op.drop_index(op.f('ix_family_company_id'), table_name='family')
    op.drop_index(op.f('ix_family_cause_id'), table_name='family')
    op.drop_table('family')
    op.drop_table('deadline_run')
