"""Pages of reviewers and committees."""

from collections.abc import Callable
from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select
from sqlalchemy.orm.exc import StaleDataError

from incubator.core import clock
from incubator.core.actions import can, require
from incubator.core.db import db
from incubator.core.errors import Stale
from incubator.files.sending import send
from incubator.people.models import Person
from incubator.people.session import me
from incubator.proposals import queries as proposals
from incubator.proposals.models import Proposal
from incubator.proposals.pages import handed_in_text
from incubator.proposals.states import ProposalState
from incubator.reviews import pages, queries, services
from incubator.reviews.assignment_forms import MoreForm
from incubator.reviews.forms import (
    DeclareForm,
    OverrideForm,
    ReasonForm,
    ReviewersForm,
    ScoreForm,
    override_form,
    score_form,
)
from incubator.reviews.models import Decision, Review, Round
from incubator.reviews.predicates import may_rank
from incubator.reviews.queries.told import told_to
from incubator.reviews.states import BEFORE_SEAL, COUNTED, ReviewState, RoundState
from incubator.reviews.words import CONFLICTS, FINDINGS, OTHER_WORDS, STEPS
from incubator.web.formats import time as clock_time
from incubator.web.routes import SIGNED_IN, Routes
from incubator.web.views import load, see_other

bp = Routes("reviews", __name__)


# ---- The office: to a committee


@bp.get("/proposals/<public_id>/committee", right="review.assign")
def committee(public_id: str) -> ResponseReturnValue:
    """Choose who reviews a proposal."""
    proposal = _to_choose_for(public_id)
    known = queries.candidates(proposal)
    return _committee_page(proposal, known, ReviewersForm.of(known))


@bp.post("/proposals/<public_id>/committee", right="proposal.open_review")
def put_to_committee(public_id: str) -> ResponseReturnValue:
    """Put a proposal to its committee, or give it more reviewers."""
    proposal = _to_choose_for(public_id)
    known = queries.candidates(proposal)
    form = ReviewersForm.of(known)
    step = services.assign if proposal.state is ProposalState.IN_REVIEW else services.put_to_committee
    if form.validate_on_submit() and form.accepts(lambda: step(me(), proposal, **form.values)):
        flash(_("The reviewers are asked."))
        return see_other(f"/proposals/{proposal.public_id}")
    return _committee_page(proposal, known, form)


@bp.post("/proposals/<public_id>/one-more", right="review.ask_one_more")
def ask_one_more(public_id: str) -> ResponseReturnValue:
    """Have one more review of a proposal written, by whoever has the least to do."""
    proposal = _to_choose_for(public_id)
    form = ReasonForm(formdata=None)
    made: list[Review] = []
    if form.accepts(lambda: made.append(services.ask_one_more(me(), proposal))):
        flash(_("%(name)s is asked to review “%(title)s”.", name=made[0].reviewer.name, title=proposal.title))
    else:
        flash(" ".join(str(words) for words in form.form_errors), "info")
    round_ = queries.round_of(proposal.call)
    return see_other(f"/rounds/{round_.public_id}/method" if round_ else f"/proposals/{public_id}")


def _to_choose_for(public_id: str) -> Proposal:
    """The proposal, for an officer who may choose its reviewers: who they are is not for its authors."""
    proposal = load(proposals.visible_to(me()), public_id)
    require(me(), "review.assign", proposal)
    return proposal


def _committee_page(proposal: Proposal, known: list[queries.Candidate], form: ReviewersForm) -> tuple[str, int]:
    round_ = queries.round_of(proposal.call)
    html = render_template(
        "reviews/committee.html",
        proposal=proposal,
        round=round_ if round_ and round_.state is RoundState.OPEN else None,
        candidates=known,
        closed=services.ROUND_CLOSED if queries.is_too_late_for(proposal) else None,
        quorum=queries.quorum_of(proposal.call.rule),
        kinds=CONFLICTS,
        form=form,
        has_errors=form.status == 422,
    )
    return html, form.status


# ---- The reviewer


@bp.get("/reviews/", right="review.queue")
def queue() -> ResponseReturnValue:
    """What I have to review, and what I did."""
    done = request.args.get("show") == "done"
    found = queries.queue(me(), done=done, after=request.args.get("after"))
    rows = pages.queue_rows(found.rows, done=done)
    return render_template("reviews/queue.html", found=found, rows=rows, done=done)


