"""The committee's questions, and the proposer's answers."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from flask import flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _

from incubator.core.actions import require
from incubator.people.models import Person
from incubator.people.session import is_seen_due, me, note_seen
from incubator.proposals import queries, services
from incubator.proposals.forms import AnswersForm, AskForm, answers_form, ask_form
from incubator.proposals.models import Clarification, Proposal
from incubator.proposals.states import ProposalState
from incubator.proposals.views.routes import bp
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other

Step = Callable[..., Any]
"""A service that takes answers."""


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
    return _step(public_id, services.keep_answers, "/answers", words)


@bp.post("/proposals/<public_id>/answers/autosave", right="proposal.keep_answers")
def autosave_answers(public_id: str) -> ResponseReturnValue:
    """Keep them while they are typed: the new revision and the time, or what stands in the way."""
    proposal, clarification, form = _written(public_id, services.keep_answers)
    if is_seen_due():
        note_seen()
    if form.validate() and form.saves(lambda: services.keep_answers(me(), proposal, **form.details)):
        return {"version": clarification.revision, "saved": format_datetime(clarification.saved_at, "HH:mm")}
    if form.moved is None:
        return {"why": form.why}, form.status
    return render_template("proposals/_conflict.html", form=form, **_moved(form)), form.status


@bp.post("/proposals/<public_id>/answers", right="proposal.answer")
def answer(public_id: str) -> ResponseReturnValue:
    """Send the answers."""
    words = _("Your answers are sent. The review goes on.")
    return _step(public_id, partial(services.answer, begun_at=g.begun_at), "", words)


def _written(public_id: str, step: Step) -> tuple[Proposal, Clarification, AnswersForm]:
    """What is answered, with the answers as they were sent."""
    proposal = load(queries.for_writing(me()), public_id)
    if proposal.state is not ProposalState.CLARIFICATION:
        step(me(), proposal, answers={})  # says what is wrong
    clarification = queries.open_clarification(proposal)
    return proposal, clarification, answers_form(clarification)


def _step(public_id: str, step: Step, then: str, words: str) -> ResponseReturnValue:
    proposal, clarification, form = _written(public_id, step)
    if form.validate() and form.saves(lambda: step(me(), proposal, **form.details)):
        flash(words)
        return see_other(f"/proposals/{public_id}{then}")
    return _answers(proposal, clarification, form)


def _answers(proposal: Proposal, clarification: Clarification, form: AnswersForm) -> ResponseReturnValue:
    text = queries.dossier(proposal, queries.text_for(me(), proposal), whole=True)
    fields = {one.key: str(one.label) for _title, specs in queries.fields_of(proposal) for one in specs}
    rows = [(one, form[f"answer_{one.position}"], fields.get(one.field, "")) for one in clarification.questions]
    page = {"proposal": proposal, "form": form, "rows": rows, "text": text, "asked": clarification} | _moved(form)
    return render_template("proposals/answers.html", has_errors=bool(form.errors), **page), form.status


class Kept(NamedTuple):
    """Answers that stand: who kept them when, and their revision."""

    author: Person
    saved_at: dt.datetime | None
    revision: int


def _moved(form: AnswersForm) -> dict[str, Any]:
    """Of two texts of the answers: the one that stands, and where they differ (question, mine, theirs)."""
    if form.moved is None:
        return {"moved": None, "sections": []}
    mine, other = form.answers, form.moved
    differing = [
        (one.question, mine[one.position], one.answer)
        for one in other.questions
        if mine[one.position].strip() != one.answer
    ]
    return {"moved": Kept(other.proposal.lead, other.saved_at, other.revision), "sections": differing}
