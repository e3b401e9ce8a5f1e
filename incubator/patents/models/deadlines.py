"""Deadlines derived from events and rules, who was reminded of them, and what a recomputation would change."""

import datetime as dt
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import (
    Caused,
    Data,
    Minor,
    Model,
    Public,
    Timestamp,
    Timestamped,
    Versioned,
    append_only,
    state_column,
)
from incubator.files.models import File
from incubator.patents.models.matters import Matter, MatterEvent
from incubator.patents.states import DeadlineState, DifferenceState
from incubator.people.models import Company, Person
from incubator.rules.models import RuleVersion


class RunReason(StrEnum):
    """Why deadlines were computed anew."""

    EVENT = "event"
    RULES = "rules"
    DAILY = "daily"


class DifferenceKind(StrEnum):
    """What would change: the day, that there is a deadline at all, or that it is done."""

    MOVED = "moved"
    GONE = "gone"
    REOPENED = "reopened"


class DeadlineRun(Public, Timestamped, Model):
    """One recomputation: why, by which rules and calendars (fingerprint), and what came of it.

    first_id, last_id: the part of all applications that it is for; until finished_at is set, it waits for a worker.
    """

    __tablename__ = "deadline_run"
    __table_args__ = (
        Index("ix_deadline_run_waiting", "id", postgresql_where=text("finished_at IS NULL")),
        CheckConstraint("finished_at IS NOT NULL OR (first_id IS NOT NULL AND last_id IS NOT NULL)", name="of_what"),
    )

    reason: Mapped[RunReason] = mapped_column(state_column(RunReason, "reason_known"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    first_id: Mapped[int | None]
    last_id: Mapped[int | None]
    matters: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    completed: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[Timestamp | None]


class Deadline(Public, Timestamped, Caused, Versioned, Model):
    """One deadline of an application, derived by a rule; key says which one, however often it is computed anew.

    trace: every step that led to the day, as the engine gives them. duty: False for a day that is only expected.
    place: the order of the docket, the day with random digits behind it, negative so that the earliest comes first in
    a list paged from the highest key. fee: what the office asks for, reductions taken off.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("matter_id", "key"),
        Index("ix_deadline_docket", "state", "duty", "place"),
        Index("ix_deadline_due", "due_on", postgresql_where=text("state = 'open' AND duty")),
        CheckConstraint("due_on >= base_on", name="not_before_base"),
        CheckConstraint("(fee_amount IS NULL) = (fee_currency IS NULL)", name="fee_has_currency"),
        CheckConstraint("state <> 'done' OR done_on IS NOT NULL", name="done_has_day"),
    )

    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    rule_version_id: Mapped[int] = mapped_column(ForeignKey("rule_version.id"), index=True)
    key: Mapped[str] = mapped_column(String(120))
    year: Mapped[int | None]
    base_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    opens_on: Mapped[dt.date | None]
    grace_until: Mapped[dt.date | None]
    restore_until: Mapped[dt.date | None]
    provisional: Mapped[bool]
    duty: Mapped[bool]
    fee_amount: Mapped[Minor | None]
    fee_currency: Mapped[str | None] = mapped_column(String(3))
    trace: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    place: Mapped[int]
    state: Mapped[DeadlineState] = mapped_column(state_column(DeadlineState, "state_known"), default=DeadlineState.OPEN)
    acknowledged_at: Mapped[Timestamp | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    done_on: Mapped[dt.date | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    done_event_id: Mapped[int | None] = mapped_column(ForeignKey("matter_event.id"))
    evidence: Mapped[str] = mapped_column(String(2000), default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"))
    matter: Mapped[Matter] = relationship()
    company: Mapped[Company] = relationship()
    rule: Mapped[RuleVersion] = relationship()
    acknowledged_by: Mapped[Person | None] = relationship(foreign_keys=acknowledged_by_id)
    done_by: Mapped[Person | None] = relationship(foreign_keys=done_by_id)
    done_event: Mapped[MatterEvent | None] = relationship()
    file: Mapped[File | None] = relationship()


class DeadlineReminder(Timestamped, Model):
    """A reminder that went out: so many days before a day (-1: it was missed); a day has each of them once."""

    __tablename__ = "deadline_reminder"
    __table_args__ = (UniqueConstraint("deadline_id", "due_on", "days"),)

    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"))
    due_on: Mapped[dt.date]
    days: Mapped[int]
    escalated: Mapped[bool]


class DeadlineDifference(Public, Timestamped, Versioned, Model):
    """What a recomputation would change about a deadline; nothing changes before a counsel applies it.

    before, after: the days and the rule as they stand and as they would (after is empty for one that is gone).
    place: its order in lists, the second it was found with random digits behind it.
    """

    __tablename__ = "deadline_difference"
    __table_args__ = (
        Index("uq_deadline_difference_waiting", "deadline_id", unique=True, postgresql_where=text("state = 'waiting'")),
        Index("ix_deadline_difference_matter", "matter_id", "state"),
    )

    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"))
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("deadline_run.id"), index=True)
    kind: Mapped[DifferenceKind] = mapped_column(state_column(DifferenceKind, "kind_known"))
    before: Mapped[Data]
    after: Mapped[Data]
    place: Mapped[int]
    state: Mapped[DifferenceState] = mapped_column(
        state_column(DifferenceState, "state_known"), default=DifferenceState.WAITING
    )
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    decided_at: Mapped[Timestamp | None]
    deadline: Mapped[Deadline] = relationship()
    matter: Mapped[Matter] = relationship()
    company: Mapped[Company] = relationship()
    run: Mapped[DeadlineRun] = relationship()
    decided_by: Mapped[Person | None] = relationship()


append_only(cast(Table, DeadlineReminder.__table__))
