"""What people do about a deadline: acknowledge it, show that it was met, or drop it, which takes two persons."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.approvals import queries as approval_queries
from incubator.approvals import services as approvals
from incubator.approvals.models import Approval
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, WrongState
from incubator.core.transaction import attempt
from incubator.files.models import File
from incubator.patents.models import Deadline, DeadlineDifference
from incubator.patents.states import DEADLINE, DeadlineState
from incubator.people import queries as people
from incubator.people.models import Person, Role

LONGEST = 2000
"""Characters of a reason or of evidence."""
Thing = TypeVar("Thing", Deadline, DeadlineDifference)


@action("deadline.acknowledge")
def acknowledge(actor: Person, deadline: Deadline) -> None:
    """Say that one has seen it and takes care of it; until the next reminder nobody else is called."""
    _open(deadline)
    deadline.acknowledged_by, deadline.acknowledged_at = actor, clock.now()
    audit.record("deadline.acknowledge", deadline, {"due_on": deadline.due_on.isoformat()})


@action("deadline.complete")
def complete(actor: Person, deadline: Deadline, *, done_on: dt.date, evidence: str, file: File | None = None) -> None:
    """Show that it was met: on which day, and by what. Raises Invalid at done_on or evidence."""
    _open(deadline)
    if not evidence.strip():
        raise Invalid(_("Say what shows it, such as the office's receipt and its number."), field="evidence")
    if len(evidence.strip()) > LONGEST:
        raise Invalid(_("Shorten this to at most %(limit)s characters.", limit=LONGEST), field="evidence")
    _check_day(deadline, done_on)
    _abandon_drop(actor, deadline)
    deadline.done_on, deadline.evidence, deadline.done_by = done_on, evidence.strip(), actor
    deadline.file = file
    DEADLINE.move(deadline, "complete", payload={"on": done_on.isoformat(), "due_on": deadline.due_on.isoformat()})


def _check_day(deadline: Deadline, done_on: dt.date) -> None:
    if done_on > clock.today():
        raise Invalid(_("This day is yet to come; record what has happened."), field="done_on")
    if done_on < (deadline.opens_on or deadline.base_on):
        first = (deadline.opens_on or deadline.base_on).isoformat()
        raise Invalid(_("This cannot have been done before %(day)s.", day=first), field="done_on")
    last = max(filter(None, (deadline.due_on, deadline.grace_until, deadline.restore_until)))
    if done_on > last:
        raise Invalid(
            _("This is after the last day it could be done, %(day)s. Record what became of the right instead.",
              day=last.isoformat()),
            field="done_on",
        )  # fmt: skip


@action("deadline.propose_drop")
def propose_drop(actor: Person, deadline: Deadline, *, reason: str) -> Approval:
    """Propose to let it pass on purpose; a second person signs. Raises Invalid at reason."""
    _open(deadline)
    if not reason.strip():
        raise Invalid(_("Give a reason; a second person decides by it."), field="reason")
    if len(reason.strip()) > LONGEST:
        raise Invalid(_("Shorten this to at most %(limit)s characters.", limit=LONGEST), field="reason")
    matter = deadline.matter
    return approvals.request(
        actor,
        deadline,
        title={"en": f"Let a deadline of {matter.number} pass", "zh": f"放弃 {matter.number} 的一项期限"},
        address=f"/patents/deadlines/{deadline.public_id}",
        company=matter.company,
        content=_content(deadline, reason.strip()),
        steps=[second_signer(actor, deadline)],
        beneficiaries=[share.person_id for share in matter.disclosure.shares],
    )


@action("deadline.drop")
def drop(actor: Person, deadline: Deadline) -> None:
    """Sign as the second person that it may pass."""
    approval = _asked(deadline)
    if approvals.sign(actor, approval, content=_content(deadline, approval.content["reason"])):
        DEADLINE.move(deadline, "drop", reason=approval.content["reason"])


@action("deadline.refuse_drop")
def refuse_drop(actor: Person, deadline: Deadline, *, reason: str) -> None:
    """Decline to sign; it stays open."""
    approvals.refuse(actor, _asked(deadline), reason=reason)


@action("deadline.reopen")
def reopen(actor: Person, deadline: Deadline, *, reason: str) -> None:
    """Open a closed deadline again, with a reason: the receipt was wrong, the decision was changed."""
    if not reason.strip():
        raise Invalid(_("Give a reason."), field="reason")
    _hold(deadline)
    DEADLINE.move(deadline, "reopen", reason=reason.strip())
    deadline.done_on, deadline.done_by, deadline.done_event_id, deadline.evidence = None, None, None, ""


@action("deadline.bulk")
def in_bulk(
    actor: Person, chosen: Sequence[Thing], *, step: Callable[[Person, Thing], object]
) -> tuple[int, Sequence[str]]:
    """Take a step for each, each for itself: how many were taken, and why the others were not (number: words).

    They are those of one page, so that this fits into a request; each step asks for its own right.
    """
    taken, refused = 0, []
    for thing in chosen:
        try:
            with attempt():
                step(actor, thing)
            taken += 1
        except DomainError as refusal:
            refused.append(f"{thing.matter.number}: {refusal.message}")
    return taken, refused


def _content(deadline: Deadline, reason: str) -> dict[str, str]:
    return {
        "matter": deadline.matter.number,
        "deadline": deadline.key,
        "due_on": deadline.due_on.isoformat(),
        "reason": reason,
    }


def second_signer(actor: Person, deadline: Deadline) -> Role:
    """Another IP counsel of the company where one may sign, otherwise the office."""
    concerned = {actor.id, *(share.person_id for share in deadline.matter.disclosure.shares)}
    counsel: Iterable[Person] = db.session.scalars(people.holders_of(Role.IP_COUNSEL, deadline.matter.company)).unique()
    free = [one for one in counsel if not concerned & {one.id, one.manager_id}]
    return Role.IP_COUNSEL if free else Role.OFFICE


def _asked(deadline: Deadline) -> Approval:
    _open(deadline)
    approval = approval_queries.open_of(deadline)
    if approval is None:
        raise WrongState(_("Nobody has proposed to let this deadline pass."))
    return approval


def _abandon_drop(actor: Person, deadline: Deadline) -> None:
    """What was met need not be dropped: the one who asked takes the request back, anybody else waits for it."""
    approval = approval_queries.open_of(deadline)
    if approval is None:
        return
    if approval.maker_id != actor.id:
        raise WrongState(_("A request to let this pass waits for a signature. Its maker takes it back first."))
    approvals.cancel(actor, approval)


def _open(deadline: Deadline) -> None:
    _hold(deadline)
    if deadline.state is not DeadlineState.OPEN:
        raise WrongState(_("This deadline is closed already. Reload the page to see where it stands."))


def _hold(deadline: Deadline) -> None:
    db.session.flush()
    held = select(Deadline).where(Deadline.id == deadline.id).with_for_update()
    db.session.scalars(held, execution_options={"populate_existing": True}).one()
