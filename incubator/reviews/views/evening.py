"""A reviewer's evening beside the scoring form: many at once, offline, the own figures, handing over."""

from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from incubator.core.actions import require
from incubator.core.errors import Invalid
from incubator.people.session import me
from incubator.proposals import queries as proposals
from incubator.proposals.models import Proposal
from incubator.reviews import offline, queries, services
from incubator.reviews.forms import AnonymisedForm, FileForm, HandOverForm, anonymised_form
from incubator.reviews.helping_forms import HELPFUL
from incubator.reviews.models import Review
from incubator.reviews.views.reviewing import bp, own_review
from incubator.web import sheets
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@bp.get("/reviews/mine", right="review.queue")
def own() -> ResponseReturnValue:
    """My progress and averages, and how my scores lie against the committee's; no names."""
    ratings = queries.helpfulness_of(me())
    return render_template("reviews/own.html", found=queries.own_figures(me()), ratings=ratings, helpful=HELPFUL)


@bp.get("/reviews/table", right="review.queue")
def table() -> ResponseReturnValue:
    """My open reviews of one call as a table, to score many at once."""
    return _table_page(offline.drafts_of(_open()))


@bp.post("/reviews/table", right="review.save")
def save_table() -> ResponseReturnValue:
    """Save what changed in the table, each review by itself; what could not be saved says why."""
    require(me(), "review.queue")
    reviews = _open()
    drafts = offline.from_form(reviews, request.form)
    _check_versions(drafts)
    changed = [draft for draft in drafts if draft.changed and draft.refused is None]
    answers = services.save_many(me(), [draft.change for draft in changed])
    for draft in changed:
        refusal = answers[draft.review.public_id]
        draft.refused = refusal if refusal != "" else _stale()
    done = sum(draft.refused is None for draft in changed)
    if done:
        flash(ngettext("%(num)s draft is saved.", "%(num)s drafts are saved.", done))
    if all(draft.refused is None for draft in drafts):
        return see_other(f"/reviews/table?call={request.args.get('call', '')}")
    return _table_page([draft if draft.refused else offline.drafts_of([draft.review])[0] for draft in drafts], 200)


def _check_versions(drafts: list[offline.Draft]) -> None:
    for draft in drafts:
        if draft.changed and request.form.get(f"v-{draft.review.public_id}") != str(draft.review.version):
            draft.refused = _stale()


def _stale() -> str:
    return str(_("It was changed in another window meanwhile. Look at it and enter your change again."))


def _open() -> list[Review]:
    return queries.to_score(me(), (request.args.get("call") or "").replace("\x00", "") or None)


def _table_page(
    drafts: list[offline.Draft], status: int = 200, form: FileForm | None = None, faults: Any = ()
) -> tuple[str, int]:
    call = drafts[0].review.round.call if drafts else None
    shown = {one.review.public_id: queries.shown_to_reviewers(one.review.proposal, whole=False) for one in drafts}
    values = {"drafts": drafts, "call": call, "shown": shown, "form": form or FileForm(formdata=None), "faults": faults}
    return render_template("reviews/table.html", has_errors=status == 422, **values), status


@bp.get("/reviews/form.xlsx", right="review.queue")
def offline_form() -> ResponseReturnValue:
    """My open reviews as a workbook to fill without a network; fifty lines at most, so no job."""
    reviews = _open()
    if not reviews:
        return see_other("/reviews/table")
    titles = {review.public_id: queries.title_for_reviewers(review.proposal) for review in reviews}
    data = sheets.xlsx(_("Reviews"), offline.columns(reviews[0]), offline.rows(reviews, titles))
    return sheets.download(data, "reviews.xlsx")


@bp.post("/reviews/form", right="review.save")
def read_form() -> ResponseReturnValue:
    """Read a filled workbook: the table shows what differs, and nothing is saved before I say so."""
    require(me(), "review.queue")
    reviews, form = _open(), FileForm()
    if form.file.data is None:
        form.file.errors = [*form.file.errors, _("Choose the filled form.")]
        return _table_page(offline.drafts_of(reviews), 422, form)
    try:
        drafts, faults = offline.from_workbook(reviews, form.file.data.read(), form.file.data.filename or "")
    except Invalid as refusal:
        form.file.errors = [*form.file.errors, str(refusal.message)]
        return _table_page(offline.drafts_of(reviews), 422, form)
    return _table_page(drafts, 422 if faults else 200, form, faults)


