"""Pages of a proposal: the author's, the team's and the office's."""

import datetime as dt
from typing import Any

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime, get_locale

from incubator.calls import queries as calls
from incubator.core import clock
from incubator.core.actions import can
from incubator.people.session import is_seen_due, me, note_seen
from incubator.proposals import pages, queries, services
from incubator.proposals.engines.outlook import AT_SCREENING as BEFORE_REVIEW
from incubator.proposals.engines.outlook import Dates, outlook
from incubator.proposals.forms import (
    ColleagueForm,
    CounterForm,
    DraftForm,
    ReasonForm,
    ReturnForm,
    TeamForm,
    WithdrawForm,
    draft_form,
    team_form,
)
from incubator.proposals.models import Proposal, ProposalVersion, TeamMember
from incubator.proposals.states import LIFE, ProposalState
from incubator.proposals.views.routes import bp
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@bp.before_request
def note_start() -> None:
    """A request begun before a call closes counts, however long it then waits."""
    g.begun_at = clock.now()


# ---- A draft, and where it stands


@bp.post("/calls/<public_id>/propose", right="proposal.create")
def create_draft(public_id: str) -> ResponseReturnValue:
    """Begin a draft, in one click, in the language the reader uses; one begun and left empty is taken up again."""
    call = load(calls.visible_to(me()), public_id)
    lang = "zh" if str(get_locale()).startswith("zh") else "en"
    proposal = queries.untouched(me(), call) or services.create_draft(me(), call, lang=lang)
    return see_other(_at("edit", proposal))


@bp.get("/proposals/<public_id>", right=SIGNED_IN)
def show(public_id: str) -> ResponseReturnValue:
    """Where a proposal stands, and what is needed from whom."""
    proposal = load(queries.for_status(me()), public_id)
    return _show(proposal)


def _show(proposal: Proposal, **refused: Any) -> ResponseReturnValue:
    call, named = proposal.call, queries.shows_authors(me(), proposal)
    dates = Dates(call.closes_at, call.screening_due_on, call.review_due_on, call.meets_on, call.release_on)
    screening = _screening_forms() if proposal.state is ProposalState.SCREENING else {}
    forms = {"withdraw": WithdrawForm(formdata=None)} | screening | refused
    for name, form in forms.items():
        form.reason.id = f"{name}-reason"
    values = {
        "proposal": proposal,
        "version": queries.text_for(me(), proposal),
        "named": named,
        "is_referred": queries.is_referred(proposal),
        "asked": queries.asked_now(me(), proposal),
        "appeal_until": _appeal_until(proposal),
        "own": queries.share_of(me(), proposal),
        "is_lead": proposal.lead_id == me().id,
        "may_be_opened": queries.may_be_opened(proposal),
        "is_early": proposal.state in BEFORE_REVIEW,
        "forms": forms,
    }
    history = queries.history(proposal, anonymous=not named)
    coming = outlook(proposal.state, dates, proposal.answer_by, is_referred=bool(values["is_referred"]))
    is_waited_for = values["own"] is not None and proposal.state in (ProposalState.DRAFT, ProposalState.RETURNED)
    values["timeline"] = pages.timeline(history, coming, is_waited_for=is_waited_for)
    refusal = next(iter(refused.values()), None)
    return render_template("proposals/show.html", **values, refusal=refusal), refusal.status if refusal else 200


def _appeal_until(proposal: Proposal) -> dt.datetime | None:
    """Until when the reader, its proposer, may appeal; None where that is not so, or no longer."""
    if proposal.lead_id != me().id or not LIFE.allows(proposal, "appeal"):
        return None
    until = services.appeal_ends(proposal)
    return until if clock.now() < until and queries.appeal_of(proposal) is None else None


def _screening_forms() -> dict[str, Any]:
    return {"return": ReturnForm(formdata=None), "rule_out": ReasonForm(formdata=None)}


@bp.get("/proposals/<public_id>/text", right=SIGNED_IN)
def text(public_id: str) -> ResponseReturnValue:
    """The whole text, to read."""
    proposal = load(queries.for_page(me()), public_id)
    version = queries.text_for(me(), proposal)
    page = {
        "sections": queries.dossier(proposal, version, whole=_reads_all(proposal)),
        "exchanges": queries.exchanges(proposal),
    }
    return render_template("proposals/text.html", proposal=proposal, version=version, **page)


def _reads_all(proposal: Proposal) -> bool:
    """Its authors and its office."""
    return queries.share_of(me(), proposal) is not None or can(me(), "call.manage", proposal)


# ---- Writing


@bp.get("/proposals/<public_id>/edit", right=SIGNED_IN)
def edit(public_id: str) -> ResponseReturnValue:
    """The draft's form; what can't be written any more leads to the status page."""
    proposal = load(queries.for_editing(me()), public_id)
    if proposal.state not in services.WRITABLE:
        return see_other(_at("show", proposal))
    version = queries.newest(proposal)
    return _edit(proposal, version, draft_form(proposal, version))


