"""Rounds over one subject: opened by the office, judged by reviewers, decided by the chair, confirmed by a second."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from incubator.calls.models import Committee, DecisionRuleVersion, RubricVersion, Seat
from incubator.cloud.models import Provider
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, Stale, WrongState
from incubator.notifications.services import notify
from incubator.people import access
from incubator.people.models import Company, Person
from incubator.proposals.models import Proposal
from incubator.proposals.predicates import SECOND_ROUND
from incubator.reviews import queries
from incubator.reviews.engines import deciding, scoring
from incubator.reviews.engines.deciding import DecidingError, Rule, Verdict
from incubator.reviews.models import Panel, PanelKind, PanelOutcome, PanelReview
from incubator.reviews.queries.panels import Subject
from incubator.reviews.services.conflicts import declare_conflict
from incubator.reviews.services.gates import ask_of_venture, follow_gate
from incubator.reviews.services.reviewing import check_score, engine_rubric
from incubator.reviews.services.stopping import end_panel, undecide
from incubator.reviews.states import PANEL, PANEL_REVIEW, PanelReviewState, PanelState
from incubator.ventures.models import Tranche

ONLY = "subject"
"""The one theme of an evaluation over one subject."""
OUTCOMES = {
    Verdict.ACCEPTED: PanelOutcome.PASS,
    Verdict.SHELVED: PanelOutcome.HOLD,
    Verdict.REJECTED: PanelOutcome.FAIL,
}


@dataclass(frozen=True)
class Judgement:
    """What a reviewer wrote: scores and notes by criterion key, and a note on the whole."""

    scores: Mapping[str, int | None] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@action("panel.open")
def open_panel(
    actor: Person,
    subject: Subject,
    *,
    committee: Committee,
    rubric: RubricVersion,
    rule: DecisionRuleVersion,
    reviewers: Sequence[Person],
    due_on: dt.date,
    brief: str,
) -> Panel:
    """Open a round over a subject and ask reviewers of a committee.

    Raises Invalid (field reviewers) for fewer than the rule's quorum or one who may not judge it, (field due_on) for a
    day that is over, (field subject) where a round over it is under way.
    """
    _check_opening(subject, committee, rule, reviewers)
    if due_on < clock.today():
        raise Invalid(_("Choose a day that is not over yet."), field="due_on")
    if queries.panel_under_way(subject):
        raise Invalid(_("A round over this is under way already."), field="subject")
    panel = Panel(
        kind=subject.kind, company_id=subject.company.id, committee=committee, rubric=rubric, rule=rule,
        proposal=subject.proposal, tranche=subject.tranche, provider=subject.provider, due_on=due_on,
        brief=brief.strip(),
    )  # fmt: skip
    audit.record("panel.open", subject.thing, {"kind": subject.kind.value})
    audit.created(panel, payload={"kind": subject.kind.value, "rubric": rubric.public_id, "rule": rule.public_id})
    _ask(panel, reviewers)
    return panel


def _ask(panel: Panel, reviewers: Sequence[Person]) -> None:
    title = queries.panel_title(panel)
    for person in reviewers:
        review = PanelReview(panel=panel, reviewer=person)
        audit.created(review, payload={"reviewer": person.public_id})
        address = f"/panel-reviews/{review.public_id}"
        notify(person.id, "review.panel", address, title=title, due=panel.due_on.isoformat())


@action("panel.ask_more")
def ask_more_judges(actor: Person, panel: Panel, *, reviewers: Sequence[Person]) -> None:
    """Ask more members of the committee while nothing is decided, such as after somebody stepped back.

    Raises Invalid (field reviewers) for nobody, one who was asked before or who may not judge it.
    """
    _lock(panel)
    if panel.state is not PanelState.OPEN:
        raise WrongState(_("This round is decided: nothing is written in it any more."))
    able = {judge.person.id for judge in queries.judges_to_ask(panel) if judge.is_choosable}
    if not reviewers or any(person.id not in able for person in reviewers):
        raise Invalid(_("Choose members who may judge this and were not asked yet."), field="reviewers")
    asked = {"reviewers": sorted(person.public_id for person in reviewers)}
    audit.record("panel.ask_more", panel, asked, cause_id=panel.cause_id)
    _ask(panel, reviewers)
    db.session.expire(panel, ["reviews"])


def _check_opening(
    subject: Subject, committee: Committee, rule: DecisionRuleVersion, reviewers: Sequence[Person]
) -> None:
    if committee.chair is None:
        raise Invalid(_("This committee has no chair."), field="committee")
    if not all(one.is_choosable for one in queries.panel_candidates(subject, committee, Seat.CHAIR)):
        raise Invalid(_("The chair of this committee may not judge this. Choose another."), field="committee")
    able = {one.person.id for one in queries.panel_candidates(subject, committee) if one.is_choosable}
    if any(person.id not in able for person in reviewers):
        raise Invalid(_("One of those chosen may not judge this. Choose again."), field="reviewers")
    quorum = max(queries.quorum_of(rule), 1)
    if len(reviewers) < quorum:
        words = ngettext("Choose at least %(num)s reviewer.", "Choose at least %(num)s reviewers.", quorum)
        raise Invalid(words, field="reviewers")


@action("panel_review.clear")
def clear_panel_review(actor: Person, review: PanelReview) -> None:
    """Declare that there is no conflict of interest; the subject opens to its reader."""
    _check_panel_open(review.panel)
    review.declared_at = clock.now()
    PANEL_REVIEW.move(review, "clear", payload={"conflict": False})
    if review.panel.kind is PanelKind.SECOND and review.panel.proposal is not None:
        _open_text(review, review.panel.proposal)


def _open_text(review: PanelReview, proposal: Proposal) -> None:
    """Let the reviewer read the proposal's page; of a blind call the anonymised text stands on the judgement's own."""
    if not queries.is_blind(proposal):
        access.allow(review.reviewer_id, proposal, _source(review.panel), fields=["text"])


@action("panel_review.recuse")
def recuse_from_panel(actor: Person, review: PanelReview, *, statement: str) -> None:
    """Declare a conflict of interest: the subject is seen no more, in this round or elsewhere; the office is told."""
    words = statement.strip()
    if not words:
        raise Invalid(_("Say in a few words what the conflict is."), field="statement")
    review.declared_at, review.statement = clock.now(), words
    event = PANEL_REVIEW.move(review, "recuse", reason=words, payload={"conflict": True})
    panel = review.panel
    if panel.proposal is not None:
        declare_conflict(panel.proposal, actor, event, words)
        access.withdraw(actor.id, panel.proposal, _source(panel))
    for officer in queries.office_of_panel(panel):
        address = f"/panels/{panel.public_id}"
        notify(officer.id, "review.panel_recused", address, title=queries.panel_title(panel), name=actor.name)


@action("panel_review.save")
def save_panel_review(actor: Person, review: PanelReview, *, judgement: Judgement, version: int | None = None) -> None:
    """Keep a draft. Raises Invalid (field score_<key>) for a score off its criterion's scale.

    version: the one the reviewer started from; Stale when the judgement has moved on since.
    """
    _check_panel_open(review.panel)
    if review.state is not PanelReviewState.CLEARED:
        raise WrongState(_("This review can't be changed any more. Reload the page to see where it stands."))
    if version is not None and version != review.version:
        raise Stale(_("This judgement was changed in another window meanwhile."))
    criteria = review.panel.rubric.criteria
    for criterion in criteria:
        check_score(criterion, criterion.key, judgement.scores.get(criterion.key))
    keys = [criterion.key for criterion in criteria]
    review.scores = {key: [judgement.scores.get(key), judgement.notes.get(key, "").strip()] for key in keys}
    review.note = judgement.note.strip()
    scores = {key: value for key, (value, _note) in review.scores.items()}
    review.total = scoring.score_review(engine_rubric(review.panel.rubric), scores).hundredths


@action("panel_review.seal")
def seal_panel_review(actor: Person, review: PanelReview, *, judgement: Judgement, version: int | None = None) -> None:
    """Hand the judgement in: from now on it counts and stays. Raises Invalid while a criterion has no score, Stale as
    saving does."""
    save_panel_review(actor, review, judgement=judgement, version=version)
    for criterion in review.panel.rubric.criteria:
        value, note = review.scores[criterion.key]
        if value is None and not criterion.may_abstain:
            words = _("Choose a score from %(low)s to %(high)s.", low=criterion.low, high=criterion.high)
            raise Invalid(words, field=f"score_{criterion.key}")
        if value is not None and criterion.needs_note(value) and not note:
            words = _("Say what this score rests on: this criterion asks for it.")
            raise Invalid(words, field=f"note_{criterion.key}")
    if review.total is None:
        raise Invalid(_("Score criteria that carry at least half of the weight."))
    review.sealed_at = clock.now()
    scores = {key: value for key, (value, _note) in review.scores.items()}
    PANEL_REVIEW.move(review, "seal", payload={"scores": scores, "total": review.total})


def _check_panel_open(panel: Panel) -> None:
    state = db.session.scalar(select(Panel.state).where(Panel.id == panel.id).with_for_update(read=True))
    if state is not PanelState.OPEN:
        raise WrongState(_("This round is decided: nothing is written in it any more."))


@action("panel.decide")
def decide_panel(
    actor: Person,
    panel: Panel,
    *,
    outcome: PanelOutcome | None = None,
    reason: str = "",
    asks: str = "",
    until_on: dt.date | None = None,
) -> None:
    """Let the rule decide over the sealed judgements, and say what it comes to.

    outcome: another than the rule's, with a reason. asks, until_on: of a hold or a pivot, what must be shown or
    changed, and of a hold until when. Raises Invalid below the quorum.
    """
    _lock(panel)
    inputs = panel_inputs(panel)
    try:
        found = deciding.replay(inputs)
    except DecidingError as error:
        raise Invalid(_("The decision rule can't be applied: %(why)s", why=str(error)), field="outcome") from error
    decided = found.by_key[panel.subject_key]
    if decided.verdict is Verdict.NOT_DECIDABLE:
        words = ngettext("The rule asks for %(num)s sealed review.", "The rule asks for %(num)s sealed reviews.",
                         decided.quorum)  # fmt: skip
        raise Invalid(words, field="outcome")
    own, result = OUTCOMES[decided.verdict], result_of_panel(panel, found)
    panel.override, panel.reason = outcome not in (None, own), reason.strip()
    if panel.override and not panel.reason:
        raise Invalid(_("Give the reason; the second signer and the auditor will read it."), field="reason")
    panel.outcome, panel.decided_by_id = outcome or own, actor.id
    ask_of_venture(panel, asks.strip(), until_on)
    panel.inputs, panel.inputs_hash = inputs, found.inputs_hash
    panel.result = result
    payload = {
        "outcome": panel.outcome.value, "inputs_hash": panel.inputs_hash, "override": panel.override,
        "asks": panel.asks, "until_on": panel.until_on.isoformat() if panel.until_on else None,
    }  # fmt: skip
    PANEL.move(panel, "decide", reason=panel.reason or None, payload=payload)
    for member in panel.committee.members:
        if member.person_id != actor.id and queries.may_judge(panel, member.person):
            title = queries.panel_title(panel)
            notify(member.person_id, "review.panel_confirm", f"/panels/{panel.public_id}", title=title)


def _lock(panel: Panel) -> None:
    db.session.refresh(panel, with_for_update={"of": Panel})


def panel_inputs(panel: Panel) -> dict[str, object]:
    """All that the rule is given: one row, whose money is at hand, for a gate or an evaluation is no contest."""
    summary = scoring.summarise(engine_rubric(panel.rubric), _sealed_scores(panel))
    asked = panel.tranche.amount if panel.tranche is not None else 0
    row = deciding.Row(panel.subject_key, ONLY, summary.reviews, asked, summary.total, summary.means)
    return deciding.inputs(Rule.from_data(panel.rule.data), [row], {ONLY: asked})


def _sealed_scores(panel: Panel) -> list[dict[str, int | None]]:
    return [
        {key: value for key, (value, _note) in review.scores.items()}
        for review in panel.reviews
        if review.state is PanelReviewState.SEALED
    ]


def result_of_panel(panel: Panel, found: deciding.Outcome) -> dict[str, object]:
    """What is stored of an evaluation: verdict, reason, and the scores that it went by (hundredths)."""
    decided = found.by_key[panel.subject_key]
    summary = scoring.summarise(engine_rubric(panel.rubric), _sealed_scores(panel))
    return {
        "verdict": decided.verdict.value, "reason": decided.reason.value, "minimum": decided.minimum,
        "quorum": decided.quorum, "reviews": summary.reviews, "total": summary.total, "spread": summary.spread,
        "means": dict(summary.means), "engines": [found.engine, scoring.ENGINE_VERSION],
    }  # fmt: skip


@action("panel.send_back")
def send_back_panel(actor: Person, panel: Panel, *, reason: str) -> None:
    """Do not confirm: the chair decides again, and more reviewers may seal meanwhile."""
    words = reason.strip()
    if not words:
        raise Invalid(_("Give the reason."), field="reason")
    _lock(panel)
    _check_second(actor, panel)
    undecide(panel)
    PANEL.move(panel, "send_back", reason=words)


@action("panel.cancel")
def cancel_panel(actor: Person, panel: Panel, *, reason: str) -> None:
    """End a round that is not confirmed, such as one whose reviewers fell short: nothing follows from it, and another
    may be opened over the same."""
    words = reason.strip()
    if not words:
        raise Invalid(_("Give the reason."), field="reason")
    _lock(panel)
    end_panel(panel, words)
    _close_text(panel)


@action("panel.confirm")
def confirm_panel(actor: Person, panel: Panel) -> None:
    """Confirm the chair's decision as another member: at a gate, go opens tranche, stage and credits together, hold
    stops new money, and kill stops the venture, by rule with all that hangs on it.

    Raises Invalid where what go opens can't be opened: nothing is confirmed then.
    """
    _lock(panel)
    _check_second(actor, panel)
    panel.confirmed_by_id, panel.confirmed_at = actor.id, clock.now()
    event = PANEL.move(panel, "confirm", payload={"outcome": panel.outcome.value if panel.outcome else None})
    if panel.tranche is not None:
        follow_gate(panel, panel.tranche, event.id)
    _close_text(panel)
    for officer in queries.office_of_panel(panel):
        notify(officer.id, "review.panel_done", f"/panels/{panel.public_id}", title=queries.panel_title(panel))


def _check_second(actor: Person, panel: Panel) -> None:
    if panel.decided_by_id == actor.id:
        raise Invalid(_("Another member confirms what you decided."), field="reason")


def _close_text(panel: Panel) -> None:
    for review in panel.reviews:
        if panel.proposal is not None:
            access.withdraw(review.reviewer_id, panel.proposal, _source(panel))


def close_to_conflicted() -> int:
    """Take the text back from reviewers who may no longer judge it; answers from how many. Called by a job."""
    found = queries.panels_read_in_conflict()
    for review in found:
        if review.panel.proposal is not None:
            access.withdraw(review.reviewer_id, review.panel.proposal, _source(review.panel))
    return len(found)


def _source(panel: Panel) -> str:
    return f"{SECOND_ROUND}{panel.public_id}"


def replay_panel(panel: Panel) -> tuple[str, ...]:
    """Work a decided panel out again from what was stored; answers the names of what differs, none when it is equal."""
    if panel.inputs is None:
        return ()
    try:
        again = deciding.replay(panel.inputs)
    except (DecidingError, KeyError, TypeError) as error:
        return (str(error),)
    same = {
        "inputs_hash": again.inputs_hash == panel.inputs_hash,
        "rule": again.rule == Rule.from_data(panel.rule.data),
        "result": result_of_panel(panel, again) == panel.result,
    }
    return tuple(name for name, holds in same.items() if not holds)


def subject_of(kind: PanelKind, thing: Proposal | Tranche | Provider) -> Subject:
    """The subject of a round: a proposal, a planned tranche, or a provider."""
    if isinstance(thing, Proposal):
        return Subject(kind, thing, thing.company, proposal=thing)
    if isinstance(thing, Tranche):
        venture = thing.venture
        return Subject(kind, thing, venture.company, proposal=venture.proposal, tranche=thing)
    return Subject(kind, thing, _company(thing), provider=thing)


def _company(provider: Provider) -> Company:
    return provider.company
