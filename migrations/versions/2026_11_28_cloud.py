"""Which organization a provider's accounts are in; which pooled accounts may hold what no wipe sees.

What is known of accounts from before says not what their teams could use: those that any had are closed in the end.
"""

from alembic import op

revision = "2026_11_28_cloud"
down_revision = "2026_11_28_pitching"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE provider ADD COLUMN organization VARCHAR(120) NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE pooled_account ADD COLUMN is_wide BOOLEAN NOT NULL DEFAULT false")
    op.execute("UPDATE pooled_account SET is_wide = true WHERE uses > 0 OR state IN ('taken', 'leaving')")


def downgrade() -> None:
    op.execute("ALTER TABLE pooled_account DROP COLUMN is_wide")
    op.execute("ALTER TABLE provider DROP COLUMN organization")
