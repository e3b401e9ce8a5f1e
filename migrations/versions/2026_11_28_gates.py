"""What a gate opens beside its tranche, and what a hold or a pivot asks."""

from alembic import op

revision = '2026_11_28_gates'
down_revision = '2026_11_28_bills'
branch_labels = None
depends_on = None

BEFORE = (
    'kind', 'company_id', 'committee_id', 'rubric_version_id', 'rule_version_id', 'proposal_id', 'tranche_id',
    'provider_id', 'inputs', 'inputs_hash', 'result', 'outcome', 'override', 'reason',
)  # fmt: skip
AFTER = ('decided_by_id', 'confirmed_by_id', 'cause_id')
STAGES = (
    'chartered', 'sandbox', 'validation', 'pilot', 'scale', 'spun_out', 'absorbed', 'licensed', 'stopped',
)  # fmt: skip


def _freeze(*columns: str) -> None:
    changed = ' OR '.join(f'OLD.{name} IS DISTINCT FROM NEW.{name}' for name in columns)
    op.execute('DROP TRIGGER frozen ON panel')
    op.execute(
        "CREATE TRIGGER frozen BEFORE UPDATE ON panel FOR EACH ROW WHEN ((OLD.state IN ('confirmed', 'cancelled')) "
        f"AND ({changed})) EXECUTE FUNCTION refuse_change()"
    )


def upgrade() -> None:
    known = ', '.join(f"'{stage}'" for stage in STAGES)
    op.execute('ALTER TABLE venture ADD COLUMN held_until DATE')
    op.execute(
        'ALTER TABLE tranche ADD COLUMN stage VARCHAR(40), ADD COLUMN credits BIGINT, '
        f'ADD CONSTRAINT ck_tranche_stage_known CHECK (stage IN ({known})), '
        'ADD CONSTRAINT ck_tranche_credits_positive CHECK (credits > 0)'
    )
    op.execute("ALTER TABLE panel ADD COLUMN asks TEXT DEFAULT '' NOT NULL, ADD COLUMN until_on DATE")
    op.execute('ALTER TABLE panel ALTER COLUMN asks DROP DEFAULT')
    op.execute(
        "ALTER TABLE panel ADD CONSTRAINT ck_panel_day_of_a_hold CHECK (until_on IS NULL OR outcome = 'hold')"
    )
    _freeze(*BEFORE, 'asks', 'until_on', *AFTER)


def downgrade() -> None:
    _freeze(*BEFORE, *AFTER)
    op.execute('ALTER TABLE panel DROP CONSTRAINT ck_panel_day_of_a_hold, DROP COLUMN until_on, DROP COLUMN asks')
    op.execute('ALTER TABLE tranche DROP COLUMN credits, DROP COLUMN stage')
    op.execute('ALTER TABLE venture DROP COLUMN held_until')
