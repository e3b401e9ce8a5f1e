"""What the inventors of a granted patent are owed, and what payroll pays of it."""

import datetime as dt
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core import clock
from incubator.core.db import (
    Caused,
    Currency,
    Data,
    Minor,
    Model,
    Public,
    Timestamped,
    Versioned,
    append_only,
    frozen,
    install_sql,
    state_column,
)
from incubator.ledger.models import Entry
from incubator.patents.models.matters import Matter
from incubator.patents.states import AwardState
from incubator.people.models import Company, Person
from incubator.rules.models import RuleVersion


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
    cast(Table, AwardShare.__table__),
    [
        AWARD_IS_SPLIT,
        "CREATE CONSTRAINT TRIGGER split AFTER INSERT OR UPDATE ON award DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION award_is_split()",
        "CREATE CONSTRAINT TRIGGER split AFTER INSERT OR UPDATE ON award_share DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION award_is_split()",
    ],
)
append_only(cast(Table, PayrollLine.__table__))
frozen(
    cast(Table, Award.__table__),
    ("matter_id", "rule_version_id", "amount", "currency", "calculation", "cause_id"),
    once="OLD.state <> 'due' AND OLD.state <> 'calculated'",
)
