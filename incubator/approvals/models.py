"""Maker and checker: a frozen draft with its hash, and who must sign it."""

import datetime as dt
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Table, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.approvals.states import Verdict
from incubator.core.db import Data, Model, Public, Timestamp, Timestamped, Words, frozen, state_column
from incubator.people.models import Company, Person, Role


class Approval(Public, Timestamped, Model):
    """A request that others sign a frozen draft of a subject; one open request a subject.

    content is what is signed, hash its SHA-256 (RFC 8785). address is where the owning package takes the step.
    may_delegate: a stand-in of an approver may sign it.
    """

    __tablename__ = "approval"
    __table_args__ = (
        Index(
            "uq_approval_open", "subject_type", "subject_id", unique=True, postgresql_where=text("state = 'waiting'")
        ),
    )

    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int]
    title: Mapped[Words]
    address: Mapped[str] = mapped_column(String(200))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    beneficiary_ids: Mapped[list[int]] = mapped_column(JSONB)
    content: Mapped[Data]
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    state: Mapped[Verdict] = mapped_column(state_column(Verdict, "state_known"), default=Verdict.WAITING)
    may_delegate: Mapped[bool] = mapped_column(default=False, server_default="false")
    cause_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"))
    company: Mapped[Company] = relationship()
    maker: Mapped[Person] = relationship()
    steps: Mapped[list["ApprovalStep"]] = relationship(back_populates="approval", order_by="ApprovalStep.position")


class ApprovalStep(Model):
    """One signature that is needed: from any holder of a role over the company, in the order of position.

    given_for: the approver for whom a stand-in signed.
    """

    __tablename__ = "approval_step"
    __table_args__ = (UniqueConstraint("approval_id", "position"),)

    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"))
    position: Mapped[int]
    role: Mapped[Role] = mapped_column(state_column(Role, "role_known"))
    state: Mapped[Verdict] = mapped_column(state_column(Verdict, "state_known"), default=Verdict.WAITING)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    given_for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    signed_at: Mapped[Timestamp | None]
    reason: Mapped[str | None] = mapped_column(String(2000))
    approval: Mapped[Approval] = relationship(back_populates="steps")
    person: Mapped[Person | None] = relationship(foreign_keys=person_id)
    given_for: Mapped[Person | None] = relationship(foreign_keys=given_for_id)


class ApprovalDelegation(Public, Timestamped, Model):
    """An approver's stand-in for a role, from a day to a day, wherever the approver holds that role then."""

    __tablename__ = "approval_delegation"
    __table_args__ = (
        CheckConstraint("to_on >= from_on", name="ends_after_start"),
        CheckConstraint("giver_id <> delegate_id", name="two_persons"),
        Index("ix_approval_delegation_delegate", "delegate_id", "to_on"),
    )

    giver_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    delegate_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role] = mapped_column(state_column(Role, "role_known"))
    from_on: Mapped[dt.date]
    to_on: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(String(400))
    ended_at: Mapped[Timestamp | None]
    cause_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), index=True)
    giver: Mapped[Person] = relationship(foreign_keys=giver_id)
    delegate: Mapped[Person] = relationship(foreign_keys=delegate_id)


frozen(
    cast(Table, ApprovalDelegation.__table__),
    ("giver_id", "delegate_id", "role", "from_on", "to_on", "reason", "cause_id"),
)

frozen(
    cast(Table, Approval.__table__),
    ("subject_type", "subject_id", "maker_id", "beneficiary_ids", "content", "hash", "company_id", "cause_id"),
)
frozen(
    cast(Table, ApprovalStep.__table__),
    ("role", "state", "person_id", "signed_at", "given_for_id"),
    once="OLD.state <> 'waiting'",
)
