"""A provider counts the calls in a row that it did not answer."""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_27_provider_breaker'
down_revision = '2026_11_27_equity_register'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('provider', sa.Column('failures', sa.BigInteger(), server_default='0', nullable=False))
    op.create_check_constraint(op.f('ck_provider_failures_counted'), 'provider', 'failures >= 0')


def downgrade() -> None:
    op.drop_constraint(op.f('ck_provider_failures_counted'), 'provider', type_='check')
    op.drop_column('provider', 'failures')
