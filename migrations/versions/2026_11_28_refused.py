"""What was refused is read along its time."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_refused"
down_revision = "2026_11_28_waiting"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_audit_event_refused",
        "audit_event",
        ["at", "public_id"],
        postgresql_where=sa.text("name IN ('access.deny', 'sign_in.refuse')"),
    )


def downgrade() -> None:
    op.drop_index("ix_audit_event_refused", table_name="audit_event")
