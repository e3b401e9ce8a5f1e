"""What the company pays to holders, in batches for payroll, and what payroll says became of it."""

from enum import StrEnum
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Currency, Model, Public, Timestamped, Versioned, frozen, state_column
from incubator.equity.models.steps import EquityStep
from incubator.equity.states import BatchState
from incubator.people.models import Company, Person


class LineState(StrEnum):
    """What payroll said of a line."""

    SENT = "sent"
    PAID = "paid"
    FAILED = "failed"


class PayBatch(Public, Timestamped, Caused, Versioned, Model):
    """The lines of one currency that go to payroll together, with their control totals: how many, and how much."""

    __tablename__ = "equity_batch"
    __table_args__ = (
        CheckConstraint("line_count > 0 AND total_minor > 0", name="totals_positive"),
        Index("ix_equity_batch_company", "company_id", "id"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    period: Mapped[str] = mapped_column(String(7))
    currency: Mapped[Currency]
    line_count: Mapped[int]
    total_minor: Mapped[int]
    state: Mapped[BatchState] = mapped_column(state_column(BatchState, "state_known"), default=BatchState.PREPARED)
    company: Mapped[Company] = relationship()
    maker: Mapped[Person] = relationship()
    lines: Mapped[list["PayLine"]] = relationship(back_populates="batch", order_by="PayLine.id")


class PayLine(Public, Timestamped, Model):
    """One payment of a step to one person; a failed one may go out again, as a new line of a later batch."""

    __tablename__ = "equity_payment"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        UniqueConstraint("batch_id", "step_id"),
        Index(
            "uq_equity_payment_standing", "step_id", unique=True,
            postgresql_where=text("state = 'sent' OR state = 'paid'"),
        ),
    )  # fmt: skip

    batch_id: Mapped[int] = mapped_column(ForeignKey("equity_batch.id"))
    step_id: Mapped[int] = mapped_column(ForeignKey("equity_step.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    amount_minor: Mapped[int]
    state: Mapped[LineState] = mapped_column(state_column(LineState, "state_known"), default=LineState.SENT)
    told: Mapped[str] = mapped_column(String(200), default="", server_default="")
    batch: Mapped[PayBatch] = relationship(back_populates="lines")
    step: Mapped[EquityStep] = relationship()
    person: Mapped[Person] = relationship()


frozen(cast(Table, PayBatch.__table__), ("number", "company_id", "period", "currency", "line_count", "total_minor"))
frozen(cast(Table, PayLine.__table__), ("batch_id", "step_id", "person_id", "amount_minor"))
