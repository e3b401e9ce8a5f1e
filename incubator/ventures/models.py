"""Approved proposals at work, and the credits and money they get."""

import datetime as dt
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.calls.models import CreditPool
from incubator.core.db import (
    Caused,
    Currency,
    Minor,
    Model,
    Name,
    Public,
    Timestamped,
    Versioned,
    append_only,
    state_column,
)
from incubator.ledger.models import Entry
from incubator.people.models import Company, Person
from incubator.proposals.models import Proposal, ProposalVersion
from incubator.ventures.states import TrancheState, VentureState


class Venture(Public, Timestamped, Caused, Versioned, Model):
    """A business being incubated, bound to the proposal version that was approved.

    held_until: a gate put it on hold until that day: it gets no new money or credits until a gate lets it go on.
    """

    __tablename__ = "venture"
    __table_args__ = (Index("ix_venture_company_state", "company_id", "state", "id"),)

    number: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[Name]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True)
    proposal_version_id: Mapped[int] = mapped_column(ForeignKey("proposal_version.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[VentureState] = mapped_column(
        state_column(VentureState, "state_known"), default=VentureState.CHARTERED
    )
    held_until: Mapped[dt.date | None]
    company: Mapped[Company] = relationship()
    lead: Mapped[Person] = relationship()
    proposal: Mapped[Proposal] = relationship()
    proposal_version: Mapped[ProposalVersion] = relationship()
    members: Mapped[list["VentureMember"]] = relationship(back_populates="venture", order_by="VentureMember.id")


class VentureMember(Timestamped, Model):
    """A person of a venture with the contribution share agreed in the proposal, in basis points."""

    __tablename__ = "venture_member"
    __table_args__ = (
        UniqueConstraint("venture_id", "person_id"),
        Index("ix_venture_member_person", "person_id", "venture_id"),
        CheckConstraint("share_bp BETWEEN 0 AND 10000", name="share_in_range"),
    )

    venture_id: Mapped[int] = mapped_column(ForeignKey("venture.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    part: Mapped[str] = mapped_column(String(120), default="")
    share_bp: Mapped[int]
    venture: Mapped[Venture] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()


class CreditGrant(Public, Timestamped, Caused, Model):
    """Cloud credits given from a pool to a venture; what is left of them is its ledger account 'grant'."""

    __tablename__ = "credit_grant"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    venture_id: Mapped[int] = mapped_column(ForeignKey("venture.id"), index=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("credit_pool.id"), index=True)
    amount: Mapped[Minor]
    currency: Mapped[Currency]
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), unique=True)
    venture: Mapped[Venture] = relationship()
    pool: Mapped[CreditPool] = relationship()
    entry: Mapped[Entry] = relationship()


class Tranche(Public, Timestamped, Caused, Versioned, Model):
    """One planned payment of money to a venture, and what else the gate before it opens.

    stage: the stage that is entered, credits: cloud credits (minor units) that are granted; None for nothing.
    """

    __tablename__ = "tranche"
    __table_args__ = (
        UniqueConstraint("venture_id", "number"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("credits > 0", name="credits_positive"),
    )

    venture_id: Mapped[int] = mapped_column(ForeignKey("venture.id"))
    number: Mapped[int]
    amount: Mapped[Minor]
    currency: Mapped[Currency]
    due_on: Mapped[dt.date]
    stage: Mapped[VentureState | None] = mapped_column(state_column(VentureState, "stage_known"))
    credits: Mapped[Minor | None]
    state: Mapped[TrancheState] = mapped_column(state_column(TrancheState, "state_known"), default=TrancheState.PLANNED)
    venture: Mapped[Venture] = relationship()


append_only(cast(Table, CreditGrant.__table__))
