"""A bill that breaks its reader is tried so many times, and then waits for a person."""

from alembic import op

revision = "2026_11_28_tries"
down_revision = "2026_11_28_movers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE bill_delivery ADD COLUMN tries BIGINT DEFAULT '0' NOT NULL")
    op.execute("ALTER TABLE bill_delivery DROP CONSTRAINT ck_bill_delivery_counted")
    op.execute(
        "ALTER TABLE bill_delivery ADD CONSTRAINT ck_bill_delivery_counted CHECK "
        "(declared_rows >= 0 AND rows >= 0 AND wrong >= 0 AND postings >= 0 AND tries >= 0)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE bill_delivery DROP CONSTRAINT ck_bill_delivery_counted")
    op.execute(
        "ALTER TABLE bill_delivery ADD CONSTRAINT ck_bill_delivery_counted CHECK "
        "(declared_rows >= 0 AND rows >= 0 AND wrong >= 0 AND postings >= 0)"
    )
    op.execute("ALTER TABLE bill_delivery DROP COLUMN tries")