@bp.get("/reviews/<public_id>", right=SIGNED_IN)
def show(public_id: str) -> ResponseReturnValue:
    """One review: the declaration first, then dossier and rubric, then what was sealed; all of it to an auditor."""
    review = own_review(public_id, queries.readable_by)
    if review.reviewer_id != me().id:
        return render_template("reviews/audited.html", review=review, steps=queries.steps_of(review), names=STEPS)
    if review.state is ReviewState.ASSIGNED:
        return _declare_page(review, DeclareForm())
    return _score_page(review, score_form(review))


def own_review(public_id: str, readable: Callable[[Person], Select[Review]] = queries.visible_to) -> Review:
    """The reader's own review, or whatever else `readable` opens, with its rubric."""
    return queries.with_rubric(load(readable(me()), public_id))


@bp.post("/reviews/<public_id>/declare", right="review.clear")
def declare(public_id: str) -> ResponseReturnValue:
    """Say whether there is a conflict of interest."""
    review, form = own_review(public_id), DeclareForm()
    if form.validate_on_submit() and form.accepts(lambda: services.declare(me(), review, **form.values)):
        return see_other("/reviews/" if form.values["has_conflict"] else f"/reviews/{public_id}")
    return _declare_page(review, form)


def _declare_page(review: Review, form: DeclareForm) -> tuple[str, int]:
    shown = queries.shown_to_reviewers(review.proposal, whole=False)
    team = [] if shown.is_blind else queries.team_of(review.proposal)
    html = render_template(
        "reviews/declare.html", review=review, shown=shown, team=team, form=form, has_errors=form.status == 422
    )
    return html, form.status


@bp.post("/reviews/<public_id>/save", right="review.save")
def save(public_id: str) -> ResponseReturnValue:
    """Keep the draft, by the button."""
    review = own_review(public_id)
    form = score_form(review)
    refusal = _try(review, form, lambda: services.save(me(), review, **form.values))
    following = queries.next_unfinished(me(), review) if request.args.get("next") == "1" and not refusal else None
    return refusal or see_other(f"/reviews/{following or public_id}")


@bp.post("/reviews/<public_id>/seal", right="review.seal")
def seal(public_id: str) -> ResponseReturnValue:
    """Hand the review in, and go on to the next."""
    review = own_review(public_id)
    form = score_form(review, sealing=True)
    refusal = _try(review, form, lambda: services.seal(me(), review, **form.values))
    if refusal:
        return refusal
    flash(_("Your review of “%(title)s” is sealed.", title=queries.title_for_reviewers(review.proposal)))
    if queries.repeated_notes(review):
        flash(_("A note of it stands word for word in another review of yours. Was that meant?"), "info")
    following = queries.next_unfinished(me(), review)
    return see_other(f"/reviews/{following}" if following else "/reviews/")


@bp.post("/reviews/<public_id>/autosave", right="review.save")
def autosave(public_id: str) -> ResponseReturnValue:
    """Keep the draft while it is written: JSON, or both texts when another window was faster."""
    review = own_review(public_id)
    form = score_form(review)
    try:
        saved = form.validate_on_submit() and form.accepts(lambda: services.save(me(), review, **form.values))
    except (Stale, StaleDataError):
        return render_template("reviews/_conflict.html", **_both(review, form)), 409
    if not saved:
        return {"errors": {field.name: [str(error) for error in field.errors] for field in form if field.errors}}, 422
    return {"version": review.version, "saved": clock_time(review.saved_at)}


def _try(review: Review, form: ScoreForm, call: Callable[[], Any]) -> ResponseReturnValue | None:
    """Run a step of the form; None when it is done, else the page that says why not."""
    try:
        if form.validate_on_submit() and form.accepts(call):
            return None
    except (Stale, StaleDataError):
        html, _status = _score_page(review, form, conflict=_both(review, form))
        return html, 409
    return _score_page(review, form)


def _exchanges(review: Review) -> list[Any]:
    """What the committee asked and the proposer answered, what came since the reviewer's last look marked. Answers
    are in the proposer's own words: they tell who proposes."""
    return proposals.exchanges(review.proposal, since=review.sealed_at or review.saved_at or review.declared_at)


