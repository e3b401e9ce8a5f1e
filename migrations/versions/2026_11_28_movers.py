"""A grant knows which company its holder worked for, so that a move is asked about once."""

from alembic import op

revision = '2026_11_28_movers'
down_revision = '2026_11_28_gates'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('ALTER TABLE equity_grant ADD COLUMN holder_company_id BIGINT')
    op.execute(
        'ALTER TABLE equity_grant ADD CONSTRAINT fk_equity_grant_holder_company_id '
        'FOREIGN KEY (holder_company_id) REFERENCES company (id)'
    )
    op.execute(
        'UPDATE equity_grant SET holder_company_id = person.company_id FROM person '
        'WHERE person.id = equity_grant.holder_id'
    )


def downgrade() -> None:
    op.execute('ALTER TABLE equity_grant DROP COLUMN holder_company_id')
