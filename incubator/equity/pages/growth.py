"""What the pages of plans on value growth show."""

import datetime as dt
from typing import Any

from incubator.approvals import queries as approvals
from incubator.core.actions import can
from incubator.core.errors import WrongState
from incubator.equity import queries, words
from incubator.equity.models import EquityPlan, GrowthSettlement
from incubator.equity.pages.common import labels, quantity
from incubator.equity.services import growing
from incubator.equity.services.growing import Computed
from incubator.people.models import Person


def growth_page(reader: Person, plan: EquityPlan, computed: Computed | None = None) -> dict[str, Any]:
    """A plan on value growth: its terms, what was entered, its settlements; and what one would come to."""
    return {
        "plan": plan,
        "security": plan.security,
        "base": _base(plan),
        "settlements": queries.settlements_of(plan),
        "happenings": queries.happenings_entered(plan),
        "stripped": words.STRIPPED,
        "computed": computed,
        "may_settle": can(reader, "growth_settlement.create", plan),
        "may_record": can(reader, "growth.record", plan),
        "quantity": quantity,
        **labels(),
    }


def _base(plan: EquityPlan) -> Any:
    try:
        return growing.base_of(plan)
    except WrongState:
        return None


def settlement_page(reader: Person, settlement: GrowthSettlement) -> dict[str, Any]:
    """A settlement: the steps of the growth, the awards, their parts, the signatures."""
    approval = approvals.latest_of(settlement)
    waits = approval is not None and settlement.state == "in_approval"
    return {
        "settlement": settlement,
        "plan": settlement.plan,
        "security": settlement.plan.security,
        "content": settlement.content,
        "awards": [_award(award) for award in settlement.content["awards"]],
        "parts": queries.parts_of(settlement),
        "approval": approval,
        "may_sign": waits and can(reader, "approval.sign", approval)
        and can(reader, "growth_settlement.approve", settlement),
        "may_correct": settlement.state == "done" and settlement.corrects_id is None
        and can(reader, "growth_settlement.create", settlement.plan),
        "may_hand_over": can(reader, "growth_settlement.hand_over", settlement),
        "may_record": can(reader, "growth_settlement.record_repayment", settlement),
        "quantity": quantity,
        **labels(),
    }  # fmt: skip


def _award(plain: dict[str, Any]) -> dict[str, Any]:
    days = [(dt.date.fromisoformat(day), minor, units) for day, minor, units in plain["parts"]]
    return plain | {"parts": days}
