"""equity: totals of a class at the ends of months, the order of positions, entries of contributed patents

Revision ID: 2026_11_27_capital_totals
Revises: 2026_11_27_award_reminders
Create Date: 2026-11-27 20:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_27_capital_totals'
down_revision = '2026_11_27_award_reminders'
branch_labels = None
depends_on = None

FROZEN = (
    "CREATE TRIGGER frozen BEFORE UPDATE ON public.capital_entry FOR EACH ROW WHEN ((((old.state)::text <> 'draft'::text) "
    "AND ((old.security_class_id IS DISTINCT FROM new.security_class_id) OR (old.effective_on IS DISTINCT FROM "
    "new.effective_on) OR (old.evidence IS DISTINCT FROM new.evidence) OR (old.lines IS DISTINCT FROM new.lines) OR "
    "(old.maker_id IS DISTINCT FROM new.maker_id){more}))) EXECUTE FUNCTION refuse_change()"
)


def upgrade() -> None:
    op.create_table('capital_total',
        sa.Column('class_public_id', sa.String(length=16), nullable=False),
        sa.Column('month_end', sa.Date(), nullable=False),
        sa.Column('issued', sa.BigInteger(), nullable=False),
        sa.Column('promised', sa.BigInteger(), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('issued >= 0 AND promised >= 0', name=op.f('ck_capital_total_figures_not_negative')),
        sa.ForeignKeyConstraint(['class_public_id'], ['security_class.public_id'], name=op.f('fk_capital_total_class_public_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_capital_total')),
        sa.UniqueConstraint('class_public_id', 'month_end', name=op.f('uq_capital_total_class_public_id_month_end'))
    )
    op.create_index('ix_capital_position_most', 'capital_position', ['class_public_id', 'month_end', 'instrument', 'units', 'holder_public_id'], unique=False)
    op.add_column('capital_entry', sa.Column('exploitation_id', sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f('fk_capital_entry_exploitation_id'), 'capital_entry', 'exploitation', ['exploitation_id'], ['id'])
    op.create_index('uq_capital_entry_exploitation', 'capital_entry', ['exploitation_id'], unique=True, postgresql_where=sa.text("state <> 'refused' AND state <> 'corrected'"))
    op.execute("DROP TRIGGER frozen ON capital_entry")
    op.execute(FROZEN.format(more=" OR (old.exploitation_id IS DISTINCT FROM new.exploitation_id)"))
    # What is derived is derived anew, now with its totals; until then a day is summed from the log.
    op.execute("DELETE FROM capital_month")


def downgrade() -> None:
    op.execute("DROP TRIGGER frozen ON capital_entry")
    op.execute(FROZEN.format(more=""))
    op.drop_index('uq_capital_entry_exploitation', table_name='capital_entry')
    op.drop_constraint(op.f('fk_capital_entry_exploitation_id'), 'capital_entry', type_='foreignkey')
    op.drop_column('capital_entry', 'exploitation_id')
    op.drop_index('ix_capital_position_most', table_name='capital_position')
    op.drop_table('capital_total')
