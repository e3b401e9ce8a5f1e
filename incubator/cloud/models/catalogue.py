"""Who offers what, and what it costs."""

from decimal import Decimal
from typing import Annotated

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Numeric, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Currency, Data, Model, Public, Timestamp, Timestamped, Versioned, Words
from incubator.people.models import Company

Precise = Annotated[Decimal, mapped_column(Numeric(20, 10))]
"""Minor units with ten decimals: what something costs before it is rounded to be posted."""


class Provider(Public, Timestamped, Versioned, Model):
    """Where sandboxes run. driver: a key of cloud.drivers; token: its bearer token, encrypted; options: what is not
    secret and only its driver knows.

    lag_seconds: how long usage may go unseen (the reserve rule). failures: calls in a row that it did not answer.
    paused_until: nothing is asked of it before (set by too many of them, and when our credentials are not accepted);
    the other providers go on.
    """

    __tablename__ = "provider"
    __table_args__ = (
        CheckConstraint("lag_seconds > 0", name="lag_positive"),
        CheckConstraint("failures >= 0", name="failures_counted"),
    )

    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[Words]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    driver: Mapped[str] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(String(200))
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    currency: Mapped[Currency]
    lag_seconds: Mapped[int]
    is_open: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    paused_until: Mapped[Timestamp | None]
    options: Mapped[Data] = mapped_column(default=dict, server_default="{}")
    company: Mapped[Company] = relationship()


class Offer(Public, Timestamped, Model):
    """A service in the catalogue."""

    __tablename__ = "offer"
    __table_args__ = (UniqueConstraint("provider_id", "code"),)

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[Words]
    summary: Mapped[Words]
    category: Mapped[str] = mapped_column(String(20))
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    ready_seconds: Mapped[int]
    is_open: Mapped[bool] = mapped_column(default=True)
    provider: Mapped[Provider] = relationship()
    plans: Mapped[list["Plan"]] = relationship(back_populates="offer", order_by="Plan.price_hour")

    @property
    def company(self) -> Company:
        """The company whose operators look after it."""
        return self.provider.company


class Plan(Public, Timestamped, Model):
    """A size of an offer with its prices in minor units and the limits that the provider keeps.

    max_cost_hour: the most that one hour can cost, whatever is done in it (the reserve rule rests on it).
    settings: what only the provider's driver knows, such as the plan's id there.
    """

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("offer_id", "code"),
        CheckConstraint("price_hour >= 0 AND price_gb_hour >= 0", name="prices_not_negative"),
        CheckConstraint("max_cost_hour > 0 AND max_cost_hour >= price_hour", name="max_cost_covers_price"),
        CheckConstraint("connections > 0 AND disk_mb > 0", name="limits_positive"),
    )

    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[Words]
    price_hour: Mapped[Precise]
    price_gb_hour: Mapped[Precise]
    max_cost_hour: Mapped[Precise]
    connections: Mapped[int]
    disk_mb: Mapped[int]
    settings: Mapped[Data] = mapped_column(default=dict, server_default="{}")
    offer: Mapped[Offer] = relationship(back_populates="plans")
