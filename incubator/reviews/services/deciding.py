"""From the last review to signed decisions: close, let the rule decide, sign."""

from dataclasses import dataclass, replace

from flask_babel import gettext as _
from flask_babel import ngettext

from incubator.calls.models import Seat
from incubator.core import audit, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed, WrongState
from incubator.notifications.services import notify
from incubator.people.models import Person
from incubator.proposals import services as proposals
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews import queries
from incubator.reviews.engines import deciding
from incubator.reviews.engines.deciding import Decided, DecidingError, Rule, Verdict
from incubator.reviews.models import Decision, DecisionSignature, Evaluation, ReviewSummary, Round
from incubator.reviews.queries.told import result_of
from incubator.reviews.services.counting import recount
from incubator.reviews.states import DECISION, REVIEW, ROUND, UNFINISHED, DecisionState, ReviewState, RoundState

SIGNATURES = 2
"""A decision takes the chair and one more member; two more where the chair is in conflict."""
OUTCOMES = (Verdict.ACCEPTED, Verdict.SHELVED, Verdict.REJECTED)


class BelowQuorum(DomainError):
    """A proposal has fewer sealed reviews than the rule asks for (409)."""

    status = 409
    code = "below_quorum"


@dataclass(frozen=True)
class Signing:
    """Who must sign: the chair, and the proposals the chair is kept from."""

    chair_id: int | None
    hidden_from_chair: frozenset[int]

    def is_enough(self, decision: Decision, signers: set[int]) -> bool:
        """Tell whether these persons' signatures make the decision."""
        needs_chair = self.chair_id is not None and decision.proposal_id not in self.hidden_from_chair
        return len(signers) >= SIGNATURES and (self.chair_id in signers or not needs_chair)


@action("round.close")
def close_round(actor: Person, round_: Round) -> None:
    """End the reviewing: every proposal has its quorum and goes to deliberation.

    Sealed reviews are locked; what is not sealed expires and keeps its draft. Raises BelowQuorum.
    """
    queries.lock(round_)
    found = queries.proposals_of(round_, ProposalState.IN_REVIEW, ProposalState.CLARIFICATION)
    if not found:
        raise WrongState(_("No proposal is under review in this round."))
    if any(proposal.state is ProposalState.CLARIFICATION for _summary, proposal in found):
        raise WrongState(_("Questions to a proposer wait for their answers: close the round after that."))
    _check_quorum(actor, round_, found)
    ROUND.move(round_, "close", payload={"proposals": len(found)})
    _close_reviews(round_)
    for _summary, proposal in found:
        proposals.deliberate(proposal)


def _check_quorum(actor: Person, round_: Round, found: list[tuple[ReviewSummary, Proposal]]) -> None:
    quorum = queries.quorum_of(round_.rule)
    short = [proposal for summary, proposal in found if summary.sealed < quorum]
    if not short:
        return
    kept = queries.kept_from(actor, round_)
    shown = [proposal.title for proposal in short if proposal.id not in kept]
    if not shown:
        raise BelowQuorum(_("A review that the rule asks for is still missing; the innovation office sees which."))
    words = ngettext(
        "The rule asks for %(num)s sealed review of every proposal; %(n)s fall short: %(titles)s",
        "The rule asks for %(num)s sealed reviews of every proposal; %(n)s fall short: %(titles)s",
        quorum,
        n=len(shown),
        titles=" · ".join(shown[:5]),
    )
    raise BelowQuorum(words)


def _close_reviews(round_: Round) -> None:
    late: set[int] = set()
    for review in queries.reviews_of(round_):
        if review.state is ReviewState.SEALED:
            REVIEW.move(review, "lock")
        elif review.state in UNFINISHED:
            REVIEW.move(review, "expire")
            late.add(review.reviewer_id)
    for reviewer_id in sorted(late):
        recount(reviewer_id)


@action("round.prepare")
def prepare(actor: Person, round_: Round) -> list[Decision]:
    """Let the decision rule decide every proposal of the round, and store everything that went in.

    Raises WrongState while a second round over one of them is under way: what it comes to is to be known by then.
    """
    queries.lock(round_)
    _check_second_rounds(actor, round_)
    outcome, inputs = evaluate(round_, ProposalState.DELIBERATION)
    if outcome.errors or not outcome.rows:
        raise WrongState(_("There is nothing the rule can decide yet: close the round first."))
    moved = ROUND.move(round_, "prepare", payload={"inputs_hash": outcome.inputs_hash, "engine": outcome.engine})
    evaluation = Evaluation(
        round_id=round_.id, rule_version_id=round_.rule_version_id, inputs=inputs, inputs_hash=outcome.inputs_hash
    )
    audit.created(evaluation, cause_id=moved.id)
    found = [proposal for _summary, proposal in queries.proposals_of(round_, ProposalState.DELIBERATION)]
    causes = queries.events_of(found, "proposal.deliberate")
    decisions = []
    for proposal in found:
        decision = draw_up(round_, evaluation, proposal, outcome.by_key[proposal.public_id])
        payload = {"outcome": decision.outcome.value, "evaluation": evaluation.public_id}
        audit.created(decision, cause_id=causes[proposal.id], payload=payload)
        decisions.append(decision)
    _tell_members(round_)
    return decisions


