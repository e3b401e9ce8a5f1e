"""What operators do where the product stops by itself."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.cloud import queries, services
from incubator.cloud.forms.lifecycle import AdoptForm, WithoutCopyForm
from incubator.cloud.models import Finding, Operation, Sandbox
from incubator.cloud.queries import lifecycle
from incubator.cloud.views.routes import bp
from incubator.people.session import me
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@bp.post("/sandboxes/operations/<public_id>/compensate", right="operation.compensate")
def compensate(public_id: str) -> ResponseReturnValue:
    """Give a dead operation up and undo what it left."""
    operation: Operation = load(queries.operations_for(me()), public_id)
    services.compensate(me(), operation)
    return see_other(url_for("cloud.operations"))


@bp.get("/sandboxes/<public_id>/without-copy", right=SIGNED_IN)
def without_copy(public_id: str) -> ResponseReturnValue:
    """The form of a closing that goes on without a copy."""
    return _without_copy_page(load(queries.shown(me()), public_id), WithoutCopyForm(formdata=None))


@bp.post("/sandboxes/<public_id>/without-copy", right="sandbox.close_without_copy")
def close_without_copy(public_id: str) -> ResponseReturnValue:
    """Close it although no copy can be made."""
    sandbox, form = load(queries.shown(me()), public_id), WithoutCopyForm()
    reason = str(form.reason.data or "")
    if form.validate_on_submit() and form.accepts(lambda: services.close_without_copy(me(), sandbox, reason=reason)):
        return see_other(url_for("cloud.show", public_id=public_id))
    return _without_copy_page(sandbox, form)


def _without_copy_page(sandbox: Sandbox, form: WithoutCopyForm) -> ResponseReturnValue:
    at = f"/sandboxes/{sandbox.public_id}"
    hints = {
        "reason": _("No copy can be made. Everything in it is deleted for good; the reason is kept and the lead told.")
    }
    page = {"title": _("Close %(number)s without a copy", number=sandbox.number), "form": form, "hints": hints,
            "crumbs": [(sandbox.name, at)], "button": _("Delete everything without a copy"), "back": at}  # fmt: skip
    return render_template("cloud/form.html", has_errors=bool(form.errors), **page), form.status


@bp.post("/sandboxes/findings/<public_id>/give-up", right="finding.give_up")
def give_up(public_id: str) -> ResponseReturnValue:
    """Have an account that is nobody's deleted."""
    services.give_up(me(), load(lifecycle.orphans_for(me()), public_id))
    return see_other(url_for("cloud.operations"))


@bp.get("/sandboxes/<public_id>/adopt", right="operation.list")
def adoption(public_id: str) -> ResponseReturnValue:
    """The form that gives a sandbox an account."""
    return _adopt_page(load(lifecycle.adoptable_for(me()), public_id))


@bp.post("/sandboxes/<public_id>/adopt", right="sandbox.adopt")
def adopt(public_id: str) -> ResponseReturnValue:
    """Give a sandbox an account that is nobody's."""
    sandbox = load(lifecycle.adoptable_for(me()), public_id)
    form, findings = _form(sandbox)
    if form.validate_on_submit() and form.accepts(
        lambda: services.adopt(me(), sandbox, finding=findings[form.finding.data])
    ):
        return see_other(url_for("cloud.operations"))
    return _adopt_page(sandbox, form)


def _form(sandbox: Sandbox) -> tuple[AdoptForm, dict[str, Finding]]:
    form = AdoptForm()
    findings = {finding.public_id: finding for finding in lifecycle.orphans_at(sandbox)}
    form.finding.choices = [(key, f"{row.key} ({row.detail})") for key, row in findings.items()]
    return form, findings


def _adopt_page(sandbox: Sandbox, form: AdoptForm | None = None) -> ResponseReturnValue:
    form = form or _form(sandbox)[0]
    values: dict[str, Any] = {"sandbox": sandbox, "form": form, "has_errors": bool(form.errors)}
    return render_template("cloud/adopt.html", **values), form.status
