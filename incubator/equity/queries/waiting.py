"""What of equity waits for whom."""

from typing import Any

from sqlalchemy import Select, cast, literal, null, select
from sqlalchemy.dialects.postgresql import TIMESTAMP

from incubator.equity.models import EquityGrant, EquityPlan
from incubator.equity.states import GrantState
from incubator.people.models import Person
from incubator.ventures.models import Venture


def waiting_for(person: Person) -> list[Select[Any]]:
    """Offers to accept, and a maker's grants that were sent back; what HR must sign stands with the approvals."""
    address = literal("/equity/grants/") + EquityGrant.public_id
    never = cast(null(), TIMESTAMP(timezone=True))
    offer: list[Any] = [literal("equity_offer"), Venture.name, address, never, EquityGrant.offered_at]
    draft: list[Any] = [literal("equity_draft"), EquityGrant.number, address, never, EquityGrant.created_at]
    offers = (
        select(*offer)
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .join(Venture, Venture.id == EquityPlan.venture_id)
        .where(EquityGrant.holder_id == person.id, EquityGrant.state == GrantState.OFFERED)
    )
    drafts = select(*draft).where(EquityGrant.maker_id == person.id, EquityGrant.state == GrantState.DRAFT)
    return [offers, drafts]
