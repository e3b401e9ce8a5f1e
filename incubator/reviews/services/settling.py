"""A new decision on one proposal after its round was released: on an appeal that was upheld, or on conditions.

It supersedes the one that stands, takes the same signatures (the chair and one more member, never the chair alone), has
letters of its own and is released by itself, with what an accepted proposal is given.
"""

from flask_babel import gettext as _

from incubator.calls.models import Seat
from incubator.core import audit, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.queue import enqueue
from incubator.core.transaction import after_commit
from incubator.notifications.services import notify
from incubator.people.models import Person
from incubator.proposals import queries as proposal_queries
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews import queries
from incubator.reviews.engines.deciding import Verdict
from incubator.reviews.models import Decision
from incubator.reviews.queries.rounds import LANGUAGES
from incubator.reviews.services.deciding import Signing, sign_one, signing_of
from incubator.reviews.services.releasing import gifts_of, release_one
from incubator.reviews.services.superseding import supersede
from incubator.reviews.states import DECISION, DecisionState, RoundState
from incubator.ventures.models import Venture

LONGEST = 4_000
ON_APPEAL = (Verdict.ACCEPTED, Verdict.SHELVED, Verdict.REJECTED)
ON_CONDITIONS = (Verdict.ACCEPTED, Verdict.REJECTED)


def outcomes_for(proposal: Proposal) -> tuple[Verdict, ...]:
    """What a new decision may say: after an appeal also what stood before; of conditions, whether they are met."""
    if proposal.state is ProposalState.ACCEPTED_CONDITIONAL:
        return ON_CONDITIONS
    return ON_APPEAL if proposal_queries.is_referred(proposal) else ()


@action("decision.settle")
def settle(actor: Person, decision: Decision, *, outcome: Verdict, reason: str) -> Decision:
    """Draw up the decision that takes the place of a released one; the chair does, or, where the chair is in conflict,
    another member. Raises Invalid at outcome or reason, WrongState unless an appeal was upheld or conditions wait."""
    round_ = queries.lock(decision.round)
    db.session.refresh(decision)
    proposal = decision.proposal
    _require_hand(actor, decision)
    allowed = outcomes_for(proposal)
    if decision.state is not DecisionState.RELEASED or round_.state is not RoundState.RELEASED or not allowed:
        raise WrongState(_("A released decision is decided anew on an upheld appeal, or when its conditions are due."))
    if outcome not in allowed:
        raise Invalid(_("Choose one of the outcomes."), field="outcome")
    words = reason.strip()
    if not words:
        raise Invalid(_("Give the reason; the second signer and the auditor will read it."), field="reason")
    if len(words) > LONGEST:
        raise Invalid(_("Shorten this to at most %(n)s characters.", n=LONGEST), field="reason")
    supersede(decision, words)
    return _draw_up(decision, outcome, words)


def _require_hand(actor: Person, decision: Decision) -> None:
    """The actor is in no conflict, and is the chair unless the chair is. Raises NotAllowed."""
    if queries.is_conflicted(actor, decision.proposal):
        raise NotAllowed(_("You are in conflict with this proposal."))
    chair = queries.chair_of(decision.round)
    if chair is not None and chair.id != actor.id and not queries.is_conflicted(chair, decision.proposal):
        raise NotAllowed(_("The chair takes this step."))


def _draw_up(former: Decision, outcome: Verdict, reason: str) -> Decision:
    decision = Decision(
        number=keys.spoken("D"),
        round_id=former.round_id,
        proposal=former.proposal,
        evaluation_id=former.evaluation_id,
        rule_version_id=former.rule_version_id,
        outcome=outcome,
        result=former.result,
        reason=reason,
        override=outcome.value != former.result["verdict"],
    )
    payload = {"outcome": outcome.value, "instead_of": former.public_id}
    audit.created(decision, cause_id=audit.current().latest_parent, payload=payload)
    for member in former.round.committee.members:
        if not queries.is_conflicted(member.person, former.proposal):
            notify(member.person_id, "decision.to_settle", address_of(decision), title=former.proposal.title)
    return decision


def address_of(decision: Decision) -> str:
    """Where a decision of this kind is signed and released."""
    return f"/decisions/{decision.public_id}/settle"


@action("decision.sign_settled")
def sign_settled(actor: Person, decision: Decision) -> Decision:
    """Sign it; with the second signature it is held, and a job writes its letters."""
    _require_single(decision, DecisionState.PREPARED, _("This decision does not wait for a signature."))
    if queries.is_conflicted(actor, decision.proposal):
        raise NotAllowed(_("You are in conflict with this proposal."))
    if any(signature.person_id == actor.id for signature in decision.signatures):
        raise WrongState(_("You have signed already. Another member of the committee signs next."))
    signing: Signing = signing_of(decision.round)
    if sign_one(actor, decision, signing):
        DECISION.move(decision, "hold")
        after_commit(_ask_for_letters)
    return decision


def _ask_for_letters() -> None:
    enqueue("reviews.letters")


def _require_single(decision: Decision, state: DecisionState, otherwise: str) -> None:
    """It is in this state, and of a round that was released: only then is it decided by itself."""
    round_ = queries.lock(decision.round)
    db.session.refresh(decision)
    if decision.state is not state or round_.state is not RoundState.RELEASED:
        raise WrongState(otherwise)


@action("decision.release_settled")
def release_settled(actor: Person, decision: Decision) -> Venture | None:
    """Tell the proposer, and open an accepted one's venture. Raises PoolShort, or WrongState while letters lack."""
    _require_single(decision, DecisionState.HELD, _("This decision does not wait for its release."))
    _require_hand(actor, decision)
    if len(decision.letters) < len(LANGUAGES):
        raise WrongState(_("The letters are not all written yet. Try again in a moment."))
    gift = gifts_of(actor, decision.round, [decision]).get(decision.id)
    return release_one(decision, gift)


def tell_committee(proposal: Proposal) -> None:
    """An upheld appeal waits for the chair, or, where the chair is in conflict, for the members."""
    decision = queries.released_decision(proposal)
    if decision is None:
        return
    members = [one for one in decision.round.committee.members if not queries.is_conflicted(one.person, proposal)]
    chairs = [one for one in members if one.seat is Seat.CHAIR]
    for member in chairs or members:
        notify(member.person_id, "appeal.referred", address_of(decision), title=proposal.title)
