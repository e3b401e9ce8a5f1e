"""Issuers, classes of securities, plans, grants, their transactions and what vests when.

Units are integers in the smallest unit of their class (10**decimals of them make one); prices are minor units of a
currency for one whole unit.
"""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

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
    Words,
    append_only,
    install_sql,
    state_column,
)
from incubator.equity.states import GrantState, PlanState
from incubator.people.models import Company, Person
from incubator.ventures.models import Venture


class IssuerKind(StrEnum):
    """The legal form of who issues."""

    LIMITED = "limited"
    JOINT_STOCK = "joint_stock"


class Size(StrEnum):
    """The size of the issuing enterprise as the statistics office has it; limits of law depend on it."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    MICRO = "micro"


class PlanKind(StrEnum):
    """What a plan gives."""

    OPTION = "option"
    RSU = "rsu"
    RESTRICTED = "restricted"
    PHANTOM = "phantom"


class Movement(StrEnum):
    """What a transaction does to a grant's units."""

    ISSUANCE = "issuance"
    ACCEPTANCE = "acceptance"
    RETURN = "return"


class Issuer(Public, Timestamped, Model):
    """The company, or the venture on its way to one, that issues securities."""

    __tablename__ = "issuer"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    venture_id: Mapped[int | None] = mapped_column(ForeignKey("venture.id"), unique=True)
    name: Mapped[Name]
    kind: Mapped[IssuerKind] = mapped_column(state_column(IssuerKind, "kind_known"))
    size: Mapped[Size] = mapped_column(state_column(Size, "size_known"))
    company: Mapped[Company] = relationship()
    venture: Mapped[Venture | None] = relationship()


class SecurityClass(Public, Timestamped, Model):
    """One class of an issuer's capital: the word of its unit, its decimals (0 to 6), and how many there are in all."""

    __tablename__ = "security_class"
    __table_args__ = (
        UniqueConstraint("issuer_id", "code"),
        CheckConstraint("decimals BETWEEN 0 AND 6", name="decimals_in_range"),
        CheckConstraint("total_units > 0", name="total_positive"),
    )

    issuer_id: Mapped[int] = mapped_column(ForeignKey("issuer.id"))
    code: Mapped[str] = mapped_column(String(40))
    unit: Mapped[Words]
    decimals: Mapped[int] = mapped_column(default=0)
    total_units: Mapped[int]
    currency: Mapped[Currency] = mapped_column(default="CNY")
    issuer: Mapped[Issuer] = relationship(lazy="joined", innerjoin=True)

    def quantity(self, units: int) -> Decimal:
        """Smallest units as whole units with decimals: 1,250 of a class with 3 decimals are 1.250."""
        return Decimal(units).scaleb(-self.decimals)


