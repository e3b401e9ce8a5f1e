"""The wishes that a second person signs: prices, policies, rates, more credits, more days."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.approvals.states import Verdict
from incubator.calls.models import Theme
from incubator.cloud.engines import prices
from incubator.cloud.market_states import Region, WishKind
from incubator.cloud.models import CloudWish, FxRate, Plan, Provider, Sandbox
from incubator.cloud.services import carrying, wishes
from incubator.cloud.services.orders import LONGEST as LONGEST_LEASE
from incubator.cloud.states import LEASE
from incubator.core import clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.money import MINOR_DIGITS
from incubator.people.models import Company, Person
from incubator.ventures.models import CreditGrant, Venture
from incubator.ventures.states import RUNNING

MOST_RATES = 1_000


@action("plan_price.propose")
def propose_price(
    actor: Person, plan: Plan, *, price_unit: Decimal, max_cost_hour: Decimal, valid_from: dt.datetime, reason: str
) -> CloudWish:
    """Ask for another price of a plan, from a moment on; minor units. What runs keeps the price it was ordered at."""
    if price_unit < 0:
        raise Invalid(_("Enter an amount, such as 1,200.50"), field="price")
    if valid_from.astimezone(clock.GROUP_ZONE).date() < clock.today():
        raise Invalid(_("Choose today or a day to come"), field="valid_from")
    hour = carrying.hourly(plan, price_unit)
    if max_cost_hour < max(hour, Decimal("1E-10")):
        raise Invalid(_("The dearest hour cannot cost less than the price of an hour."), field="most")
    _refuse_second(CloudWish.plan_id == plan.id)
    content = {
        "plan": plan.public_id, "before": str(plan.price_unit), "price_unit": str(price_unit),
        "max_cost_hour": str(max_cost_hour), "valid_from": valid_from.isoformat(),
        "currency": plan.offer.provider.currency,
    }  # fmt: skip
    about = {key: f"{plan.offer.name[key]}, {plan.name[key]}" for key in ("en", "zh")}
    return wishes.ask(actor, plan.offer.company, WishKind.PRICE, content=content, reason=reason, about=about, plan=plan)


@action("cloud_policy.propose")
def propose_policy(
    actor: Person,
    company: Company,
    *,
    name: dict[str, str],
    source: str,
    lower_bp: int,
    lift: int,
    from_on: dt.date,
    to_on: dt.date | None = None,
    provider: Provider | None = None,
    theme: Theme | None = None,
    region: str | None = None,
    stages: Sequence[str] = (),
    reason: str,
) -> CloudWish:
    """Ask for a preference of the company's ventures. Raises Invalid at the field."""
    if lower_bp + lift <= 0 or lift < 0:
        raise Invalid(_("Lower the price, or lift how many may run."), field="lower_bp")
    if to_on is not None and to_on < from_on:
        raise Invalid(_("The last day is the first one or later."), field="to_on")
    content = {
        "name": name, "source": source, "lower_bp": lower_bp, "lift": lift, "from_on": from_on.isoformat(),
        "to_on": to_on.isoformat() if to_on else None, "provider": provider.public_id if provider else None,
        "theme": theme.public_id if theme else None, "region": Region(region).value if region else None,
        "stages": sorted(stages),
    }  # fmt: skip
    return wishes.ask(actor, company, WishKind.POLICY, content=content, reason=reason, about=name)


@action("fx_rate.propose")
def propose_rates(
    actor: Person, company: Company, *, rates: Sequence[tuple[str, dt.date, int]], source: str, reason: str = ""
) -> CloudWish:
    """Enter rates of days: (currency, day, yuan for one unit times 10**8); a second look by finance makes them count.

    Raises Invalid for what is no rate, for a day to come, and for a day that has a rate already.
    """
    if not rates:
        raise Invalid(_("The file has no rates."), field="file")
    if len(rates) > MOST_RATES:
        raise Invalid(_("At most %(most)s rates at once.", most=MOST_RATES), field="file")
    if len({(currency, day) for currency, day, _rate in rates}) < len(rates):
        raise Invalid(_("A day of a currency stands there twice."), field="file")
    for currency, day, rate in rates:
        _check_rate(currency, day, rate)
    _refuse_standing({(currency, day) for currency, day, _rate in rates})
    rows = [{"currency": currency, "on_day": day.isoformat(), "rate_e8": rate} for currency, day, rate in sorted(rates)]
    content = {"rates": rows, "source": source}
    return wishes.ask(actor, company, WishKind.RATES, content=content, reason=reason or source)


