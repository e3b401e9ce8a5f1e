"""What a gate asked: its page for the venture, what the lead hands in, and the files of it for whoever judges."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.actions import can
from incubator.core.errors import NotFound, WrongState
from incubator.files.engines.checking import DOCUMENTS
from incubator.files.engines.kinds import EXTENSIONS
from incubator.files.sending import send
from incubator.people.session import me
from incubator.reviews import queries, services
from incubator.reviews.models import Panel, PanelKind
from incubator.reviews.panel_forms import GateAnswerForm
from incubator.reviews.states import PanelReviewState
from incubator.reviews.views.reviewing import bp
from incubator.reviews.words import outcome_words
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other

ACCEPT = ",".join(sorted(end for kind in DOCUMENTS for end in EXTENSIONS[kind]))


@bp.get("/gates/<public_id>", right=SIGNED_IN)
def gate(public_id: str) -> ResponseReturnValue:
    """What a gate asked of a venture of mine, and what was handed in."""
    return _page(load(queries.gates_of_team(me()), public_id), GateAnswerForm(formdata=None))


@bp.post("/gates/<public_id>", right="gate.answer")
def answer_gate(public_id: str) -> ResponseReturnValue:
    """Hand something in to it."""
    found, form = load(queries.gates_of_team(me()), public_id), GateAnswerForm()
    try:
        if form.validate_on_submit() and form.accepts(lambda: services.answer_gate(me(), found, **form.values)):
            flash(_("Handed in. The chair and the innovation office are told."))
            return see_other(f"/gates/{public_id}")
    except WrongState as refusal:
        form.form_errors.append(refusal.message)
        html, _status = _page(found, form)
        return html, 409
    return _page(found, form)


def _page(found: Panel, form: GateAnswerForm) -> tuple[str, int]:
    may_answer = can(me(), "gate.answer", found) and queries.is_still_asked(found)
    html = render_template(
        "reviews/gate.html", panel=found, form=form, accept=ACCEPT, asked=queries.asks_of(found), may_answer=may_answer,
        words=outcome_words(PanelKind.GATE), has_errors=form.status == 422,
    )  # fmt: skip
    return html, form.status


@bp.get("/gates/<public_id>/files/<answer>", right=SIGNED_IN)
def gate_file(public_id: str, answer: str) -> ResponseReturnValue:
    """A file that was handed in, for the venture."""
    return send(queries.file_of_answer(load(queries.gates_of_team(me()), public_id), answer))


@bp.get("/panels/<public_id>/files/<answer>", right=SIGNED_IN)
def panel_file(public_id: str, answer: str) -> ResponseReturnValue:
    """The same for whoever sees a gate that was set then or later."""
    return send(queries.file_of_answer(load(queries.panels_visible_to(me()), public_id), answer))


@bp.get("/panel-reviews/<public_id>/files/<answer>", right=SIGNED_IN)
def panel_review_file(public_id: str, answer: str) -> ResponseReturnValue:
    """The same for a reviewer of the next gate, who has declared that there is no conflict, until it is confirmed."""
    review = load(queries.panel_reviews_of(me()), public_id)
    if review.state is PanelReviewState.ASSIGNED or review.panel.state in queries.ENDED:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return send(queries.file_of_answer(review.panel, answer))