class EquityPlan(Public, Timestamped, Caused, Versioned, Model):
    """A pool of units for the people of a venture. granted_units is kept under the row's lock; the CHECK has the
    last word. regime: which rules of law limit it (equity/words.py). terms: how its grants vest unless they say so.
    """

    __tablename__ = "equity_plan"
    __table_args__ = (
        CheckConstraint("pool_units > 0", name="pool_positive"),
        CheckConstraint("granted_units BETWEEN 0 AND pool_units", name="pool_holds"),
        CheckConstraint("person_units IS NULL OR person_units > 0", name="person_limit_positive"),
        Index("ix_equity_plan_company", "company_id", "id"),
    )

    venture_id: Mapped[int] = mapped_column(ForeignKey("venture.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    security_class_id: Mapped[int] = mapped_column(ForeignKey("security_class.id"), index=True)
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[Words]
    kind: Mapped[PlanKind] = mapped_column(state_column(PlanKind, "kind_known"))
    regime: Mapped[str] = mapped_column(String(60))
    pool_units: Mapped[int]
    granted_units: Mapped[int] = mapped_column(default=0, server_default="0")
    person_units: Mapped[int | None]
    starts_on: Mapped[dt.date]
    terms: Mapped[Data]
    state: Mapped[PlanState] = mapped_column(state_column(PlanState, "state_known"), default=PlanState.DRAFT)
    venture: Mapped[Venture] = relationship()
    company: Mapped[Company] = relationship()
    security: Mapped[SecurityClass] = relationship(lazy="joined", innerjoin=True)
    maker: Mapped[Person] = relationship()


class EquityGrant(Public, Timestamped, Caused, Versioned, Model):
    """Units of a plan promised to one person.

    content is what is signed and content_hash its SHA-256 (RFC 8785), set when it is checked; letter is the offer in
    both languages and letter_hash the SHA-256 of {en, zh}; rules are the versions it was checked against. Once it
    has left the draft, the database refuses a change of its terms.
    """

    __tablename__ = "equity_grant"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_positive"),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        CheckConstraint("state IN ('draft', 'cancelled') OR content_hash IS NOT NULL", name="frozen_when_checked"),
        Index("ix_equity_grant_plan_state", "plan_id", "state"),
        Index("ix_equity_grant_holder", "holder_id", "id"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("equity_plan.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    holder_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    units: Mapped[int]
    price_minor: Mapped[Minor]
    currency: Mapped[Currency]
    granted_on: Mapped[dt.date]
    starts_on: Mapped[dt.date]
    terms: Mapped[Data]
    state: Mapped[GrantState] = mapped_column(state_column(GrantState, "state_known"), default=GrantState.DRAFT)
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    content_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    letter: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    letter_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    offered_at: Mapped[Timestamp | None]
    accepted_at: Mapped[Timestamp | None]
    plan: Mapped[EquityPlan] = relationship()
    company: Mapped[Company] = relationship()
    holder: Mapped[Person] = relationship(foreign_keys=holder_id)
    maker: Mapped[Person] = relationship(foreign_keys=maker_id)
    lines: Mapped[list["VestingLine"]] = relationship(back_populates="grant", order_by="VestingLine.position")


class EquityTransaction(Public, Timestamped, Model):
    """One movement of a grant's units, never changed: units come positive, go negative, 0 when only a right changes.

    trigger: the event that made it happen, as the event's name.
    """

    __tablename__ = "equity_transaction"
    __table_args__ = (Index("ix_equity_transaction_grant", "grant_id", "id"),)

    grant_id: Mapped[int] = mapped_column(ForeignKey("equity_grant.id"))
    kind: Mapped[Movement] = mapped_column(state_column(Movement, "kind_known"))
    units: Mapped[int]
    effective_on: Mapped[dt.date]
    trigger: Mapped[str] = mapped_column(String(60))
    cause_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), index=True)
    grant: Mapped[EquityGrant] = relationship()


class VestingLine(Model):
    """What vests on one day, derived from the grant by the engine of that version; can be rebuilt at any time."""

    __tablename__ = "vesting_line"
    __table_args__ = (
        UniqueConstraint("grant_id", "position"),
        CheckConstraint("units >= 0 AND cumulative >= units", name="figures_grow"),
    )

    grant_id: Mapped[int] = mapped_column(ForeignKey("equity_grant.id"))
    position: Mapped[int]
    vests_on: Mapped[dt.date]
    units: Mapped[int]
    cumulative: Mapped[int]
    engine: Mapped[str] = mapped_column(String(40))
    grant: Mapped[EquityGrant] = relationship(back_populates="lines")


append_only(cast(Table, EquityTransaction.__table__))

FROZEN = """
CREATE OR REPLACE FUNCTION refuse_change_of_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.state <> 'draft' AND (
    NEW.number, NEW.plan_id, NEW.company_id, NEW.holder_id, NEW.maker_id, NEW.units, NEW.price_minor, NEW.currency,
    NEW.granted_on, NEW.starts_on, NEW.terms, NEW.cause_id
  ) IS DISTINCT FROM (
    OLD.number, OLD.plan_id, OLD.company_id, OLD.holder_id, OLD.maker_id, OLD.units, OLD.price_minor, OLD.currency,
    OLD.granted_on, OLD.starts_on, OLD.terms, OLD.cause_id
  )) THEN
    RAISE EXCEPTION 'the terms of grant % are frozen', OLD.number USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
install_sql(
    cast(Table, EquityGrant.__table__),
    [
        FROZEN,
        "CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON equity_grant "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_terms()",
    ],
)
