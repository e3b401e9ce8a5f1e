"""Themes and their money, calls with their phases, rubrics, decision rules and committees."""

import datetime as dt
from enum import StrEnum
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.calls.states import CallState
from incubator.core.db import (
    Currency,
    Data,
    Minor,
    Model,
    Public,
    Timestamp,
    Timestamped,
    Versioned,
    Words,
    append_only,
    install_sql,
    state_column,
)
from incubator.people.models import Company, Person


class Theme(Public, Timestamped, Model):
    """A strategic theme that calls and budgets hang on."""

    __tablename__ = "theme"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    name: Mapped[Words]
    source: Mapped[str] = mapped_column(String(200), default="")
    company: Mapped[Company] = relationship()


class ThemeYear(Timestamped, Model):
    """What a theme's fund has for a year, in minor units; calls, pools and ventures take from it."""

    __tablename__ = "theme_year"
    __table_args__ = (
        UniqueConstraint("theme_id", "year", "currency"),
        CheckConstraint("budget >= 0", name="budget_not_negative"),
        CheckConstraint("year BETWEEN 2000 AND 2999", name="year_in_range"),
    )

    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"))
    year: Mapped[int]
    budget: Mapped[Minor]
    currency: Mapped[Currency]
    theme: Mapped[Theme] = relationship()


class CreditPool(Public, Timestamped, Model):
    """Cloud credits of a company for a theme and year; its balance is the ledger account 'pool' it owns."""

    __tablename__ = "credit_pool"
    __table_args__ = (UniqueConstraint("company_id", "theme_id", "year", "currency"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), index=True)
    year: Mapped[int]
    currency: Mapped[Currency]
    company: Mapped[Company] = relationship()
    theme: Mapped[Theme] = relationship()


class RubricVersion(Public, Timestamped, Model):
    """One frozen version of a rubric; a change is a new version for the next call."""

    __tablename__ = "rubric_version"
    __table_args__ = (UniqueConstraint("code", "number"),)

    code: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    name: Mapped[Words]
    published_at: Mapped[Timestamp | None]
    criteria: Mapped[list["Criterion"]] = relationship(order_by="Criterion.position")


class Criterion(Model):
    """One question of a rubric: weight in basis points, a scale, and a text that anchors each value.

    anchors: {"1": {"en": ..., "zh": ...}, ...}, one for each value of the scale. lower_is_better: the lowest value is
    the best. may_abstain: a reviewer may leave it out. note_above, note_below: a score above or below the middle of the
    scale takes a note that says what it rests on.
    """

    __tablename__ = "criterion"
    __table_args__ = (
        UniqueConstraint("rubric_version_id", "key"),
        CheckConstraint("low < high", name="scale_grows"),
        CheckConstraint("weight_bp > 0", name="weight_positive"),
    )

    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_version.id"), index=True)
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(40))
    name: Mapped[Words]
    hint: Mapped[Words]
    weight_bp: Mapped[int]
    low: Mapped[int] = mapped_column(default=1)
    high: Mapped[int] = mapped_column(default=5)
    anchors: Mapped[Data]
    lower_is_better: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    may_abstain: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    note_above: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    note_below: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    def needs_note(self, value: int) -> bool:
        """Whether a score of this value takes a note."""
        middle = self.low + self.high
        return (self.note_above and 2 * value > middle) or (self.note_below and 2 * value < middle)


class DecisionRuleVersion(Public, Timestamped, Model):
    """One frozen version of a decision rule: data that `reviews.engines.deciding` evaluates."""

    __tablename__ = "decision_rule_version"
    __table_args__ = (UniqueConstraint("code", "number"),)

    code: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    name: Mapped[Words]
    data: Mapped[Data]
    published_at: Mapped[Timestamp | None]


class Committee(Public, Timestamped, Model):
    """The people who judge a call's proposals."""

    __tablename__ = "committee"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    name: Mapped[Words]
    company: Mapped[Company] = relationship()
    members: Mapped[list["CommitteeMember"]] = relationship(back_populates="committee")
    chair: Mapped["CommitteeMember | None"] = relationship(
        viewonly=True,
        primaryjoin="and_(Committee.id == CommitteeMember.committee_id, CommitteeMember.seat == 'chair')",
    )


class Seat(StrEnum):
    """What a member does in a committee; a second signer is any member who is not the chair."""

    CHAIR = "chair"
    MEMBER = "member"


