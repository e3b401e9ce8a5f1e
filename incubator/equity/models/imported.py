"""What of a cap table that came in has no grant of ours behind it: plans, and how securities vest."""

from typing import Any, cast

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Model, Name, Public, Timestamped, append_only
from incubator.equity.models.issuers import SecurityClass
from incubator.equity.models.transactions import EquitySecurity


class StockPlan(Public, Timestamped, Model):
    """A plan that came in with a cap table: its pool in smallest units of one class, and what lapses returns to it."""

    __tablename__ = "stock_plan"
    __table_args__ = (CheckConstraint("pool_units > 0", name="pool_positive"),)

    security_class_id: Mapped[int] = mapped_column(ForeignKey("security_class.id"), index=True)
    name: Mapped[Name]
    pool_units: Mapped[int] = mapped_column(BigInteger)
    returns: Mapped[bool] = mapped_column(default=True, server_default="true")
    security: Mapped[SecurityClass] = relationship()


class SecurityVesting(Timestamped, Model):
    """Under which plan a security came in, what it gives, and how it vests; what happened since is in the register.

    award: the format's compensation type in small letters, '' for shares. units: smallest units it began with. terms:
    conditions as a grant of ours holds them (services/vesting.py), None where everything has vested. root: the security
    whose movements tell of the vesting: itself, or the one that this one holds the balance of.
    """

    __tablename__ = "security_vesting"
    __table_args__ = (CheckConstraint("units > 0", name="units_positive"),)

    security_id: Mapped[int] = mapped_column(ForeignKey("equity_security.id"), unique=True)
    root_id: Mapped[int] = mapped_column(ForeignKey("equity_security.id"), index=True)
    stock_plan_id: Mapped[int | None] = mapped_column(ForeignKey("stock_plan.id"), index=True)
    award: Mapped[str] = mapped_column(String(20))
    units: Mapped[int] = mapped_column(BigInteger)
    terms: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    security: Mapped[EquitySecurity] = relationship(foreign_keys=security_id)
    root: Mapped[EquitySecurity] = relationship(foreign_keys=root_id)
    plan: Mapped[StockPlan | None] = relationship()


append_only(cast(Table, SecurityVesting.__table__))
