"""What bills tell the meter is known by the delivery that says it, so that one which is rejected tells nothing more."""

from alembic import op

revision = "2026_11_28_estimates"
down_revision = "2026_11_28_search"
branch_labels = None
depends_on = None

UP = (
    "ALTER TABLE bill_estimate ADD COLUMN delivery_id BIGINT",
    # Of a period for which a newer bill waits they may be that one's; otherwise they are those of what is booked.
    """UPDATE bill_estimate SET delivery_id = coalesce((
    SELECT max(delivery.id) FROM bill_delivery AS delivery
    WHERE delivery.provider_id = period.provider_id AND delivery.state IN ('held', 'released')
      AND delivery.id > coalesce(period.delivery_id, 0)
      AND delivery.figures @> jsonb_build_array(jsonb_build_object(
          'seller', period.seller, 'account', period.account, 'period', to_char(period.begins_on, 'YYYY-MM-DD')))
), period.delivery_id)
FROM bill_period AS period WHERE period.id = bill_estimate.period_id""",
    "DELETE FROM bill_estimate WHERE delivery_id IS NULL",
    "ALTER TABLE bill_estimate DROP CONSTRAINT uq_bill_estimate_sandbox_id_period_id_on_day",
    # What is booked beside it is told by what was charged.
    """INSERT INTO bill_estimate (period_id, delivery_id, sandbox_id, on_day, cost, usage, pace)
SELECT charge.period_id, period.delivery_id, charge.sandbox_id, day.on_day, sum(day.own), sum(day.own), 0
FROM bill_charge_day AS day JOIN bill_charge AS charge ON charge.id = day.charge_id
JOIN bill_period AS period ON period.id = charge.period_id
WHERE charge.sandbox_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM bill_estimate AS known WHERE known.period_id = period.id AND known.delivery_id > period.delivery_id)
GROUP BY charge.period_id, period.delivery_id, charge.sandbox_id, day.on_day HAVING sum(day.own) <> 0""",
    "ALTER TABLE bill_estimate ALTER COLUMN delivery_id SET NOT NULL",
    "ALTER TABLE bill_estimate ADD CONSTRAINT fk_bill_estimate_delivery_id "
    "FOREIGN KEY (delivery_id) REFERENCES bill_delivery (id)",
    "ALTER TABLE bill_estimate ADD CONSTRAINT uq_bill_estimate_sandbox_id_period_id_delivery_id_on_day "
    "UNIQUE (sandbox_id, period_id, delivery_id, on_day)",
    "CREATE INDEX ix_bill_estimate_delivery_id ON bill_estimate (delivery_id)",
)
DOWN = (
    # The dearest one counted.
    """DELETE FROM bill_estimate USING (
    SELECT DISTINCT ON (sandbox_id, period_id) sandbox_id, period_id, delivery_id FROM bill_estimate
    GROUP BY sandbox_id, period_id, delivery_id ORDER BY sandbox_id, period_id, sum(cost) DESC, delivery_id
) AS best
WHERE best.sandbox_id = bill_estimate.sandbox_id AND best.period_id = bill_estimate.period_id
  AND best.delivery_id <> bill_estimate.delivery_id""",
    "DROP INDEX ix_bill_estimate_delivery_id",
    "ALTER TABLE bill_estimate DROP CONSTRAINT uq_bill_estimate_sandbox_id_period_id_delivery_id_on_day",
    "ALTER TABLE bill_estimate DROP CONSTRAINT fk_bill_estimate_delivery_id",
    "ALTER TABLE bill_estimate DROP COLUMN delivery_id",
    "ALTER TABLE bill_estimate ADD CONSTRAINT uq_bill_estimate_sandbox_id_period_id_on_day "
    "UNIQUE (sandbox_id, period_id, on_day)",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
