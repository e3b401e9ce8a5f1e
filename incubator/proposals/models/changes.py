"""Changes of a team after it was agreed, and what its companies bring along."""

from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Model, Public, Timestamp, Timestamped, Versioned, frozen, state_column
from incubator.people.models import Company, Person
from incubator.proposals.models.proposals import Consent, Proposal
from incubator.proposals.states import ChangeState


class TeamChange(Public, Timestamped, Caused, Versioned, Model):
    """Other shares for a team that had agreed, with the reason; one at a time is open. merged: whose team comes in."""

    __tablename__ = "team_change"
    __table_args__ = (
        Index("uq_team_change_open", "proposal_id", unique=True, postgresql_where=text("state = 'proposed'")),
        Index("ix_team_change_proposal", "proposal_id", "id"),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    merged_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    proposer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(String(2000))
    state: Mapped[ChangeState] = mapped_column(state_column(ChangeState, "state_known"), default=ChangeState.PROPOSED)
    closed_at: Mapped[Timestamp | None]
    proposal: Mapped[Proposal] = relationship(foreign_keys=proposal_id)
    merged: Mapped[Proposal | None] = relationship(foreign_keys=merged_id)
    proposer: Mapped[Person] = relationship()
    parts: Mapped[list["TeamChangePart"]] = relationship(back_populates="change", order_by="TeamChangePart.id")


class TeamChangePart(Model):
    """One person's share before and after, in basis points (0: not on the team); whoever's changes answers."""

    __tablename__ = "team_change_part"
    __table_args__ = (
        UniqueConstraint("team_change_id", "person_id"),
        Index("ix_team_change_part_person", "person_id", "team_change_id"),
        CheckConstraint("before_bp BETWEEN 0 AND 10000 AND after_bp BETWEEN 0 AND 10000", name="share_in_range"),
    )

    team_change_id: Mapped[int] = mapped_column(ForeignKey("team_change.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    part: Mapped[str] = mapped_column(String(120), default="")
    before_bp: Mapped[int]
    after_bp: Mapped[int]
    consent: Mapped[Consent] = mapped_column(state_column(Consent, "consent_known"), default=Consent.ASKED)
    answered_at: Mapped[Timestamp | None]
    reason: Mapped[str | None] = mapped_column(String(2000))
    change: Mapped[TeamChange] = relationship(back_populates="parts")
    person: Mapped[Person] = relationship()


class BackgroundIp(Public, Timestamped, Model):
    """What a company of the team had before and brings along: a patent, know-how, data; on which terms."""

    __tablename__ = "background_ip"
    __table_args__ = (CheckConstraint("length(what) > 0", name="what_is_said"),)

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    stated_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    what: Mapped[str] = mapped_column(String(500))
    terms: Mapped[str] = mapped_column(String(500), default="")
    proposal: Mapped[Proposal] = relationship()
    company: Mapped[Company] = relationship()
    stated_by: Mapped[Person] = relationship()


frozen(cast(Table, TeamChange.__table__), ("proposal_id", "merged_id", "proposer_id", "reason", "cause_id"))
frozen(cast(Table, TeamChangePart.__table__), ("team_change_id", "person_id", "part", "before_bp", "after_bp"))
