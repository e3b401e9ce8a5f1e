"""Signing what becomes of an invention, without its text."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from incubator.approvals import queries as approvals
from incubator.patents import queries, services
from incubator.patents.forms import ReasonForm
from incubator.patents.models import Disclosure
from incubator.patents.views.routes import bp
from incubator.people.session import me
from incubator.web.views import load, see_other


@bp.get("/patents/decisions/<public_id>", right="patent.docket")
def decision(public_id: str) -> ResponseReturnValue:
    """What is to be decided on an invention, without its text, and who has signed."""
    return _show(load(queries.known_to(me()), public_id), ReasonForm(formdata=None))


def _show(disclosure: Disclosure, form: ReasonForm) -> ResponseReturnValue:
    page = render_template(
        "patents/decision.html", disclosure=disclosure, approval=approvals.latest_of(disclosure), form=form,
        has_errors=form.is_submitted(),
    )  # fmt: skip
    return page, form.status


@bp.post("/patents/decisions/<public_id>/approve", right="disclosure.decide")
def decide(public_id: str) -> ResponseReturnValue:
    """Sign the decision."""
    disclosure = load(queries.known_to(me()), public_id)
    services.decide(me(), disclosure)
    return see_other(url_for("patents.decision", public_id=public_id))


@bp.post("/patents/decisions/<public_id>/refuse", right="disclosure.refuse_decision")
def refuse(public_id: str) -> ResponseReturnValue:
    """Decline to sign, with a reason."""
    disclosure, form = load(queries.known_to(me()), public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.refuse(me(), disclosure, **form.values)):
        return see_other(url_for("patents.decision", public_id=public_id))
    return _show(disclosure, form)
