"""Units promised to one person, and what of them vests when."""

import datetime as dt
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
    Public,
    Timestamp,
    Timestamped,
    Versioned,
    install_sql,
    state_column,
)
from incubator.equity.models.plans import EquityPlan
from incubator.equity.states import GrantState
from incubator.people.models import Company, Person


class EquityGrant(Public, Timestamped, Caused, Versioned, Model):
    """Units of a plan promised to one person.

    content is what is signed and content_hash its SHA-256 (RFC 8785), set when it is checked; letter is the offer in
    both languages and letter_hash the SHA-256 of {en, zh}; rules are the versions it was checked against.
    returned_units lapsed and can be granted anew. facts: what the rules ask beside the terms (engines/regime.py).
    answer_by_on: the last day on which an offer can be accepted. holder_company: whom the holder worked for when the
    grant was drafted, or went to by the last move that was settled; None where nobody recorded it. Once it has left
    the draft, the database refuses a change of its terms.
    """

    __tablename__ = "equity_grant"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_positive"),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        CheckConstraint("returned_units BETWEEN 0 AND units", name="returned_in_range"),
        CheckConstraint("state IN ('draft', 'cancelled') OR content_hash IS NOT NULL", name="frozen_when_checked"),
        Index("ix_equity_grant_plan_state", "plan_id", "state"),
        Index("ix_equity_grant_holder", "holder_id", "id"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("equity_plan.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    holder_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    holder_company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"))
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    units: Mapped[int]
    price_minor: Mapped[Minor]
    currency: Mapped[Currency]
    granted_on: Mapped[dt.date]
    starts_on: Mapped[dt.date]
    terms: Mapped[Data]
    facts: Mapped[Data] = mapped_column(default=dict, server_default="{}")
    state: Mapped[GrantState] = mapped_column(state_column(GrantState, "state_known"), default=GrantState.DRAFT)
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    content_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    letter: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    letter_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    offered_at: Mapped[Timestamp | None]
    accepted_at: Mapped[Timestamp | None]
    answer_by_on: Mapped[dt.date | None]
    returned_units: Mapped[int] = mapped_column(default=0, server_default="0")
    plan: Mapped[EquityPlan] = relationship()
    company: Mapped[Company] = relationship(foreign_keys=company_id)
    holder_company: Mapped[Company | None] = relationship(foreign_keys=holder_company_id)
    holder: Mapped[Person] = relationship(foreign_keys=holder_id)
    maker: Mapped[Person] = relationship(foreign_keys=maker_id)
    lines: Mapped[list["VestingLine"]] = relationship(back_populates="grant", order_by="VestingLine.position")


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


FROZEN = """
CREATE OR REPLACE FUNCTION refuse_change_of_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.state <> 'draft' AND (
    NEW.number, NEW.plan_id, NEW.company_id, NEW.holder_id, NEW.maker_id, NEW.units, NEW.price_minor, NEW.currency,
    NEW.granted_on, NEW.starts_on, NEW.terms, NEW.facts, NEW.cause_id
  ) IS DISTINCT FROM (
    OLD.number, OLD.plan_id, OLD.company_id, OLD.holder_id, OLD.maker_id, OLD.units, OLD.price_minor, OLD.currency,
    OLD.granted_on, OLD.starts_on, OLD.terms, OLD.facts, OLD.cause_id
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
