"""Applying what a recomputation would change, or leaving things as they stand."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.patents.models import Deadline, DeadlineDifference, DifferenceKind
from incubator.patents.services.deadlines.recomputing import place_of
from incubator.patents.states import DEADLINE, DIFFERENCE, DeadlineState
from incubator.people.models import Person


@action("deadline_difference.apply")
def apply(actor: Person, difference: DeadlineDifference) -> Deadline:
    """Let a deadline be as the recomputation says. Raises WrongState when it was decided or closed meanwhile."""
    deadline = _held(difference)
    DIFFERENCE.move(difference, "apply", payload={"before": difference.before, "after": difference.after})
    _decided(actor, difference)
    if difference.kind is DifferenceKind.GONE:
        DEADLINE.move(deadline, "void")
        return deadline
    if difference.kind is DifferenceKind.REOPENED:
        DEADLINE.move(deadline, "reopen")
        deadline.done_on, deadline.done_event_id = None, None
    elif deadline.state is not DeadlineState.OPEN:
        raise WrongState(_("This deadline was closed meanwhile."))
    _take_over(deadline, difference.after)
    return deadline


@action("deadline_difference.discard")
def discard(actor: Person, difference: DeadlineDifference, *, reason: str) -> None:
    """Leave a deadline as it stands, with a reason; the next recomputation shows the difference again."""
    if not reason.strip():
        raise Invalid(_("Give a reason."), field="reason")
    _held(difference)
    DIFFERENCE.move(difference, "discard", reason=reason.strip())
    _decided(actor, difference)


def _held(difference: DeadlineDifference) -> Deadline:
    """Two who decide at once do it one after the other."""
    db.session.flush()
    fresh = {"populate_existing": True}
    held = select(Deadline).where(Deadline.id == difference.deadline_id).with_for_update()
    deadline = db.session.scalars(held, execution_options=fresh).one()
    db.session.scalars(
        select(DeadlineDifference).where(DeadlineDifference.id == difference.id), execution_options=fresh
    ).one()
    return deadline


def _decided(actor: Person, difference: DeadlineDifference) -> None:
    difference.decided_by, difference.decided_at = actor, clock.now()


def _take_over(deadline: Deadline, after: dict[str, Any]) -> None:
    days = {name: _day(after[name]) for name in ("base_on", "due_on", "opens_on", "grace_until", "restore_until")}
    for name, value in days.items():
        setattr(deadline, name, value)
    for name in ("provisional", "rule_version_id", "fee_amount", "fee_currency", "trace", "year"):
        setattr(deadline, name, after[name])
    deadline.place = place_of(deadline.due_on)
    deadline.acknowledged_at, deadline.acknowledged_by = None, None


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
