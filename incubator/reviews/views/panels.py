"""Rounds over one subject: the list, opening one, judging, deciding, and a venture's tranches."""

from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError

from incubator.core.actions import can, require
from incubator.core.db import db
from incubator.core.errors import NotFound, Stale
from incubator.people.session import me
from incubator.reviews import queries, services
from incubator.reviews.forms import DeclareForm
from incubator.reviews.models import Panel, PanelKind, PanelReview
from incubator.reviews.panel_forms import (
    CancelForm,
    JudgementForm,
    MoreJudgesForm,
    PanelDecisionForm,
    PanelForm,
    SendBackForm,
    SubjectForm,
    TrancheForm,
    judgement_form,
)
from incubator.reviews.states import PanelReviewState, PanelState
from incubator.reviews.views.reviewing import bp
from incubator.reviews.words import CONFLICTS, KINDS, outcome_words
from incubator.ventures import queries as ventures
from incubator.ventures import services as venture_services
from incubator.ventures.models import Venture
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other
from incubator.web.words import local_words


@bp.get("/panels/", right="panel.list")
def panels() -> ResponseReturnValue:
    """The rounds over one subject that I may see, the newest first."""
    rows, after = queries.panels_listed(me(), request.args.get("after"))
    values = {
        "rows": rows,
        "after": after,
        "titles": queries.panel_titles(rows),
        "kinds": KINDS,
        "words": outcome_words,
    }
    return render_template("reviews/panels.html", may_open=can(me(), "panel.open"), **values)


@bp.get("/panels/new", right="panel.open")
def new_panel() -> ResponseReturnValue:
    """Choose what a round is over and who judges it; the rest once that is known."""
    return _new_page(PanelForm if request.args.get("committee") else SubjectForm)


@bp.post("/panels/new", right="panel.open")
def open_panel() -> ResponseReturnValue:
    """Open it."""
    require(me(), "panel.open")
    form = PanelForm()
    chosen = _means(form)
    if form.validate_on_submit() and chosen is not None:
        made: list[Panel] = []
        subject, committee = chosen
        if form.accepts(lambda: made.append(services.open_panel(me(), subject, committee=committee, **form.values))):
            flash(_("The reviewers are asked."))
            return see_other(f"/panels/{made[0].public_id}")
    return _new_page(PanelForm, form)


def _kind() -> PanelKind:
    asked = request.values.get("kind", "")
    return PanelKind(asked) if asked in set(PanelKind) else PanelKind.SECOND


def _means(form: SubjectForm) -> tuple[Any, Any] | None:
    """Offer what can be chosen; the subject and committee that were, None while one of them is not known."""
    kind = _kind()
    things = {one.public_id: services.subject_of(kind, one) for one in queries.subjects(kind, me())}
    committees, rubrics, rules = queries.panel_means(me())
    form.offer([(key, _named(one)) for key, one in things.items()], committees)
    subject = things.get(str(form.subject.data or ""))
    committee = next((one for one in committees if one.public_id == form.committee.data), None)
    form.judges = queries.panel_candidates(subject, committee) if subject and committee else []
    if isinstance(form, PanelForm):
        form.offer_means(rubrics, rules, form.judges)
    return (subject, committee) if subject and committee else None


def _named(subject: Any) -> str:
    if subject.tranche is not None:
        venture, number = subject.tranche.venture.name, subject.tranche.number
        return str(_("%(venture)s, tranche %(number)s", venture=venture, number=number))
    if subject.provider is not None:
        return str(local_words(subject.provider.name))
    return f"{subject.proposal.number} {subject.proposal.title}"


def _new_page(form_kind: type[SubjectForm], form: SubjectForm | None = None) -> tuple[str, int]:
    if form is None:
        form = form_kind(formdata=None, data={name: request.args.get(name) for name in ("subject", "committee")})
        chosen = _means(form)
        if chosen is None and isinstance(form, PanelForm):
            return _new_page(SubjectForm)
    html = render_template(
        "reviews/panel_new.html", form=form, kind=_kind(), kinds=KINDS, judges=form.judges, conflicts=CONFLICTS,
        is_whole=isinstance(form, PanelForm), has_errors=form.status == 422,
    )  # fmt: skip
    return html, form.status


@bp.get("/panels/<public_id>", right=SIGNED_IN)
def panel(public_id: str) -> ResponseReturnValue:
    """One round: who judges and how far they are, what it came to; worked out again on demand."""
    return _panel_page(load(queries.panels_visible_to(me()), public_id))


