"""A new decision on one proposal: drawn up on an upheld appeal or on conditions, signed by two, released by itself."""

from typing import Any

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.actions import require
from incubator.people.session import me
from incubator.proposals import queries as proposals
from incubator.reviews import queries, services
from incubator.reviews.forms import OverrideForm
from incubator.reviews.models import Decision
from incubator.reviews.queries.rounds import LANGUAGES
from incubator.reviews.states import DecisionState
from incubator.reviews.views.reviewing import bp
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


def _load(public_id: str) -> Decision:
    decision = load(queries.decision_visible_to(me()), public_id)
    require(me(), "decision.settle", decision)
    return decision


@bp.get("/decisions/<public_id>/settle", right=SIGNED_IN)
def settling(public_id: str) -> ResponseReturnValue:
    """What the appeal says and what is to be done: draw up, sign, release."""
    decision = _load(public_id)
    successor = queries.successor_of(decision)
    if successor is not None:
        return see_other(services.address_of(successor))
    return _page(decision, OverrideForm(formdata=None))


@bp.post("/decisions/<public_id>/settle", right="decision.settle")
def settle(public_id: str) -> ResponseReturnValue:
    """Draw up the decision that takes its place."""
    decision, form, made = _load(public_id), OverrideForm(), list[Decision]()
    if form.validate() and form.accepts(lambda: made.append(services.settle(me(), decision, **form.values))):
        flash(_("The new decision is drawn up. The chair and one more member sign it."))
        return see_other(services.address_of(made[0]))
    return _page(decision, form)


@bp.post("/decisions/<public_id>/settle/sign", right="decision.sign_settled")
def sign_settled(public_id: str) -> ResponseReturnValue:
    """Put my signature under it."""
    decision = services.sign_settled(me(), _load(public_id))
    return see_other(services.address_of(decision))


@bp.post("/decisions/<public_id>/settle/release", right="decision.release_settled")
def release_settled(public_id: str) -> ResponseReturnValue:
    """Tell the proposer, and give what was decided."""
    decision = _load(public_id)
    services.release_settled(me(), decision)
    flash(_("The new decision is released."))
    return see_other(services.address_of(decision))


def _page(decision: Decision, form: OverrideForm) -> ResponseReturnValue:
    proposal = decision.proposal
    page: dict[str, Any] = {
        "decision": decision,
        "form": form,
        "appeal": proposals.appeal_of(proposal),
        "outcomes": services.outcomes_for(proposal) if decision.state is DecisionState.RELEASED else (),
        "names": queries.signed_by([one.person_id for one in decision.signatures]),
        "has_signed": any(one.person_id == me().id for one in decision.signatures),
        "lettered": len(decision.letters) == len(LANGUAGES),
    }
    html = render_template("reviews/settle.html", has_errors=bool(form.errors), **page)
    return html, form.status if form.errors else 200
