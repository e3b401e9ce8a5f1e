"""Pages on which cloud operators keep the catalogue: providers, offers, sizes, prices, policies, trials of leaving."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.calls import queries as calls
from incubator.calls.templates import local
from incubator.cloud import market_words as words
from incubator.cloud.bill_states import ChargedBy
from incubator.cloud.bill_words import CHARGED_BY
from incubator.cloud.forms.market import (
    ExitTestForm,
    NewProviderForm,
    OfferForm,
    PolicyForm,
    PriceForm,
    ProviderForm,
    SizeForm,
)
from incubator.cloud.market_states import Unit
from incubator.cloud.models import Offer, Plan, Provider
from incubator.cloud.queries import catalogue as queries
from incubator.cloud.queries.crediting import this_month
from incubator.cloud.services import asking, carrying, catalogue, providers
from incubator.cloud.views.routes import bp
from incubator.core import clock
from incubator.core.db import db
from incubator.people.models import Company, Role
from incubator.people.session import me
from incubator.web.forms import Form
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other

MONTHS = 6
"""How many scorecards a provider's page shows."""


def _form(
    title: str, form: Form, *, crumbs: Any = (), hints: Any = None, button: str, back: str
) -> ResponseReturnValue:
    """A page that is one form; hints by the field's name."""
    page = {"title": title, "form": form, "crumbs": list(crumbs), "hints": hints or {}, "button": button, "back": back}
    return render_template("cloud/form.html", has_errors=bool(form.errors), **page), form.status


def _done(form: Form, act: Callable[[], Any]) -> bool:
    return bool(form.validate_on_submit() and form.accepts(act))


CATALOGUE = "/catalogue/"


def _crumbs(provider: Provider | None = None) -> list[tuple[str, str]]:
    found = [(str(_("Cloud catalogue")), CATALOGUE), (str(_("Providers")), "/catalogue/providers/")]
    return found + ([(local(provider.name), f"/catalogue/providers/{provider.public_id}")] if provider else [])


@bp.get("/catalogue/providers/", right="provider.list")
def provider_list() -> ResponseReturnValue:
    """The providers with what was measured of each in the newest month."""
    found = db.session.scalars(queries.providers_seen(me()).limit(200)).all()
    since = (this_month() - dt.timedelta(days=1)).replace(day=1)
    scores = {key: rows[0] for key, rows in queries.scores([one.id for one in found], since).items()}
    return render_template("cloud/providers.html", providers=found, scores=scores, words=words)


@bp.get("/catalogue/providers/new", right="provider.create")
def new_provider() -> ResponseReturnValue:
    """The form of a new provider."""
    return _provider_page(NewProviderForm(formdata=None, is_open=True, lag_seconds=3600))


@bp.post("/catalogue/providers/new", right="provider.create")
def create_provider() -> ResponseReturnValue:
    """Take a provider in."""
    form: Any = NewProviderForm()
    made: list[Provider] = []
    if _done(form, lambda: made.append(_take_in(form))):
        return see_other(f"/catalogue/providers/{made[0].public_id}")
    return _provider_page(form)


def _take_in(form: Any) -> Provider:
    company = _company()
    provider = providers.add_provider(
        me(), company, code=form.code.data, name=form.name_words, driver=form.driver.data,
        address=form.address.data or None, currency=form.currency.data, lag_seconds=form.lag_seconds.data,
        charged_by=ChargedBy(form.charged_by.data),
    )  # fmt: skip
    catalogue.describe_provider(me(), provider, **form.described)
    return provider


def _company() -> Company:
    """The highest company over which I am a cloud operator."""
    mine = queries.companies_below(me(), Role.CLOUD_OPERATOR)
    return mine[0] if mine else abort(404)


def _provider_page(form: Form) -> ResponseReturnValue:
    hints = {
        "contacts": _("Names, numbers and hours, as everybody may see them."),
        "address": _("Only for a provider that is reached by its interface."),
        "charged_by": _("For good: never by both."),
        "lag_seconds": _("What may be spent in this time is kept back of every limit."),
    }
    return _form(_("New provider"), form, crumbs=_crumbs(), hints=hints, button=_("Take it in"),
                 back="/catalogue/providers/")  # fmt: skip


