"""Signing what becomes of an invention, without its text."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from incubator.approvals import queries as approvals
from incubator.patents import queries, services
from incubator.patents.views.routes import bp
from incubator.people.session import me
from incubator.web.views import load, see_other


@bp.get("/patents/decisions/<public_id>", right="patent.docket")
def decision(public_id: str) -> ResponseReturnValue:
    """What is to be decided on an invention, without its text, and who has signed."""
    disclosure = load(queries.known_to(me()), public_id)
    return render_template("patents/decision.html", disclosure=disclosure, approval=approvals.latest_of(disclosure))


@bp.post("/patents/decisions/<public_id>/approve", right="disclosure.decide")
def decide(public_id: str) -> ResponseReturnValue:
    """Sign the decision."""
    disclosure = load(queries.known_to(me()), public_id)
    services.decide(me(), disclosure)
    return see_other(url_for("patents.decision", public_id=public_id))


@bp.post("/patents/decisions/<public_id>/refuse", right="disclosure.refuse_decision")
def refuse(public_id: str) -> ResponseReturnValue:
    """Decline to sign, with a reason."""
    disclosure = load(queries.known_to(me()), public_id)
    services.refuse(me(), disclosure, reason=request.form.get("reason", ""))
    return see_other(url_for("patents.decision", public_id=public_id))
