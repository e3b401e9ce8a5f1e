"""What a recomputation reads: rules as the engine takes them, applications, their deadlines as they stand."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from incubator.core.db import db
from incubator.patents.engines.deadlines import ENGINE_VERSION, Book, Case, DeadlineRule, Due, Happening
from incubator.patents.engines.fees import Fee, fee, is_reduced
from incubator.patents.models import Deadline, DeadlineDifference, Matter, MatterEvent
from incubator.patents.states import DifferenceState
from incubator.rules.engines.periods import published_to
from incubator.rules.models import RuleVersion

REDUCTION = "cn.patent.fee.reduction"
COLUMNS = (
    Deadline.id, Deadline.matter_id, Deadline.key, Deadline.state, Deadline.due_on, Deadline.opens_on,
    Deadline.grace_until, Deadline.restore_until, Deadline.provisional, Deadline.rule_version_id, Deadline.base_on,
    Deadline.fee_amount, Deadline.done_by_id, Deadline.done_event_id, Deadline.duty,
)  # fmt: skip


@dataclass(frozen=True)
class Library:
    """The rules in force for the engine; versions: the stored row of each (code, number); fees: lists by code."""

    book: Book
    versions: dict[tuple[str, int], int]
    fees: dict[str, dict[str, Any]]
    abouts: dict[str, str]
    fingerprint: str

    def fee(self, case: Case, due: Due, reduction_bp: int) -> Fee | None:
        """What the office asks for at a deadline, reduced as long as its rule says."""
        table = self.fees.get(due.fee)
        if table is None:
            return None
        limit = self.fees.get(REDUCTION)
        kept = limit is not None and is_reduced(limit, granted_on=case.first("grant"), due_on=due.due_on)
        about = self.abouts.get(due.code, "")
        return fee(table, kind=case.kind, year=due.year, about=about, reduction_bp=reduction_bp if kept else 0)


def library() -> Library:
    """All rules of law about deadlines and fees as they stand now."""
    rows = db.session.execute(
        select(
            RuleVersion.id, RuleVersion.code, RuleVersion.number, RuleVersion.valid_from, RuleVersion.valid_to,
            RuleVersion.parameters,
        )
        .where(
            RuleVersion.company_id.is_(None),
            or_(
                RuleVersion.code.contains(".patent.deadline."), RuleVersion.code.contains(".patent.service."),
                RuleVersion.code.contains(".patent.fee."),
            ),
        )
        .order_by(RuleVersion.id)
    ).all()  # fmt: skip
    days = [row for row in rows if ".patent.fee." not in row.code]
    rules = [DeadlineRule.from_data(*row[1:]) for row in days]
    said = f"{ENGINE_VERSION} {published_to()} {[row.id for row in rows]}"
    return Library(
        Book(rules),
        {(row.code, row.number): row.id for row in rows},
        {row.code: row.parameters for row in rows if ".patent.fee." in row.code},
        {rule.code: rule.about for rule in rules},
        hashlib.sha256(said.encode()).hexdigest(),
    )


@dataclass(frozen=True)
class Subject:
    """An application as the engine takes it, and whose it is. events: row ids by the key of the event."""

    id: int
    company_id: int
    reduction_bp: int
    counsel_id: int | None
    case: Case
    events: dict[str, int]


def subjects(matter_ids: Sequence[int]) -> list[Subject]:
    """The applications with the events that no later one voids, in the order of their days; two statements."""
    later = aliased(MatterEvent)
    events: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(
        select(
            MatterEvent.id, MatterEvent.matter_id, MatterEvent.public_id, MatterEvent.kind, MatterEvent.happened_on,
            MatterEvent.service_mode, MatterEvent.about,
        )
        .outerjoin(later, later.voids_id == MatterEvent.id)
        .where(MatterEvent.matter_id.in_(matter_ids), later.id.is_(None))
        .order_by(MatterEvent.matter_id, MatterEvent.happened_on, MatterEvent.id)
    ):  # fmt: skip
        events[row.matter_id].append(row)
    rows = db.session.execute(
        select(
            Matter.id, Matter.company_id, Matter.office, Matter.kind, Matter.reduction_bp, Matter.counsel_id
        ).where(Matter.id.in_(matter_ids)).order_by(Matter.id)
    )  # fmt: skip
    return [_subject(row, events[row.id]) for row in rows]


def _subject(row: Any, events: list[Any]) -> Subject:
    happened = tuple(
        Happening(one.public_id, one.kind.value, one.happened_on, one.service_mode, one.about) for one in events
    )
    known = {one.public_id: one.id for one in events}
    case = Case(row.office, row.kind.value, happened)
    return Subject(row.id, row.company_id, row.reduction_bp, row.counsel_id, case, known)


def standing(matter_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The deadlines of applications as they stand, by application and key."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in db.session.execute(select(*COLUMNS).where(Deadline.matter_id.in_(matter_ids))):
        found[row.matter_id][row.key] = row
    return found


def waiting(matter_ids: Sequence[int]) -> dict[int, Any]:
    """The differences that wait for a counsel, by deadline."""
    rows = db.session.execute(
        select(DeadlineDifference.id, DeadlineDifference.deadline_id, DeadlineDifference.after).where(
            DeadlineDifference.matter_id.in_(matter_ids), DeadlineDifference.state == DifferenceState.WAITING
        )
    )
    return {row.deadline_id: row for row in rows}


def days_of(values: Any) -> dict[str, Any]:
    """The days of a deadline as plain JSON, as a difference shows them."""
    names = ("base_on", "due_on", "opens_on", "grace_until", "restore_until")
    days: dict[str, dt.date | None] = {
        name: values[name] if isinstance(values, dict) else getattr(values, name) for name in names
    }
    return {name: day.isoformat() if day is not None else None for name, day in days.items()}
