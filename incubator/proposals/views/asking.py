"""The committee's questions, and the proposer's answers."""

from collections.abc import Callable
from typing import Any

from flask import flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.actions import require
from incubator.people.session import me
from incubator.proposals import queries, services
from incubator.proposals.forms import AnswersForm, AskForm, answers_form, ask_form
from incubator.proposals.models import Clarification, Proposal
from incubator.proposals.states import ProposalState
from incubator.proposals.views.routes import bp
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@bp.get("/proposals/<public_id>/questions", right=SIGNED_IN)
def questions(public_id: str) -> ResponseReturnValue:
    """Questions to the proposer, for the chair to ask."""
    proposal = load(queries.for_page(me()), public_id)
    require(me(), "proposal.ask", proposal)
    if proposal.state is not ProposalState.IN_REVIEW:
        return see_other(f"/proposals/{public_id}")
    return _questions(proposal, ask_form(proposal, formdata=None))


@bp.post("/proposals/<public_id>/questions", right="proposal.ask")
def ask(public_id: str) -> ResponseReturnValue:
    """Ask them."""
    proposal = load(queries.for_page(me()), public_id)
    require(me(), "proposal.ask", proposal)
    form = ask_form(proposal)
    if form.validate() and form.accepts(lambda: services.ask(me(), proposal, **form.details)):
        flash(_("The proposer is asked. The review goes on with the answers, or when their day has passed."))
        return see_other(f"/proposals/{public_id}")
    return _questions(proposal, form)


def _questions(proposal: Proposal, form: AskForm) -> ResponseReturnValue:
    page = {"proposal": proposal, "form": form, "asked": queries.exchanges(proposal), "has_errors": bool(form.errors)}
    return render_template("proposals/questions.html", **page), form.status


@bp.get("/proposals/<public_id>/answers", right=SIGNED_IN)
def answers(public_id: str) -> ResponseReturnValue:
    """The questions that wait for answers; what was answered, where none does."""
    proposal = load(queries.for_writing(me()), public_id)
    if proposal.state is not ProposalState.CLARIFICATION or proposal.lead_id != me().id:
        return see_other(f"/proposals/{public_id}/text")
    clarification = queries.open_clarification(proposal)
    return _answers(proposal, clarification, answers_form(clarification))


@bp.post("/proposals/<public_id>/answers/keep", right="proposal.keep_answers")
def keep_answers(public_id: str) -> ResponseReturnValue:
    """Keep what was written so far."""
    words = _("Kept. It is sent when you send it, or as it stands when the day has passed.")
    return _step(public_id, lambda *given: services.keep_answers(me(), given[0], answers=given[1]), "/answers", words)


@bp.post("/proposals/<public_id>/answers", right="proposal.answer")
def answer(public_id: str) -> ResponseReturnValue:
    """Send the answers."""
    words = _("Your answers are sent. The review goes on.")
    begun_at = g.begun_at
    return _step(public_id, lambda one, given: services.answer(me(), one, answers=given, begun_at=begun_at), "", words)


def _step(public_id: str, step: Callable[..., Any], then: str, words: str) -> ResponseReturnValue:
    proposal = load(queries.for_writing(me()), public_id)
    if proposal.state is not ProposalState.CLARIFICATION:
        step(proposal, {})  # says what is wrong
    clarification = queries.open_clarification(proposal)
    form = answers_form(clarification)
    if form.validate() and form.accepts(lambda: step(proposal, form.answers)):
        flash(words)
        return see_other(f"/proposals/{public_id}{then}")
    return _answers(proposal, clarification, form)


def _answers(proposal: Proposal, clarification: Clarification, form: AnswersForm) -> ResponseReturnValue:
    sections = queries.dossier(proposal, queries.text_for(me(), proposal), whole=True)
    fields = {one.key: str(one.label) for _title, specs in queries.fields_of(proposal) for one in specs}
    rows = [(one, form[f"answer_{one.position}"], fields.get(one.field, "")) for one in clarification.questions]
    page = {"proposal": proposal, "form": form, "rows": rows, "sections": sections, "asked": clarification}
    return render_template("proposals/answers.html", has_errors=bool(form.errors), **page), form.status
