"""Pages on which cloud operators say how a provider is reached and what a size tells it."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.calls.templates import local
from incubator.cloud import drivers
from incubator.cloud.forms.connecting import ConfigureForm, ConnectionForm
from incubator.cloud.models import Plan, Provider
from incubator.cloud.queries import catalogue as queries
from incubator.cloud.services import connecting
from incubator.cloud.services.providers import OWN_ADDRESS
from incubator.cloud.views.routes import bp
from incubator.people.session import me
from incubator.web.forms import Form
from incubator.web.views import load, see_other

KEYS = {drivers.OSB: "user:password", drivers.OPENSTACK: "number:secret"} | dict.fromkeys(OWN_ADDRESS, "ABC123:secret")
"""How what gets us in is written, where it has two parts."""


@bp.get("/catalogue/providers/<public_id>/connection", right="provider.connect")
def connection(public_id: str) -> ResponseReturnValue:
    """How a provider is reached, to be changed; the token is never shown."""
    found = load(queries.managed(me()), public_id)
    return _connection_page(
        found, ConnectionForm(formdata=None, address=found.address or "", options=dict(found.options))
    )


@bp.post("/catalogue/providers/<public_id>/connection", right="provider.connect")
def connect(public_id: str) -> ResponseReturnValue:
    """Say it anew."""
    found = load(queries.managed(me()), public_id)
    form: Any = ConnectionForm()
    if form.validate_on_submit() and form.accepts(lambda: connecting.connect(
        me(), found, address=form.address.data or None, token=form.token.data or None, options=form.options.data or {}
    )):  # fmt: skip
        return see_other(f"/catalogue/providers/{public_id}")
    return _connection_page(found, form)


@bp.get("/catalogue/plans/<public_id>/settings", right="plan.configure")
def plan_settings(public_id: str) -> ResponseReturnValue:
    """What a size tells its provider, to be changed."""
    plan = load(queries.plans_managed(me()), public_id)
    return _settings_page(plan, ConfigureForm(formdata=None, settings=dict(plan.settings)))


@bp.post("/catalogue/plans/<public_id>/settings", right="plan.configure")
def configure(public_id: str) -> ResponseReturnValue:
    """Say it anew."""
    plan = load(queries.plans_managed(me()), public_id)
    form: Any = ConfigureForm()
    if form.validate_on_submit() and form.accepts(
        lambda: connecting.configure(me(), plan, settings=form.settings.data or {})
    ):
        return see_other(f"/catalogue/providers/{plan.offer.provider.public_id}")
    return _settings_page(plan, form)


def _connection_page(found: Provider, form: Form) -> ResponseReturnValue:
    token = _("Empty: the one that is kept. It is kept encrypted and never shown.")
    hints = {
        "address": _("Empty: its own.") if found.driver in OWN_ADDRESS else "",
        "token": f"{KEYS[found.driver]} · {token}" if found.driver in KEYS else token,
        "options": _named(connecting.known(found, "options")),
    }
    return _form(_("How %(name)s is reached", name=local(found.name)), found, form, hints)


def _settings_page(plan: Plan, form: Form) -> ResponseReturnValue:
    provider = plan.offer.provider
    hints = {"settings": _named(connecting.known(provider, "settings"))}
    return _form(f"{local(plan.offer.name)} · {local(plan.name)}", provider, form, hints)


def _named(names: tuple[str, ...]) -> str:
    lines = _("One name = value a line.")
    return f"{lines} {_('It knows: %(known)s', known=', '.join(names))}" if names else lines


def _form(title: str, provider: Provider, form: Form, hints: dict[str, str]) -> ResponseReturnValue:
    at = f"/catalogue/providers/{provider.public_id}"
    crumbs = [(_("Cloud catalogue"), "/catalogue/"), (_("Providers"), "/catalogue/providers/"),
              (local(provider.name), at)]  # fmt: skip
    return render_template(
        "cloud/form.html", title=title, form=form, crumbs=crumbs, hints=hints, button=_("Save"), back=at,
        has_errors=bool(form.errors),
    ), form.status  # fmt: skip
