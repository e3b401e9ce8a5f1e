"""Reminders of awards that are due within three months, 90, 60, 30, 14, 7 and 1 day before, and when one is overdue.

Each goes out once for a day, whenever the job runs and however often: a row that is there already is the proof. HR of
the company is told, but for whoever gets a part of the award.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, select
from sqlalchemy.dialects.postgresql import insert

from incubator.core import clock
from incubator.core.db import db
from incubator.notifications.services import notify
from incubator.patents.models import Award, AwardReminder, AwardShare
from incubator.patents.services.deadlines.reminding import MANY, MISSED, STAGES
from incubator.patents.states import AwardState
from incubator.people import queries as people
from incubator.people.models import Company, Role

BATCH = 500


def remind(limit: int = BATCH) -> int:
    """Send what is due; returns how many awards somebody was reminded of. Called within a transaction."""
    found = _record(_candidates(clock.today(), limit))
    holders: dict[int, list[int]] = {}
    told: dict[tuple[int, str], list[Any]] = defaultdict(list)
    concerned = _concerned([row.id for row in found])
    for row in found:
        kind = "award.overdue" if row.stage == MISSED else "award.remind"
        for person_id in set(_hr(row.company_id, holders)) - concerned[row.id]:
            told[person_id, kind].append(row)
    for (person_id, kind), rows in sorted(told.items()):
        _tell(person_id, kind, rows)
    return len(found)


def _unsettled() -> ColumnElement[bool]:
    """As the partial index has it."""
    return and_(Award.state != AwardState.PAID, Award.state != AwardState.REPLACED)


def _candidates(today: dt.date, limit: int) -> list[Any]:
    """Awards that are not paid and whose present reminder has not gone out, the earliest day first."""
    stage = case(
        (Award.due_on < today, MISSED),
        *((Award.due_on <= today + dt.timedelta(days=days), days) for days in sorted(STAGES)),
    )
    sent = select(AwardReminder.id).where(
        AwardReminder.award_id == Award.id, AwardReminder.due_on == Award.due_on, AwardReminder.days == stage
    )
    rows = select(Award.id, Award.public_id, Award.number, Award.due_on, Award.company_id, stage.label("stage")).where(
        _unsettled(), Award.due_on <= today + dt.timedelta(days=STAGES[0]), ~sent.exists()
    )
    return list(db.session.execute(rows.order_by(Award.due_on, Award.id).limit(limit)))


def _record(found: Sequence[Any]) -> list[Any]:
    """Note each reminder; of two jobs at once the slower one finds it noted and tells nobody."""
    if not found:
        return []
    rows = [
        {"award_id": row.id, "due_on": row.due_on, "days": row.stage, "created_at": clock.now()} for row in found
    ]  # fmt: skip
    noted = insert(AwardReminder).values(rows).on_conflict_do_nothing().returning(AwardReminder.award_id)
    new = set(db.session.scalars(noted))
    return [row for row in found if row.id in new]


def _concerned(ids: Sequence[int]) -> dict[int, set[int]]:
    """Who gets a part, by award."""
    found: dict[int, set[int]] = defaultdict(set)
    parts = select(AwardShare.award_id, AwardShare.person_id).where(AwardShare.award_id.in_(ids))
    for award_id, person_id in db.session.execute(parts):
        found[award_id].add(person_id)
    return found


def _hr(company_id: int, known: dict[int, list[int]]) -> list[int]:
    if company_id not in known:
        company = db.session.get_one(Company, company_id)
        known[company_id] = [one.id for one in db.session.scalars(people.holders_of(Role.HR, company)).unique()]
    return known[company_id]


def _tell(person_id: int, kind: str, rows: Sequence[Any]) -> None:
    """One message for each, or one for all when there are many."""
    if len(rows) > MANY:
        notify(person_id, f"{kind}_many", "/awards/", n=len(rows), first=rows[0].due_on.isoformat())
        return
    for row in rows:
        notify(person_id, kind, f"/awards/{row.public_id}", number=row.number, day=row.due_on.isoformat())