def _both(review: Review, form: ScoreForm) -> dict[str, Any]:
    """What was typed here and what is saved, for the person to choose between."""
    db.session.refresh(review)
    return {"review": review, "criteria": review.round.rubric.criteria, "mine": form, "saved": services.saved(review)}


def _score_page(review: Review, form: ScoreForm, conflict: dict[str, Any] | None = None) -> tuple[str, int]:
    shown = queries.heading_for_reviewers(review.proposal)
    is_sealed = review.state in COUNTED
    html = render_template(
        "reviews/show.html",
        review=review,
        criteria=review.round.rubric.criteria,
        shown=shown,
        text=None if shown.is_blind else handed_in_text(review.proposal),
        exchanges=[] if shown.is_blind else _exchanges(review),
        form=form,
        is_open=review.state in BEFORE_SEAL,
        others=queries.of_others(review) if is_sealed else [],
        following=queries.next_unfinished(me(), review),
        conflict=conflict,
        has_errors=form.status == 422 and not conflict,
    )
    return html, form.status


# ---- The chair


@bp.get("/rounds/", right="round.list")
def rounds() -> ResponseReturnValue:
    """The rounds I may rank."""
    return render_template("reviews/rounds.html", rounds=queries.listed(me()))


@bp.get("/rounds/<public_id>", right="round.list")
def ranking(public_id: str) -> ResponseReturnValue:
    """The ranking of one theme of a round under its budget."""
    round_ = load(queries.rounds_visible_to(me()), public_id)
    opened, place = queries.opened(round_, me(), request.args.get("theme")), _position()
    theme, runs = opened.theme, opened.runs
    run_id = runs.done.id if runs.done else None
    found = queries.ranking(round_, me(), theme, **place, run_id=run_id, standing=opened.standing)
    calibrated = runs.done is not None
    values = {"round": round_, "themes": opened.themes, "chosen": theme, "found": found}
    values["everything"] = place["everything"]
    values["only"] = place["only"] if place["only"] in queries.FILTERS else None
    decided = round_.state in (RoundState.DECIDED, RoundState.RELEASED)
    values |= {"runs": runs, "calibrated": calibrated, "decided": decided}
    values |= pages.table(found, theme, calibrated, everything=place["everything"], decided=decided)
    return render_template("reviews/ranking.html", takes_more=round_.call.is_open_at(clock.now()), **values)


def _themes(round_: Round) -> tuple[list[Any], Any]:
    """The round's themes, and the one in the address (else the first)."""
    themes = queries.themes_of(round_)
    return themes, next((t for t in themes if t.public_id == request.args.get("theme")), themes[0])


def _position() -> dict[str, Any]:
    """Where in the ranking the reader stands, from the address."""
    return {
        "after": request.args.get("after"),
        "before": request.args.get("before"),
        "everything": request.args.get("all") == "1",
        "sort": request.args.get("sort"),
        "only": request.args.get("only"),
    }


@bp.post("/rounds/<public_id>/rank", right="round.rank")
def rank(public_id: str) -> ResponseReturnValue:
    """Have the calibrated ranking worked out now."""
    services.rank(me(), load(queries.rounds_visible_to(me()), public_id))
    return see_other(f"/rounds/{public_id}/method")


@bp.get("/rounds/<public_id>/method", right="round.list")
def method(public_id: str) -> ResponseReturnValue:
    """How the ranking is worked out, what was found in this round, and where one more review pays."""
    return method_page(load(queries.rounds_visible_to(me()), public_id), MoreForm(formdata=None))


def method_page(round_: Round, form: MoreForm) -> tuple[str, int]:
    """The page, with the form that asks for more reviews."""
    runs = queries.runs_of(round_, me())
    values: dict[str, Any] = {
        "round": round_,
        "runs": runs,
        "form": form,
        "themes": {t.public_id: t for t in queries.themes_of(round_)},
    }
    if runs.done is not None:
        moved, people = queries.named_by(runs.done)
        values |= {"moved": moved, "people": people, "extra": queries.where_one_more_pays(runs.done)}
    values |= {"may_assign": can(me(), "call.manage"), "has_errors": form.status == 422}
    return render_template("reviews/method.html", findings=FINDINGS, **values), form.status


