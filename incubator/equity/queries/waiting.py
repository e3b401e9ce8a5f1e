"""What of equity waits for whom."""

from typing import Any

from sqlalchemy import Select, cast, exists, func, literal, null, or_, select
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import aliased

from incubator.equity.models import EquityGrant, EquityPlan, EquityStep, EquityTransfer, StepKind, TransferAnswer
from incubator.equity.queries.contributions import waiting_contributions
from incubator.equity.queries.movers import waiting_movers
from incubator.equity.states import GrantState, StepState, TransferState
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
    others = [_of_leavers(person), waiting_movers(person), waiting_contributions(person)]
    return [offers, drafts, *others, *_of_transfers(person)]


def _of_leavers(person: Person) -> Select[Any]:
    """People whom the directory has marked as leavers, whose grants in force nobody has settled; for their HR."""
    holder = aliased(Person)
    asked = exists().where(
        EquityStep.person_id == holder.id,
        EquityStep.kind == StepKind.DEPARTURE,
        or_(EquityStep.state == StepState.IN_APPROVAL, EquityStep.state == StepState.DONE),
    )
    columns: list[Any] = [
        literal("equity_leaver"), holder.name, literal("/equity/leavers/new?hr_number=") + holder.hr_number,
        cast(null(), TIMESTAMP(timezone=True)), cast(holder.left_on, TIMESTAMP(timezone=True)),
    ]  # fmt: skip
    return (
        select(*columns)
        .join(EquityGrant, EquityGrant.holder_id == holder.id)
        .where(holder.left_on.is_not(None), EquityGrant.state == GrantState.LIVE, ~asked)
        .where(within(EquityGrant.company_id, person, Role.HR))
        .distinct()
    )


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
