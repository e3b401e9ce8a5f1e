"""The office's step on many proposals, each in a savepoint of its own, and its undoing.

Each step and counter-step is the very service that takes it on one proposal, with its right, its event and its notice.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.calls.models import Call
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, WrongState
from incubator.core.transaction import attempt
from incubator.people.models import Person
from incubator.proposals import queries
from incubator.proposals.models import BatchStep, Confidentiality, Proposal, ScreeningBatch, ScreeningItem
from incubator.proposals.services import moves, screening

MOST_AT_ONCE = 100
"""About two seconds' work: a request can wait for it."""
UNDOABLE = dt.timedelta(minutes=15)


@dataclass(frozen=True)
class Order:
    """The step, and what it needs: reason and day of a return, reason and call of routing, a class."""

    step: BatchStep
    reason: str = ""
    due_on: dt.date | None = None
    call: Call | None = None
    confidentiality: Confidentiality | None = None


@action("screening_batch.take")
def take_step(actor: Person, proposals: Sequence[Proposal], *, order: Order) -> ScreeningBatch:
    """Take a step on each of these proposals; one that is refused says why and stops no other.

    Raises Invalid at id, reason, call or confidentiality before the first.
    """
    _check(proposals, order)
    batch = ScreeningBatch(
        actor=actor,
        step=order.step,
        reason=moves.plain(order.reason),
        due_on=order.due_on,
        call=order.call,
        confidentiality=order.confidentiality,
    )
    audit.created(batch, payload={"step": order.step.value, "proposals": len(proposals)})
    for position, proposal in enumerate(proposals, 1):
        before = _as_it_is(proposal)
        refused = _try(partial(_take, actor, proposal, order))
        event = None if refused else _latest(proposal)
        place = {"batch": batch, "proposal": proposal, "position": position, "before": before}
        db.session.add(ScreeningItem(**place, refused=refused, event_id=event))
    db.session.flush()
    return batch


def _check(proposals: Sequence[Proposal], order: Order) -> None:
    if not proposals:
        raise Invalid(_("Tick at least one proposal."), field="id")
    if len(proposals) > MOST_AT_ONCE:
        raise Invalid(_("At most %(n)s at a time.", n=MOST_AT_ONCE), field="id")
    if order.step in {BatchStep.RETURN, BatchStep.ROUTE}:
        moves.require_reason(order.reason)
    if order.step is BatchStep.ROUTE and order.call is None:
        raise Invalid(_("Choose a call."), field="call")
    if order.step is BatchStep.CLASSIFY and order.confidentiality is None:
        raise Invalid(_("Choose a class."), field="confidentiality")


def _as_it_is(proposal: Proposal) -> dict[str, int | str]:
    return {"call": proposal.call_id, "confidentiality": proposal.confidentiality.value}


def _take(actor: Person, proposal: Proposal, order: Order) -> None:
    if order.step is BatchStep.SCREEN:
        screening.screen(actor, proposal)
    elif order.step is BatchStep.RETURN:
        screening.return_(actor, proposal, reason=order.reason, due_on=order.due_on)
    elif order.step is BatchStep.ROUTE and order.call is not None:
        screening.route(actor, proposal, call=order.call, reason=order.reason)
    elif order.confidentiality is not None:
        screening.classify(actor, proposal, confidentiality=order.confidentiality)


def _try(step: Callable[[], object]) -> str | None:
    """Take a step, or say why not."""
    try:
        with attempt():
            step()
            db.session.flush()
    except DomainError as refusal:
        return str(refusal.message)[:500]
    return None


def _latest(proposal: Proposal) -> int | None:
    """The newest event on a proposal."""
    rows = select(AuditEvent.id).where(
        AuditEvent.subject_type == Proposal.__tablename__, AuditEvent.subject_id == proposal.id
    )
    return db.session.scalar(rows.order_by(AuditEvent.id.desc()).limit(1))


def is_undoable(batch: ScreeningBatch) -> bool:
    """Whether its time to be undone is not over, and it was not."""
    return batch.undone_at is None and clock.now() < batch.created_at + UNDOABLE


@action("screening_batch.undo")
def undo(actor: Person, batch: ScreeningBatch) -> ScreeningBatch:
    """Take the counter-step on each proposal on which the step was taken and nothing happened since; where something
    did, or the counter-step is refused, the item says why. Raises WrongState once the quarter of an hour is over."""
    batch = queries.locked_batch(batch)
    if not is_undoable(batch):
        raise WrongState(_("This can be undone once, within a quarter of an hour."))
    audit.record("screening_batch.undo", batch, {"step": batch.step.value})
    batch.undone_at = clock.now()
    for item in batch.items:
        if item.event_id is not None:
            item.kept = _try(partial(_undo, actor, item, batch.step))
    db.session.flush()
    return batch


def _undo(actor: Person, item: ScreeningItem, step: BatchStep) -> None:
    proposal = item.proposal
    moves.lock(proposal)
    if _latest(proposal) != item.event_id:
        raise WrongState(_("Something has happened to it since."))
    if step is BatchStep.SCREEN:
        screening.put_back(actor, proposal)
    elif step is BatchStep.RETURN:
        screening.take_return_back(actor, proposal)
    elif step is BatchStep.ROUTE:
        former = db.session.get_one(Call, item.before["call"])
        screening.route(actor, proposal, call=former, reason=_("Routing undone"))
    else:
        screening.classify(actor, proposal, confidentiality=Confidentiality(item.before["confidentiality"]))