@bp.get("/catalogue/providers/<public_id>", right="provider.list")
def provider(public_id: str) -> ResponseReturnValue:
    """One provider: contract, contacts, offers and scorecards."""
    found = load(queries.providers_seen(me()), public_id)
    since = (this_month() - dt.timedelta(days=31 * (MONTHS - 1))).replace(day=1)
    scores = queries.scores([found.id], since).get(found.id, [])
    return render_template(
        "cloud/provider.html",
        provider=found,
        offers=queries.offers_of(found),
        scores=scores,
        words=words,
        charged_by=CHARGED_BY[found.charged_by],
    )


@bp.get("/catalogue/providers/<public_id>/edit", right="provider.describe")
def edit_provider(public_id: str) -> ResponseReturnValue:
    """What is said of a provider, to be changed."""
    found = load(queries.managed(me()), public_id)
    said = {name: getattr(found, name) for name in ProviderForm(formdata=None).data if hasattr(found, name)}
    return _edit_provider(
        found, ProviderForm(formdata=None, name_en=found.name["en"], name_zh=found.name["zh"], **said)
    )


@bp.post("/catalogue/providers/<public_id>/edit", right="provider.describe")
def describe_provider(public_id: str) -> ResponseReturnValue:
    """Say other things of a provider."""
    found, form = load(queries.managed(me()), public_id), ProviderForm()
    if _done(form, lambda: catalogue.describe_provider(me(), found, **form.described)):
        return see_other(f"/catalogue/providers/{public_id}")
    return _edit_provider(found, form)


def _edit_provider(found: Provider, form: Form) -> ResponseReturnValue:
    return _form(local(found.name), form, crumbs=_crumbs(found), button=_("Save"),
                 back=f"/catalogue/providers/{found.public_id}")  # fmt: skip


# ---- offers ---------------------------------------------------------------------------------------------------------


@bp.get("/catalogue/providers/<public_id>/offers/new", right="offer.create")
def new_offer(public_id: str) -> ResponseReturnValue:
    """The form of a new offer."""
    found = load(queries.managed(me()), public_id)
    given = {"is_open": True, "region": found.region, "mlps_level": found.mlps_level}
    return _offer_page(found, None, _offer_form(OfferForm(formdata=None, **given)))


@bp.post("/catalogue/providers/<public_id>/offers/new", right="offer.create")
def create_offer(public_id: str) -> ResponseReturnValue:
    """Put an offer into the catalogue."""
    found, form = load(queries.managed(me()), public_id), _offer_form(OfferForm())
    made: list[Offer] = []
    if _done(form, lambda: made.append(catalogue.create_offer(me(), found, code=form.code.data, **_said(form)))):
        return see_other(url_for("cloud.new_size", public_id=made[0].public_id))
    return _offer_page(found, None, form)


def _offer_form(form: Any) -> Any:
    """Offer the companies that may be named."""
    companies = [(one.public_id, local(one.name)) for one in queries.companies_of_group()]
    form.audience.choices = [("", _("All companies")), *companies]
    form.owner.choices = [("", _("The provider itself")), *companies]
    return form


def _said(form: Any) -> dict[str, Any]:
    """The keywords of services.catalogue.describe."""
    names = ("category", "region", "mlps_level", "tags", "ready_seconds", "is_open", "most")
    companies = queries.companies_named(form.owner.data, form.audience.data)
    return {name: form[name].data for name in names} | {
        "name": form.name_words, "summary": form.words_of("summary"), "owner": companies.get(form.owner.data),
        "audience": companies.get(form.audience.data), "conditions": form.words_of("conditions"),
        "exit_plan": form.words_of("exit"),
    }  # fmt: skip


@bp.get("/catalogue/<public_id>/edit", right="offer.update")
def edit_offer(public_id: str) -> ResponseReturnValue:
    """What is said of an offer, to be changed."""
    found = load(queries.offers_managed(me()), public_id)
    names = ("code", "category", "region", "mlps_level", "tags", "ready_seconds", "most", "is_open")
    said = {name: getattr(found, name) for name in names}
    pairs = {"name": found.name, "summary": found.summary, "conditions": found.conditions, "exit": found.exit_plan}
    said |= {f"{key}_{language}": (text or {}).get(language, "") for key, text in pairs.items()
             for language in ("en", "zh")}  # fmt: skip
    said |= {"audience": found.audience.public_id if found.audience else "",
             "owner": found.owner.public_id if found.owner else ""}  # fmt: skip
    return _offer_page(found.provider, found, _offer_form(OfferForm(formdata=None, **said)))


