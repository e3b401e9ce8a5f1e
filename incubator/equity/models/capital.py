"""Who holds capital beside employees, what each holds now, and what stood at the ends of months.

What each holds now is kept by the database with every movement; the ends of months are derived by a job and struck
out by the database when a movement is dated before them.
"""

import datetime as dt
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import (
    Caused,
    Model,
    Name,
    Public,
    Timestamped,
    Versioned,
    frozen,
    install_sql,
    state_column,
)
from incubator.equity.models.issuers import SecurityClass
from incubator.equity.models.transactions import EquityTransaction, Instrument
from incubator.equity.states import EntryState
from incubator.patents.models import Exploitation
from incubator.people.models import Company, Person


class HolderKind(StrEnum):
    """Who holds, beside employees (who hold under their own key)."""

    COMPANY = "company"
    VEHICLE = "vehicle"
    INDIVIDUAL = "individual"


class EquityHolder(Public, Timestamped, Model):
    """A company, a holding vehicle or an outsider; representative: the employee who answers for it.

    is_state: holds capital for the state, of which some rules ask that enough stays.
    """

    __tablename__ = "equity_holder"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    kind: Mapped[HolderKind] = mapped_column(state_column(HolderKind, "kind_known"))
    name: Mapped[Name]
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    representative_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    is_state: Mapped[bool] = mapped_column(default=False, server_default="false")
    company: Mapped[Company] = relationship()
    representative: Mapped[Person | None] = relationship()


class EquityHolding(Model):
    """What one holds of a class now: the sum of the register, kept by the database."""

    __tablename__ = "equity_holding"
    __table_args__ = (
        UniqueConstraint("class_public_id", "holder_public_id", "instrument"),
        CheckConstraint("units >= 0", name="units_not_negative"),
        Index("ix_equity_holding_most", "class_public_id", "instrument", "units", "holder_public_id"),
        Index("ix_equity_holding_holder", "holder_public_id"),
    )

    issuer_public_id: Mapped[str] = mapped_column(ForeignKey("issuer.public_id"))
    class_public_id: Mapped[str] = mapped_column(ForeignKey("security_class.public_id"))
    holder_public_id: Mapped[str] = mapped_column(String(16))
    instrument: Mapped[Instrument] = mapped_column(state_column(Instrument, "instrument_known"))
    units: Mapped[int]


class CapitalMonth(Model):
    """The positions of an issuer at this month's end stand and are true; engine: the version that derived them."""

    __tablename__ = "capital_month"
    __table_args__ = (UniqueConstraint("issuer_public_id", "month_end"),)

    issuer_public_id: Mapped[str] = mapped_column(ForeignKey("issuer.public_id"))
    month_end: Mapped[dt.date]
    engine: Mapped[str] = mapped_column(String(40))


class CapitalPosition(Model):
    """What one held of a class at the end of a month."""

    __tablename__ = "capital_position"
    __table_args__ = (
        UniqueConstraint("issuer_public_id", "month_end", "class_public_id", "holder_public_id", "instrument"),
        CheckConstraint("units > 0", name="units_positive"),
        Index("ix_capital_position_most", "class_public_id", "month_end", "instrument", "units", "holder_public_id"),
    )

    issuer_public_id: Mapped[str] = mapped_column(ForeignKey("issuer.public_id"))
    month_end: Mapped[dt.date]
    class_public_id: Mapped[str] = mapped_column(String(16))
    holder_public_id: Mapped[str] = mapped_column(String(16))
    instrument: Mapped[Instrument] = mapped_column(state_column(Instrument, "instrument_known"))
    units: Mapped[int]


class CapitalTotal(Model):
    """A class at the end of a month: units issued and promised."""

    __tablename__ = "capital_total"
    __table_args__ = (
        UniqueConstraint("class_public_id", "month_end"),
        CheckConstraint("issued >= 0 AND promised >= 0", name="figures_not_negative"),
    )

    class_public_id: Mapped[str] = mapped_column(ForeignKey("security_class.public_id"))
    month_end: Mapped[dt.date]
    issued: Mapped[int]
    promised: Mapped[int]


class CapitalEntry(Public, Timestamped, Caused, Versioned, Model):
    """Issued units that HR enters, one holder or a whole table; in the register once a second person has signed.

    lines: [{holder, name, units, price_minor}], in the order they were entered. evidence: the resolution they rest on.
    exploitation: the contribution of a patent whose inventors get these units; one entry of it stands at a time.
    """

    __tablename__ = "capital_entry"
    __table_args__ = (
        Index("ix_capital_entry_class_state", "security_class_id", "state"),
        Index(
            "uq_capital_entry_exploitation", "exploitation_id", unique=True,
            postgresql_where=text("state <> 'refused' AND state <> 'corrected'"),
        ),
    )  # fmt: skip

    security_class_id: Mapped[int] = mapped_column(ForeignKey("security_class.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    effective_on: Mapped[dt.date]
    exploitation_id: Mapped[int | None] = mapped_column(ForeignKey("exploitation.id"))
    evidence: Mapped[str] = mapped_column(Text)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    state: Mapped[EntryState] = mapped_column(state_column(EntryState, "state_known"), default=EntryState.DRAFT)
    security: Mapped[SecurityClass] = relationship(lazy="joined", innerjoin=True)
    company: Mapped[Company] = relationship()
    maker: Mapped[Person] = relationship()
    exploitation: Mapped[Exploitation | None] = relationship()


frozen(
    cast(Table, CapitalEntry.__table__),
    ("security_class_id", "effective_on", "evidence", "lines", "maker_id", "exploitation_id"),
    once="OLD.state <> 'draft'",
)

KEEP_HOLDINGS = """
CREATE OR REPLACE FUNCTION keep_holdings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM issuer WHERE public_id IN (SELECT issuer_public_id FROM fresh) ORDER BY id FOR SHARE;
  UPDATE security_class SET issued_units = issued_units + moved.units
    FROM (SELECT class_public_id, sum(quantity) AS units FROM fresh WHERE instrument = 'share'
           GROUP BY class_public_id) AS moved
   WHERE security_class.public_id = moved.class_public_id AND moved.units <> 0;
  INSERT INTO equity_holding (issuer_public_id, class_public_id, holder_public_id, instrument, units)
    SELECT DISTINCT issuer_public_id, class_public_id, holder_public_id, instrument, 0 FROM fresh WHERE quantity <> 0
     ORDER BY 1, 2, 3, 4
    ON CONFLICT (class_public_id, holder_public_id, instrument) DO NOTHING;
  UPDATE equity_holding SET units = equity_holding.units + moved.units
    FROM (SELECT class_public_id, holder_public_id, instrument, sum(quantity) AS units FROM fresh
           GROUP BY class_public_id, holder_public_id, instrument) AS moved
   WHERE equity_holding.class_public_id = moved.class_public_id
     AND equity_holding.holder_public_id = moved.holder_public_id
     AND equity_holding.instrument = moved.instrument AND moved.units <> 0;
  DELETE FROM capital_month
   USING (SELECT issuer_public_id, min(effective_on) AS day FROM fresh WHERE quantity <> 0
           GROUP BY issuer_public_id) AS moved
   WHERE capital_month.issuer_public_id = moved.issuer_public_id AND capital_month.month_end >= moved.day;
  RETURN NULL;
END $$
"""
install_sql(
    cast(Table, EquityTransaction.__table__),
    [
        KEEP_HOLDINGS,
        "CREATE TRIGGER holdings_kept AFTER INSERT ON equity_transaction REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION keep_holdings()",
    ],
)
