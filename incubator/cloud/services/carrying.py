"""What the last signature brings about, by kind. No right of its own: wishes.approve calls it."""

import datetime as dt
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from incubator.calls.models import CreditPool, Theme
from incubator.cloud.engines import prices as engine
from incubator.cloud.market_states import Unit, WishKind
from incubator.cloud.models import CloudWish, FxRate, Plan, PlanPrice, Policy, Provider
from incubator.cloud.services import metering, operations, prices
from incubator.cloud.states import LEASE, FreezeReason
from incubator.core import audit, clock
from incubator.core.audit import AuditEvent
from incubator.core.db import Model, db
from incubator.core.errors import WrongState
from incubator.core.transaction import attempt
from incubator.ventures import services as ventures


def out(wish: CloudWish, event: AuditEvent) -> None:
    """Do what was signed; event: of the last signature."""
    DO[wish.kind](wish, event)


def hourly(plan: Plan, price_unit: Decimal) -> Decimal:
    """The price of an hour of a plan at a price of its unit."""
    return engine.hourly(price_unit, is_hour=plan.unit is Unit.HOUR)


def _price(wish: CloudWish, _event: AuditEvent) -> None:
    plan = db.session.get_one(Plan, wish.plan_id)
    content = wish.content
    prices.follow(
        plan, price_unit=Decimal(content["price_unit"]), max_cost_hour=Decimal(content["max_cost_hour"]),
        valid_from=_after_others(plan, max(dt.datetime.fromisoformat(content["valid_from"]), clock.now())),
        wish_id=wish.id,
    )  # fmt: skip


def _after_others(plan: Plan, moment: dt.datetime) -> dt.datetime:
    """The moment, or just after the prices that were signed for it before: the last one signed corrects them."""
    taken = set(db.session.scalars(
        select(PlanPrice.valid_from).where(PlanPrice.plan_id == plan.id, PlanPrice.valid_from >= moment)
    ))  # fmt: skip
    while moment in taken:
        moment += dt.timedelta(microseconds=1)
    return moment


def _policy(wish: CloudWish, event: AuditEvent) -> None:
    content = wish.content
    policy = Policy(
        name=content["name"], source=content["source"], company=wish.company, region=content["region"],
        provider_id=_id_of(Provider, content["provider"]), theme_id=_id_of(Theme, content["theme"]),
        stages=content["stages"], lower_bp=content["lower_bp"], lift=content["lift"], wish_id=wish.id,
        from_on=dt.date.fromisoformat(content["from_on"]),
        to_on=dt.date.fromisoformat(content["to_on"]) if content["to_on"] else None,
    )  # fmt: skip
    audit.created(policy, cause_id=event.id, payload=content)


def _id_of(model: type[Model], public_id: str | None) -> int | None:
    if public_id is None:
        return None
    return db.session.scalars(select(model.id).filter_by(public_id=public_id)).one()


def _rates(wish: CloudWish, _event: AuditEvent) -> None:
    content = wish.content
    try:
        with attempt():
            db.session.add_all(
                FxRate(currency=one["currency"], on_day=dt.date.fromisoformat(one["on_day"]), rate_e8=one["rate_e8"],
                       source=content["source"], wish_id=wish.id)
                for one in content["rates"]
            )  # fmt: skip
            db.session.flush()
    except IntegrityError as error:
        raise WrongState(
            _("One of these days has had its rate meanwhile. Refuse this and enter the others.")
        ) from error


def _top_up(wish: CloudWish, event: AuditEvent) -> None:
    if wish.venture is None:
        raise LookupError("a top-up is a venture's")
    pool = db.session.scalars(select(CreditPool).where(CreditPool.public_id == wish.content["pool"])).one()
    ventures.grant_credit(wish.venture, pool=pool, amount=wish.content["amount"], cause_id=event.id)


def _extension(wish: CloudWish, event: AuditEvent) -> None:
    sandbox = wish.sandbox
    if sandbox is None:
        raise LookupError("an extension is a sandbox's")
    operations.lock(sandbox)
    lease, days = sandbox.lease, int(wish.content["days"])
    LEASE.move(lease, "extend", payload={"days": days}, cause_id=event.id)
    lease.days += days
    lease.ends_at = max(lease.ends_at or clock.now(), clock.now()) + dt.timedelta(days=days)
    lease.grace_ends_at = None
    metering.reopen(sandbox, FreezeReason.LEASE, cause_id=event.id)


DO = {
    WishKind.PRICE: _price,
    WishKind.POLICY: _policy,
    WishKind.RATES: _rates,
    WishKind.TOP_UP: _top_up,
    WishKind.EXTENSION: _extension,
}
