"""Applications at the offices and what happened to them."""

import datetime as dt
from enum import StrEnum
from typing import cast

from sqlalchemy import ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Model, Public, Timestamped, Versioned, append_only, state_column
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models.disclosures import Disclosure
from incubator.patents.states import MatterState
from incubator.people.models import Company, Person


class MatterEventKind(StrEnum):
    """What can happen to an application: the steps of the matter's machine."""

    FILE = "file"
    PUBLISH = "publish"
    EXAMINE = "examine"
    GRANT = "grant"
    LAPSE = "lapse"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


class Matter(Public, Timestamped, Caused, Versioned, Model):
    """An application for a patent at one office; state and days are derived from its events.

    number is ours; application_number the office's, as it was given (raw) and in its one writing (canonical).
    """

    __tablename__ = "matter"
    __table_args__ = (
        UniqueConstraint("disclosure_id", "office"),
        UniqueConstraint("office", "application_number"),
        Index("ix_matter_company_state", "company_id", "state", "id"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    office: Mapped[str] = mapped_column(String(10))
    kind: Mapped[PatentKind] = mapped_column(state_column(PatentKind, "kind_known"))
    application_raw: Mapped[str | None] = mapped_column(String(60))
    application_number: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[MatterState] = mapped_column(state_column(MatterState, "state_known"), default=MatterState.PREPARED)
    filed_on: Mapped[dt.date | None]
    published_on: Mapped[dt.date | None]
    granted_on: Mapped[dt.date | None]
    disclosure: Mapped[Disclosure] = relationship()
    company: Mapped[Company] = relationship()
    events: Mapped[list["MatterEvent"]] = relationship(back_populates="matter", order_by="MatterEvent.id")


class MatterEvent(Public, Timestamped, Model):
    """Something that happened to an application on a day; never changed, only voided by a later one."""

    __tablename__ = "matter_event"
    __table_args__ = (Index("ix_matter_event_matter", "matter_id", "happened_on", "id"),)

    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    kind: Mapped[MatterEventKind] = mapped_column(state_column(MatterEventKind, "kind_known"))
    happened_on: Mapped[dt.date]
    number: Mapped[str] = mapped_column(String(60), default="")
    evidence: Mapped[str] = mapped_column(String(2000), default="")
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    voids_id: Mapped[int | None] = mapped_column(ForeignKey("matter_event.id"), unique=True)
    matter: Mapped[Matter] = relationship(back_populates="events")
    recorded_by: Mapped[Person] = relationship()


append_only(cast(Table, MatterEvent.__table__))
