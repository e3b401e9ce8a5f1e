"""equity: the totals of a class at the ends of months, and the order of positions

Revision ID: 2026_11_27_register_done
Revises: 2026_11_27_equity_register
Create Date: 2026-11-27 20:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_27_register_done'
down_revision = '2026_11_27_equity_register'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('capital_total',
        sa.Column('class_public_id', sa.String(length=16), nullable=False),
        sa.Column('month_end', sa.Date(), nullable=False),
        sa.Column('issued', sa.BigInteger(), nullable=False),
        sa.Column('promised', sa.BigInteger(), nullable=False),
        sa.Column('holders', sa.BigInteger(), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('issued >= 0 AND promised >= 0 AND holders >= 0', name=op.f('ck_capital_total_figures_not_negative')),
        sa.ForeignKeyConstraint(['class_public_id'], ['security_class.public_id'], name=op.f('fk_capital_total_class_public_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_capital_total')),
        sa.UniqueConstraint('class_public_id', 'month_end', name=op.f('uq_capital_total_class_public_id_month_end'))
    )
    op.create_index('ix_capital_position_most', 'capital_position', ['class_public_id', 'month_end', 'instrument', 'units', 'holder_public_id'], unique=False)
    # What is derived is derived anew, now with its totals; until then a day is summed from the log.
    op.execute("DELETE FROM capital_month")


def downgrade() -> None:
    op.drop_index('ix_capital_position_most', table_name='capital_position')
    op.drop_table('capital_total')
