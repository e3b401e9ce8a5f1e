"""Words are sought in what was handed in: the other versions, ten times as many, are left out of the index."""

from alembic import op

revision = "2026_11_28_search"
down_revision = "2026_11_28_bills2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX ix_proposal_version_words")
    op.execute(
        "CREATE INDEX ix_proposal_version_words ON proposal_version USING gin (words) WHERE frozen_at IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_proposal_version_words")
    op.execute("CREATE INDEX ix_proposal_version_words ON proposal_version USING gin (words)")
