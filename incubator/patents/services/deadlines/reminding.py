"""Reminders 90, 60, 30, 14, 7 and 1 day before a deadline, and when it was missed.

Each goes out once for a day, whenever the job runs and however often: a row that is there already is the proof. To
whom: the counsel of the application, or all IP counsel of its company. When the reminder before was not acknowledged,
and always when one was missed, the other counsel and the innovation office are told as well.
"""

import datetime as dt
from collections import defaultdict
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert

from incubator.core import clock
from incubator.core.db import db, written
from incubator.notifications.services import notify
from incubator.patents.models import Deadline, DeadlineReminder, Matter
from incubator.patents.states import DeadlineState
from incubator.people import queries as people
from incubator.people.models import Company, Role

STAGES = (90, 60, 30, 14, 7, 1)
MISSED = -1
BATCH = 500
MANY = 5
"""From so many on, one message says how many there are."""


def stage_of(due_on: dt.date, today: dt.date) -> int | None:
    """The reminder that is due on a day: the nearest one reached, MISSED after the last day, None before the first."""
    left = (due_on - today).days
    if left < 0:
        return MISSED
    reached = [stage for stage in STAGES if left <= stage]
    return min(reached) if reached else None


def remind(limit: int = BATCH) -> int:
    """Send what is due; returns how many deadlines somebody was reminded of. Called within a transaction."""
    found = _record(_candidates(clock.today(), limit))
    holders: dict[tuple[int, Role], list[int]] = {}
    told: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for row in found:
        for person_id, kind in _whom(row, holders).items():
            told[person_id, kind].append(row)
    for (person_id, kind), rows in told.items():
        _tell(person_id, kind, rows)
    return len(found)


def _candidates(today: dt.date, limit: int) -> list[Any]:
    """Open duties whose present reminder has not gone out; `last_at`: when the one before did, None for the first."""
    stage = case(
        (Deadline.due_on < today, MISSED),
        *((Deadline.due_on <= today + dt.timedelta(days=days), days) for days in sorted(STAGES)),
    )
    sent = select(DeadlineReminder.id).where(
        DeadlineReminder.deadline_id == Deadline.id, DeadlineReminder.due_on == Deadline.due_on
    )
    last = select(func.max(DeadlineReminder.created_at)).where(
        DeadlineReminder.deadline_id == Deadline.id, DeadlineReminder.due_on == Deadline.due_on
    )
    return list(
        db.session.execute(
            select(
                Deadline.id, Deadline.public_id, Deadline.due_on, Deadline.acknowledged_at, Matter.number,
                Matter.counsel_id, Matter.company_id, stage.label("stage"), last.scalar_subquery().label("last_at"),
            )
            .join(Matter, Matter.id == Deadline.matter_id)
            .where(
                written(Deadline.state, DeadlineState.OPEN),
                Deadline.duty,
                Deadline.due_on <= today + dt.timedelta(days=STAGES[0]),
                ~sent.where(DeadlineReminder.days == stage).exists(),
            )
            .order_by(Deadline.place.desc())
            .limit(limit)
        )
    )  # fmt: skip


def _escalates(row: Any) -> bool:
    """Missed, or the reminder before has not been acknowledged."""
    if row.stage == MISSED:
        return True
    return row.last_at is not None and (row.acknowledged_at is None or row.acknowledged_at < row.last_at)


def _record(found: list[Any]) -> list[Any]:
    """Note each reminder; of two jobs at once the slower one finds it noted and tells nobody."""
    if not found:
        return []
    now = clock.now()
    rows = [
        {
            "deadline_id": row.id,
            "due_on": row.due_on,
            "days": row.stage,
            "escalated": _escalates(row),
            "created_at": now,
        }
        for row in found
    ]
    noted = insert(DeadlineReminder).values(rows).on_conflict_do_nothing().returning(DeadlineReminder.deadline_id)
    new = set(db.session.scalars(noted))
    return [row for row in found if row.id in new]


def _whom(row: Any, holders: dict[tuple[int, Role], list[int]]) -> dict[int, str]:
    """Who is told, and how: the counsel is reminded, the others are called in."""
    counsel = _holders(row.company_id, Role.IP_COUNSEL, holders)
    mine = [row.counsel_id] if row.counsel_id is not None else counsel
    others = [*counsel, *_holders(row.company_id, Role.OFFICE, holders)] if _escalates(row) else []
    kind = "missed" if row.stage == MISSED else "remind"
    return {**dict.fromkeys(others, "missed" if row.stage == MISSED else "escalate"), **dict.fromkeys(mine, kind)}


def _holders(company_id: int, role: Role, known: dict[tuple[int, Role], list[int]]) -> list[int]:
    if (company_id, role) not in known:
        company = db.session.get_one(Company, company_id)
        known[company_id, role] = [one.id for one in db.session.scalars(people.holders_of(role, company)).unique()]
    return known[company_id, role]


def _tell(person_id: int, kind: str, rows: list[Any]) -> None:
    """One message for each, or one for all when there are many."""
    if len(rows) > MANY:
        notify(person_id, f"deadline.{kind}_many", "/patents/deadlines/", n=len(rows), first=_day(rows[0].due_on))
        return
    for row in rows:
        address = f"/patents/deadlines/{row.public_id}"
        notify(person_id, f"deadline.{kind}", address, number=row.number, day=_day(row.due_on))


def _day(day: dt.date) -> str:
    return day.isoformat()