@bp.post("/proposals/<public_id>/edit", right="proposal.save", endpoint="save")
def save(public_id: str) -> ResponseReturnValue:
    """Keep the draft, half-filled or whole."""
    proposal, version, form = _written(public_id)
    if _saves(form, proposal):
        return see_other(_at("check" if "check" in request.form else "edit", proposal))
    return _edit(proposal, form.moved or version, form)


@bp.post("/proposals/<public_id>/autosave", right="proposal.save")
def autosave(public_id: str) -> ResponseReturnValue:
    """Keep the draft while it is typed: the new revision and the time, or what stands in the way."""
    proposal, _version, form = _written(public_id)
    if is_seen_due():
        note_seen()
    if _saves(form, proposal):
        kept = queries.newest(proposal)
        return {"version": kept.revision, "saved": format_datetime(kept.saved_at, "HH:mm")}
    if form.moved is None:
        return {"why": form.why}, form.status
    fragment = render_template("proposals/_conflict.html", form=form, moved=form.moved, sections=_both(proposal, form))
    return fragment, form.status


def _written(public_id: str) -> tuple[Proposal, ProposalVersion, DraftForm]:
    proposal = load(queries.for_editing(me()), public_id)
    version = queries.newest(proposal)
    return proposal, version, draft_form(proposal, version)


def _saves(form: DraftForm, proposal: Proposal) -> bool:
    return bool(form.validate()) and form.saves(lambda: services.save(me(), proposal, **form.details))


def _edit(proposal: Proposal, version: ProposalVersion, form: DraftForm) -> ResponseReturnValue:
    sections = _both(proposal, form)
    fields = queries.fields_of(proposal)
    page = {"proposal": proposal, "version": version, "form": form, "moved": form.moved, "fields": fields}
    page["files"] = queries.files_of(proposal)
    html = render_template("proposals/edit.html", sections=sections, has_errors=bool(form.errors), **page)
    return html, form.status


def _both(proposal: Proposal, form: DraftForm) -> list[tuple[str, Any, Any]]:
    """Where two texts differ: label, mine, theirs."""
    return queries.differences(proposal, form.details, form.moved) if form.moved else []


# ---- The team


@bp.get("/proposals/<public_id>/team", right=SIGNED_IN)
def team(public_id: str) -> ResponseReturnValue:
    """Who takes part with which share."""
    proposal = load(queries.for_writing(me()), public_id)
    return _team(proposal, team_form(proposal), ColleagueForm(formdata=None))


@bp.post("/proposals/<public_id>/team", right="proposal.set_team")
def set_team(public_id: str) -> ResponseReturnValue:
    """Keep parts and shares; they sum to 100.00 %."""
    proposal = load(queries.for_writing(me()), public_id)
    form = team_form(proposal)
    if form.validate() and form.accepts(lambda: services.set_team(me(), proposal, members=form.members)):
        return see_other(_at("check", proposal))
    return _team(proposal, form, ColleagueForm(formdata=None))


@bp.post("/proposals/<public_id>/team/add", right="proposal.add_member")
def add_member(public_id: str) -> ResponseReturnValue:
    """Put a colleague on the team."""
    proposal = load(queries.for_writing(me()), public_id)
    form = ColleagueForm()
    if form.validate() and form.accepts(lambda: _add(proposal, form)):
        return see_other(_at("team", proposal))
    return _team(proposal, None, form)


def _add(proposal: Proposal, form: ColleagueForm) -> TeamMember:
    person = queries.colleague(form.named)
    return services.add_member(me(), proposal, person=person, part=form.part.data or "")


def _team(proposal: Proposal, form: TeamForm | None, colleague: ColleagueForm) -> ResponseReturnValue:
    shown = form or team_form(proposal, fresh=True)
    status = max(colleague.status if form is None else 200, form.status if form else 200)
    wrong = form.errors if form else colleague.errors
    page = {"proposal": proposal, "form": shown, "colleague": colleague, "has_errors": bool(wrong)}
    return render_template("proposals/team.html", **page), status


# ---- Handing in


@bp.post("/proposals/<public_id>/ask-team", right="proposal.ask_team")
def ask_team(public_id: str) -> ResponseReturnValue:
    """Ask the team, or hand in at once when there is nobody to ask."""
    proposal = services.ask_team(me(), load(queries.for_writing(me()), public_id), begun_at=g.begun_at)
    return see_other(_at("receipt" if proposal.submitted_at else "show", proposal))


@bp.post("/proposals/<public_id>/submit", right="proposal.submit")
def submit(public_id: str) -> ResponseReturnValue:
    """Hand a returned proposal in again."""
    proposal = services.submit(me(), load(queries.for_writing(me()), public_id), begun_at=g.begun_at)
    return see_other(_at("receipt", proposal))