@bp.post("/catalogue/<public_id>/edit", right="offer.update")
def update_offer(public_id: str) -> ResponseReturnValue:
    """Say other things of an offer; its code stays."""
    found, form = load(queries.offers_managed(me()), public_id), _offer_form(OfferForm())
    if _done(form, lambda: catalogue.update_offer(me(), found, **_said(form))):
        return see_other(f"/catalogue/providers/{found.provider.public_id}")
    return _offer_page(found.provider, found, form)


def _offer_page(owner: Provider, found: Offer | None, form: Form) -> ResponseReturnValue:
    hints = {
        "most": _("How many a venture may have at once; empty: no limit."),
        "conditions_en": _("Who orders accepts them. A resource of the group has some."),
        "exit_en": _("How a team gets everything out, in which form, and how long it takes."),
        "tags": _("With commas between them: what it speaks, how it is left."),
        "code": _("Stays as it is once it is kept."),
    }
    title = local(found.name) if found else _("New offer")
    button = _("Save") if found else _("Go on to its sizes")
    return _form(title, form, crumbs=_crumbs(owner), hints=hints, button=button,
                 back=f"/catalogue/providers/{owner.public_id}")  # fmt: skip


@bp.get("/catalogue/<public_id>/sizes/new", right="offer.add_size")
def new_size(public_id: str) -> ResponseReturnValue:
    """The form of a new size."""
    return _size_page(load(queries.offers_managed(me()), public_id), SizeForm(formdata=None))


@bp.post("/catalogue/<public_id>/sizes/new", right="offer.add_size")
def add_size(public_id: str) -> ResponseReturnValue:
    """Add a size with its first price."""
    found, form = load(queries.offers_managed(me()), public_id), SizeForm()
    if _done(form, lambda: _add_size(found, form)):
        return see_other(f"/catalogue/providers/{found.provider.public_id}")
    return _size_page(found, form)


def _add_size(found: Offer, form: Any) -> Plan:
    return catalogue.add_size(
        me(), found, code=form.code.data, name=form.name_words, unit=form.unit.data, price_unit=form.price.data,
        max_cost_hour=form.most.data, connections=form.connections.data or 0, disk_mb=form.disk_mb.data or 0,
        least_quantity=form.least_quantity.data or 1,
        most_quantity=form.most_quantity.data or form.least_quantity.data or 1,
    )  # fmt: skip


def _size_page(found: Offer, form: Form) -> ResponseReturnValue:
    hints = {
        "price": _("In %(currency)s. Later changes need a second person.", currency=found.provider.currency),
        "most": _("The most that one hour can cost, whatever is done in it; empty: the price of an hour."),
        "connections": _("Of one: an order of several has so many times as much."),
        "disk_mb": _("Of one: an order of several has so many times as much."),
        "most_quantity": _("Seats, GB or sites in one order; empty: one."),
    }
    return _form(_("New size of %(name)s", name=local(found.name)), form, crumbs=_crumbs(found.provider), hints=hints,
                 button=_("Add the size"), back=f"/catalogue/providers/{found.provider.public_id}")  # fmt: skip


@bp.get("/catalogue/<public_id>/exit-test", right="offer.test_exit")
def new_exit_test(public_id: str) -> ResponseReturnValue:
    """The form of a trial."""
    return _exit_page(
        load(queries.offers_managed(me()), public_id), ExitTestForm(formdata=None, tested_on=clock.today())
    )


@bp.post("/catalogue/<public_id>/exit-test", right="offer.test_exit")
def test_exit(public_id: str) -> ResponseReturnValue:
    """Record a trial of leaving."""
    found, form = load(queries.offers_managed(me()), public_id), ExitTestForm()
    if _done(form, lambda: _test_exit(found, form)):
        return see_other(f"/catalogue/{public_id}")
    return _exit_page(found, form)


def _test_exit(found: Offer, form: Any) -> None:
    catalogue.test_exit(
        me(), found, tested_on=form.tested_on.data, passed=form.passed.data == "yes", minutes=form.minutes.data,
        note=form.note.data or "",
    )  # fmt: skip


def _exit_page(found: Offer, form: Form) -> ResponseReturnValue:
    return _form(_("Trial of leaving %(name)s", name=local(found.name)), form, crumbs=_crumbs(found.provider),
                 button=_("Keep the trial"), back=f"/catalogue/{found.public_id}")  # fmt: skip


# ---- prices and policies --------------------------------------------------------------------------------------------


