"""Pages of the catalogue, of sandboxes and of operations."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.calls.templates import local
from incubator.cloud import queries, services
from incubator.cloud.drivers import capabilities_of
from incubator.cloud.forms import OrderForm, RaiseForm
from incubator.cloud.models import Offer, Operation, Plan, Sandbox
from incubator.cloud.queries import lifecycle, manual
from incubator.cloud.states import SandboxState
from incubator.cloud.views.routes import bp
from incubator.core.db import db
from incubator.core.money import Money
from incubator.people.session import me
from incubator.ventures import queries as ventures
from incubator.web import formats, keyset
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other

MB = 10**6


@bp.get("/catalogue/", right=SIGNED_IN)
def catalogue() -> ResponseReturnValue:
    """What can be ordered, and what I have to order with."""
    led = list(db.session.scalars(ventures.led_by(me())))
    left = ventures.balances_of(led, "CNY")
    return render_template(
        "cloud/catalogue.html", offers=db.session.scalars(queries.offers()).all(), led=led, left=left
    )


@bp.get("/catalogue/<public_id>", right=SIGNED_IN)
def offer(public_id: str) -> ResponseReturnValue:
    """One offer with its sizes, and the order form for who leads a venture."""
    return _order_page(load(queries.offers(), public_id))


@bp.post("/catalogue/<public_id>", right="lease.submit")
def order(public_id: str) -> ResponseReturnValue:
    """Order a sandbox."""
    found = load(queries.offers(), public_id)
    form = _order_form(found)
    placed: list[Sandbox] = []
    if form.validate_on_submit() and form.accepts(lambda: placed.append(_place(found, form))):
        return see_other(url_for("cloud.show", public_id=placed[0].public_id))
    return _order_page(found, form)


def _order_form(found: Offer) -> OrderForm:
    form = OrderForm()
    form.venture.choices = [(venture.public_id, venture.name) for venture in db.session.scalars(ventures.led_by(me()))]
    form.plan.choices = [(plan.public_id, _size(plan)) for plan in found.plans]
    return form


def _size(plan: Plan) -> str:
    """A size in words: name, price, limits."""
    return str(
        _(
            "%(name)s: %(price)s an hour, %(connections)s connections, %(disk)s",
            name=local(plan.name),
            price=formats.money(Money(plan.offer.provider.currency, int(plan.price_hour))),
            connections=plan.connections,
            disk=formats.size(plan.disk_mb * MB),
        )
    )


def _place(found: Offer, form: Any) -> Sandbox:
    venture = load(ventures.led_by(me()), form.venture.data)
    plan = next(plan for plan in found.plans if plan.public_id == form.plan.data)
    wish = {"limit": form.limit.data, "days": form.days.data, "key": form.key.data or None}
    return services.order(me(), venture, plan=plan, **wish)


def _order_page(found: Offer, form: OrderForm | None = None) -> ResponseReturnValue:
    form = form or _order_form(found)
    led = list(db.session.scalars(ventures.led_by(me())))
    left = ventures.balances_of(led, found.provider.currency)
    least = {plan.public_id: services.least_limit(plan) for plan in found.plans}
    values: dict[str, Any] = {"offer": found, "form": form, "led": led, "left": left, "least": least}
    return render_template("cloud/offer.html", has_errors=bool(form.errors), **values), form.status


@bp.get("/sandboxes/", right=SIGNED_IN)
def index() -> ResponseReturnValue:
    """The sandboxes of my ventures, or those I see by a role."""
    found = queries.listed(me())
    return render_template("cloud/index.html", page=keyset.by_key(found, found.selected_columns.moment))


@bp.get("/sandboxes/<public_id>", right=SIGNED_IN)
def show(public_id: str) -> ResponseReturnValue:
    """One sandbox: its progress, its credits, its secret to be shown once."""
    return render_template("cloud/show.html", **_shown(load(queries.shown(me()), public_id)))


@bp.get("/sandboxes/<public_id>/live", right=SIGNED_IN)
def live(public_id: str) -> ResponseReturnValue:
    """The part of the page that changes by itself."""
    return render_template("cloud/_live.html", **_shown(load(queries.shown(me()), public_id)))


def _shown(sandbox: Sandbox) -> dict[str, Any]:
    return {
        "sandbox": sandbox,
        "credit": queries.credits_of(sandbox),
        "points": queries.burn_down(sandbox),
        "operation": queries.newest_operation(sandbox),
        "secret": queries.secret_of(sandbox),
        "members": lifecycle.members_of(sandbox),
        "exports": lifecycle.exports_of(sandbox),
        "capabilities": capabilities_of(sandbox.provider.driver),
    }


@bp.post("/sandboxes/<public_id>/secret", right="sandbox.reveal")
def reveal(public_id: str) -> ResponseReturnValue:
    """Show the access data, once."""
    sandbox = load(queries.visible_to(me()), public_id)
    secret = services.reveal_secret(me(), sandbox)
    return render_template("cloud/secret.html", sandbox=sandbox, secret=secret)


@bp.post("/sandboxes/<public_id>/access", right="sandbox.renew_access")
def renew_access(public_id: str) -> ResponseReturnValue:
    """Ask for a new password."""
    services.renew_access(me(), load(queries.visible_to(me()), public_id))
    return see_other(url_for("cloud.show", public_id=public_id))


@bp.get("/sandboxes/<public_id>/limit", right=SIGNED_IN)
def limit(public_id: str) -> ResponseReturnValue:
    """The form that raises a limit."""
    return _limit_page(load(queries.shown(me()), public_id), RaiseForm())


@bp.post("/sandboxes/<public_id>/limit", right="sandbox.raise_limit")
def raise_limit(public_id: str) -> ResponseReturnValue:
    """Hold more of the venture's credits."""
    sandbox, form = load(queries.shown(me()), public_id), RaiseForm()
    if form.validate_on_submit() and form.accepts(lambda: services.raise_limit(me(), sandbox, **form.values)):
        return see_other(url_for("cloud.show", public_id=public_id))
    return _limit_page(sandbox, form)


