"""Transfers of issued units, from the request to the register, and the answers of those who come first."""

import datetime as dt
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import (
    Caused,
    Data,
    Minor,
    Model,
    Name,
    Public,
    Timestamp,
    Timestamped,
    Versioned,
    frozen,
    state_column,
)
from incubator.equity.models.appraisals import Appraisal
from incubator.equity.models.issuers import SecurityClass
from incubator.equity.states import TransferState
from incubator.people.models import Company, Person


class EquityTransfer(Public, Timestamped, Caused, Versioned, Model):
    """Units that a holder wants to sell to a buyer: what the notice says, and how each step came out.

    seller, buyer: keys of the register, with their names of that day. lock: the check with its dates. articles: what
    they said then. outcome: who takes what, once nobody may answer any more. content is what is signed.
    """

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_positive"),
        CheckConstraint("price_minor > 0", name="price_positive"),
        CheckConstraint("seller_public_id <> buyer_public_id", name="two_parties"),
        Index("ix_transfer_class_state", "security_class_id", "state"),
        Index("ix_transfer_seller", "seller_public_id"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    security_class_id: Mapped[int] = mapped_column(ForeignKey("security_class.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    seller_public_id: Mapped[str] = mapped_column(String(16))
    seller_name: Mapped[Name]
    buyer_public_id: Mapped[str] = mapped_column(String(16))
    buyer_name: Mapped[Name]
    units: Mapped[int]
    price_minor: Mapped[Minor]
    payment: Mapped[str] = mapped_column(Text)
    complete_by: Mapped[dt.date]
    requested_on: Mapped[dt.date]
    lock: Mapped[Data]
    articles: Mapped[Data]
    notice_on: Mapped[dt.date | None]
    outcome: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))
    appraisal_id: Mapped[int | None] = mapped_column(ForeignKey("appraisal.id"), index=True)
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    content_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    settled_on: Mapped[dt.date | None]
    payment_reference: Mapped[str | None] = mapped_column(String(120))
    settler_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[TransferState] = mapped_column(
        state_column(TransferState, "state_known"), default=TransferState.REQUESTED
    )
    security: Mapped[SecurityClass] = relationship(lazy="joined", innerjoin=True)
    company: Mapped[Company] = relationship()
    maker: Mapped[Person] = relationship(foreign_keys=maker_id)
    appraisal: Mapped[Appraisal | None] = relationship()
    answers: Mapped[list["TransferAnswer"]] = relationship(back_populates="transfer", order_by="TransferAnswer.id")


class TransferAnswer(Public, Timestamped, Model):
    """One who comes first: what they held, until when they may answer, and what they said (wanted 0: they waive)."""

    __tablename__ = "transfer_answer"
    __table_args__ = (
        UniqueConstraint("transfer_id", "holder_public_id"),
        CheckConstraint("wanted IS NULL OR wanted >= 0", name="wanted_not_negative"),
        CheckConstraint("(wanted IS NULL) = (answered_at IS NULL)", name="answer_has_its_time"),
    )

    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id"))
    holder_public_id: Mapped[str] = mapped_column(String(16))
    holder_name: Mapped[Name]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    holding_units: Mapped[int]
    received_on: Mapped[dt.date]
    answer_by_on: Mapped[dt.date]
    wanted: Mapped[int | None]
    answered_at: Mapped[Timestamp | None]
    answerer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    transfer: Mapped[EquityTransfer] = relationship(back_populates="answers")
    person: Mapped[Person | None] = relationship(foreign_keys=person_id)

    @property
    def company(self) -> Company:
        """An answer belongs to its transfer's company."""
        return self.transfer.company


NOTICED = ("number", "security_class_id", "seller_public_id", "buyer_public_id", "units", "price_minor", "payment",
           "complete_by", "articles")  # fmt: skip
frozen(cast(Table, EquityTransfer.__table__), NOTICED, once="OLD.notice_on IS NOT NULL")
frozen(cast(Table, TransferAnswer.__table__), ("wanted", "answered_at"), once="OLD.wanted IS NOT NULL")
