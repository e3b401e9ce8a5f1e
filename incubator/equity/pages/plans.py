"""What the pages of a plan show."""

from typing import Any

from incubator.approvals import queries as approvals
from incubator.equity import queries
from incubator.equity.models import EquityGrant, EquityPlan
from incubator.equity.pages.common import labels


def plan_page(plan: EquityPlan) -> dict[str, Any]:
    """A plan with its grants and signatures."""
    pending = queries.pending_units(plan)
    return {
        "plan": plan,
        "security": plan.security,
        "pending": pending,
        "left": plan.pool_units - plan.granted_units - pending,
        "grants": queries.grants_of(plan),
        "approval": approvals.latest_of(plan),
        **labels(),
    }


def drafting(plan: EquityPlan, grant: EquityGrant | None = None) -> dict[str, Any]:
    """What stands beside the form of a grant."""
    pending = queries.pending_units(plan)
    return {"plan": plan, "grant": grant, "security": plan.security, "pending": pending,
            "left": plan.pool_units - plan.granted_units - pending, **labels()}  # fmt: skip
