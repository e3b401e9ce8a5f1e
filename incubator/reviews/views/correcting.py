"""Pages of the chair about one review, of the reviewer who declines, and of the office about conflicts."""

from collections.abc import Callable
from typing import Any

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.actions import require
from incubator.people.session import me
from incubator.proposals import queries as proposals
from incubator.proposals.models import Proposal
from incubator.reviews import queries, services
from incubator.reviews.forms import LiftForm, ReasonForm
from incubator.reviews.helping_forms import HELPFUL
from incubator.reviews.models import Review
from incubator.reviews.views.reviewing import bp, own_review
from incubator.reviews.words import CONFLICTS
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other
from incubator.web.words import local_words


@bp.get("/reviews/<public_id>/decline", right=SIGNED_IN)
def decline_form(public_id: str) -> ResponseReturnValue:
    """Why I can't review it."""
    return _decline_page(own_review(public_id), ReasonForm())


@bp.post("/reviews/<public_id>/decline", right="review.decline")
def decline(public_id: str) -> ResponseReturnValue:
    """Not take a review on."""
    review, form = own_review(public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.decline(me(), review, **form.values)):
        flash(_("You declined. The office chooses somebody else."))
        return see_other("/reviews/")
    return _decline_page(review, form)


def _decline_page(review: Review, form: ReasonForm) -> tuple[str, int]:
    html = render_template("reviews/decline.html", review=review, form=form, has_errors=form.status == 422)
    return html, form.status


@bp.get("/reviews/<public_id>/chair", right=SIGNED_IN)
def chair(public_id: str) -> ResponseReturnValue:
    """One review for the chair: as it stands, as it stood, and what can be done with it."""
    return _chair_page(_of_chair(public_id), ReasonForm())


@bp.post("/reviews/<public_id>/reopen", right="review.reopen")
def reopen(public_id: str) -> ResponseReturnValue:
    """Hand a review back."""
    return _correct(public_id, services.reopen, _("The review is open again; its reviewer is told."))


@bp.post("/reviews/<public_id>/exclude", right="review.exclude")
def exclude(public_id: str) -> ResponseReturnValue:
    """Strike a review."""
    return _correct(public_id, services.exclude, _("The review is struck and does not count."))


def _of_chair(public_id: str) -> Review:
    return own_review(public_id, queries.chaired_by)


def _correct(public_id: str, step: Callable[..., Any], words: str) -> ResponseReturnValue:
    review, form = _of_chair(public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: step(me(), review, **form.values)):
        flash(words)
        return see_other(f"/reviews/{public_id}/chair")
    return _chair_page(review, form)


def _chair_page(review: Review, form: ReasonForm) -> tuple[str, int]:
    values = {"review": review, "form": form, "versions": queries.versions_of(review), "has_errors": form.status == 422}
    names = {criterion.key: local_words(criterion.name) for criterion in review.round.rubric.criteria}
    values |= {"ratings": queries.ratings_of(review), "helpful": HELPFUL}
    values["repeated"] = [names[key] for key in queries.repeated_notes(review)]
    return render_template("reviews/chair.html", criteria=review.round.rubric.criteria, **values), form.status


@bp.get("/proposals/<public_id>/conflicts", right="conflict.lift")
def conflicts(public_id: str) -> ResponseReturnValue:
    """Who is kept from a proposal, why, and what was lifted."""
    return _conflicts_page(_proposal(public_id), LiftForm())


@bp.post("/proposals/<public_id>/conflicts", right="conflict.lift")
def lift(public_id: str) -> ResponseReturnValue:
    """Lift one conflict."""
    proposal, form = _proposal(public_id), LiftForm()
    conflict = queries.conflict_of(proposal, **form.key)
    require(me(), "conflict.lift", conflict)
    if conflict is None:
        form.form_errors.append(_("There is no such conflict."))
    elif form.validate_on_submit() and form.accepts(lambda: services.lift(me(), conflict, **form.values)):
        flash(_("The conflict is lifted. Your name and the reason are kept."))
        return see_other(f"/proposals/{public_id}/conflicts")
    return _conflicts_page(proposal, form)


def _proposal(public_id: str) -> Proposal:
    proposal = load(proposals.visible_to(me()), public_id)
    require(me(), "review.assign", proposal)
    return proposal


def _conflicts_page(proposal: Proposal, form: LiftForm) -> tuple[str, int]:
    rows = queries.conflicts_of(proposal)
    values = {
        "proposal": proposal,
        "rows": rows,
        "form": form,
        "reader_id": me().id,
        "kinds": CONFLICTS,
        "has_errors": form.status == 422,
    }
    return render_template("reviews/conflicts.html", **values), form.status
