"""Pools of units for the people of a venture."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import (
    Caused,
    Data,
    Model,
    Public,
    Timestamped,
    Versioned,
    Words,
    state_column,
)
from incubator.equity.models.issuers import SecurityClass
from incubator.equity.states import PlanState
from incubator.people.models import Company, Person
from incubator.ventures.models import Venture


class PlanKind(StrEnum):
    """What a plan gives."""

    OPTION = "option"
    RSU = "rsu"
    SAR_STOCK = "sar_stock"
    SAR_CASH = "sar_cash"
    PHANTOM = "phantom"
    RESTRICTED = "restricted"
    SHARE_AWARD = "share_award"
    PROJECT_REVENUE = "project_revenue"
    POST_DIVIDEND = "post_dividend"
    VALUE_GROWTH = "value_growth"
    GROWTH_RIGHT = "growth_right"
    GROWTH_TRANSFER = "growth_transfer"


class OnCancellation(StrEnum):
    """What becomes of units that lapse: they can be granted anew, or they are gone."""

    RETURN = "return"
    RETIRE = "retire"


class EquityPlan(Public, Timestamped, Caused, Versioned, Model):
    """A pool of units for the people of a venture. granted_units is kept under the row's lock; the CHECK has the
    last word; it counts what stands granted, without what came back.
    signers: who signs beside HR, roles in order. leaving: what a departure does, by its reason (services/leaving.py).
    regime: which rules of law limit it (equity/words.py). terms: how its grants vest unless they say so. offer_days:
    how long an offer can be accepted. facts: what the rules ask of the company. growth: of a plan on value growth, its
    terms (services/growth.py).
    """

    __tablename__ = "equity_plan"
    __table_args__ = (
        CheckConstraint("pool_units > 0", name="pool_positive"),
        CheckConstraint("granted_units BETWEEN 0 AND pool_units", name="pool_holds"),
        CheckConstraint("person_units IS NULL OR person_units > 0", name="person_limit_positive"),
        CheckConstraint("offer_days BETWEEN 1 AND 365", name="offer_days_in_range"),
        Index("ix_equity_plan_company", "company_id", "id"),
    )

    venture_id: Mapped[int] = mapped_column(ForeignKey("venture.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    security_class_id: Mapped[int] = mapped_column(ForeignKey("security_class.id"), index=True)
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[Words]
    kind: Mapped[PlanKind] = mapped_column(state_column(PlanKind, "kind_known"))
    regime: Mapped[str] = mapped_column(String(60))
    pool_units: Mapped[int]
    granted_units: Mapped[int] = mapped_column(default=0, server_default="0")
    person_units: Mapped[int | None]
    starts_on: Mapped[dt.date]
    terms: Mapped[Data]
    on_cancellation: Mapped[OnCancellation] = mapped_column(
        state_column(OnCancellation, "on_cancellation_known"), default=OnCancellation.RETURN, server_default="return"
    )
    signers: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default="[]")
    leaving: Mapped[Data] = mapped_column(default=dict, server_default="{}")
    offer_days: Mapped[int] = mapped_column(default=30, server_default="30")
    facts: Mapped[Data] = mapped_column(default=dict, server_default="{}")
    growth: Mapped[Data] = mapped_column(default=dict, server_default="{}")
    state: Mapped[PlanState] = mapped_column(state_column(PlanState, "state_known"), default=PlanState.DRAFT)
    venture: Mapped[Venture] = relationship()
    company: Mapped[Company] = relationship()
    security: Mapped[SecurityClass] = relationship(lazy="joined", innerjoin=True)
    maker: Mapped[Person] = relationship()
