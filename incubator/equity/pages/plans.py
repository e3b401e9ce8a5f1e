"""What the pages of a plan show."""

from typing import Any

from incubator.approvals import queries as approvals
from incubator.core.actions import can
from incubator.equity import queries, words
from incubator.equity.models import EquityGrant, EquityPlan
from incubator.equity.pages.common import labels
from incubator.people.models import Person
from incubator.web.words import look


def plan_page(reader: Person, plan: EquityPlan) -> dict[str, Any]:
    """A plan with its grants and signatures."""
    pending = queries.pending_units(plan)
    return {
        "plan": plan,
        "security": plan.security,
        "pending": pending,
        "left": plan.pool_units - plan.granted_units - pending,
        "grants": queries.grants_of(plan),
        "coming": queries.coming_of(plan),
        "on_cancellation": words.ON_CANCELLATION,
        "approval": approvals.latest_of(plan),
        "may_person": can(reader, "equity.person", plan),
        **labels(),
    }


def plan_rows(plan: EquityPlan) -> list[dict[str, Any]]:
    """The grants of a plan for a table that leaves (tables.PLAN_GRANTS)."""
    security = plan.security
    return [
        {"number": row.number, "holder": row.holder, "hr_number": row.hr_number,
         "units": security.quantity(row.units), "vested": security.quantity(row.vested),
         "price_minor": row.price_minor, "currency": row.currency, "granted_on": row.granted_on,
         "state": str(look(f"equity_grant.{row.state}").text)}
        for row in queries.grants_with_vested(plan)
    ]  # fmt: skip


def drafting(plan: EquityPlan, grant: EquityGrant | None = None) -> dict[str, Any]:
    """What stands beside the form of a grant."""
    pending = queries.pending_units(plan)
    return {"plan": plan, "grant": grant, "security": plan.security, "pending": pending,
            "left": plan.pool_units - plan.granted_units - pending, **labels()}  # fmt: skip
