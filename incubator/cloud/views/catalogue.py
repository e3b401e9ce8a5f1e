"""Pages of the catalogue: the shelf, one offer with its order form and estimate, offers side by side."""

from decimal import Decimal
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from incubator.calls.templates import local
from incubator.cloud import services
from incubator.cloud.drivers import capabilities_of
from incubator.cloud.engines import prices as engine
from incubator.cloud.forms import OrderForm, QuantitiesForm
from incubator.cloud.forms.market import EstimateForm
from incubator.cloud.market_states import Unit
from incubator.cloud.market_words import CATEGORIES, LEVELS, REGIONS, UNITS
from incubator.cloud.models import Offer, Plan, Sandbox
from incubator.cloud.queries import catalogue as queries
from incubator.cloud.queries.catalogue import Filter
from incubator.cloud.services import catalogue as keeping
from incubator.cloud.services import fx, policies
from incubator.cloud.services.ordering import check_quantity
from incubator.cloud.views.routes import bp
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.money import MINOR_DIGITS, Money
from incubator.people.session import me
from incubator.ventures import queries as ventures
from incubator.ventures.models import Venture
from incubator.web import formats, keyset
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other

MB = 10**6


def price(minor: Decimal | None, currency: str) -> str:
    """A price as it is: two decimals at least, as many as it has beyond."""
    if minor is None:
        return formats.NONE
    whole = Decimal(minor).scaleb(-MINOR_DIGITS[currency]).normalize()
    exponent = whole.as_tuple().exponent
    places = max(MINOR_DIGITS[currency], -exponent if isinstance(exponent, int) else 0)
    return f"{formats.SIGNS[currency]}{whole:,.{places}f}"


