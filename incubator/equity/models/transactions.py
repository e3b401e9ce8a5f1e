"""The register: securities, and every movement of their units, never changed.

A security is so many units of one class in one hand. What moves a part of it ends it: the moved units leave by their
own kind, the rest leaves as `balance` and enters a new security that names the old one as its parent. A mistake is
put right by a counter-entry of kind `correction`, once a transaction.

The keys are public ids, so that the register reads alike wherever the parties stand: `holder_public_id` is that of the
person for an employee, and of the holder's own row for a company or a vehicle.
"""

import datetime as dt
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Model, Public, Timestamped, append_only, install_sql, state_column
from incubator.equity.models.grants import EquityGrant


class Movement(StrEnum):
    """What a transaction does to the units of a security."""

    ISSUANCE = "issuance"
    ACCEPTANCE = "acceptance"
    START = "start"
    EVENT = "event"
    ACCELERATION = "acceleration"
    LEAVE = "leave"
    EXERCISE = "exercise"
    RELEASE = "release"
    CANCELLATION = "cancellation"
    RETURN = "return"
    TRANSFER = "transfer"
    REPURCHASE = "repurchase"
    REPRICING = "repricing"
    BALANCE = "balance"
    CORRECTION = "correction"


class Instrument(StrEnum):
    """What a security is: issued capital, a right to be settled in capital, or a right to money alone."""

    SHARE = "share"
    AWARD = "award"
    CASH_AWARD = "cash_award"


class EquitySecurity(Public, Timestamped, Model):
    """Units of one class in one hand, by one issuance; how many there are is the sum of its transactions.

    parent: the security it is the balance of, or whose exercise, release or transfer made it. price_minor: of one
    whole unit, in the class's currency; None where nothing was paid or said.
    """

    __tablename__ = "equity_security"
    __table_args__ = (
        CheckConstraint("price_minor IS NULL OR price_minor >= 0", name="price_not_negative"),
        Index("ix_equity_security_class", "class_public_id", "holder_public_id"),
    )

    issuer_public_id: Mapped[str] = mapped_column(ForeignKey("issuer.public_id"), index=True)
    class_public_id: Mapped[str] = mapped_column(ForeignKey("security_class.public_id"))
    holder_public_id: Mapped[str] = mapped_column(String(16), index=True)
    instrument: Mapped[Instrument] = mapped_column(state_column(Instrument, "instrument_known"))
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("equity_grant.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("equity_security.id"), index=True)
    price_minor: Mapped[int | None]
    grant: Mapped[EquityGrant | None] = relationship()


class EquityTransaction(Public, Timestamped, Model):
    """One movement of a security's units: quantity comes positive, goes negative, is 0 when only a right changes.

    quantity: smallest units of the class. effective_on: the day it counts from. trigger: the event that made it
    happen, by name; cause_id that event. price_minor: paid or set for one whole unit. details: what the kind needs
    beside (the event's code, the balance security, the price before), plain JSON values. reverses_id: of a
    correction, what it takes back.
    """

    __tablename__ = "equity_transaction"
    __table_args__ = (
        CheckConstraint("(kind = 'correction') = (reverses_id IS NOT NULL)", name="correction_reverses"),
        CheckConstraint("kind <> 'issuance' OR quantity > 0", name="issuance_comes"),
        CheckConstraint("price_minor IS NULL OR price_minor >= 0", name="price_not_negative"),
        Index("ix_equity_transaction_grant", "grant_id", "id"),
        Index(
            "ix_equity_transaction_class_day", "class_public_id", "effective_on",
            postgresql_include=["holder_public_id", "instrument", "quantity"],
        ),
        Index(
            "ix_equity_transaction_promised", "class_public_id", "effective_on",
            postgresql_where=text("instrument = 'award'"),
        ),
        Index("ix_equity_transaction_holder", "holder_public_id", "effective_on"),
        Index("ix_equity_transaction_security", "security_public_id", "id"),
    )  # fmt: skip

    issuer_public_id: Mapped[str] = mapped_column(ForeignKey("issuer.public_id"))
    class_public_id: Mapped[str] = mapped_column(ForeignKey("security_class.public_id"))
    holder_public_id: Mapped[str] = mapped_column(String(16))
    security_public_id: Mapped[str] = mapped_column(ForeignKey("equity_security.public_id"))
    instrument: Mapped[Instrument] = mapped_column(state_column(Instrument, "instrument_known"))
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("equity_grant.id"))
    kind: Mapped[Movement] = mapped_column(state_column(Movement, "kind_known"))
    quantity: Mapped[int]
    effective_on: Mapped[dt.date]
    price_minor: Mapped[int | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    trigger: Mapped[str] = mapped_column(String(60))
    cause_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), index=True)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("equity_transaction.id"), unique=True)
    grant: Mapped[EquityGrant | None] = relationship()
    reverses: Mapped["EquityTransaction | None"] = relationship(remote_side="EquityTransaction.id")


append_only(cast(Table, EquitySecurity.__table__))
append_only(cast(Table, EquityTransaction.__table__))

NEVER_SHORT = """
CREATE OR REPLACE FUNCTION refuse_short_security() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE short text;
BEGIN
  PERFORM 1 FROM equity_security WHERE public_id IN (SELECT security_public_id FROM fresh WHERE quantity < 0)
    ORDER BY id FOR NO KEY UPDATE;
  SELECT security_public_id INTO short FROM equity_transaction
    WHERE security_public_id IN (SELECT security_public_id FROM fresh WHERE quantity < 0)
    GROUP BY security_public_id HAVING sum(quantity) < 0 LIMIT 1;
  IF short IS NOT NULL THEN
    RAISE EXCEPTION 'security % does not have so many units', short USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM fresh JOIN equity_transaction AS taken ON taken.id = fresh.reverses_id
              WHERE taken.quantity <> -fresh.quantity OR taken.security_public_id <> fresh.security_public_id) THEN
    RAISE EXCEPTION 'a correction takes back exactly what it names' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
"""
install_sql(
    cast(Table, EquityTransaction.__table__),
    [
        NEVER_SHORT,
        "CREATE TRIGGER never_short AFTER INSERT ON equity_transaction REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_short_security()",
    ],
)