@bp.post("/rounds/<public_id>/close", right="round.close")
def close_round(public_id: str) -> ResponseReturnValue:
    """End the reviewing."""
    services.close_round(me(), load(queries.rounds_visible_to(me()), public_id))
    flash(_("The round is closed. Now let the rule decide."))
    return see_other(f"/rounds/{public_id}")


@bp.post("/rounds/<public_id>/prepare", right="round.prepare")
def prepare(public_id: str) -> ResponseReturnValue:
    """Let the rule decide."""
    services.prepare(me(), load(queries.rounds_visible_to(me()), public_id))
    return see_other(f"/rounds/{public_id}/decision")


@bp.get("/rounds/<public_id>/decision", right=SIGNED_IN)
def decisions(public_id: str) -> ResponseReturnValue:
    """Every outcome of a round, theme by theme, with its reason and who signed."""
    round_ = load(queries.decisions_visible_to(me()), public_id)
    themes, theme = _themes(round_)
    kept = queries.kept_from(me(), round_)
    rows = queries.decisions_page(round_, me(), theme.id, kept)
    replays = services.replay_round(round_) if request.args.get("replay") == "1" else None
    values = {"round": round_, "themes": themes, "chosen": theme, "rows": rows, "replays": replays}
    values |= {"progress": queries.progress(round_, me(), kept), "ranks": may_rank(me(), round_)}
    values |= {
        "is_part": "HX-Request" in request.headers,
        "explain": told_to(me(), round_, kept),
        "seconds": OTHER_WORDS,
    }
    return render_template("reviews/decisions.html", **values)


def _step(public_id: str, step: Callable[..., Any], words: str) -> ResponseReturnValue:
    round_: Round = load(queries.decisions_visible_to(me()), public_id)
    step(me(), round_)
    flash(words)
    return see_other(f"/rounds/{public_id}/decision")


@bp.post("/rounds/<public_id>/sign", right="decision.sign")
def sign(public_id: str) -> ResponseReturnValue:
    """Sign the decisions."""
    return _step(public_id, services.sign, _("You have signed."))


@bp.post("/rounds/<public_id>/hold", right="decision.hold")
def hold(public_id: str) -> ResponseReturnValue:
    """Have the letters written."""
    return _step(public_id, services.hold, _("The letters are being written."))


@bp.post("/rounds/<public_id>/release", right="decision.release")
def release(public_id: str) -> ResponseReturnValue:
    """Tell the proposers, open the ventures, give the credits."""
    round_ = load(queries.decisions_visible_to(me()), public_id)
    n = queries.count_visible(services.release(me(), round_), me())
    flash(ngettext("Released. %(num)s venture is open.", "Released. %(num)s ventures are open.", n))
    return see_other(f"/rounds/{public_id}/decision")


@bp.get("/decisions/<public_id>/override", right=SIGNED_IN)
def override(public_id: str) -> ResponseReturnValue:
    """What the rule says, and another outcome instead."""
    decision = load(queries.decision_visible_to(me()), public_id)
    return _override_page(decision, override_form(queries.second_round_of(decision.proposal)))


@bp.post("/decisions/<public_id>/override", right="decision.override")
def decide_otherwise(public_id: str) -> ResponseReturnValue:
    """Decide otherwise than the rule."""
    decision, form = load(queries.decision_visible_to(me()), public_id), OverrideForm()
    if form.validate_on_submit() and form.accepts(lambda: services.override(me(), decision, **form.values)):
        return see_other(f"/rounds/{decision.round.public_id}/decision")
    return _override_page(decision, form)


@bp.get("/proposals/<public_id>/decision-<language>.pdf", right=SIGNED_IN)
def letter(public_id: str, language: str) -> ResponseReturnValue:
    """The released decision's letter, for everybody who sees the proposal."""
    return send(queries.letter_file(load(proposals.visible_to(me()), public_id), language))


def _override_page(decision: Decision, form: OverrideForm) -> tuple[str, int]:
    told = told_to(me(), decision.round)
    html = render_template(
        "reviews/override.html", decision=decision, form=form, explain=told, has_errors=form.status == 422
    )
    return html, form.status
