"""By when a call's proposals are checked; people of a cost centre are found by it."""

from alembic import op

revision = "2026_11_28_pitching"
down_revision = "2026_11_28_gate_answers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE call ADD COLUMN screening_due_on DATE")
    op.execute("CREATE INDEX ix_person_cost_center ON person (cost_center)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_person_cost_center")
    op.execute("ALTER TABLE call DROP COLUMN screening_due_on")