def _limit_page(sandbox: Sandbox, form: RaiseForm) -> ResponseReturnValue:
    left = ventures.balances_of([sandbox.venture], sandbox.lease.currency).get(sandbox.venture_id, 0)
    values: dict[str, Any] = {"sandbox": sandbox, "form": form, "left": left}
    return render_template("cloud/limit.html", has_errors=bool(form.errors), **values), form.status


@bp.post("/sandboxes/<public_id>/close", right="sandbox.close")
def close(public_id: str) -> ResponseReturnValue:
    """Close it for good."""
    services.close(me(), load(queries.visible_to(me()), public_id))
    return see_other(url_for("cloud.show", public_id=public_id))


@bp.post("/sandboxes/<public_id>/unfreeze", right="sandbox.unfreeze")
def unfreeze(public_id: str) -> ResponseReturnValue:
    """Let a team in again that has to tidy up."""
    services.unfreeze(me(), load(queries.visible_to(me()), public_id))
    return see_other(url_for("cloud.show", public_id=public_id))


@bp.get("/sandboxes/operations", right="operation.list")
def operations() -> ResponseReturnValue:
    """What is under way at the providers I look after, and what needs me."""
    found = db.session.scalars(queries.unfinished(me())).all()
    findings = db.session.execute(queries.findings_for(me())).all()
    paused = db.session.execute(queries.paused_for(me())).all()
    lost = db.session.scalars(lifecycle.adoptable_for(me()).where(Sandbox.state == SandboxState.LOST)).all()
    left = lifecycle.quarantined_for(me())
    tasks = manual.open_tasks(me())
    values: dict[str, Any] = {"operations": found, "findings": findings, "paused": paused, "lost": lost, "left": left}
    values["tasks"] = tasks
    return render_template("cloud/operations.html", **values)


@bp.post("/sandboxes/operations/<public_id>/retry", right="operation.retry")
def retry(public_id: str) -> ResponseReturnValue:
    """Try a dead operation again."""
    operation: Operation = load(queries.operations_for(me()), public_id)
    services.retry(me(), operation)
    return see_other(url_for("cloud.operations"))
