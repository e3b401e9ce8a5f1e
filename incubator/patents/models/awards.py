"""What the inventors of a patent are owed for its grant and for its use, and what payroll pays of it."""

import datetime as dt
from enum import StrEnum
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
from incubator.patents.models.exploitation import Exploitation
from incubator.patents.models.matters import Matter
from incubator.patents.states import AwardState
from incubator.people.models import Company, Person
from incubator.rules.models import RuleVersion

SETTLED = frozenset({AwardState.PAID, AwardState.REPLACED})
"""States in which nothing is owed any more."""


class AwardKind(StrEnum):
    """What it is owed for: the grant of the patent (award), or a period of its use (remuneration)."""

    AWARD = "award"
    REMUNERATION = "remuneration"


class Award(Public, Timestamped, Caused, Versioned, Model):
    """What a patent's inventors are owed together, by the rule in force on the day that counts.

    calculation: what it was computed from, and the last day with how it came about. exploitation: the use that a
    remuneration is for. replaces: the one that was in the payroll already and whose lines this one's undo.
    """

    __tablename__ = "award"
    __table_args__ = (
        Index("ix_award_company_state", "company_id", "state", "due_on"),
        Index(
            "uq_award_grant",
            "matter_id",
            unique=True,
            postgresql_where=text("kind = 'award' AND replaces_id IS NULL"),
        ),
        Index("uq_award_use", "exploitation_id", unique=True, postgresql_where=text("replaces_id IS NULL")),
        Index("ix_award_matter", "matter_id"),
        Index("ix_award_unsettled", "due_on", postgresql_where=text("state <> 'paid' AND state <> 'replaced'")),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("(kind = 'remuneration') = (exploitation_id IS NOT NULL)", name="use_of_remuneration"),
        CheckConstraint(
            "state <> 'paid' OR (paid_on IS NOT NULL AND payment_reference IS NOT NULL)", name="paid_with_day"
        ),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    kind: Mapped[AwardKind] = mapped_column(state_column(AwardKind, "kind_known"), default=AwardKind.AWARD)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    exploitation_id: Mapped[int | None] = mapped_column(ForeignKey("exploitation.id"), index=True)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("award.id"), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    rule_version_id: Mapped[int] = mapped_column(ForeignKey("rule_version.id"), index=True)
    amount: Mapped[Minor]
    currency: Mapped[Currency]
    due_on: Mapped[dt.date]
    calculation: Mapped[Data]
    state: Mapped[AwardState] = mapped_column(state_column(AwardState, "state_known"), default=AwardState.DUE)
    paid_on: Mapped[dt.date | None]
    payment_reference: Mapped[str | None] = mapped_column(String(120))
    matter: Mapped[Matter] = relationship()
    exploitation: Mapped[Exploitation | None] = relationship()
    replaces: Mapped["Award | None"] = relationship(remote_side="Award.id")
    company: Mapped[Company] = relationship()
    rule: Mapped[RuleVersion] = relationship()
    shares: Mapped[list["AwardShare"]] = relationship(back_populates="award", order_by="AwardShare.id")

    @property
    def is_overdue(self) -> bool:
        """The last day has passed and it is not paid."""
        return self.state not in SETTLED and self.due_on < clock.today()


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


class AwardReminder(Timestamped, Model):
    """A reminder to HR that went out: so many days before a day (-1: it has passed); a day has each of them once."""

    __tablename__ = "award_reminder"
    __table_args__ = (UniqueConstraint("award_id", "due_on", "days"),)

    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    due_on: Mapped[dt.date]
    days: Mapped[int]


class UnitsDue(Public, Timestamped, Caused, Model):
    """Shares that an inventor is owed of those formed by contributing the patent as capital.

    units: in the smallest unit of the class that was formed, below 0 in a row that reverses another. A row is what
    stands behind the register's entry for it; it is never changed.
    """

    __tablename__ = "units_due"
    __table_args__ = (
        Index("uq_units_due_part", "exploitation_id", "person_id", unique=True,
              postgresql_where=text("reverses_id IS NULL")),
        CheckConstraint("units <> 0 AND (units > 0) = (reverses_id IS NULL)", name="reversal_is_negative"),
        CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share_in_range"),
    )  # fmt: skip

    exploitation_id: Mapped[int] = mapped_column(ForeignKey("exploitation.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    rule_version_id: Mapped[int] = mapped_column(ForeignKey("rule_version.id"), index=True)
    share_bp: Mapped[int]
    units: Mapped[int]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("units_due.id"), unique=True)
    exploitation: Mapped[Exploitation] = relationship()
    person: Mapped[Person] = relationship()
    rule: Mapped[RuleVersion] = relationship()


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
PARTS_STAND = """
CREATE OR REPLACE FUNCTION award_parts_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM award WHERE id = OLD.award_id AND state <> 'due' AND state <> 'calculated') THEN
    RAISE EXCEPTION 'the parts of award % stand', OLD.award_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
"""
install_sql(
    cast(Table, AwardShare.__table__),
    [
        PARTS_STAND,
        "CREATE TRIGGER stands BEFORE UPDATE OR DELETE ON award_share "
        "FOR EACH ROW EXECUTE FUNCTION award_parts_stand()",
    ],
)
append_only(cast(Table, PayrollLine.__table__))
append_only(cast(Table, AwardReminder.__table__))
append_only(cast(Table, UnitsDue.__table__))
frozen(
    cast(Table, Award.__table__),
    (
        "kind",
        "matter_id",
        "exploitation_id",
        "replaces_id",
        "rule_version_id",
        "amount",
        "currency",
        "calculation",
        "cause_id",
    ),
    once="OLD.state <> 'due' AND OLD.state <> 'calculated'",
)
