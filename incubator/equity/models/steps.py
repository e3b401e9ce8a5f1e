"""What somebody asks to be done to grants that are in force, before and after a second person signs it."""

import datetime as dt
from enum import StrEnum
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Currency, Data, Model, Public, Timestamped, Versioned, frozen, state_column
from incubator.equity.models.grants import EquityGrant
from incubator.equity.states import StepState
from incubator.people.models import Company, Person


class StepKind(StrEnum):
    """What is asked for: of one grant, or (a departure, a move, an end) of all that a person or venture holds."""

    START = "start"
    EVENT = "event"
    ACCELERATION = "acceleration"
    LEAVE = "leave"
    EXERCISE = "exercise"
    RELEASE = "release"
    CANCELLATION = "cancellation"
    REPURCHASE = "repurchase"
    REPRICING = "repricing"
    CORRECTION = "correction"
    DEPARTURE = "departure"
    MOVE = "move"
    END = "end"
    GROWTH = "growth"


class EquityStep(Public, Timestamped, Caused, Versioned, Model):
    """One step that needs a second signature. What it asks for is frozen; what it did stands in the register.

    grant: of a step on one grant; person: whose grants a departure or a move is about. details: what the kind needs
    (condition, order, to_on, transaction, and of a departure the outcome of each grant), plain JSON values.
    amount_minor: what the company pays the holder once it is done, for payroll.
    """

    __tablename__ = "equity_step"
    __table_args__ = (
        CheckConstraint("units IS NULL OR units > 0", name="units_positive"),
        CheckConstraint("price_minor IS NULL OR price_minor >= 0", name="price_not_negative"),
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        CheckConstraint("(grant_id IS NULL) = (kind = 'departure' OR kind = 'move' OR kind = 'end')", name="about_one"),
        Index("ix_equity_step_company", "company_id", "state", "id"),
    )

    kind: Mapped[StepKind] = mapped_column(state_column(StepKind, "kind_known"))
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("equity_grant.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    effective_on: Mapped[dt.date]
    units: Mapped[int | None]
    price_minor: Mapped[int | None]
    amount_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    currency: Mapped[Currency]
    details: Mapped[Data]
    reason: Mapped[str] = mapped_column(String(2000))
    state: Mapped[StepState] = mapped_column(state_column(StepState, "state_known"), default=StepState.IN_APPROVAL)
    grant: Mapped[EquityGrant | None] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=person_id)
    company: Mapped[Company] = relationship()
    maker: Mapped[Person] = relationship(foreign_keys=maker_id)

    @property
    def holder(self) -> Person | None:
        """Who gains or loses by it; None where it is about several people."""
        return self.grant.holder if self.grant else self.person


frozen(
    cast(Table, EquityStep.__table__),
    ("kind", "grant_id", "person_id", "company_id", "maker_id", "effective_on", "units", "price_minor", "amount_minor",
     "currency", "details", "reason", "cause_id"),
)  # fmt: skip