def _panel_page(
    found: Panel,
    form: PanelDecisionForm | None = None,
    back: SendBackForm | None = None,
    cancel: CancelForm | None = None,
) -> tuple[str, int]:
    form, back = form or PanelDecisionForm(formdata=None), back or SendBackForm(formdata=None)
    cancel = (cancel or CancelForm(formdata=None)).within("cancel")
    form.offer(found.kind)
    differs = services.replay_panel(found) if request.args.get("replay") == "1" else None
    html = render_template(
        "reviews/panel.html", panel=found, title=queries.panel_title(found), form=form, back=back, cancel=cancel,
        kinds=KINDS, words=outcome_words(found.kind), rows=queries.judgements_of(found), differs=differs,
        asked=queries.asks_of(found), is_second=found.decided_by_id != me().id,
        has_errors=422 in (form.status, back.status, cancel.status),
    )  # fmt: skip
    return html, max(form.status, back.status, cancel.status)


@bp.get("/panels/<public_id>/more", right="panel.list")
def more_judges(public_id: str) -> ResponseReturnValue:
    """Who else of the committee could judge it, whoever has the least to do first."""
    return _more_page(_to_ask_more(public_id), MoreJudgesForm(formdata=None))


@bp.post("/panels/<public_id>/more", right="panel.ask_more")
def ask_more_judges(public_id: str) -> ResponseReturnValue:
    """Ask some of them."""
    found, form = _to_ask_more(public_id), MoreJudgesForm()
    form.offer(queries.judges_to_ask(found))
    if form.validate_on_submit() and form.accepts(lambda: services.ask_more_judges(me(), found, **form.values)):
        flash(_("The reviewers are asked."))
        return see_other(f"/panels/{public_id}")
    return _more_page(found, form)


def _to_ask_more(public_id: str) -> Panel:
    found = load(queries.panels_visible_to(me()), public_id)
    require(me(), "panel.ask_more", found)
    return found


def _more_page(found: Panel, form: MoreJudgesForm) -> tuple[str, int]:
    judges = queries.judges_to_ask(found)
    html = render_template(
        "reviews/panel_more.html", panel=found, title=queries.panel_title(found), form=form, judges=judges,
        conflicts=CONFLICTS, has_errors=form.status == 422,
    )  # fmt: skip
    return html, form.status


@bp.post("/panels/<public_id>/cancel", right="panel.cancel")
def cancel_panel(public_id: str) -> ResponseReturnValue:
    """End a round that can't go on, with a reason."""
    found, cancel = load(queries.panels_visible_to(me()), public_id), CancelForm()
    if cancel.validate_on_submit() and cancel.accepts(lambda: services.cancel_panel(me(), found, **cancel.values)):
        flash(_("The round is cancelled. Another can be opened over the same."))
        return see_other(f"/panels/{public_id}")
    return _panel_page(found, cancel=cancel)


@bp.post("/panels/<public_id>/decide", right="panel.decide")
def decide_panel(public_id: str) -> ResponseReturnValue:
    """Let the rule decide, or say otherwise."""
    found, form = load(queries.panels_visible_to(me()), public_id), PanelDecisionForm()
    form.offer(found.kind)
    if form.validate_on_submit() and form.accepts(lambda: services.decide_panel(me(), found, **form.values)):
        flash(_("Decided. Another member of the committee confirms it."))
        return see_other(f"/panels/{public_id}")
    return _panel_page(found, form)


@bp.post("/panels/<public_id>/confirm", right="panel.confirm")
def confirm_panel(public_id: str) -> ResponseReturnValue:
    """Confirm the chair's decision."""
    found, back = load(queries.panels_visible_to(me()), public_id), SendBackForm()
    if back.accepts(lambda: services.confirm_panel(me(), found)):
        flash(_("Confirmed."))
        return see_other(f"/panels/{public_id}")
    return _panel_page(found, back=back)


@bp.post("/panels/<public_id>/send-back", right="panel.send_back")
def send_back_panel(public_id: str) -> ResponseReturnValue:
    """Do not confirm it, with a reason."""
    found, back = load(queries.panels_visible_to(me()), public_id), SendBackForm()
    if back.validate_on_submit() and back.accepts(lambda: services.send_back_panel(me(), found, **back.values)):
        flash(_("The chair decides again."))
        return see_other(f"/panels/{public_id}")
    return _panel_page(found, back=back)


@bp.get("/panel-reviews/<public_id>", right=SIGNED_IN)
def panel_review(public_id: str) -> ResponseReturnValue:
    """My judgement: the declaration first, then the scores, then what was sealed."""
    review = load(queries.panel_reviews_of(me()), public_id)
    if review.state is PanelReviewState.ASSIGNED:
        return _declaration(review, DeclareForm(formdata=None))
    return _judgement_page(review, judgement_form(review))


