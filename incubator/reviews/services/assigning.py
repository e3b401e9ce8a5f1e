"""Putting a proposal to its committee, and the declaration that opens the dossier."""

import hashlib
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from incubator.calls.models import Seat
from incubator.core import audit, clock, keys
from incubator.core.actions import action
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.notifications.services import notify
from incubator.people import access
from incubator.people.models import Person
from incubator.proposals import services as proposals
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews import queries
from incubator.reviews.models import Review, ReviewSummary, Round
from incubator.reviews.queries.conflicts import Candidate
from incubator.reviews.services.conflicts import declare_conflict, keep_onlookers_out, write_conflict
from incubator.reviews.services.counting import recount
from incubator.reviews.services.slots import free, tell_office
from incubator.reviews.states import REVIEW, RoundState

ROUND_CLOSED = _l(
    "The committee has closed this call’s round and reviews nothing more in it. On the proposal’s page, rule it out "
    "with this as the reason; its proposer can hand the idea in to the next call."
)


@action("proposal.open_review")
def put_to_committee(actor: Person, proposal: Proposal, *, reviewers: Sequence[Person]) -> list[Review]:
    """Give a screened proposal to reviewers of its call's committee.

    Every member in conflict is kept from it from now on. Raises Invalid (field reviewers) for fewer than the decision
    rule's quorum, or one who may not judge it.
    """
    _check_round(queries.round_of(proposal.call))
    known = queries.candidates(proposal)
    _check_choice(known, reviewers)
    quorum = queries.quorum_of(proposal.call.rule)
    if len(reviewers) < quorum:
        words = ngettext("Choose at least %(num)s reviewer.", "Choose at least %(num)s reviewers.", max(quorum, 1))
        raise Invalid(words, field="reviewers")
    if proposal.theme_id is None or proposal.call.rubric.published_at is None:
        raise Invalid(_("The proposal needs a theme and its call a published rubric first."), field="reviewers")
    if queries.is_blind(proposal) and queries.approved_text(proposal) is None:
        raise Invalid(_("Its anonymised text must be approved first: this call hides who proposes."), field="reviewers")
    opened = proposals.open_review(proposal)
    round_ = _round_of(proposal)
    _keep_out(proposal, known, opened)
    keep_onlookers_out(proposal_id=proposal.id)
    summary = ReviewSummary(
        round_id=round_.id, proposal_id=proposal.id, theme_id=proposal.theme_id, asked=proposal.asked or 0
    )
    db.session.add(summary)
    return _assign(round_, proposal, summary, reviewers, opened.id)


@action("review.assign")
def assign(actor: Person, proposal: Proposal, *, reviewers: Sequence[Person]) -> list[Review]:
    """Ask more reviewers while the round is open, such as after a recusal; of two officers at once one goes first."""
    return _assign_more(proposal, reviewers)


@action("review.assign_more")
def assign_more(actor: Person, proposal: Proposal, *, reviewers: Sequence[Person]) -> list[Review]:
    """The same where the ranking leaves it open and the chair wants to know more."""
    return _assign_more(proposal, reviewers)


def _assign_more(proposal: Proposal, reviewers: Sequence[Person]) -> list[Review]:
    round_ = queries.round_of(proposal.call)
    if round_ is not None:
        queries.lock(round_, shared=True)
    if round_ is None or round_.state is not RoundState.OPEN or proposal.state is not ProposalState.IN_REVIEW:
        raise Invalid(_("The review of this proposal is not open."), field="reviewers")
    summary = queries.summary_of(round_, proposal, lock=True)
    _check_choice(queries.candidates(proposal), reviewers)
    opened = audit.event_of(proposal, "proposal.open_review")
    return _assign(round_, proposal, summary, reviewers, opened.id)


@action("review.ask_one_more")
def ask_one_more(actor: Person, proposal: Proposal) -> Review:
    """Ask one more reviewer for a proposal: the member with the least to do who may judge it and has load to spare.

    Raises Invalid when there is none.
    """
    able = [one for one in queries.candidates(proposal) if one.is_choosable and one.load < queries.LOAD]
    if not able:
        raise Invalid(_("No member who may review this proposal has load to spare."), field="reviewers")
    chosen = min(able, key=lambda one: (one.load, one.person.public_id))
    return assign(actor, proposal, reviewers=[chosen.person])[0]


