"""After the decision: the appeal and its answer, and the shelf."""

from typing import Any

from flask import flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.actions import can, require
from incubator.core.errors import NotFound
from incubator.people.session import me
from incubator.proposals import queries, services
from incubator.proposals.forms import AppealAnswerForm, AppealForm, TriggerForm
from incubator.proposals.models import Proposal
from incubator.proposals.states import LIFE, ProposalState
from incubator.proposals.views.routes import bp
from incubator.web.forms import Form
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@bp.get("/proposals/<public_id>/appeal", right=SIGNED_IN)
def appealing(public_id: str) -> ResponseReturnValue:
    """The appeal: to be made, to be answered, or answered."""
    proposal = load(queries.for_page(me()), public_id)
    form = AppealForm(formdata=None) if proposal.lead_id == me().id else AppealAnswerForm(formdata=None)
    return _appeal(proposal, form)


@bp.post("/proposals/<public_id>/appeal", right="proposal.appeal")
def appeal(public_id: str) -> ResponseReturnValue:
    """Appeal."""
    proposal, form = load(queries.for_page(me()), public_id), AppealForm()
    require(me(), "proposal.appeal", proposal)
    details = {"reason": form.reason.data or "", "begun_at": g.begun_at}
    if form.validate() and form.accepts(lambda: services.appeal(me(), proposal, **details)):
        flash(_("Your appeal is with the innovation office."))
        return see_other(f"/proposals/{public_id}")
    return _appeal(proposal, form)


@bp.post("/proposals/<public_id>/appeal/answer", right="proposal.answer_appeal")
def answer_appeal(public_id: str) -> ResponseReturnValue:
    """Answer an appeal."""
    proposal, form = load(queries.screened_by(me()), public_id), AppealAnswerForm()
    require(me(), "proposal.answer_appeal", proposal)
    if form.validate() and form.accepts(lambda: _answer(proposal, form)):
        flash(_("The appeal is answered. Its proposer is told."))
        return see_other(f"/proposals/{public_id}")
    return _appeal(proposal, form)


def _answer(proposal: Proposal, form: AppealAnswerForm) -> None:
    services.answer_appeal(me(), proposal, upheld=form.upheld.data == "yes", answer=form.answer.data or "")


def _appeal(proposal: Proposal, form: Form) -> ResponseReturnValue:
    """Its authors and those who may answer see it; nobody else."""
    is_author = queries.share_of(me(), proposal) is not None or proposal.lead_id == me().id
    if not is_author and not can(me(), "review.assign", proposal):
        raise NotFound(_("There is no such page, or it is not for you to see."))
    made = queries.appeal_of(proposal)
    may_appeal = proposal.lead_id == me().id and made is None and LIFE.allows(proposal, "appeal")
    page: dict[str, Any] = {"proposal": proposal, "made": made, "form": form, "may_appeal": may_appeal}
    page |= {"until": services.appeal_ends(proposal), "may_uphold": made and made.before is ProposalState.INELIGIBLE}
    page["may_answer"] = proposal.state is ProposalState.APPEALED and can(me(), "proposal.answer_appeal", proposal)
    html = render_template("proposals/appeal.html", has_errors=bool(form.errors), **page)
    return html, form.status if form.errors else 200


@bp.get("/proposals/<public_id>/shelf", right="proposal.board")
def shelf(public_id: str) -> ResponseReturnValue:
    """What a shelved proposal waits for."""
    proposal = load(queries.screened_by(me()), public_id)
    require(me(), "proposal.set_trigger", proposal)
    return _shelf(proposal, TriggerForm(formdata=None))


@bp.post("/proposals/<public_id>/shelf", right="proposal.set_trigger")
def set_trigger(public_id: str) -> ResponseReturnValue:
    """Add a day or a word."""
    proposal, form = load(queries.screened_by(me()), public_id), TriggerForm()
    require(me(), "proposal.set_trigger", proposal)
    if form.validate() and form.accepts(lambda: services.set_trigger(me(), proposal, **form.values)):
        return see_other(f"/proposals/{public_id}/shelf")
    return _shelf(proposal, form)


@bp.post("/proposals/<public_id>/shelf/<trigger_id>/drop", right="proposal.drop_trigger")
def drop_trigger(public_id: str, trigger_id: str) -> ResponseReturnValue:
    """Take one away."""
    proposal = load(queries.screened_by(me()), public_id)
    services.drop_trigger(me(), proposal, trigger=queries.trigger_of(proposal, trigger_id))
    return see_other(f"/proposals/{public_id}/shelf")


def _shelf(proposal: Proposal, form: TriggerForm) -> ResponseReturnValue:
    page = {"proposal": proposal, "form": form, "triggers": queries.triggers(proposal)}
    html = render_template("proposals/shelf.html", has_errors=bool(form.errors), **page)
    return html, form.status if form.errors else 200
