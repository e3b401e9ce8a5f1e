"""Whether a theme's ranking has changed is read from an index alone."""

from alembic import op

revision = "2026_11_28_standing"
down_revision = "2026_11_28_scale"
branch_labels = None
depends_on = None
COLUMNS = ["round_id", "theme_id", "total_hundredths", "id"]


def upgrade() -> None:
    op.drop_index("ix_review_summary_ranking", table_name="review_summary")
    op.create_index("ix_review_summary_ranking", "review_summary", COLUMNS, postgresql_include=["version"])


def downgrade() -> None:
    op.drop_index("ix_review_summary_ranking", table_name="review_summary")
    op.create_index("ix_review_summary_ranking", "review_summary", COLUMNS)
