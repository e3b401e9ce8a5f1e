"""Wishes before an assignment, sub-reviewers and their opinions, ratings of reviews."""

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from incubator.core.actions import require
from incubator.core.errors import Invalid
from incubator.people.session import me
from incubator.reviews import queries, services
from incubator.reviews.forms import DeclareForm
from incubator.reviews.helping_forms import HELPFUL, WISHES, HelpForm, OpinionForm, RatingForm, opinion_form, wishes_in
from incubator.reviews.models import HelpState, Review, SubReview
from incubator.reviews.states import BEFORE_SEAL
from incubator.reviews.views.reviewing import bp
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@bp.get("/reviews/wishes", right="review.queue")
def bids() -> ResponseReturnValue:
    """What I would like to review of what is to be given out."""
    rows = queries.bids_asked_of(me())
    calls = {row.call: row.call_title for row in rows}
    return render_template("reviews/bids.html", rows=rows, calls=calls, wishes=WISHES)


@bp.post("/calls/<public_id>/wishes", right="bid.save")
def save_bids(public_id: str) -> ResponseReturnValue:
    """Keep my wishes on the proposals of a call."""
    call = load(queries.calls_asking(me()), public_id)
    n = services.save_bids(me(), call, wishes=wishes_in(request.form))
    flash(ngettext("%(num)s wish is kept.", "%(num)s wishes are kept.", n))
    return see_other("/reviews/wishes")


@bp.get("/reviews/<public_id>/help", right=SIGNED_IN)
def asking_help(public_id: str) -> ResponseReturnValue:
    """Whom I ask to read a dossier for me, and why."""
    return _help_page(load(queries.visible_to(me()), public_id), HelpForm(formdata=None))


@bp.post("/reviews/<public_id>/help", right="review.ask_help")
def ask_help(public_id: str) -> ResponseReturnValue:
    """Ask the office for it."""
    review, form = load(queries.visible_to(me()), public_id), HelpForm()
    if form.validate_on_submit() and form.accepts(lambda: services.ask_help(me(), review, **form.values)):
        flash(_("The office is asked. The review stays yours."))
        return see_other(f"/reviews/{public_id}/help")
    return _help_page(review, form)


def _help_page(review: Review, form: HelpForm) -> tuple[str, int]:
    values = {"review": review, "form": form, "asked": queries.help_of(review), "has_errors": form.status == 422}
    values["criteria"] = review.round.rubric.criteria
    return render_template("reviews/help.html", **values), form.status


@bp.post("/sub-reviews/<public_id>/answer", right="sub_review.answer")
def answer_help(public_id: str) -> ResponseReturnValue:
    """Approve a sub-reviewer, or refuse."""
    wish = load(queries.sub_reviews_for(me()), public_id)
    require(me(), "sub_review.answer", wish)
    try:
        services.answer_help(me(), wish, approves=request.form.get("answer") == "approve")
    except Invalid as refusal:
        rows, helpers = queries.hand_overs_waiting(me()), queries.sub_reviews_waiting(me())
        html = render_template("reviews/hand_overs.html", rows=rows, helpers=helpers, refusal=refusal.message)
        return html, 422
    flash(_("Answered."))
    return see_other("/hand-overs/")


@bp.get("/sub-reviews/<public_id>", right=SIGNED_IN)
def sub_review(public_id: str) -> ResponseReturnValue:
    """The opinion I am asked for: the declaration first, then the dossier."""
    wish = load(queries.sub_reviews_of(me()), public_id)
    return _opinion_page(wish, opinion_form(wish, formdata=None))


@bp.post("/sub-reviews/<public_id>/declare", right="sub_review.declare")
def declare_for_help(public_id: str) -> ResponseReturnValue:
    """Say whether there is a conflict of interest."""
    wish, form = load(queries.sub_reviews_of(me()), public_id), DeclareForm()
    if form.validate_on_submit():
        values = form.values | {"statement": form.values["statement"].replace("\x00", "")}
        if form.accepts(lambda: services.declare_for_help(me(), wish, **values)):
            return see_other("/" if values["has_conflict"] else f"/sub-reviews/{public_id}")
    return _opinion_page(wish, opinion_form(wish, formdata=None), form)


@bp.post("/sub-reviews/<public_id>/give", right="sub_review.give")
def give_opinion(public_id: str) -> ResponseReturnValue:
    """Give it to the reviewer."""
    wish = load(queries.sub_reviews_of(me()), public_id)
    form = opinion_form(wish)
    if form.validate_on_submit() and form.accepts(lambda: services.give_opinion(me(), wish, **form.values)):
        flash(_("Your opinion is given. Thank you."))
        return see_other(f"/sub-reviews/{public_id}")
    return _opinion_page(wish, form)


def _opinion_page(wish: SubReview, form: OpinionForm, declaration: DeclareForm | None = None) -> tuple[str, int]:
    declaration = declaration or DeclareForm(formdata=None)
    is_open = wish.state in (HelpState.CLEARED, HelpState.GIVEN) and wish.review.state in BEFORE_SEAL
    status = max(form.status, declaration.status)
    shown = queries.shown_to_reviewers(wish.review.proposal, whole=is_open)
    html = render_template(
        "reviews/sub_review.html",
        wish=wish,
        form=form,
        declaration=declaration,
        shown=shown,
        criteria=wish.round.rubric.criteria,
        is_open=is_open,
        has_errors=status == 422,
    )
    return html, status


@bp.post("/reviews/<public_id>/rate", right="review.rate")
def rate_review(public_id: str) -> ResponseReturnValue:
    """Say how helpful a review is."""
    review, form = load(queries.rateable_by(me()), public_id), RatingForm()
    if form.validate_on_submit() and form.accepts(lambda: services.rate_review(me(), review, **form.values)):
        flash(_("Thank you. Its reviewer reads it without your name."))
        return see_other(f"/reviews/{public_id}/rate")
    return _rating_page(review, form)


@bp.get("/reviews/<public_id>/said", right=SIGNED_IN)
def said_of_review(public_id: str) -> ResponseReturnValue:
    """What others say of a review of mine, without names."""
    review = load(queries.visible_to(me()), public_id)
    return render_template("reviews/said.html", review=review, ratings=queries.ratings_of(review), helpful=HELPFUL)


@bp.get("/reviews/<public_id>/rate", right=SIGNED_IN)
def rating(public_id: str) -> ResponseReturnValue:
    """How helpful I find a review."""
    return _rating_page(load(queries.rateable_by(me()), public_id), RatingForm(formdata=None))


def _rating_page(review: Review, form: RatingForm) -> tuple[str, int]:
    html = render_template(
        "reviews/rate.html", review=review, form=form, has_errors=form.status == 422,
        title=queries.title_for_reviewers(review.proposal),
    )  # fmt: skip
    return html, form.status
