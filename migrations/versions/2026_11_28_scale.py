"""Search walks along the newest proposals."""

from alembic import op

revision = "2026_11_28_scale"
down_revision = "2026_11_28_estimates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_proposal_state_at", "proposal", ["state_at", "public_id"])


def downgrade() -> None:
    op.drop_index("ix_proposal_state_at", table_name="proposal")
