"""What of equity waits for whom."""

from typing import Any

from sqlalchemy import Select, cast, func, literal, null, select
from sqlalchemy.dialects.postgresql import TIMESTAMP

from incubator.equity.models import EquityGrant, EquityPlan, EquityTransfer, TransferAnswer
from incubator.equity.states import GrantState, TransferState
from incubator.people.access import within
from incubator.people.models import Person, Role
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
    return [offers, drafts, *_of_transfers(person)]


def _of_transfers(person: Person) -> list[Select[Any]]:
    """Notices to answer with their last moment, and a maker's transfers whose notice is over or that are approved."""
    address = literal("/equity/transfers/") + EquityTransfer.public_id
    midnight = cast(TransferAnswer.answer_by_on + 1, TIMESTAMP)
    due = func.timezone("Asia/Shanghai", midnight)
    columns: list[Any] = [literal("transfer_notice"), EquityTransfer.number, address, due, TransferAnswer.created_at]
    never = cast(null(), TIMESTAMP(timezone=True))
    own: list[Any] = [literal("transfer_step"), EquityTransfer.number, address, never, EquityTransfer.created_at]
    asked = (
        select(*columns)
        .join(TransferAnswer, TransferAnswer.transfer_id == EquityTransfer.id)
        .where(
            TransferAnswer.person_id == person.id, TransferAnswer.wanted.is_(None),
            EquityTransfer.state == TransferState.NOTICE,
        )
    )  # fmt: skip
    steps = (TransferState.LOCK_CHECK, TransferState.TAKEN, TransferState.WAIVED, TransferState.APPROVED)
    mine = select(*own).where(EquityTransfer.state.in_(steps), within(EquityTransfer.company_id, person, Role.HR))
    return [asked, mine]
