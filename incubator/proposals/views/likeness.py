"""Similar proposals: for authors the live ones they may see, for the office all that were ever handed in; why theirs is
another matter, and what the company of a hidden one says."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.actions import can, require
from incubator.core.answers import Question
from incubator.people.session import me
from incubator.proposals import queries, services
from incubator.proposals.forms import DifferenceForm, LikenessAnswerForm, LikenessAskForm
from incubator.proposals.models import LikenessQuestion, Proposal
from incubator.proposals.views.routes import bp
from incubator.web.forms import Form
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other

TYPED = 2_000
"""Characters of title and summary that are looked at while they are typed."""


@bp.get("/proposals/<public_id>/similar", right=SIGNED_IN)
def similar(public_id: str) -> ResponseReturnValue:
    """What is like this text; with title and summary in the address (while they are typed), what is like those."""
    typed = _typed()
    asked = services.ask_meaning(typed)  # which a worker reads while the proposal is looked up
    seen = queries.for_hint(me()) if typed else queries.for_page(me())
    return _similar(load(seen, public_id), typed, asked)


def _typed() -> str:
    return " ".join(request.args.get(name, "")[:TYPED] for name in ("title", "answer_summary")).strip()


def _similar(
    proposal: Proposal, typed: str = "", meant: Question | None = None, *, refused: Form | None = None
) -> ResponseReturnValue:
    """typed: what is compared, and the question what it means; without it the version that the reader reads."""
    everything, is_author = can(me(), "proposal.screen", proposal), queries.share_of(me(), proposal) is not None
    differences = queries.differences_of(me(), proposal) if everything or is_author else []
    told: tuple[str, Any] = (typed, meant.answer) if typed and meant else _compared(proposal)
    words, meaning = told
    found = queries.similar(me(), words, meaning=meaning, besides=proposal, everything=everything)
    reasons = {row.public_id: row.reason for row in differences}
    asked = queries.likeness_questions(proposal) if everything else {}
    found = [replace(one, difference=reasons.get(one.public_id, ""), asked=asked.get(one.public_id)) for one in found]
    page: dict[str, Any] = {"proposal": proposal, "found": found, "everything": everything, "is_author": is_author}
    page |= {"differences": differences, "refused": refused, "is_part": "HX-Request" in request.headers}
    page["has_errors"] = bool(refused and refused.errors)
    page["rows"] = [(one, _form_for(n, one, refused, is_author)) for n, one in enumerate(found)]
    return render_template("proposals/similar.html", **page), refused.status if refused else 200


def _form_for(number: int, one: queries.Similar, refused: Form | None, is_author: bool) -> Form:
    """The form beside one similar proposal: what was refused, where it was about this one; its fields have ids of
    their own."""
    is_refused = refused is not None and refused.data.get("other") == one.public_id
    kind = DifferenceForm if is_author else LikenessAskForm
    form = refused if refused is not None and is_refused else kind(formdata=None)
    for field in form:
        field.id = f"{field.name}-{number}"
    form["other"].data = one.public_id
    return form


def _compared(proposal: Proposal) -> tuple[str, Sequence[float] | None]:
    """The version that the reader reads, and what it means."""
    version = queries.text_for(me(), proposal)
    words = services.words_of(version.title, version.answers, proposal.call.form)
    return words, queries.meaning_kept(version) or services.meaning_of(words)


@bp.post("/proposals/<public_id>/similar/differs", right="difference.give")
def give_difference(public_id: str) -> ResponseReturnValue:
    """Say why one's own is another matter."""
    proposal, form = load(queries.for_writing(me()), public_id), DifferenceForm()
    other, reason = load(queries.visible_to(me()), form.named), form.reason.data or ""
    if form.validate() and form.accepts(lambda: services.give_difference(me(), proposal, other=other, reason=reason)):
        flash(_("Kept with your proposal: whoever checks it reads this."))
        return see_other(f"/proposals/{public_id}/similar")
    return _similar(proposal, refused=form)


@bp.post("/proposals/<public_id>/similar/ask", right="likeness.ask")
def ask_likeness(public_id: str) -> ResponseReturnValue:
    """Ask the company of a similar proposal that is not open."""
    proposal, form = load(queries.screened_by(me()), public_id), LikenessAskForm()
    require(me(), "likeness.ask", proposal)
    other, question = load(queries.hidden_from(me()), form.named), form.question.data or ""
    if form.validate() and form.accepts(lambda: services.ask_likeness(me(), proposal, other=other, question=question)):
        flash(_("Its innovation office is asked. The answer stands here."))
        return see_other(f"/proposals/{public_id}/similar")
    return _similar(proposal, refused=form)


@bp.get("/likeness/<public_id>", right=SIGNED_IN)
def likeness(public_id: str) -> ResponseReturnValue:
    """What another office asks about a proposal of ours."""
    asked = load(queries.asked_of_office(me()), public_id)
    return _likeness(asked, LikenessAnswerForm(formdata=None))


@bp.post("/likeness/<public_id>", right="likeness.answer")
def answer_likeness(public_id: str) -> ResponseReturnValue:
    """Say yes or no."""
    asked, form = load(queries.asked_of_office(me()), public_id), LikenessAnswerForm()
    require(me(), "likeness.answer", asked)
    details = {"is_same": form.same.data == "yes", "remark": form.remark.data or ""}
    if form.validate() and form.accepts(lambda: services.answer_likeness(me(), asked, **details)):
        flash(_("Your answer is sent."))
        return see_other(f"/likeness/{public_id}")
    return _likeness(asked, form)


def _likeness(asked: LikenessQuestion, form: LikenessAnswerForm) -> ResponseReturnValue:
    may_answer = asked.answered_at is None and can(me(), "likeness.answer", asked)
    page = {"asked": asked, "form": form, "may_answer": may_answer, "has_errors": bool(form.errors)}
    return render_template("proposals/likeness.html", **page), form.status
