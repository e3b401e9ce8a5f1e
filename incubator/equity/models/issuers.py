"""Who issues, and the classes of its capital."""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import (
    Currency,
    Model,
    Name,
    Public,
    Timestamped,
    Words,
    state_column,
)
from incubator.people.models import Company
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


class Issuer(Public, Timestamped, Model):
    """The company, or the venture on its way to one, that issues securities.

    credit_code: the unified social credit code, 18 characters. size_evidence: what the size class rests on, and
    size_on the day it says so of. articles: what they say of transfers (engines/transfers.py, Articles).
    """

    __tablename__ = "issuer"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    venture_id: Mapped[int | None] = mapped_column(ForeignKey("venture.id"), unique=True)
    name: Mapped[Name]
    kind: Mapped[IssuerKind] = mapped_column(state_column(IssuerKind, "kind_known"))
    size: Mapped[Size] = mapped_column(state_column(Size, "size_known"))
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    size_evidence: Mapped[str | None] = mapped_column(Text)
    size_on: Mapped[dt.date | None]
    formed_on: Mapped[dt.date | None]
    articles: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    company: Mapped[Company] = relationship()
    venture: Mapped[Venture | None] = relationship()


class SecurityClass(Public, Timestamped, Model):
    """One class of an issuer's capital: the word of its unit, its decimals (0 to 6), and how many there are in all.

    total_units: registered or authorised. issued_units: the register's shares of it, kept by the database itself.
    ratio: common units that one whole unit counts as, converted.
    """

    __tablename__ = "security_class"
    __table_args__ = (
        UniqueConstraint("issuer_id", "code"),
        CheckConstraint("decimals BETWEEN 0 AND 6", name="decimals_in_range"),
        CheckConstraint("total_units > 0", name="total_positive"),
        CheckConstraint("issued_units BETWEEN 0 AND total_units", name="issued_within_authorised"),
        CheckConstraint("ratio_numerator > 0 AND ratio_denominator > 0", name="ratio_positive"),
    )

    issuer_id: Mapped[int] = mapped_column(ForeignKey("issuer.id"))
    code: Mapped[str] = mapped_column(String(40))
    unit: Mapped[Words]
    decimals: Mapped[int] = mapped_column(default=0)
    total_units: Mapped[int]
    currency: Mapped[Currency] = mapped_column(default="CNY")
    issued_units: Mapped[int] = mapped_column(default=0, server_default="0")
    ratio_numerator: Mapped[int] = mapped_column(default=1, server_default="1")
    ratio_denominator: Mapped[int] = mapped_column(default=1, server_default="1")
    issuer: Mapped[Issuer] = relationship(lazy="joined", innerjoin=True)

    def quantity(self, units: int) -> Decimal:
        """Smallest units as whole units with decimals: 1,250 of a class with 3 decimals are 1.250."""
        return Decimal(units).scaleb(-self.decimals)

    @property
    def company(self) -> Company:
        """A class belongs to its issuer's company."""
        return self.issuer.company

    @property
    def weight(self) -> Fraction:
        """Common units that one smallest unit counts as."""
        return Fraction(self.ratio_numerator, self.ratio_denominator * 10**self.decimals)