@bp.post("/panel-reviews/<public_id>/declare", right="panel_review.clear")
def declare_for_panel(public_id: str) -> ResponseReturnValue:
    """Say whether there is a conflict of interest."""
    review, form = load(queries.panel_reviews_of(me()), public_id), DeclareForm()
    if form.validate_on_submit():
        has_conflict, words = form.values["has_conflict"], form.values["statement"].replace("\x00", "")
        if has_conflict and form.accepts(lambda: services.recuse_from_panel(me(), review, statement=words)):
            return see_other("/panels/")
        if not has_conflict and form.accepts(lambda: services.clear_panel_review(me(), review)):
            return see_other(f"/panel-reviews/{public_id}")
    return _declaration(review, form)


def _declaration(review: PanelReview, form: DeclareForm) -> tuple[str, int]:
    title = queries.panel_title(review.panel)
    html = render_template(
        "reviews/panel_declare.html", review=review, form=form, title=title, kinds=KINDS,
        has_errors=form.status == 422,
    )  # fmt: skip
    return html, form.status


@bp.post("/panel-reviews/<public_id>/save", right="panel_review.save")
def save_panel_review(public_id: str) -> ResponseReturnValue:
    """Keep the draft."""
    return _written(public_id, services.save_panel_review, _("Your draft is kept."))


@bp.post("/panel-reviews/<public_id>/seal", right="panel_review.seal")
def seal_panel_review(public_id: str) -> ResponseReturnValue:
    """Hand it in."""
    return _written(public_id, services.seal_panel_review, _("Your judgement is sealed."))


def _written(public_id: str, step: Any, words: str) -> ResponseReturnValue:
    review = load(queries.panel_reviews_of(me()), public_id)
    form = judgement_form(review)
    try:
        if form.validate_on_submit() and form.accepts(lambda: step(me(), review, **form.values)):
            flash(words)
            return see_other(f"/panel-reviews/{public_id}")
    except (Stale, StaleDataError):
        db.session.refresh(review)
        html, _status = _judgement_page(review, form, is_stale=True)
        return html, 409
    return _judgement_page(review, form)


def _judgement_page(review: PanelReview, form: JudgementForm, *, is_stale: bool = False) -> tuple[str, int]:
    proposal = review.panel.proposal if review.panel.kind is PanelKind.SECOND else None
    is_blind = proposal is not None and queries.is_blind(proposal)
    is_open = review.state is PanelReviewState.CLEARED and review.panel.state is PanelState.OPEN
    asked = [] if review.panel.state in queries.ENDED else queries.asks_of(review.panel)
    shown = queries.shown_to_reviewers(proposal) if proposal is not None and is_blind and is_open else None
    html = render_template(
        "reviews/panel_review.html", review=review, form=form, title=queries.panel_title(review.panel),
        criteria=review.panel.rubric.criteria, kinds=KINDS, has_errors=form.status == 422 and not is_stale,
        shown=shown, is_blind=is_blind, is_stale=is_stale, proposal=proposal, asked=asked,
        words=outcome_words(review.panel.kind),
    )  # fmt: skip
    return html, form.status


@bp.get("/ventures/<public_id>/tranches", right="tranche.plan")
def tranches(public_id: str) -> ResponseReturnValue:
    """A venture's tranches and their gates, and the next one to plan."""
    return _tranches_page(_venture(public_id), TrancheForm(formdata=None))


@bp.post("/ventures/<public_id>/tranches", right="tranche.plan")
def plan_tranche(public_id: str) -> ResponseReturnValue:
    """Plan the next one."""
    venture, form = _venture(public_id), TrancheForm()
    if form.validate_on_submit() and form.accepts(lambda: venture_services.plan_tranche(me(), venture, **form.values)):
        flash(_("The tranche is planned. A gate makes it due."))
        return see_other(f"/ventures/{public_id}/tranches")
    return _tranches_page(venture, form)


def _venture(public_id: str) -> Venture:
    venture = load(ventures.visible_to(me()), public_id)
    require(me(), "tranche.plan", venture)
    if queries.is_conflicted(me(), venture.proposal):
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return venture


def _tranches_page(venture: Venture, form: TrancheForm) -> tuple[str, int]:
    values = {"venture": venture, "form": form, "rows": queries.tranches_of(venture), "has_errors": form.status == 422}
    return render_template("reviews/tranches.html", words=outcome_words(PanelKind.GATE), **values), form.status