def _check_rate(currency: str, day: dt.date, rate: int) -> None:
    if currency not in MINOR_DIGITS or currency == "CNY":
        raise Invalid(_("This currency is not known."), field="currency")
    if not 0 < rate < 10**15:
        raise Invalid(_("Enter a rate above zero, such as 7.1234."), field="rate")
    if day > clock.today():
        raise Invalid(_("A rate is of today or of a day before."), field="on_day")


def _refuse_standing(wanted: set[tuple[str, dt.date]]) -> None:
    days = [day for _currency, day in wanted]
    standing = db.session.execute(
        select(FxRate.currency, FxRate.on_day).where(FxRate.on_day.between(min(days), max(days)))
    )
    for row in standing:
        if (row.currency, row.on_day) in wanted:
            words = _("%(currency)s has a rate of %(day)s already.", currency=row.currency, day=row.on_day.isoformat())
            raise Invalid(words, field="on_day")


@action("credit.ask")
def ask_credits(actor: Person, venture: Venture, *, amount: int, reason: str) -> CloudWish:
    """Ask for more credits (minor units) from the pool that the venture's first came from."""
    grant = db.session.scalar(
        select(CreditGrant).where(CreditGrant.venture_id == venture.id).order_by(CreditGrant.id).limit(1)
    )
    if grant is None or venture.state not in RUNNING:
        raise WrongState(_("Only a venture at work that was granted credits can ask for more."))
    if venture.held_until is not None:
        raise WrongState(_("This venture is on hold: it gets no new money or credits until a gate lets it go on."))
    if amount < 1:
        raise Invalid(_("Enter an amount, such as 1,200.50"), field="amount")
    _refuse_second(CloudWish.venture_id == venture.id, CloudWish.kind == WishKind.TOP_UP)
    content: dict[str, Any] = {
        "venture": venture.public_id, "pool": grant.pool.public_id, "amount": amount, "currency": grant.currency,
    }  # fmt: skip
    about = {"en": venture.number, "zh": venture.number}
    return wishes.ask(
        actor, grant.pool.company, WishKind.TOP_UP, content=content, reason=reason, about=about, venture=venture,
        gains=_team(venture),
    )  # fmt: skip


@action("lease.ask_extension")
def ask_extension(actor: Person, sandbox: Sandbox, *, days: int, reason: str) -> CloudWish:
    """Ask for more days of a running lease, or of one in its days of grace; the limit stays."""
    lease = sandbox.lease
    if not LEASE.allows(lease, "extend"):
        raise WrongState(_("Only a lease that runs, or is in its days of grace, can be made longer."))
    if days < 1 or lease.days + days > LONGEST_LEASE:
        most = LONGEST_LEASE - lease.days
        raise Invalid(_("Enter a number of days from 1 to %(most)s.", most=most), field="days")
    _refuse_second(CloudWish.sandbox_id == sandbox.id)
    content = {
        "sandbox": sandbox.public_id,
        "days": days,
        "quantity": lease.quantity,
        "cost": prices.for_days(lease.price_hour, quantity=lease.quantity, days=days),
        "currency": lease.currency,
        "ends_at": lease.ends_at.isoformat() if lease.ends_at else None,
    }
    about = {"en": sandbox.number, "zh": sandbox.number}
    return wishes.ask(
        actor, sandbox.provider.company, WishKind.EXTENSION, content=content, reason=reason, about=about,
        sandbox=sandbox, gains=_team(sandbox.venture),
    )  # fmt: skip


def _team(venture: Venture) -> list[int]:
    """Who gains by what a venture is given: the lead and all who work in it."""
    return sorted({venture.lead_id, *(member.person_id for member in venture.members)})


def _refuse_second(*same: Any) -> None:
    """One wish about a thing at a time."""
    if db.session.scalar(select(CloudWish.id).where(CloudWish.state == Verdict.WAITING, *same).limit(1)) is not None:
        raise WrongState(_("Another request about this waits for its signature."))