@bp.get("/reviews/<public_id>/hand-over", right=SIGNED_IN)
def handing_over(public_id: str) -> ResponseReturnValue:
    """Who should take a review over, and why."""
    return _hand_over_page(own_review(public_id), HandOverForm())


@bp.post("/reviews/<public_id>/hand-over", right="review.ask_hand_over")
def ask_hand_over(public_id: str) -> ResponseReturnValue:
    """Ask the office that it be handed over."""
    review, form = own_review(public_id), HandOverForm()
    form.offer(queries.colleagues(review))
    if form.validate_on_submit() and form.accepts(lambda: services.ask_hand_over(me(), review, **form.values)):
        flash(_("The office is asked. Until it answers, the review stays yours."))
        return see_other(f"/reviews/{public_id}")
    return _hand_over_page(review, form)


def _hand_over_page(review: Review, form: HandOverForm) -> tuple[str, int]:
    form.offer(queries.colleagues(review))
    values = {"review": review, "form": form, "waiting": queries.hand_over_asked(review)}
    return render_template("reviews/hand_over.html", has_errors=form.status == 422, **values), form.status


@bp.get("/proposals/<public_id>/anonymised", right="anonymised_text.write")
def anonymised(public_id: str) -> ResponseReturnValue:
    """What reviewers are to read of a proposal whose proposer is hidden from them."""
    proposal = _to_anonymise(public_id)
    return _anonymised_page(proposal, anonymised_form(proposal, queries.anonymised(proposal)))


@bp.post("/proposals/<public_id>/anonymised", right="anonymised_text.write")
def anonymise(public_id: str) -> ResponseReturnValue:
    """Keep it."""
    proposal = _to_anonymise(public_id)
    form = anonymised_form(proposal, None)
    if form.validate_on_submit() and form.accepts(lambda: services.anonymise(me(), proposal, **form.values)):
        flash(_("The anonymised text is kept."))
        return see_other(f"/proposals/{public_id}/anonymised")
    return _anonymised_page(proposal, form)


@bp.post("/proposals/<public_id>/anonymised/approve", right="anonymised_text.approve")
def approve_text(public_id: str) -> ResponseReturnValue:
    """Approve it as it is kept."""
    services.approve_text(me(), _to_anonymise(public_id))
    flash(_("The anonymised text is approved. The proposal can go to its committee."))
    return see_other(f"/proposals/{public_id}/committee")


def _to_anonymise(public_id: str) -> Proposal:
    proposal = load(proposals.visible_to(me()), public_id)
    require(me(), "anonymised_text.write", proposal)
    return proposal


def _anonymised_page(proposal: Proposal, form: AnonymisedForm) -> tuple[str, int]:
    values = {"proposal": proposal, "form": form, "stored": queries.anonymised(proposal)}
    return render_template("reviews/anonymised.html", has_errors=form.status == 422, **values), form.status


@bp.get("/hand-overs/", right="hand_over.answer")
def hand_overs() -> ResponseReturnValue:
    """What reviewers ask to hand over, for the office."""
    rows, helpers = queries.hand_overs_waiting(me()), queries.sub_reviews_waiting(me())
    return render_template("reviews/hand_overs.html", rows=rows, helpers=helpers)


@bp.post("/hand-overs/<public_id>", right="hand_over.answer")
def answer_hand_over(public_id: str) -> ResponseReturnValue:
    """Approve or refuse."""
    wish = load(queries.hand_overs_for(me()), public_id)
    require(me(), "hand_over.answer", wish)
    try:
        services.answer_hand_over(me(), wish, approves=request.form.get("answer") == "approve")
    except Invalid as refusal:
        html = render_template(
            "reviews/hand_overs.html", rows=queries.hand_overs_waiting(me()),
            helpers=queries.sub_reviews_waiting(me()), refusal=refusal.message,
        )  # fmt: skip
        return html, 422
    flash(_("Answered."))
    return see_other("/hand-overs/")