@bp.get("/proposals/<public_id>/receipt", right=SIGNED_IN)
def receipt(public_id: str) -> ResponseReturnValue:
    """What was handed in when, with its SHA-256 and the event that records it."""
    proposal = load(queries.for_writing(me()).where(Proposal.submitted_at.is_not(None)), public_id)
    events = [step for step in queries.history(proposal) if step.name == "proposal.submit"]
    return render_template("proposals/receipt.html", proposal=proposal, event=events[-1] if events else None)


@bp.get("/proposals/<public_id>/consent", right=SIGNED_IN)
def consent(public_id: str) -> ResponseReturnValue:
    """My share, to accept or decline."""
    return _consent(load(queries.asked_of(me()), public_id))


def _consent(
    proposal: Proposal, form: ReasonForm | None = None, counter: CounterForm | None = None
) -> ResponseReturnValue:
    refused = form or counter
    form, counter = form or ReasonForm(formdata=None), counter or CounterForm(formdata=None)
    counter.reason.id = "counter-reason"
    page: dict[str, Any] = {"proposal": proposal, "form": form, "counter": counter, "refused": refused}
    page |= {
        "own": queries.share_of(me(), proposal),
        "sections": queries.dossier(proposal, queries.newest(proposal), whole=True),
    }
    html = render_template("proposals/consent.html", has_errors=refused is not None, **page)
    return html, refused.status if refused else 200


@bp.post("/proposals/<public_id>/consent/accept", right="proposal.accept_share")
def accept_share(public_id: str) -> ResponseReturnValue:
    """Agree to my share."""
    proposal = load(queries.asked_of(me()), public_id)
    services.accept_share(me(), queries.own_share(me(), proposal), begun_at=g.begun_at)
    return see_other(_at("show", proposal))


@bp.post("/proposals/<public_id>/consent/decline", right="proposal.decline_share")
def decline_share(public_id: str) -> ResponseReturnValue:
    """Refuse my share, with a reason."""
    proposal, form = load(queries.asked_of(me()), public_id), ReasonForm()
    own = queries.own_share(me(), proposal)
    if form.validate() and form.accepts(lambda: services.decline_share(me(), own, reason=form.reason.data)):
        return see_other(_at("show", proposal))
    return _consent(proposal, form)


@bp.post("/proposals/<public_id>/consent/counter", right="proposal.counter_share")
def counter_share(public_id: str) -> ResponseReturnValue:
    """Propose another share of mine."""
    proposal, form = load(queries.asked_of(me()), public_id), CounterForm()
    own, share = queries.own_share(me(), proposal), form.share.data or 0
    reason = form.reason.data or ""
    if form.validate() and form.accepts(lambda: services.counter_share(me(), own, share_bp=share, reason=reason)):
        return see_other(_at("show", proposal))
    return _consent(proposal, counter=form)


@bp.post("/proposals/<public_id>/take-back", right="proposal.take_back")
def take_back(public_id: str) -> ResponseReturnValue:
    """Make it a draft again, to change it."""
    proposal = services.take_back(me(), load(queries.for_writing(me()), public_id))
    return see_other(_at("edit", proposal))


@bp.post("/proposals/<public_id>/withdraw", right="proposal.withdraw")
def withdraw(public_id: str) -> ResponseReturnValue:
    """Take it out; its text is kept."""
    proposal, form = load(queries.for_page(me()), public_id), WithdrawForm()
    if form.validate() and form.accepts(lambda: services.withdraw(me(), proposal, reason=form.reason.data or "")):
        return see_other(_at("show", proposal))
    return _show(proposal, withdraw=form)


# ---- The office


@bp.post("/proposals/<public_id>/screen", right="proposal.screen")
def screen(public_id: str) -> ResponseReturnValue:
    """Begin the eligibility check."""
    proposal = services.screen(me(), load(queries.screened_by(me()), public_id))
    return see_other(_at("show", proposal))


@bp.post("/proposals/<public_id>/return", right="proposal.return")
def return_(public_id: str) -> ResponseReturnValue:
    """Give it back with a reason and a day."""
    proposal, form = load(queries.screened_by(me()), public_id), ReturnForm()
    if form.validate() and form.accepts(lambda: services.return_(me(), proposal, **form.values)):
        return see_other(_at("show", proposal))
    return _show(proposal, **{"return": form})


@bp.post("/proposals/<public_id>/rule-out", right="proposal.rule_out")
def rule_out(public_id: str) -> ResponseReturnValue:
    """Find it not eligible, with a reason."""
    proposal, form = load(queries.screened_by(me()), public_id), ReasonForm()
    if form.validate() and form.accepts(lambda: services.rule_out(me(), proposal, **form.values)):
        return see_other(_at("show", proposal))
    return _show(proposal, rule_out=form)


def _at(page: str, proposal: Proposal) -> str:
    return url_for(f"proposals.{page}", public_id=proposal.public_id)