def ready(seconds: int) -> str:
    """How long it takes until an order is ready, in the unit that fits."""
    minutes, hours, days = (-(-seconds // size) for size in (60, 3_600, 86_400))
    if seconds <= 120:
        return str(ngettext("Ready in %(num)s second", "Ready in %(num)s seconds", seconds))
    if minutes <= 120 and seconds % 3_600:
        return str(ngettext("Ready in %(num)s minute", "Ready in %(num)s minutes", minutes))
    if hours < 48 or (hours == 48 and seconds % 86_400):
        return str(ngettext("Ready in %(num)s hour", "Ready in %(num)s hours", hours))
    return str(ngettext("Ready in %(num)s day", "Ready in %(num)s days", days))


@bp.get("/catalogue/", right=SIGNED_IN)
def catalogue() -> ResponseReturnValue:
    """What can be ordered, and what I have to order with."""
    led = list(db.session.scalars(ventures.led_by(me())))
    asked = Filter.of(request.args)
    found = queries.shelf(asked)
    counted = queries.counts(asked)
    return render_template(
        "cloud/catalogue.html",
        page=keyset.by_key(found, found.selected_columns.moment),
        led=led,
        left=ventures.balances_of(led, fx.OWN),
        asked=asked,
        chips=_chips(asked, counted),
        total=sum(counted.values()),
        choices={"region": REGIONS, "level": LEVELS},
        words=WORDS,
        price=price,
        ready=ready,
    )


WORDS = {"kind": CATEGORIES, "region": REGIONS, "level": LEVELS, "unit": UNITS}


def _chips(asked: Filter, counted: dict[str, int]) -> list[tuple[str, object, str, int]]:
    """The kinds that there are, with how many the other filters leave, each a link that keeps them."""
    kept = {"q": asked.q, "region": asked.region, "level": asked.level, "company": asked.company,
            "leaves": int(asked.leaves)}  # fmt: skip
    others: dict[str, Any] = {key: value for key, value in kept.items() if value}
    kinds = [(kind.value, words) for kind, words in CATEGORIES.items() if counted.get(kind.value)]
    every = ("", _("All"), url_for("cloud.catalogue", **others), sum(counted.values()))
    return [every] + [
        (kind, words, url_for("cloud.catalogue", kind=kind, **others), counted[kind]) for kind, words in kinds
    ]


@bp.get("/catalogue/compare", right=SIGNED_IN)
def compare() -> ResponseReturnValue:
    """Up to four offers side by side."""
    offers = queries.compared(request.args.getlist("offer"))
    trials = queries.newest_exit_tests([offer.id for offer in offers])
    more = len(set(request.args.getlist("offer"))) > queries.MOST_COMPARED
    return render_template(
        "cloud/compare.html", offers=offers, trials=trials, more=more, words=WORDS, price=price,
        by_hand=_by_hand, ready=ready,
    )  # fmt: skip


@bp.get("/catalogue/<public_id>", right=SIGNED_IN)
def offer(public_id: str) -> ResponseReturnValue:
    """One offer with its sizes, an estimate, and the order form for who leads a venture."""
    return _order_page(load(queries.whole(), public_id))


@bp.post("/catalogue/<public_id>", right="lease.submit")
def order(public_id: str) -> ResponseReturnValue:
    """Order a sandbox."""
    found = load(queries.whole(), public_id)
    led = list(db.session.scalars(ventures.led_by(me())))
    form = _order_form(found, led)
    placed: list[Sandbox] = []
    if form.validate_on_submit() and form.accepts(lambda: placed.append(_place(found, form))):
        return see_other(url_for("cloud.show", public_id=placed[0].public_id))
    return _order_page(found, form)


@bp.get("/catalogue/plans/<public_id>/quantities", right="offer.change_quantities")
def quantities(public_id: str) -> ResponseReturnValue:
    """How many of a size one order may be for."""
    plan = load(queries.plans_managed(me()), public_id)
    given = {"least_quantity": plan.least_quantity, "most_quantity": plan.most_quantity}
    return _quantities_page(plan, QuantitiesForm(formdata=None, **given))


@bp.post("/catalogue/plans/<public_id>/quantities", right="offer.change_quantities")
def change_quantities(public_id: str) -> ResponseReturnValue:
    """Change it for the orders to come."""
    plan = load(queries.plans_managed(me()), public_id)
    form: Any = QuantitiesForm()
    if form.validate_on_submit() and form.accepts(lambda: _change_quantities(plan, form)):
        return see_other(f"/catalogue/{plan.offer.public_id}")
    return _quantities_page(plan, form)


def _change_quantities(plan: Plan, form: Any) -> None:
    keeping.change_quantities(me(), plan, least=form.least_quantity.data, most=form.most_quantity.data)


def _quantities_page(plan: Plan, form: Any) -> ResponseReturnValue:
    offer = plan.offer
    back = f"/catalogue/{offer.public_id}"
    return render_template(
        "cloud/form.html", form=form, has_errors=bool(form.errors), back=back, button=_("Save"),
        title=_("How many of %(name)s in one order", name=local(plan.name)),
        crumbs=[(_("Cloud catalogue"), "/catalogue/"), (local(offer.name), back)],
        hints={"most_quantity": _("For the orders to come; those that run keep what they have.")},
    ), form.status  # fmt: skip


def _by_hand(found: Offer) -> bool:
    """Whether people of the provider carry out what is ordered."""
    return capabilities_of(found.provider.driver).hand_made


def _order_form(found: Offer, led: list[Venture]) -> Any:
    form: Any = OrderForm()
    form.venture.choices = [(venture.public_id, venture.name) for venture in led]
    form.plan.choices = [(plan.public_id, _size(plan)) for plan in found.plans]
    if all(plan.most_quantity == 1 for plan in found.plans):
        del form.quantity
    elif not form.is_submitted():
        form.quantity.data = min(plan.least_quantity for plan in found.plans)
    return form


def _size(plan: Plan) -> str:
    """A size in words: name, price, limits where it has some."""
    currency = plan.offer.provider.currency
    said = _("%(name)s: %(price)s %(unit)s", name=local(plan.name), price=price(plan.price_unit, currency),
             unit=UNITS[plan.unit])  # fmt: skip
    if plan.connections and plan.disk_mb:
        said += _(", %(connections)s connections, %(disk)s", connections=plan.connections,
                  disk=formats.size(plan.disk_mb * MB))  # fmt: skip
    return str(said)


def _place(found: Offer, form: Any) -> Sandbox:
    venture = load(ventures.led_by(me()), form.venture.data)
    plan = next(plan for plan in found.plans if plan.public_id == form.plan.data)
    wish = {"limit": form.limit.data, "days": form.days.data, "key": form.key.data or None}
    wish["quantity"] = form.quantity.data if form.quantity else 1
    return services.order(me(), venture, plan=plan, accepts=form.conditions.data, **wish)


def _order_page(found: Offer, form: Any = None) -> ResponseReturnValue:
    led = list(db.session.scalars(ventures.led_by(me())))
    form = form or _order_form(found, led)
    standing = policies.standing()
    preferences = [(venture, policies.preference(venture, found, standing)) for venture in led]
    estimate = _estimate(found, led, dict(preferences))
    values: dict[str, Any] = {
        "offer": found, "form": form, "led": led, "left": ventures.balances_of(led, fx.OWN),
        "least": {plan.public_id: services.least_limit(plan) for plan in found.plans},
        "preferences": [(venture, one) for venture, one in preferences if one.policy or one.lifting],
        "trial": queries.newest_exit_tests([found.id]).get(found.id), "history": queries.price_history(found),
        "words": WORDS, "price": price, "ready": ready, "by_hand": _by_hand(found), **estimate,
    }  # fmt: skip
    return render_template("cloud/offer.html", has_errors=bool(form.errors), **values), form.status


def _estimate(found: Offer, led: list[Venture], preferences: dict[Venture, Any]) -> dict[str, Any]:
    """The form of an estimate and, once it is asked for, what comes out."""
    asked = request.method == "GET" and "months" in request.args
    form: Any = EstimateForm(request.args if asked else None)
    form.venture.choices = [("", _("none: the list price")), *((one.public_id, one.name) for one in led)]
    form.plan.choices = [(plan.public_id, local(plan.name)) for plan in found.plans]
    for field in form:  # the order form has fields of the same names
        field.id = f"estimate-{field.name}"
    if not asked or not form.validate():
        return {"estimate_form": form, "estimate": None}
    plan = next(plan for plan in found.plans if plan.public_id == form.plan.data)
    try:
        check_quantity(plan, form.quantity.data)
    except Invalid as refusal:
        form.quantity.errors = [refusal.message]
        return {"estimate_form": form, "estimate": None}
    venture = next((one for one in led if one.public_id == form.venture.data), None)
    preference = preferences.get(venture) if venture else None
    return {"estimate_form": form, "estimate": _estimated(plan, venture, preference, form)}


def _estimated(plan: Plan, venture: Venture | None, preference: Any, form: Any) -> dict[str, Any]:
    currency = plan.offer.provider.currency
    lower_bp = preference.lower_bp if preference else 0
    cost = engine.estimate(plan.price_unit, is_hour=plan.unit is Unit.HOUR, quantity=form.quantity.data,
                           months=form.months.data, lower_bp=lower_bp)  # fmt: skip
    return {
        "cost": Money(currency, cost), "lower_bp": lower_bp, "venture": venture,
        "own": _own(cost, currency) if currency != fx.OWN else cost,
    }  # fmt: skip


def _own(cost: int, currency: str) -> int | None:
    """The cost in credits at the newest rate; None when there is no rate of the last days."""
    try:
        return fx.in_own(cost, fx.rate_of(currency))
    except Invalid:
        return None