class CommitteeMember(Model):
    """A person's seat in a committee."""

    __tablename__ = "committee_member"
    __table_args__ = (
        UniqueConstraint("committee_id", "person_id"),
        Index("uq_committee_member_chair", "committee_id", unique=True, postgresql_where=text("seat = 'chair'")),
    )

    committee_id: Mapped[int] = mapped_column(ForeignKey("committee.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    seat: Mapped[Seat] = mapped_column(state_column(Seat, "seat_known"))
    committee: Mapped[Committee] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()


class Blinding(StrEnum):
    """Who is hidden from whom while a call's proposals are reviewed."""

    OPEN = "open"
    """Reviewers read who wrote the other reviews, once theirs is sealed."""
    REVIEWER_HIDDEN = "reviewer_hidden"
    """The other reviews are shown without names."""
    BOTH_HIDDEN = "both_hidden"
    """Reviewers also read an anonymised text that the office approved, and nothing of who proposes."""


class Visibility(StrEnum):
    """How far the proposals of a call are known before they are decided."""

    CLOSED = "closed"
    """To their teams, the office and those who judge them."""
    JOINABLE = "joinable"
    """A proposer may also tell colleagues whom the call addresses what theirs is about, to be joined."""


class Call(Public, Timestamped, Versioned, Model):
    """An invitation to the employees of a company and all below it to propose ventures until a moment.

    form: the sections and fields a proposal answers (see calls/templates.py); frozen when published.
    screening_due_on: by when the office has checked what was handed in; None in calls of before it was asked.
    keeps_company_out: nobody of the proposer's own company reviews a proposal. It, blinding and visibility stand once
    published.
    """

    __tablename__ = "call"
    __table_args__ = (
        CheckConstraint("opens_at < closes_at", name="closes_after_opening"),
        CheckConstraint("visibility = 'closed' OR blinding <> 'both_hidden'", name="hidden_is_not_open"),
        Index("ix_call_state_closes_at", "state", "closes_at"),
    )

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    title: Mapped[Words]
    summary: Mapped[Words]
    state: Mapped[CallState] = mapped_column(state_column(CallState, "state_known"), default=CallState.DRAFT)
    opens_at: Mapped[Timestamp]
    closes_at: Mapped[Timestamp]
    screening_due_on: Mapped[dt.date | None]
    review_due_on: Mapped[dt.date]
    meets_on: Mapped[dt.date]
    release_on: Mapped[dt.date]
    keeps_company_out: Mapped[bool] = mapped_column(default=False)
    blinding: Mapped[Blinding] = mapped_column(
        state_column(Blinding, "blinding_known"),
        default=Blinding.REVIEWER_HIDDEN,
        server_default=text("'reviewer_hidden'"),
    )
    visibility: Mapped[Visibility] = mapped_column(
        state_column(Visibility, "visibility_known"), default=Visibility.CLOSED, server_default=text("'closed'")
    )
    form: Mapped[Data]
    committee_id: Mapped[int] = mapped_column(ForeignKey("committee.id"), index=True)
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_version.id"))
    rule_version_id: Mapped[int] = mapped_column(ForeignKey("decision_rule_version.id"))
    company: Mapped[Company] = relationship()
    committee: Mapped[Committee] = relationship()
    rubric: Mapped[RubricVersion] = relationship()
    rule: Mapped[DecisionRuleVersion] = relationship()
    themes: Mapped[list["CallTheme"]] = relationship(
        back_populates="call", order_by="CallTheme.id", cascade="all, delete-orphan"
    )

    def is_open_at(self, moment: dt.datetime) -> bool:
        """Tell whether it takes proposals at a moment: from its opening until just before its closing."""
        return self.state == CallState.PUBLISHED and self.opens_at <= moment < self.closes_at

    def is_for(self, person: Person) -> bool:
        """Tell whether it is addressed to a person: somebody of the company or of one below it."""
        return person.company.path.startswith(self.company.path)


class CallTheme(Model):
    """What a call may award within a theme and year, in minor units."""

    __tablename__ = "call_theme"
    __table_args__ = (
        UniqueConstraint("call_id", "theme_id"),
        CheckConstraint("budget >= 0", name="budget_not_negative"),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), index=True)
    year: Mapped[int]
    budget: Mapped[Minor]
    currency: Mapped[Currency]
    call: Mapped[Call] = relationship(back_populates="themes")
    theme: Mapped[Theme] = relationship()


PUBLISHED_CALL = """
CREATE OR REPLACE FUNCTION refuse_change_of_published_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'draft' AND (NEW.form, NEW.rubric_version_id, NEW.rule_version_id, NEW.blinding, NEW.visibility,
       NEW.keeps_company_out)
     IS DISTINCT FROM (OLD.form, OLD.rubric_version_id, OLD.rule_version_id, OLD.blinding, OLD.visibility,
       OLD.keeps_company_out) THEN
    RAISE EXCEPTION 'call % is published: its form, rubric and rule stand', OLD.public_id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
install_sql(
    cast(Table, Call.__table__),
    [
        PUBLISHED_CALL,
        "CREATE TRIGGER published BEFORE UPDATE ON call "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published_call()",
    ],
)
for _frozen in (RubricVersion, Criterion, DecisionRuleVersion):
    append_only(cast(Table, _frozen.__table__))