@bp.get("/catalogue/plans/<public_id>/price", right="plan_price.propose")
def new_price(public_id: str) -> ResponseReturnValue:
    """The form of another price."""
    plan = load(queries.plans_managed(me()), public_id)
    tomorrow = clock.today() + dt.timedelta(days=1)
    return _price_page(plan, PriceForm(formdata=None, price=plan.price_unit, valid_from=tomorrow))


@bp.post("/catalogue/plans/<public_id>/price", right="plan_price.propose")
def propose_price(public_id: str) -> ResponseReturnValue:
    """Ask for another price; finance signs it."""
    plan, form = load(queries.plans_managed(me()), public_id), PriceForm()
    made: list[Any] = []
    if _done(form, lambda: made.append(_propose_price(plan, form))):
        flash(_("Finance is asked to sign the new price."))
        return see_other(f"/cloud/wishes/{made[0].public_id}")
    return _price_page(plan, form)


def _propose_price(plan: Plan, form: Any) -> Any:
    hour = carrying.hourly(plan, form.price.data)
    most = form.most.data if form.most.data is not None else max(hour, Decimal("1E-10"))
    start = dt.datetime.combine(form.valid_from.data, dt.time(), clock.GROUP_ZONE)
    return asking.propose_price(me(), plan, price_unit=form.price.data, max_cost_hour=most, valid_from=start,
                                reason=form.reason.data)  # fmt: skip


def _price_page(plan: Plan, form: Form) -> ResponseReturnValue:
    currency = plan.offer.provider.currency
    hints = {
        "price": _("In %(currency)s for %(unit)s.", currency=currency, unit=words.UNITS[Unit(plan.unit)]),
        "most": _("The most that one hour can cost, whatever is done in it; empty: the price of an hour."),
        "valid_from": _("From 00:00 of this day. What runs keeps the price it was ordered at."),
    }
    name = f"{local(plan.offer.name)}, {local(plan.name)}"
    return _form(_("New price of %(name)s", name=name), form, crumbs=_crumbs(plan.offer.provider), hints=hints,
                 button=_("Ask finance to sign"), back=f"/catalogue/{plan.offer.public_id}")  # fmt: skip


@bp.get("/catalogue/policies/", right=SIGNED_IN)
def policy_list() -> ResponseReturnValue:
    """The preferential policies: who qualifies for what, and where that stands."""
    return render_template("cloud/policies.html", policies=queries.policies(), words=words, today=clock.today())


@bp.get("/catalogue/policies/new", right="cloud_policy.propose")
def new_policy() -> ResponseReturnValue:
    """The form of a new policy."""
    return _policy_page(_policy_form(PolicyForm(formdata=None, from_on=clock.today())))


@bp.post("/catalogue/policies/new", right="cloud_policy.propose")
def propose_policy() -> ResponseReturnValue:
    """Ask for a policy; finance signs it."""
    form = _policy_form(PolicyForm())
    made: list[Any] = []
    if _done(form, lambda: made.append(_propose_policy(form))):
        flash(_("Finance is asked to sign the policy."))
        return see_other(f"/cloud/wishes/{made[0].public_id}")
    return _policy_page(form)


def _policy_form(form: Any) -> Any:
    kept = db.session.scalars(queries.managed(me()).order_by(Provider.id).limit(200)).all()
    form.provider.choices = [("", _("Any")), *((one.public_id, local(one.name)) for one in kept)]
    form.theme.choices = [("", _("Any")), *((one.public_id, local(one.name)) for one in _themes())]
    return form


def _themes() -> Any:
    return calls.themes_for(_company())


def _propose_policy(form: Any) -> Any:
    chosen = next((one for one in _themes() if one.public_id == form.theme.data), None)
    at = load(queries.managed(me()), form.provider.data) if form.provider.data else None
    return asking.propose_policy(
        me(), _company(), name=form.name_words, source=form.source.data, lower_bp=form.lower_bp.data or 0,
        lift=form.lift.data or 0, provider=at, theme=chosen, region=form.region.data or None,
        stages=form.stages.data or (), from_on=form.from_on.data, to_on=form.to_on.data, reason=form.reason.data,
    )  # fmt: skip


def _policy_page(form: Form) -> ResponseReturnValue:
    hints = {"stages": _("None ticked: ventures of every stage."), "lower_bp": _("Per cent of the list price.")}
    crumbs = [(_("Cloud catalogue"), CATALOGUE), (_("Policies"), "/catalogue/policies/")]
    return _form(_("New preferential policy"), form, crumbs=crumbs, hints=hints, button=_("Ask finance to sign"),
                 back="/catalogue/policies/")  # fmt: skip
