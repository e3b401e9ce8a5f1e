"""Computing deadlines anew after each event, each change of rules or calendars, and each day.

What is new, done by an event, only expected, or was provisional and moves, is written at once: no duty that stood as
certain changes.
What would move, remove or open again a deadline that stands becomes a difference, which a counsel sees and applies.
A run is repeatable: the same events and rules change nothing.
"""

import datetime as dt
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update

from incubator.core import audit, clock
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.keys import public_id
from incubator.notifications.services import notify
from incubator.patents.engines.deadlines import Due, Step, add_months, compute
from incubator.patents.models import (
    Deadline,
    DeadlineDifference,
    DeadlineRun,
    DifferenceKind,
    Matter,
    RunReason,
)
from incubator.patents.services.deadlines import reading
from incubator.patents.services.deadlines.reading import Library, Subject, days_of
from incubator.patents.states import DeadlineState, DifferenceState
from incubator.people.predicates import SYSTEM

HORIZON_MONTHS = 24
"""How far ahead fees that come every year are written down."""
BATCH = 1_000
DIGITS = 1_000_000_000
"""Random places behind a day or a second, so that lists have an order and show no count."""
MOVES = ("due_on", "grace_until", "base_on")
"""What makes a difference to people; the rest is written quietly."""
QUIET = ("opens_on", "restore_until", "provisional", "rule_version_id", "fee_amount")


@dataclass
class Changes:
    """What a batch would write, by kind."""

    added: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    completed: list[dict[str, Any]] = field(default_factory=list)
    differences: list[dict[str, Any]] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)
    voided: list[int] = field(default_factory=list)
    moved: list[tuple[Subject, str, dt.date, dt.date]] = field(default_factory=list)


def recompute_stale(limit: int = BATCH) -> int:
    """Compute what waits since its last event and is in nobody else's hands; returns how many applications.

    Called within a transaction.
    """
    due = select(Matter.id).where(Matter.stale_at.is_not(None)).order_by(Matter.stale_at).limit(limit)
    ids = list(db.session.scalars(due.with_for_update(skip_locked=True)))
    if ids:
        _run(ids, RunReason.EVENT, reading.library())
        db.session.execute(update(Matter).where(Matter.id.in_(ids)).values(stale_at=None))
    return len(ids)


def recompute_one(matter_id: int) -> DeadlineRun:
    """Compute one application whose row the caller holds. Within a transaction."""
    return _run([matter_id], RunReason.EVENT, reading.library())


def plan_all(reason: RunReason, size: int = BATCH) -> int:
    """Write down that every application is to be computed, in parts of about `size`; returns how many parts.

    They are rows, so that whatever worker is killed, another one goes on with what is left.
    """
    fingerprint = reading.library().fingerprint
    ids = list(db.session.scalars(select(Matter.id).order_by(Matter.id)))
    parts = [ids[at : at + size] for at in range(0, len(ids), size)]
    db.session.add_all(
        DeadlineRun(reason=reason, fingerprint=fingerprint, first_id=part[0], last_id=part[-1]) for part in parts
    )
    return len(parts)


def recompute_part() -> DeadlineRun | None:
    """Compute one part that was written down and that nobody else has in hand; None when there is none left.

    Called within a transaction: the part is done when it commits, and waits again when it does not.
    """
    # in any order, so that a part that cannot be computed does not keep the others waiting
    left = select(DeadlineRun).where(DeadlineRun.finished_at.is_(None)).order_by(func.random()).limit(1)
    run = db.session.scalar(left.with_for_update(skip_locked=True))
    return None if run is None else _compute(run, _held(run.first_id or 0, run.last_id or 0), reading.library())


def _held(first: int, last: int) -> list[int]:
    """The applications of a range; until the end of the transaction no other recomputation writes their deadlines."""
    ids = select(Matter.id).where(Matter.id.between(first, last)).order_by(Matter.id)
    return list(db.session.scalars(ids.with_for_update(key_share=True)))


def _run(ids: Sequence[int], reason: RunReason, library: Library) -> DeadlineRun:
    run = DeadlineRun(reason=reason)
    db.session.add(run)
    return _compute(run, ids, library)


def _compute(run: DeadlineRun, ids: Sequence[int], library: Library) -> DeadlineRun:
    run.fingerprint, run.matters, run.finished_at = library.fingerprint, len(ids), clock.now()
    with audit.because(SYSTEM, "deadline.recompute"):
        event = audit.record("deadline.recompute", run, {"reason": run.reason.value, "rules": library.fingerprint})
        for at in range(0, len(ids), BATCH):
            _batch(ids[at : at + BATCH], library, run, event)
    return run


