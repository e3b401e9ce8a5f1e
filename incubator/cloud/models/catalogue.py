"""Who offers what, and what it costs."""

import datetime as dt
from decimal import Decimal
from typing import Annotated

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Numeric, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.cloud.bill_states import ChargedBy
from incubator.cloud.market_states import Unit
from incubator.core.db import Currency, Data, Model, Public, Timestamp, Timestamped, Versioned, Words, state_column
from incubator.people.models import Company

Precise = Annotated[Decimal, mapped_column(Numeric(20, 10))]
"""Minor units with ten decimals: what something costs before it is rounded to be posted."""


class Provider(Public, Timestamped, Versioned, Model):
    """Where sandboxes run. driver: a key of cloud.drivers; token: its bearer token, encrypted; options: what is not
    secret and only its driver knows.

    lag_seconds: how long usage may go unseen (the reserve rule). failures: calls in a row that it did not answer.
    paused_until: nothing is asked of it before (set by too many of them, and when our credentials are not accepted);
    the other providers go on. mlps_level: of the multi-level protection scheme (GB/T 22239), 0 when none is shown.
    contacts: whom to ask, as the catalogue shows it. organization: the number, there, of the organization our accounts
    are in, as first seen ('' until then). charged_by: our meter or its bills, for good. bill_source: the
    bucket its bills lie in (address, bucket, prefix, region, key_id), bill_secret the key to it, encrypted.
    """

    __tablename__ = "provider"
    __table_args__ = (
        CheckConstraint("lag_seconds > 0", name="lag_positive"),
        CheckConstraint("failures >= 0", name="failures_counted"),
        CheckConstraint("mlps_level BETWEEN 0 AND 5", name="mlps_level_in_range"),
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
    region: Mapped[str] = mapped_column(String(20), default="cn-east", server_default="cn-east")
    mlps_level: Mapped[int] = mapped_column(default=0, server_default="0")
    contract: Mapped[str] = mapped_column(String(120), default="", server_default="")
    contract_until: Mapped[dt.date | None]
    contacts: Mapped[str] = mapped_column(String(500), default="", server_default="")
    organization: Mapped[str] = mapped_column(String(120), default="", server_default="")
    charged_by: Mapped[ChargedBy] = mapped_column(
        state_column(ChargedBy, "charged_by_known"), default=ChargedBy.METER, server_default="meter"
    )
    bill_source: Mapped[Data] = mapped_column(default=dict, server_default="{}")
    bill_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    company: Mapped[Company] = relationship()


class Offer(Public, Timestamped, Model):
    """A service in the catalogue: something to run, seats, a protection, a data set or another resource of the group.

    audience: the company whose ventures, and those below it, may order (None: all). owner: the company whose resource
    it is, under these conditions. most: how many a venture may have at once (None: no limit).
    """

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("provider_id", "code"),
        CheckConstraint("mlps_level BETWEEN 0 AND 5", name="mlps_level_in_range"),
        CheckConstraint("most > 0", name="most_positive"),
    )

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[Words]
    summary: Mapped[Words]
    category: Mapped[str] = mapped_column(String(20))
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    ready_seconds: Mapped[int]
    is_open: Mapped[bool] = mapped_column(default=True)
    region: Mapped[str] = mapped_column(String(20), default="cn-east", server_default="cn-east")
    mlps_level: Mapped[int] = mapped_column(default=0, server_default="0")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    audience_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    conditions: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    exit_plan: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    most: Mapped[int | None]
    provider: Mapped[Provider] = relationship()
    owner: Mapped[Company | None] = relationship(foreign_keys=owner_id)
    audience: Mapped[Company | None] = relationship(foreign_keys=audience_id)
    plans: Mapped[list["Plan"]] = relationship(back_populates="offer", order_by="Plan.price_hour")

    @property
    def company(self) -> Company:
        """The company whose operators look after it."""
        return self.provider.company


class Plan(Public, Timestamped, Model):
    """A size of an offer with its prices in minor units and the limits that the provider keeps.

    max_cost_hour: the most that one hour can cost, whatever is done in it (the reserve rule rests on it). unit: what
    price_unit is for; price_hour is the same for an hour (a month has 730). Prices change by PlanPrice rows alone.
    least_quantity, most_quantity: how many of the unit one order may be for; the limits are those of one. settings:
    what only the provider's driver knows, such as the plan's id there.
    """

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("offer_id", "code"),
        CheckConstraint("price_hour >= 0 AND price_gb_hour >= 0", name="prices_not_negative"),
        CheckConstraint("max_cost_hour > 0 AND max_cost_hour >= price_hour", name="max_cost_covers_price"),
        CheckConstraint("connections >= 0 AND disk_mb >= 0", name="limits_not_negative"),
        CheckConstraint(
            "least_quantity >= 1 AND most_quantity BETWEEN least_quantity AND 100000", name="quantities_in_order"
        ),
    )

    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[Words]
    unit: Mapped[Unit] = mapped_column(state_column(Unit, "unit_known"), default=Unit.HOUR, server_default="hour")
    price_unit: Mapped[Precise]
    price_hour: Mapped[Precise]
    price_gb_hour: Mapped[Precise]
    max_cost_hour: Mapped[Precise]
    connections: Mapped[int]
    disk_mb: Mapped[int]
    least_quantity: Mapped[int] = mapped_column(default=1, server_default="1")
    most_quantity: Mapped[int] = mapped_column(default=1, server_default="1")
    settings: Mapped[Data] = mapped_column(default=dict, server_default="{}")
    offer: Mapped[Offer] = relationship(back_populates="plans")

    @property
    def company(self) -> Company:
        """The company whose operators look after it."""
        return self.offer.company