def _check_second_rounds(actor: Person, round_: Round) -> None:
    waiting = queries.second_rounds_under_way(round_)
    if not waiting:
        return
    kept = queries.kept_from(actor, round_)
    titles = [proposal.title for proposal in waiting if proposal.id not in kept]
    if not titles:
        raise WrongState(_("A second round is not confirmed yet; the innovation office sees which."))
    words = " · ".join(titles[:5])
    raise WrongState(
        _("A second round is not confirmed yet, or to be cancelled by the office: %(titles)s", titles=words)
    )


def evaluate(round_: Round, *states: ProposalState) -> tuple[deciding.Outcome, dict[str, object]]:
    """Apply the round's rule to its proposals in these states as they stand: the outcome and all that went in."""
    found, budgets = queries.rule_rows(round_, *states), queries.budgets(round_)
    if len(queries.currencies(round_)) > 1:
        raise Invalid(_("The proposals of a round ask in one currency, that of its budgets."))
    try:
        rule = Rule.from_data(round_.rule.data)
        drawn = queries.lots(round_) if rule.lottery else {}
        rows = [
            replace(row, zone=drawn[key][0], lot=drawn[key][1]) if key in drawn else row for key, row in found.items()
        ]
        return deciding.evaluate(rule, rows, budgets), deciding.inputs(rule, rows, budgets)
    except DecidingError as error:
        raise Invalid(_("The decision rule can't be applied: %(why)s", why=str(error))) from error


def draw_up(round_: Round, evaluation: Evaluation, proposal: Proposal, decided: Decided) -> Decision:
    """The decision as the rule has it, not yet saved."""
    return Decision(
        number=keys.spoken("D"),
        round_id=round_.id,
        proposal=proposal,
        evaluation_id=evaluation.id,
        rule_version_id=round_.rule_version_id,
        outcome=decided.verdict,
        result=result_of(decided),
    )


def _tell_members(round_: Round) -> None:
    for member in round_.committee.members:
        if member.seat is Seat.MEMBER:
            notify(member.person_id, "decision.prepared", f"/rounds/{round_.public_id}/decision")


@action("decision.override")
def override(actor: Person, decision: Decision, *, outcome: Verdict, reason: str) -> None:
    """Decide otherwise than the rule, before anybody has signed; the second signature confirms it."""
    round_ = queries.lock(decision.round)
    if queries.is_conflicted(actor, decision.proposal):
        raise NotAllowed(_("You are in conflict with this proposal."))
    if round_.state is not RoundState.DECIDED:
        raise WrongState(_("The decisions of this round are not waiting for their release."))
    if decision.state is not DecisionState.PREPARED or decision.signatures:
        raise WrongState(_("Somebody has signed already, so this decision stands as it is."))
    if outcome not in OUTCOMES or outcome is decision.outcome:
        raise Invalid(_("Choose another outcome than the present one."), field="outcome")
    if not reason.strip():
        raise Invalid(_("Give the reason; the second signer and the auditor will read it."), field="reason")
    before, decision.outcome = decision.outcome, outcome
    decision.override, decision.reason = outcome.value != decision.result["verdict"], reason.strip()
    payload = {"from": before.value, "to": outcome.value, "rule": decision.result["verdict"]}
    audit.record("decision.override", decision, payload, reason=decision.reason)


@action("decision.sign")
def sign(actor: Person, round_: Round) -> int:
    """Sign every prepared decision of the round that the member is not kept from; answers how many are now signed."""
    queries.lock(round_)
    if round_.state is not RoundState.DECIDED:
        raise WrongState(_("There is nothing to sign in this round now."))
    prepared, kept = queries.current_decisions(round_, DecisionState.PREPARED), queries.kept_from(actor, round_)
    mine = [
        decision
        for decision in prepared
        if all(signature.person_id != actor.id for signature in decision.signatures)
        and decision.proposal_id not in kept
    ]
    if not mine:
        raise WrongState(_("You have signed already. Another member of the committee signs next."))
    signing = signing_of(round_)
    return sum(sign_one(actor, decision, signing) for decision in mine)


def signing_of(round_: Round) -> Signing:
    """Who must sign a round's decisions."""
    chair = queries.chair_of(round_)
    return Signing(chair.id if chair else None, queries.kept_from(chair, round_) if chair else frozenset())


def sign_one(actor: Person, decision: Decision, signing: Signing) -> bool:
    """Put a signature under a decision; answers whether it is now signed by enough."""
    signature = DecisionSignature(decision_id=decision.id, person_id=actor.id)
    payload = {"decision": decision.public_id, "outcome": decision.outcome.value}
    audit.created(signature, cause_id=decision.cause_id, payload=payload)
    signers = {actor.id, *(signature.person_id for signature in decision.signatures)}
    db.session.expire(decision, ["signatures"])
    if not signing.is_enough(decision, signers):
        audit.record("decision.sign", decision, {"signatures": len(signers), "override": decision.override})
        return False
    DECISION.move(decision, "sign", payload={"signatures": len(signers), "override": decision.override})
    return True
