"""Double-entry accounts for everything that is an amount."""

import datetime as dt
from typing import cast

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import (
    Currency,
    Minor,
    Model,
    Public,
    Timestamp,
    Timestamped,
    append_only,
    install_sql,
)


class Account(Public, Timestamped, Model):
    """What an owner has of one currency; balance is the sum of its postings, kept by the database.

    min_balance: the least it may hold (0 for a pool or a grant); None where it may go below zero (the outside).
    """

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("kind", "owner_type", "owner_id", "currency"),
        CheckConstraint("min_balance IS NULL OR balance >= min_balance", name="not_overdrawn"),
    )

    kind: Mapped[str] = mapped_column(String(40))
    owner_type: Mapped[str] = mapped_column(String(60))
    owner_id: Mapped[int]
    currency: Mapped[Currency]
    min_balance: Mapped[int | None] = mapped_column(BigInteger)
    balance: Mapped[Minor] = mapped_column(default=0, server_default="0")


class Entry(Public, Model):
    """One movement: at least two postings that sum to zero a currency. Never changed, only reversed."""

    __tablename__ = "ledger_entry"
    __table_args__ = (Index("ix_ledger_entry_at", "at"),)

    at: Mapped[Timestamp]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    memo: Mapped[str] = mapped_column(String(200))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"), unique=True)
    cause_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), index=True)
    postings: Mapped[list["Posting"]] = relationship(order_by="Posting.id")


class Posting(Model):
    """An amount in minor units put on (positive) or taken from (negative) one account."""

    __tablename__ = "ledger_posting"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        Index("ix_ledger_posting_account", "account_id", "id"),
    )

    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"))
    amount: Mapped[Minor]
    currency: Mapped[Currency]
    account: Mapped[Account] = relationship()


class AccountDay(Model):
    """What came onto an account and what left it on one day of the group's zone, in minor units (both positive).

    Derived from the postings by a job, so that pages and month-ends read days instead of postings; the nightly proof
    holds them against the balances.
    """

    __tablename__ = "ledger_account_day"
    __table_args__ = (
        UniqueConstraint("account_id", "on_day"),
        CheckConstraint("inflow >= 0 AND outflow >= 0", name="not_negative"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"))
    on_day: Mapped[dt.date]
    inflow: Mapped[Minor]
    outflow: Mapped[Minor]


APPLY_POSTING = """
CREATE OR REPLACE FUNCTION apply_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE ledger_account SET balance = balance + NEW.amount
   WHERE id = NEW.account_id AND currency = NEW.currency;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'account % is not in %', NEW.account_id, NEW.currency USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
"""
BALANCED = """
CREATE OR REPLACE FUNCTION entry_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  entry bigint := CASE WHEN TG_TABLE_NAME = 'ledger_entry' THEN (to_jsonb(NEW) ->> 'id')::bigint
                       ELSE (to_jsonb(NEW) ->> 'entry_id')::bigint END;
BEGIN
  IF (SELECT count(*) FROM ledger_posting WHERE entry_id = entry) < 2 OR EXISTS (
    SELECT 1 FROM ledger_posting WHERE entry_id = entry GROUP BY currency HAVING sum(amount) <> 0
  ) THEN
    RAISE EXCEPTION 'entry % does not balance', entry USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
"""
install_sql(
    cast(Table, Posting.__table__),
    [
        APPLY_POSTING,
        "CREATE TRIGGER apply_posting AFTER INSERT ON ledger_posting FOR EACH ROW EXECUTE FUNCTION apply_posting()",
        BALANCED,
        "CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_entry DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION entry_is_balanced()",
        "CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_posting DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION entry_is_balanced()",
    ],
)
append_only(cast(Table, Entry.__table__))
append_only(cast(Table, Posting.__table__))