def _batch(ids: Sequence[int], library: Library, run: DeadlineRun, event: AuditEvent) -> None:
    standing, waiting = reading.standing(ids), reading.waiting(ids)
    until, changes = add_months(clock.today(), HORIZON_MONTHS), Changes()
    for subject in reading.subjects(ids):
        _compare(subject, compute(subject.case, library.book, until), standing[subject.id], library, changes)
    _write(changes, waiting, run, event)
    run.added += len(changes.added)
    run.moved += len(changes.moved)
    run.completed += len(changes.completed)
    run.waiting += len(changes.differences)


def _compare(
    subject: Subject, computed: Iterable[Due], standing: dict[str, Any], library: Library, changes: Changes
) -> None:
    seen = set()
    for due in computed:
        seen.add(due.key)
        values = _values(subject, due, library)
        row = standing.get(due.key)
        if row is None:
            changes.added.append(values)
        elif row.state == DeadlineState.OPEN:
            _of_open(subject, row, due, values, changes)
        else:
            _of_closed(row, due, values, changes)
    for key, row in standing.items():
        if key not in seen and row.state == DeadlineState.OPEN:
            if row.duty:
                changes.differences.append(_difference(row, DifferenceKind.GONE, {}))
            else:
                changes.voided.append(row.id)


def _of_open(subject: Subject, row: Any, due: Due, values: dict[str, Any], changes: Changes) -> None:
    if due.met_by is not None:
        changes.completed.append({**values, "row": row.id})
    elif any(getattr(row, name) != values[name] for name in MOVES):
        if not row.duty:
            changes.updated.append({**values, "row": row.id})
        elif row.provisional:
            changes.updated.append({**values, "row": row.id})
            changes.moved.append((subject, row.key, row.due_on, values["due_on"]))
        else:
            changes.differences.append(_difference(row, DifferenceKind.MOVED, values))
    else:
        changes.settled.append(row.id)
        if any(getattr(row, name) != values[name] for name in QUIET):
            changes.updated.append({**values, "row": row.id})


def _of_closed(row: Any, due: Due, values: dict[str, Any], changes: Changes) -> None:
    """What people closed stays closed; what an event closed opens again with it, when a counsel says so."""
    by_event = row.state == DeadlineState.DONE and row.done_by_id is None
    if due.met_by is None and (by_event or row.state == DeadlineState.VOID):
        changes.differences.append(_difference(row, DifferenceKind.REOPENED, values))


def _values(subject: Subject, due: Due, library: Library) -> dict[str, Any]:
    """The columns of a deadline's row."""
    asked = library.fee(subject.case, due, subject.reduction_bp)
    return {
        "matter_id": subject.id,
        "company_id": subject.company_id,
        "rule_version_id": library.versions[due.code, due.number],
        "key": due.key,
        "year": due.year,
        "base_on": due.base_on,
        "due_on": due.due_on,
        "opens_on": due.opens_on,
        "grace_until": due.grace_until,
        "restore_until": due.restore_until,
        "provisional": due.provisional,
        "duty": due.duty,
        "fee_amount": asked.amount if asked else None,
        "fee_currency": asked.currency if asked else None,
        "trace": due.trace,
        "done_event_id": subject.events[due.met_by] if due.met_by else None,
        "done_on": next((one.on for one in subject.case.events if one.key == due.met_by), None),
    }


def place_of(day: dt.date) -> int:
    """A deadline's place in the docket: its day, random digits behind it, negative."""
    return -(day.toordinal() * DIGITS + secrets.randbelow(DIGITS))


def _told(trace: Iterable[Step]) -> list[dict[str, Any]]:
    """A trace as plain JSON; of the deadlines computed few are written."""
    return [step.as_data() for step in trace]


def _difference(row: Any, kind: DifferenceKind, values: dict[str, Any]) -> dict[str, Any]:
    """What would change, as it is shown and later applied."""
    after: dict[str, Any] = {}
    if values:
        kept = ("provisional", "rule_version_id", "fee_amount", "fee_currency", "year")
        after = days_of(values) | {name: values[name] for name in kept} | {"trace": _told(values["trace"])}
    return {
        "deadline_id": row.id,
        "matter_id": row.matter_id,
        "kind": kind,
        "before": days_of(row) | {"rule_version_id": row.rule_version_id},
        "after": after,
    }


