"""Taking a shelved proposal into another call."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from incubator.core.actions import require
from incubator.people.session import me
from incubator.proposals import queries as proposals
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews import queries, services
from incubator.reviews.forms import RecallForm
from incubator.reviews.views.reviewing import bp
from incubator.web.views import load, see_other
from incubator.web.words import local_words


@bp.get("/proposals/<public_id>/recall", right="proposal.board")
def recalling(public_id: str) -> ResponseReturnValue:
    """The calls that may take it."""
    proposal = _shelved(public_id)
    if proposal.state is not ProposalState.SHELVED:
        return see_other(f"/proposals/{public_id}")
    return _page(proposal, _form(proposal, formdata=None))


@bp.post("/proposals/<public_id>/recall", right="proposal.recall")
def recall(public_id: str) -> ResponseReturnValue:
    """Take it into one of them."""
    proposal = _shelved(public_id)
    form = _form(proposal)
    if form.validate() and form.accepts(lambda: _recall(proposal, form)):
        flash(_("It is back from the shelf. Screen it in its new call."))
        return see_other(f"/proposals/{public_id}")
    return _page(proposal, form)


def _shelved(public_id: str) -> Proposal:
    proposal = load(proposals.screened_by(me()), public_id)
    require(me(), "proposal.recall", proposal)
    return proposal


def _form(proposal: Proposal, **given: object) -> RecallForm:
    form = RecallForm(**given)
    form.calls = {one.public_id: one for one in queries.calls_that_recall(proposal)}
    form.call.choices = [SelectChoice(key, local_words(one.title)) for key, one in form.calls.items()]
    return form


def _recall(proposal: Proposal, form: RecallForm) -> None:
    services.recall(me(), proposal, call=form.calls[form.call.data], reason=form.reason.data or "")


def _page(proposal: Proposal, form: RecallForm) -> ResponseReturnValue:
    html = render_template("reviews/recall.html", proposal=proposal, form=form, has_errors=bool(form.errors))
    return html, form.status if form.errors else 200
