"""Pages of the catalogue, of sandboxes and of operations."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from incubator.cloud import queries, services
from incubator.cloud.drivers import capabilities_of
from incubator.cloud.forms import RaiseForm
from incubator.cloud.models import Operation, Sandbox
from incubator.cloud.queries import lifecycle, manual
from incubator.cloud.states import SandboxState
from incubator.cloud.views.routes import bp
from incubator.core.db import db
from incubator.people.session import me
from incubator.ventures import queries as ventures
from incubator.web import keyset
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


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
