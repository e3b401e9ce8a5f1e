"""equity: plans and vesting of cap tables that come in, holders of state capital, money for units that others took

Revision ID: 2026_11_27_equity_end
Revises: 2026_11_27_cloud_market
Create Date: 2026-11-27 23:20:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '2026_11_27_equity_end'
down_revision = '2026_11_27_cloud_market'
branch_labels = None
depends_on = None

TRIGGERS = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON security_vesting FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER kept_whole BEFORE TRUNCATE ON security_vesting EXECUTE FUNCTION refuse_change()",
)


def upgrade() -> None:
    op.create_table(
        'stock_plan',
        sa.Column('security_class_id', sa.BigInteger(), nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('pool_units', sa.BigInteger(), nullable=False),
        sa.Column('returns', sa.Boolean(), server_default='true', nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('pool_units > 0', name=op.f('ck_stock_plan_pool_positive')),
        sa.ForeignKeyConstraint(['security_class_id'], ['security_class.id'], name=op.f('fk_stock_plan_security_class_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_plan')),
        sa.UniqueConstraint('public_id', name=op.f('uq_stock_plan_public_id')),
    )
    op.create_index(op.f('ix_stock_plan_security_class_id'), 'stock_plan', ['security_class_id'])
    op.create_table(
        'security_vesting',
        sa.Column('security_id', sa.BigInteger(), nullable=False),
        sa.Column('root_id', sa.BigInteger(), nullable=False),
        sa.Column('stock_plan_id', sa.BigInteger(), nullable=True),
        sa.Column('award', sa.String(length=20), nullable=False),
        sa.Column('units', sa.BigInteger(), nullable=False),
        sa.Column('terms', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('units > 0', name=op.f('ck_security_vesting_units_positive')),
        sa.ForeignKeyConstraint(['root_id'], ['equity_security.id'], name=op.f('fk_security_vesting_root_id')),
        sa.ForeignKeyConstraint(['security_id'], ['equity_security.id'], name=op.f('fk_security_vesting_security_id')),
        sa.ForeignKeyConstraint(['stock_plan_id'], ['stock_plan.id'], name=op.f('fk_security_vesting_stock_plan_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_security_vesting')),
        sa.UniqueConstraint('security_id', name=op.f('uq_security_vesting_security_id')),
    )
    op.create_index(op.f('ix_security_vesting_root_id'), 'security_vesting', ['root_id'])
    op.create_index(op.f('ix_security_vesting_stock_plan_id'), 'security_vesting', ['stock_plan_id'])
    for statement in TRIGGERS:
        op.execute(statement)
    op.add_column('equity_holder', sa.Column('is_state', sa.Boolean(), server_default='false', nullable=False))
    op.add_column('growth_part', sa.Column('replaces_id', sa.BigInteger(), nullable=True))
    op.create_index(
        'uq_growth_part_replaces_id', 'growth_part', ['replaces_id'], unique=True,
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_foreign_key(op.f('fk_growth_part_replaces_id'), 'growth_part', 'growth_part', ['replaces_id'], ['id'])


def downgrade() -> None:
    op.drop_constraint(op.f('fk_growth_part_replaces_id'), 'growth_part', type_='foreignkey')
    op.drop_index('uq_growth_part_replaces_id', table_name='growth_part', postgresql_where=sa.text("state <> 'cancelled'"))
    op.drop_column('growth_part', 'replaces_id')
    op.drop_column('equity_holder', 'is_state')
    op.drop_table('security_vesting')
    op.drop_table('stock_plan')
