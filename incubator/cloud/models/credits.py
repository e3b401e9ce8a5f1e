"""Daily rates and exchanges, alerts and freezes of a venture's credits, month-ends and the nightly proof."""

import datetime as dt
from typing import Any, cast

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.cloud.market_states import CreditFault
from incubator.core.db import Caused, Currency, Minor, Model, Public, Timestamp, Timestamped, append_only, state_column
from incubator.people.models import Company, Person


class FxRate(Timestamped, Model):
    """The rate of a day: yuan for one unit of a currency, times 10**8. Entered by finance and looked at by a second."""

    __tablename__ = "fx_rate"
    __table_args__ = (UniqueConstraint("currency", "on_day"), CheckConstraint("rate_e8 > 0", name="rate_positive"))

    currency: Mapped[Currency]
    on_day: Mapped[dt.date]
    rate_e8: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(200))
    wish_id: Mapped[int] = mapped_column(ForeignKey("cloud_wish.id"), index=True)


class FxExchange(Caused, Timestamped, Model):
    """Credits changed into a provider's currency for a sandbox (positive), or back (negative), over the fx account.

    What comes back, comes back at the rate it was changed at: the venture bears no difference, the fx account does.
    """

    __tablename__ = "fx_exchange"
    __table_args__ = (
        CheckConstraint("(from_minor > 0) = (to_minor > 0) AND to_minor <> 0", name="both_ways"),
        CheckConstraint("from_currency <> to_currency", name="two_currencies"),
    )

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"), index=True)
    rate_id: Mapped[int] = mapped_column(ForeignKey("fx_rate.id"), index=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), unique=True)
    from_currency: Mapped[Currency]
    from_minor: Mapped[Minor]
    to_currency: Mapped[Currency]
    to_minor: Mapped[Minor]


class CreditAlert(Model):
    """A share of a venture's credits that was spent, in per cent of what was granted then; told once."""

    __tablename__ = "credit_alert"
    __table_args__ = (UniqueConstraint("venture_id", "granted", "percent"),)

    venture_id: Mapped[int] = mapped_column(ForeignKey("venture.id"))
    granted: Mapped[Minor]
    percent: Mapped[int]
    at: Mapped[Timestamp]


class CreditFreeze(Caused, Model):
    """A venture's credits are frozen: 1 nothing new is ordered, 2 access to its sandboxes is cut, 3 they are stopped.

    person: who froze it; None for the system.
    """

    __tablename__ = "credit_freeze"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 3", name="level_in_range"),
        Index("uq_credit_freeze_open", "venture_id", unique=True, postgresql_where=text("lifted_at IS NULL")),
    )

    venture_id: Mapped[int] = mapped_column(ForeignKey("venture.id"), index=True)
    level: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[Timestamp]
    lifted_at: Mapped[Timestamp | None]


class CreditReturn(Caused, Timestamped, Model):
    """Credits that a venture did not spend, given back to a pool they came from."""

    __tablename__ = "credit_return"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    venture_id: Mapped[int] = mapped_column(ForeignKey("venture.id"), index=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("credit_pool.id"), index=True)
    amount: Mapped[Minor]
    currency: Mapped[Currency]
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), unique=True)


class CreditMonth(Public, Caused, Model):
    """A closed month of a company's credits, with the figures it was closed on."""

    __tablename__ = "credit_month"
    __table_args__ = (UniqueConstraint("company_id", "month"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    month: Mapped[dt.date]
    figures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    closed_at: Mapped[Timestamp]
    company: Mapped[Company] = relationship()
    person: Mapped[Person] = relationship()


class CreditFinding(Model):
    """Something that the nightly proof could not prove; it closes when it no longer stands."""

    __tablename__ = "credit_finding"
    __table_args__ = (
        Index("uq_credit_finding_open", "kind", "key", unique=True, postgresql_where=text("closed_at IS NULL")),
    )

    kind: Mapped[CreditFault] = mapped_column(state_column(CreditFault, "kind_known"))
    key: Mapped[str] = mapped_column(String(120))
    detail: Mapped[str] = mapped_column(String(300))
    first_at: Mapped[Timestamp]
    last_at: Mapped[Timestamp]
    closed_at: Mapped[Timestamp | None]


class CreditProof(Model):
    """One run of the nightly proof: how much it looked at and what it found."""

    __tablename__ = "credit_proof"

    at: Mapped[Timestamp]
    accounts: Mapped[int]
    entries: Mapped[int]
    faults: Mapped[int]


append_only(cast(Table, FxRate.__table__))
append_only(cast(Table, FxExchange.__table__))
append_only(cast(Table, CreditReturn.__table__))
append_only(cast(Table, CreditMonth.__table__))
append_only(cast(Table, CreditProof.__table__))
