"""Prices over time: a plan takes over the price that is due; what was ordered before keeps its own."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import select

from incubator.cloud.engines import prices as engine
from incubator.cloud.market_states import Unit
from incubator.cloud.models import Plan, PlanPrice
from incubator.core import audit, clock
from incubator.core.db import db


def first(plan: Plan) -> PlanPrice:
    """The price a plan begins with. No right of its own: whoever adds the plan sets it."""
    now = clock.now()
    price = PlanPrice(
        plan=plan, currency=plan.offer.provider.currency, price_unit=plan.price_unit, price_gb_hour=plan.price_gb_hour,
        max_cost_hour=plan.max_cost_hour, valid_from=now, applied_at=now,
    )  # fmt: skip
    db.session.add(price)
    db.session.flush()
    return price


def follow(plan: Plan, *, price_unit: Decimal, max_cost_hour: Decimal, valid_from: dt.datetime, wish_id: int) -> None:
    """Add the next price; it counts from its moment on. Called when a second person has signed it."""
    price = PlanPrice(
        plan=plan, currency=plan.offer.provider.currency, price_unit=price_unit, price_gb_hour=plan.price_gb_hour,
        max_cost_hour=max_cost_hour, valid_from=valid_from, wish_id=wish_id,
    )  # fmt: skip
    db.session.add(price)
    db.session.flush()
    apply_due(plan)


def apply_due(only: Plan | None = None) -> int:
    """Let plans take over the prices whose moment has come, in their order; how many. Run by the system."""
    due = (
        select(PlanPrice)
        .where(PlanPrice.applied_at.is_(None), PlanPrice.valid_from <= clock.now())
        .order_by(PlanPrice.valid_from)
        .with_for_update(skip_locked=True)
        .limit(500)
    )
    found = db.session.scalars(due if only is None else due.where(PlanPrice.plan_id == only.id)).all()
    for price in found:
        plan = price.plan
        plan.price_unit, plan.price_gb_hour = price.price_unit, price.price_gb_hour
        plan.price_hour = engine.hourly(price.price_unit, is_hour=plan.unit is Unit.HOUR)
        plan.max_cost_hour, price.applied_at = price.max_cost_hour, clock.now()
        db.session.flush()
        audit.record("plan.reprice", plan, {"price_unit": str(price.price_unit), "from": price.valid_from.isoformat()})
    return len(found)
