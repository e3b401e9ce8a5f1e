"""Keeping the catalogue: what is said of providers, the offers, their sizes, and trials of leaving them."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.cloud.engines import prices as engine
from incubator.cloud.market_states import Category, Region, Unit
from incubator.cloud.models import ExitTest, Lease, Offer, Plan, Provider
from incubator.cloud.services import prices
from incubator.cloud.services.ordering import OVER
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.people.models import Company, Person
from incubator.web import formats

MOST_QUANTITY = 100_000


@action("provider.describe")
def describe_provider(
    actor: Actor,
    provider: Provider,
    *,
    name: dict[str, str],
    region: str,
    mlps_level: int,
    contract: str,
    contract_until: dt.date | None,
    contacts: str,
    is_open: bool,
) -> None:
    """Say what the catalogue shows of a provider: region, MLPS level (0 to 5), contract, whom to ask."""
    provider.name, provider.region, provider.mlps_level = name, Region(region).value, mlps_level
    provider.contract, provider.contract_until, provider.contacts = contract.strip(), contract_until, contacts.strip()
    provider.is_open = is_open
    db.session.flush()
    audit.record("provider.describe", provider, {"region": region, "mlps_level": mlps_level, "is_open": is_open})


@action("offer.create")
def create_offer(actor: Actor, provider: Provider, /, *, code: str, **said: Any) -> Offer:
    """Put a service, data set or other resource into the catalogue; keywords as of `describe`."""
    if db.session.scalar(select(Offer.id).where(Offer.provider_id == provider.id, Offer.code == code)) is not None:
        raise Invalid(_("This provider has an offer of this code already."), field="code")
    offer = Offer(provider=provider, code=code)
    with db.session.no_autoflush:
        describe(offer, **said)
    audit.created(offer, payload={"code": code, "category": offer.category})
    return offer


@action("offer.update")
def update_offer(actor: Actor, offer: Offer, /, **said: Any) -> None:
    """Say other things of an offer; keywords as of `describe`."""
    describe(offer, **said)
    db.session.flush()
    audit.record("offer.update", offer, {"category": offer.category, "is_open": offer.is_open})


def describe(
    offer: Offer,
    *,
    name: dict[str, str],
    summary: dict[str, str],
    category: str,
    region: str,
    mlps_level: int,
    tags: Sequence[str],
    ready_seconds: int,
    is_open: bool = True,
    most: int | None = None,
    owner: Company | None = None,
    audience: Company | None = None,
    conditions: dict[str, str] | None = None,
    exit_plan: dict[str, str] | None = None,
) -> None:
    """Fill an offer in. Raises Invalid: group resources name their owner, and words stand in both languages."""
    kind = Category(category)
    if kind in (Category.DATA_SET, Category.RESOURCE) and (owner is None or conditions is None):
        raise Invalid(_("A resource of the group has an owner and the owner's conditions."), field="owner")
    if most is not None and most < 1:
        raise Invalid(_("Enter a whole number, such as 1,200"), field="most")
    offer.name, offer.summary, offer.category, offer.region = name, summary, kind.value, Region(region).value
    offer.mlps_level, offer.tags, offer.ready_seconds, offer.is_open = mlps_level, list(tags), ready_seconds, is_open
    offer.most, offer.owner, offer.audience = most, owner, audience
    offer.conditions, offer.exit_plan = conditions, exit_plan


@action("offer.add_size")
def add_size(
    actor: Actor,
    offer: Offer,
    *,
    code: str,
    name: dict[str, str],
    unit: str,
    price_unit: Decimal,
    max_cost_hour: Decimal | None = None,
    price_gb_hour: Decimal = Decimal(0),
    connections: int = 0,
    disk_mb: int = 0,
    least_quantity: int = 1,
    most_quantity: int = 1,
) -> Plan:
    """Add a size with its first price for its unit (minor units of the provider's currency).

    max_cost_hour: of one, by default the price of an hour. least_quantity, most_quantity: of the unit, in one order.
    """
    if db.session.scalar(select(Plan.id).where(Plan.offer_id == offer.id, Plan.code == code)) is not None:
        raise Invalid(_("This offer has a size of this code already."), field="code")
    hour = engine.hourly(price_unit, is_hour=Unit(unit) is Unit.HOUR)
    most = max(max_cost_hour if max_cost_hour is not None else hour, Decimal("1E-10"))
    if price_unit < 0 or most < hour:
        raise Invalid(_("The dearest hour cannot cost less than the price of an hour."), field="most")
    _check_quantities(least_quantity, most_quantity)
    plan = Plan(
        offer=offer, code=code, name=name, unit=Unit(unit), price_unit=price_unit, price_hour=hour,
        price_gb_hour=price_gb_hour, max_cost_hour=most, connections=connections, disk_mb=disk_mb,
        least_quantity=least_quantity, most_quantity=most_quantity,
    )  # fmt: skip
    said = {"code": code, "unit": unit, "price_unit": str(price_unit), "quantity": [least_quantity, most_quantity]}
    audit.created(plan, payload=said)
    prices.first(plan)
    return plan


def _check_quantities(least: int, most: int) -> None:
    if not 1 <= least <= most <= MOST_QUANTITY:
        raise Invalid(_("An order is for at least one, and at most for 100,000 or fewer."), field="most_quantity")


@action("offer.change_quantities")
def change_quantities(actor: Actor, plan: Plan, *, least: int, most: int) -> None:
    """Let an order of a size be for so many from now on. Raises Invalid where an order that runs is for more."""
    _check_quantities(least, most)
    locked = select(Plan).where(Plan.id == plan.id).with_for_update().execution_options(populate_existing=True)
    db.session.scalars(locked).one()
    standing = select(func.max(Lease.quantity)).where(Lease.plan_id == plan.id, Lease.state.not_in(OVER))
    running = db.session.scalar(standing) or 0
    if most < running:
        words = _("An order that runs is for %(quantity)s: not fewer than that.", quantity=formats.number(running))
        raise Invalid(words, field="most_quantity")
    before = [plan.least_quantity, plan.most_quantity]
    plan.least_quantity, plan.most_quantity = least, most
    db.session.flush()
    audit.record("offer.change_quantities", plan.offer, {"code": plan.code, "from": before, "to": [least, most]})


@action("offer.test_exit")
def test_exit(actor: Person, offer: Offer, *, tested_on: dt.date, passed: bool, minutes: int, note: str) -> ExitTest:
    """Record a trial of leaving an offer by its exit plan."""
    if tested_on > clock.today():
        raise Invalid(_("A trial is of today or of a day before."), field="tested_on")
    if minutes < 0:
        raise Invalid(_("Enter a whole number, such as 1,200"), field="minutes")
    trial = ExitTest(offer=offer, person=actor, tested_on=tested_on, passed=passed, minutes=minutes, note=note.strip())
    db.session.add(trial)
    db.session.flush()
    audit.record("offer.test_exit", offer, {"on": tested_on.isoformat(), "passed": passed, "minutes": minutes})
    return trial
