"""What has waited longest in a state is found along an index."""

from alembic import op

revision = "2026_11_28_waiting"
down_revision = "2026_11_28_standing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_proposal_state_since", "proposal", ["state", "state_at"])


def downgrade() -> None:
    op.drop_index("ix_proposal_state_since", table_name="proposal")
