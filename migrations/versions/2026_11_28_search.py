"""Words are sought in what was handed in: the other versions, ten times as many, are left out of the index."""

from alembic import op

revision = "2026_11_28_search"
down_revision = "2026_11_28_bills2"
branch_labels = None
depends_on = None


NAME = "ix_proposal_version_words"


def upgrade() -> None:
    _built_anew("WHERE frozen_at IS NOT NULL")


def downgrade() -> None:
    _built_anew("")


def _built_anew(where: str) -> None:
    """First the new one, which holds up writers alone, then the old one goes."""
    op.execute(f"CREATE INDEX {NAME}_new ON proposal_version USING gin (words) {where}")
    op.execute(f"DROP INDEX {NAME}")
    op.execute(f"ALTER INDEX {NAME}_new RENAME TO {NAME}")
