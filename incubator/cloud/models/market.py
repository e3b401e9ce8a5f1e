"""Prices over time, preferential policies, exit tests, and what is measured of providers."""

import datetime as dt
from typing import Any, cast

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.approvals.states import Verdict
from incubator.calls.models import Theme
from incubator.cloud.market_states import WishKind
from incubator.cloud.models.catalogue import Offer, Plan, Precise, Provider
from incubator.cloud.models.sandboxes import Sandbox
from incubator.core.db import (
    Caused,
    Currency,
    Data,
    Model,
    Public,
    Timestamp,
    Timestamped,
    Words,
    append_only,
    frozen,
    state_column,
)
from incubator.people.models import Company, Person
from incubator.ventures.models import Venture


class CloudWish(Public, Timestamped, Caused, Model):
    """What one person asks for and a second one must sign before it is carried out.

    content: plain values, frozen, by kind (services/wishes.py says which). One of plan, venture, sandbox names what it
    is about; rates and policies are about their company.
    """

    __tablename__ = "cloud_wish"
    __table_args__ = (Index("ix_cloud_wish_company_state", "company_id", "state"),)

    kind: Mapped[WishKind] = mapped_column(state_column(WishKind, "kind_known"))
    state: Mapped[Verdict] = mapped_column(state_column(Verdict, "state_known"), default=Verdict.WAITING)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"), index=True)
    venture_id: Mapped[int | None] = mapped_column(ForeignKey("venture.id"), index=True)
    sandbox_id: Mapped[int | None] = mapped_column(ForeignKey("sandbox.id"), index=True)
    content: Mapped[Data]
    reason: Mapped[str] = mapped_column(String(1000))
    decided_at: Mapped[Timestamp | None]
    company: Mapped[Company] = relationship()
    maker: Mapped[Person] = relationship()
    plan: Mapped[Plan | None] = relationship()
    venture: Mapped[Venture | None] = relationship()
    sandbox: Mapped[Sandbox | None] = relationship()


class PlanPrice(Timestamped, Model):
    """What a plan costs from a moment on, in minor units of the provider's currency; never changed, only followed.

    price_unit: for one of the plan's unit (an hour, a seat for a month); applied_at: when the plan took it over.
    """

    __tablename__ = "plan_price"
    __table_args__ = (
        UniqueConstraint("plan_id", "valid_from"),
        CheckConstraint("price_unit >= 0 AND price_gb_hour >= 0", name="prices_not_negative"),
        CheckConstraint("max_cost_hour > 0", name="max_cost_positive"),
        Index("ix_plan_price_due", "valid_from", postgresql_where=text("applied_at IS NULL")),
    )

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    currency: Mapped[Currency]
    price_unit: Mapped[Precise]
    price_gb_hour: Mapped[Precise]
    max_cost_hour: Mapped[Precise]
    valid_from: Mapped[Timestamp]
    applied_at: Mapped[Timestamp | None]
    wish_id: Mapped[int | None] = mapped_column(ForeignKey("cloud_wish.id"), unique=True)
    plan: Mapped[Plan] = relationship()


class Policy(Public, Timestamped, Caused, Model):
    """A preference: it lowers the price, or lifts how many may run at once, for the ventures that qualify.

    What is None or empty does not narrow it. lower_bp: of the price, in basis points; lift: sandboxes more at once.
    source: the decision or document that it rests on.
    """

    __tablename__ = "cloud_policy"
    __table_args__ = (
        CheckConstraint("lower_bp BETWEEN 0 AND 10000 AND lift >= 0 AND lower_bp + lift > 0", name="gives_something"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_start"),
    )

    name: Mapped[Words]
    source: Mapped[str] = mapped_column(String(300))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"), index=True)
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    region: Mapped[str | None] = mapped_column(String(20))
    stages: Mapped[list[str]] = mapped_column(ARRAY(String(20)), default=list)
    lower_bp: Mapped[int]
    lift: Mapped[int] = mapped_column(default=0)
    from_on: Mapped[dt.date]
    to_on: Mapped[dt.date | None]
    wish_id: Mapped[int] = mapped_column(ForeignKey("cloud_wish.id"), unique=True)
    company: Mapped[Company] = relationship()
    provider: Mapped[Provider | None] = relationship()
    theme: Mapped[Theme | None] = relationship()


class ExitTest(Timestamped, Model):
    """One trial of leaving an offer: whether everything came out, and in how many minutes."""

    __tablename__ = "exit_test"
    __table_args__ = (CheckConstraint("minutes >= 0", name="minutes_not_negative"),)

    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    tested_on: Mapped[dt.date]
    passed: Mapped[bool]
    minutes: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(500), default="")
    offer: Mapped[Offer] = relationship()
    person: Mapped[Person] = relationship()


class ProviderScore(Model):
    """What was measured of a provider in a month; figures as engines/scores.py makes them."""

    __tablename__ = "provider_score"
    __table_args__ = (UniqueConstraint("provider_id", "month"),)

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    month: Mapped[dt.date]
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    computed_at: Mapped[Timestamp]
    provider: Mapped[Provider] = relationship()


frozen(
    cast(Table, CloudWish.__table__),
    ("kind", "company_id", "maker_id", "plan_id", "venture_id", "sandbox_id", "content", "reason", "cause_id"),
)
frozen(
    cast(Table, PlanPrice.__table__),
    ("plan_id", "currency", "price_unit", "price_gb_hour", "max_cost_hour", "valid_from", "wish_id"),
)
append_only(cast(Table, Policy.__table__))
append_only(cast(Table, ExitTest.__table__))
