"""Families, their applications at the offices, and what happened to them."""

import datetime as dt
from enum import StrEnum
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Model, Public, Timestamp, Timestamped, Versioned, append_only, state_column
from incubator.files.models import File
from incubator.patents.engines.deadlines import ServiceMode
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models.disclosures import Disclosure
from incubator.patents.states import MatterState
from incubator.people.models import Company, Person


class Office(StrEnum):
    """The offices whose numbers and rules are known."""

    CNIPA = "CNIPA"
    WIPO = "WIPO"
    EPO = "EPO"
    USPTO = "USPTO"


class MatterEventKind(StrEnum):
    """What can happen to an application: the steps of the matter's machine, then what changes no state."""

    FILE = "file"
    PUBLISH = "publish"
    EXAMINE = "examine"
    GRANT = "grant"
    LAPSE = "lapse"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    RESTORE = "restore"
    REOPEN = "reopen"
    PRIORITY = "priority"
    REQUEST_EXAMINATION = "request_examination"
    NOTICE = "notice"
    ANSWER = "answer"
    GRANT_NOTICE = "grant_notice"
    REGISTER = "register"
    PAY = "pay"
    ENTER_NATIONAL = "enter_national"
    REQUEST_REEXAMINATION = "request_reexamination"
    REEXAMINE = "reexamine"
    SUE = "sue"
    REQUEST_CLEARANCE = "request_clearance"
    CLEAR = "clear"


class Family(Public, Timestamped, Caused, Model):
    """The applications for one invention at all offices; number is what people quote."""

    __tablename__ = "family"

    number: Mapped[str] = mapped_column(String(12), unique=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    disclosure: Mapped[Disclosure] = relationship()
    company: Mapped[Company] = relationship()
    matters: Mapped[list["Matter"]] = relationship(back_populates="family", order_by="Matter.id")


class Matter(Public, Timestamped, Caused, Versioned, Model):
    """An application for a patent at one office; state and days are derived from its events.

    number is ours; application_number the office's, as it was given (raw) and in its one writing (canonical).
    counsel: who looks after it. reduction_bp: by how much the office reduces its fees. stale_at: since when its
    deadlines wait to be recomputed, None when they are up to date.
    """

    __tablename__ = "matter"
    __table_args__ = (
        UniqueConstraint("office", "application_number"),
        Index("ix_matter_company_state", "company_id", "state", "id"),
        Index("ix_matter_stale", "stale_at", postgresql_where=text("stale_at IS NOT NULL")),
        CheckConstraint("reduction_bp BETWEEN 0 AND 10000", name="reduction_in_range"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"), index=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    counsel_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    office: Mapped[str] = mapped_column(String(10))
    kind: Mapped[PatentKind] = mapped_column(state_column(PatentKind, "kind_known"))
    application_raw: Mapped[str | None] = mapped_column(String(60))
    application_number: Mapped[str | None] = mapped_column(String(30))
    state: Mapped[MatterState] = mapped_column(state_column(MatterState, "state_known"), default=MatterState.PREPARED)
    priority_on: Mapped[dt.date | None]
    filed_on: Mapped[dt.date | None]
    published_on: Mapped[dt.date | None]
    granted_on: Mapped[dt.date | None]
    reduction_bp: Mapped[int] = mapped_column(default=0)
    stale_at: Mapped[Timestamp | None]
    disclosure: Mapped[Disclosure] = relationship()
    family: Mapped[Family] = relationship(back_populates="matters")
    company: Mapped[Company] = relationship()
    counsel: Mapped[Person | None] = relationship()
    events: Mapped[list["MatterEvent"]] = relationship(back_populates="matter", order_by="MatterEvent.id")


class MatterEvent(Public, Timestamped, Model):
    """Something that happened to an application on a day; never changed, only voided by a later one.

    service_mode: how a document of the office reached us; its happened_on is then the day of its issue (by post), or
    the day it entered the system. about: the year a fee is for, the office of a national phase, the notice answered.
    """

    __tablename__ = "matter_event"
    __table_args__ = (Index("ix_matter_event_matter", "matter_id", "happened_on", "id"),)

    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    kind: Mapped[MatterEventKind] = mapped_column(state_column(MatterEventKind, "kind_known"))
    happened_on: Mapped[dt.date]
    service_mode: Mapped[ServiceMode | None] = mapped_column(state_column(ServiceMode, "service_known"))
    about: Mapped[str] = mapped_column(String(20), default="")
    number: Mapped[str] = mapped_column(String(60), default="")
    evidence: Mapped[str] = mapped_column(String(2000), default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"), index=True)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    voids_id: Mapped[int | None] = mapped_column(ForeignKey("matter_event.id"), unique=True)
    matter: Mapped[Matter] = relationship(back_populates="events")
    recorded_by: Mapped[Person] = relationship()
    file: Mapped[File | None] = relationship()


append_only(cast(Table, MatterEvent.__table__))