def declare(actor: Person, review: Review, *, has_conflict: bool, statement: str = "") -> None:
    """Say whether there is a conflict of interest; only then does the dossier open, or the slot become free."""
    if has_conflict:
        recuse(actor, review, statement=statement)
    else:
        clear(actor, review)


@action("review.clear")
def clear(actor: Person, review: Review) -> None:
    """Declare that there is no conflict of interest: the dossier opens, in a blind call its anonymised text alone."""
    review.declared_at = clock.now()
    REVIEW.move(review, "clear", payload={"conflict": False})
    if not queries.is_blind(review.proposal):
        access.allow(actor.id, review.proposal, "assignment")


@action("review.recuse")
def recuse(actor: Person, review: Review, *, statement: str) -> None:
    """Declare a conflict of interest: the slot becomes free, and the office is asked for a replacement."""
    reason = statement.strip()
    if not reason:
        raise Invalid(_("Say in a few words what the conflict is."), field="statement")
    review.declared_at, review.statement = clock.now(), reason
    event = REVIEW.move(review, "recuse", reason=reason, payload={"conflict": True})
    proposal = review.proposal
    declare_conflict(proposal, actor, event, reason)
    free(review)
    tell_office(review, "review.recused")


def _check_choice(known: Sequence[Candidate], reviewers: Sequence[Person]) -> None:
    choosable = {candidate.person.id for candidate in known if candidate.is_choosable}
    chosen = [person.id for person in reviewers]
    if not chosen:
        raise Invalid(_("Choose who is to review it."), field="reviewers")
    if len(set(chosen)) < len(chosen) or not choosable.issuperset(chosen):
        raise Invalid(_("One of those chosen may not review this proposal. Choose again."), field="reviewers")


def _round_of(proposal: Proposal) -> Round:
    """The call's round, made with its first proposal, also when two officers race. Raises Invalid once it is closed."""
    call = proposal.call
    cause = audit.event_of(call, "call.publish")
    values = {
        "public_id": keys.public_id(), "created_at": clock.now(), "version": 1, "call_id": call.id,
        "committee_id": call.committee_id, "rubric_version_id": call.rubric_version_id,
        "rule_version_id": call.rule_version_id, "state": RoundState.OPEN, "cause_id": cause.id,
    }  # fmt: skip
    made = db.session.scalar(
        insert(Round).values(**values).on_conflict_do_nothing(index_elements=["call_id"]).returning(Round.id)
    )
    round_ = db.session.scalars(select(Round).where(Round.call_id == call.id).with_for_update(read=True)).one()
    if made is not None:
        commitment = hashlib.sha256(round_.seed.encode()).hexdigest()
        audit.record("review_round.create", round_, {"seed_hash": commitment}, cause_id=cause.id)
    _check_round(round_)
    return round_


def _check_round(round_: Round | None) -> None:
    if round_ is not None and round_.state is not RoundState.OPEN:
        raise Invalid(str(ROUND_CLOSED), field="reviewers")


def _keep_out(proposal: Proposal, known: Sequence[Candidate], event: AuditEvent) -> None:
    """Hide the proposal from every member in conflict, and show it to the chair who is in none."""
    written = queries.written_conflicts([proposal])
    for candidate in known:
        for kind in set(candidate.conflicts) - written.get((proposal.id, candidate.person.id), set()):
            write_conflict(proposal, candidate.person.id, kind, event)
        if candidate.seat is Seat.CHAIR and not candidate.conflicts:
            access.allow(candidate.person.id, proposal, "committee", fields=["text"])


def _assign(
    round_: Round, proposal: Proposal, summary: ReviewSummary, reviewers: Sequence[Person], cause_id: int
) -> list[Review]:
    reviews, title = [], queries.title_for_reviewers(proposal)
    for person in reviewers:
        review = Review(round=round_, proposal=proposal, reviewer=person)
        audit.created(review, cause_id=cause_id, payload={"reviewer": person.public_id})
        due = proposal.call.review_due_on.isoformat()
        notify(person.id, "review.assigned", f"/reviews/{review.public_id}", title=title, due=due)
        recount(person.id)
        reviews.append(review)
    summary.assigned = (summary.assigned or 0) + len(reviews)
    return reviews
