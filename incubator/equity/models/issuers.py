"""Who issues, and the classes of its capital."""

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
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
