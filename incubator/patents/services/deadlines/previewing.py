"""What an event would change about deadlines that stand, before it is recorded; and applying just that with it."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from incubator.core import clock
from incubator.core.db import db
from incubator.patents.engines.deadlines import Case, Due, Happening, ServiceMode, add_months, compute
from incubator.patents.models import Deadline, DeadlineDifference, DifferenceKind, Matter, MatterEvent
from incubator.patents.services.deadlines import differences, reading, recomputing
from incubator.patents.states import DeadlineState, DifferenceState
from incubator.people.models import Person
from incubator.rules.models import RuleVersion

NEW = "event"
"""The key of what is not recorded yet."""


@dataclass(frozen=True, slots=True)
class Change:
    """A duty whose day would move, that would be asked no more (after is None), or again though it was done.

    anew: it would be another deadline that takes this one's place, as that of a notice that is corrected.
    """

    key: str
    kind: DifferenceKind
    title: dict[str, str]
    year: int | None
    before: dt.date
    after: dt.date | None
    anew: bool = False


class Unconfirmed(Exception):
    """What a step would change was not shown to who takes it; nothing of it may stay."""

    def __init__(self, changes: tuple[Change, ...]) -> None:
        super().__init__()
        self.changes = changes


def confirmed(
    actor: Person, matter: Matter, step: Callable[[], object], *, seen: str, kind: str, happened_on: dt.date,
    service_mode: ServiceMode | None = None, about: str = "", voided: MatterEvent | None = None,
) -> None:  # fmt: skip
    """Take a step that records an event, and apply what it changes. seen: the seal of the changes that were shown.

    Raises Unconfirmed when it changes anything else; the caller takes back what was written, and shows it.
    """
    changes = preview(matter, kind, happened_on, service_mode=service_mode, about=about, voided=voided)
    step()
    if changes and seal(changes) != seen:
        raise Unconfirmed(changes)
    if changes:
        settle(actor, matter, changes)


def preview(
    matter: Matter, kind: str, happened_on: dt.date, *, service_mode: ServiceMode | None = None, about: str = "",
    voided: MatterEvent | None = None,
) -> tuple[Change, ...]:  # fmt: skip
    """What a new event, or one that takes the place of `voided`, would change, by day; nothing for what only adds.

    Computed with and without it, so that it says the same whether the job has been here or not. What people have
    closed stays closed and is not shown.
    """
    library, subject = reading.library(), reading.subjects([matter.id])[0]
    until = add_months(clock.today(), recomputing.HORIZON_MONTHS)
    old = voided.public_id if voided is not None else ""
    case = _with(subject.case, Happening(NEW, kind, happened_on, service_mode, about), old)
    now, then = _duties(subject.case, library, until), _duties(case, library, until)
    closed = _closed_by_people(matter)
    titles = _titles({library.versions[due.code, due.number] for due in now.values()})
    found = []
    for key, due in now.items():
        anew = then.get(f"{due.code}:{NEW}") if old and key == f"{due.code}:{old}" else None
        later = then.get(key) or anew
        what = _kind(due, later)
        if what is not None and key not in closed:
            title = titles[library.versions[due.code, due.number]]
            after = later.due_on if later is not None else None
            found.append(Change(key, what, title, due.year, due.due_on, after, anew is not None))
    return tuple(sorted(found, key=lambda one: (one.before, one.key)))


def _with(case: Case, event: Happening, old: str) -> Case:
    """The application with an event in its place, after those of the same day, and without the one it replaces."""
    others = [one for one in case.events if one.key != old]
    at = next((n for n, one in enumerate(others) if one.on > event.on), len(others))
    return replace(case, events=(*others[:at], event, *others[at:]))


def _duties(case: Case, library: reading.Library, until: dt.date) -> dict[str, Due]:
    return {due.key: due for due in compute(case, library.book, until) if due.duty}


def _kind(now: Due, then: Due | None) -> DifferenceKind | None:
    """None where nothing changes, or it is done by the event."""
    if now.met_by is not None:
        return DifferenceKind.REOPENED if then is not None and then.met_by is None else None
    if then is None:
        return DifferenceKind.GONE
    moved = any(getattr(now, name) != getattr(then, name) for name in recomputing.MOVES)
    return DifferenceKind.MOVED if moved and then.met_by is None else None


def _closed_by_people(matter: Matter) -> set[str]:
    rows = select(Deadline.key).where(
        Deadline.matter_id == matter.id,
        (Deadline.state == DeadlineState.DROPPED) | (Deadline.done_by_id.is_not(None)),
    )  # fmt: skip
    return set(db.session.scalars(rows))


def _titles(ids: set[int]) -> dict[int, dict[str, str]]:
    rows = db.session.execute(select(RuleVersion.id, RuleVersion.title).where(RuleVersion.id.in_(ids)))
    return {row.id: row.title for row in rows}


def seal(changes: Sequence[Change]) -> str:
    """A short word for what was shown: who confirms confirms these changes and no others."""
    said = [[one.key, one.kind.value, str(one.before), str(one.after)] for one in changes]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:24]


def settle(actor: Person, matter: Matter, shown: Sequence[Change]) -> int:
    """After recording what was previewed: compute this application now and apply what was shown, nothing else.

    Returns how many differences were applied. Called within the transaction that records the event.
    """
    run = recomputing.recompute_one(matter.id)
    matter.stale_at = None
    db.session.flush()
    wanted = {(one.key, *_found_as(one)) for one in shown}
    waiting = select(DeadlineDifference, Deadline.key).join(Deadline, Deadline.id == DeadlineDifference.deadline_id)
    rows = waiting.where(DeadlineDifference.run_id == run.id, DeadlineDifference.state == DifferenceState.WAITING)
    applied = 0
    for difference, key in db.session.execute(rows.order_by(DeadlineDifference.id)).all():
        if (key, difference.kind, difference.after.get("due_on")) in wanted:
            differences.apply(actor, difference)
            applied += 1
    return applied


def _found_as(change: Change) -> tuple[DifferenceKind, str | None]:
    """How the recomputation says it: one that another replaces is gone, and the other is new."""
    if change.anew or change.after is None:
        return DifferenceKind.GONE, None
    return change.kind, change.after.isoformat()