def _write(changes: Changes, waiting: dict[int, Any], run: DeadlineRun, event: AuditEvent) -> None:
    """All writes of a batch, each kind in one statement."""
    now = clock.now()
    if changes.added:
        _insert([_new(values, event.id, now) for values in changes.added])
    for rows in (changes.updated, changes.completed):
        if rows:
            _update(rows, done=rows is changes.completed)
    if changes.voided:
        gone = update(Deadline).where(Deadline.id.in_(changes.voided), Deadline.state == DeadlineState.OPEN)
        db.session.execute(gone.values(state=DeadlineState.VOID, version=Deadline.version + 1))
    _write_differences(changes, waiting, run, now)
    for subject, key, before, after in changes.moved:
        if subject.counsel_id is not None:
            days = {"before": before.isoformat(), "after": after.isoformat()}
            notify(subject.counsel_id, "deadline.moved", "/patents/deadlines/", key=key, **days)


def _insert(rows: Sequence[dict[str, Any]]) -> None:
    """Many rows in one statement: as JSON, since a bulk insert of the ORM sends one for each pattern of NULLs."""
    names = ", ".join(rows[0])
    statement = text(
        f"INSERT INTO deadline ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::deadline, :rows)"  # noqa: S608
    )
    db.session.connection().execute(statement, {"rows": json.dumps(rows, default=str, ensure_ascii=False)})


def _new(values: dict[str, Any], cause_id: int, now: dt.datetime) -> dict[str, Any]:
    state = DeadlineState.DONE if values["done_event_id"] else DeadlineState.OPEN
    return {
        **values,
        "trace": _told(values["trace"]),
        "state": state,
        "cause_id": cause_id,
        "created_at": now,
        "public_id": public_id(),
        "place": place_of(values["due_on"]),
        "evidence": "",
        "version": 1,
    }


def _update(rows: Sequence[dict[str, Any]], *, done: bool) -> None:
    table = Deadline.__table__
    changed = (*MOVES, *QUIET, "fee_currency", "trace", *(("done_event_id", "done_on") if done else ()))
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in changed}
    values |= {"version": table.c.version + 1, "place": bindparam("new_place")}
    if done:
        values["state"] = DeadlineState.DONE
    still_open = (table.c.id == bindparam("row"), table.c.state == DeadlineState.OPEN)  # people close them meanwhile
    statement = update(table).where(*still_open).values(**values)  # type: ignore[arg-type]
    given = [
        {f"new_{name}": row[name] for name in changed}
        | {"row": row["row"], "new_place": place_of(row["due_on"]), "new_trace": _told(row["trace"])}
        for row in rows
    ]
    db.session.connection().execute(statement, given)


def _write_differences(changes: Changes, waiting: dict[int, Any], run: DeadlineRun, now: dt.datetime) -> None:
    """One that waits and says the same stays; one that says otherwise, or nothing any more, is discarded."""
    same = {one["deadline_id"] for one in changes.differences if _is_said(waiting, one)}
    wanted = [one for one in changes.differences if one["deadline_id"] not in same]
    obsolete = {one["deadline_id"] for one in wanted} | {row["row"] for row in changes.completed}
    stale = [waiting[key].id for key in (obsolete | set(changes.settled)) & waiting.keys()]
    if stale:
        gone = {"state": DifferenceState.DISCARDED, "decided_at": now}
        db.session.execute(update(DeadlineDifference).where(DeadlineDifference.id.in_(stale)).values(**gone))
    changes.differences = wanted
    if wanted:
        ids = [one["deadline_id"] for one in wanted]
        found = db.session.execute(select(Deadline.id, Deadline.company_id).where(Deadline.id.in_(ids)))
        company = {row.id: row.company_id for row in found}
        made = {"run_id": run.id, "state": DifferenceState.WAITING, "created_at": now, "version": 1}
        second = int(now.timestamp()) * DIGITS
        rows = [
            {
                **one,
                **made,
                "public_id": public_id(),
                "company_id": company[one["deadline_id"]],
                "place": second + secrets.randbelow(DIGITS),
            }
            for one in wanted
        ]
        db.session.execute(insert(DeadlineDifference), rows)


def _is_said(waiting: dict[int, Any], one: dict[str, Any]) -> bool:
    found = waiting.get(one["deadline_id"])
    return found is not None and days_of_after(found.after) == days_of_after(one["after"])


def days_of_after(after: dict[str, Any]) -> tuple[Any, ...]:
    """What makes two differences the same: the days they would lead to."""
    return tuple(after.get(name) for name in (*MOVES, "opens_on", "restore_until"))
