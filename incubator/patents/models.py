"""Inventions that employees disclose, their applications at the offices, and what the inventors are owed."""

import datetime as dt
from enum import StrEnum
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core import clock
from incubator.core.db import (
    Caused,
    Currency,
    Data,
    Minor,
    Model,
    Name,
    Public,
    Timestamp,
    Timestamped,
    Versioned,
    append_only,
    frozen,
    install_sql,
    state_column,
)
from incubator.ledger.models import Entry
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.states import AwardState, DisclosureState, MatterState
from incubator.people.models import Company, Person
from incubator.proposals.models import Consent, Proposal
from incubator.rules.models import RuleVersion
from incubator.ventures.models import Venture


class Secrecy(StrEnum):
    """How an invention must be handled before anything is published."""

    ORDINARY = "ordinary"
    TRADE_SECRET = "trade_secret"  # noqa: S105 - a word, not a password
    STATE_REVIEW = "state_review"


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


class Disclosure(Public, Timestamped, Caused, Versioned, Model):
    """An invention made in a venture, as its inventors describe it; number is what people quote.

    published_on: something was shown to the public on that day already; planned_on: it is going to be.
    """

    __tablename__ = "disclosure"
    __table_args__ = (
        Index("ix_disclosure_company_state", "company_id", "state", "id"),
        CheckConstraint("lang IN ('en', 'zh')", name="lang_known"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    title: Mapped[Name]
    problem: Mapped[str] = mapped_column(Text)
    solution: Mapped[str] = mapped_column(Text)
    prior_art: Mapped[str] = mapped_column(Text, default="")
    lang: Mapped[str] = mapped_column(String(2))
    published_on: Mapped[dt.date | None]
    planned_on: Mapped[dt.date | None]
    secrecy: Mapped[Secrecy] = mapped_column(state_column(Secrecy, "secrecy_known"), default=Secrecy.ORDINARY)
    assessment: Mapped[str | None] = mapped_column(Text)
    state: Mapped[DisclosureState] = mapped_column(
        state_column(DisclosureState, "state_known"), default=DisclosureState.DISCLOSED
    )
    venture_id: Mapped[int] = mapped_column(ForeignKey("venture.id"), index=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    venture: Mapped[Venture] = relationship()
    proposal: Mapped[Proposal] = relationship()
    company: Mapped[Company] = relationship()
    author: Mapped[Person] = relationship()
    shares: Mapped[list["InventorShare"]] = relationship(back_populates="disclosure", order_by="InventorShare.id")

    @property
    def is_agreed(self) -> bool:
        """All inventors have accepted their shares."""
        return all(share.consent == Consent.ACCEPTED for share in self.shares)


class InventorShare(Public, Timestamped, Model):
    """A person's part in an invention in basis points, their consent to it, and whose employee they were."""

    __tablename__ = "inventor_share"
    __table_args__ = (
        UniqueConstraint("disclosure_id", "person_id"),
        Index("ix_inventor_share_person", "person_id", "disclosure_id"),
        CheckConstraint("share_bp BETWEEN 0 AND 10000", name="share_in_range"),
    )

    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    share_bp: Mapped[int]
    consent: Mapped[Consent] = mapped_column(state_column(Consent, "consent_known"), default=Consent.ASKED)
    answered_at: Mapped[Timestamp | None]
    reason: Mapped[str | None] = mapped_column(String(2000))
    disclosure: Mapped[Disclosure] = relationship(back_populates="shares")
    person: Mapped[Person] = relationship()
    company: Mapped[Company] = relationship()


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


class Award(Public, Timestamped, Caused, Versioned, Model):
    """What a granted patent's inventors are owed together, by the rule in force on the day of the announcement.

    calculation: what it was computed from, and the last day with how it came about.
    """

    __tablename__ = "award"
    __table_args__ = (
        Index("ix_award_company_state", "company_id", "state", "due_on"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    rule_version_id: Mapped[int] = mapped_column(ForeignKey("rule_version.id"), index=True)
    amount: Mapped[Minor]
    currency: Mapped[Currency]
    due_on: Mapped[dt.date]
    calculation: Mapped[Data]
    state: Mapped[AwardState] = mapped_column(state_column(AwardState, "state_known"), default=AwardState.DUE)
    matter: Mapped[Matter] = relationship()
    company: Mapped[Company] = relationship()
    rule: Mapped[RuleVersion] = relationship()
    shares: Mapped[list["AwardShare"]] = relationship(back_populates="award", order_by="AwardShare.id")

    @property
    def is_overdue(self) -> bool:
        """The last day has passed and the amount is not in the payroll."""
        return self.state not in {AwardState.IN_PAYROLL, AwardState.PAID} and self.due_on < clock.today()


class AwardShare(Timestamped, Model):
    """One inventor's part of an award, to the minor unit; the parts sum to the award (database constraint)."""

    __tablename__ = "award_share"
    __table_args__ = (
        UniqueConstraint("award_id", "person_id"),
        Index("ix_award_share_person", "person_id", "award_id"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share_in_range"),
    )

    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    share_bp: Mapped[int]
    amount: Mapped[Minor]
    award: Mapped[Award] = relationship(back_populates="shares")
    person: Mapped[Person] = relationship()


class PayrollLine(Public, Timestamped, Caused, Model):
    """An amount that payroll pays to an inventor for a month ('2026-11'); undone only by a line that reverses it.

    in_wages_total: it counts in the year's payroll total (which does not limit it: Transformation Law, Art. 45).
    """

    __tablename__ = "payroll_line"
    __table_args__ = (
        Index("uq_payroll_line_share", "award_share_id", unique=True, postgresql_where=text("reverses_id IS NULL")),
        Index("ix_payroll_line_company_period", "company_id", "period", "id"),
        CheckConstraint("period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name="period_is_month"),
        CheckConstraint("amount <> 0 AND (amount > 0) = (reverses_id IS NULL)", name="reversal_is_negative"),
    )

    award_share_id: Mapped[int] = mapped_column(ForeignKey("award_share.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    period: Mapped[str] = mapped_column(String(7))
    amount: Mapped[Minor]
    currency: Mapped[Currency]
    in_wages_total: Mapped[bool]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("payroll_line.id"), unique=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), index=True)
    award_share: Mapped[AwardShare] = relationship()
    company: Mapped[Company] = relationship()
    entry: Mapped[Entry] = relationship()


SHARES_ARE_WHOLE = """
CREATE OR REPLACE FUNCTION inventor_shares_are_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT coalesce(sum(share_bp), 0) FROM inventor_share WHERE disclosure_id = NEW.disclosure_id) <> 10000 THEN
    RAISE EXCEPTION 'the shares of disclosure % do not sum to 10000', NEW.disclosure_id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
"""
AWARD_IS_SPLIT = """
CREATE OR REPLACE FUNCTION award_is_split() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  this bigint := CASE WHEN TG_TABLE_NAME = 'award' THEN (to_jsonb(NEW) ->> 'id')::bigint
                      ELSE (to_jsonb(NEW) ->> 'award_id')::bigint END;
BEGIN
  IF (SELECT amount FROM award WHERE id = this)
     <> (SELECT coalesce(sum(amount), 0) FROM award_share WHERE award_id = this) THEN
    RAISE EXCEPTION 'the parts of award % do not sum to its amount', this USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
"""
install_sql(
    cast(Table, InventorShare.__table__),
    [
        SHARES_ARE_WHOLE,
        "CREATE CONSTRAINT TRIGGER whole AFTER INSERT OR UPDATE ON inventor_share DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION inventor_shares_are_whole()",
    ],
)
install_sql(
    cast(Table, AwardShare.__table__),
    [
        AWARD_IS_SPLIT,
        "CREATE CONSTRAINT TRIGGER split AFTER INSERT OR UPDATE ON award DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION award_is_split()",
        "CREATE CONSTRAINT TRIGGER split AFTER INSERT OR UPDATE ON award_share DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION award_is_split()",
    ],
)
append_only(cast(Table, MatterEvent.__table__))
append_only(cast(Table, PayrollLine.__table__))
frozen(
    cast(Table, Award.__table__),
    ("matter_id", "rule_version_id", "amount", "currency", "calculation", "cause_id"),
    once="OLD.state <> 'due' AND OLD.state <> 'calculated'",
)
