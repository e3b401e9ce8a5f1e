"""The release: letters, decided proposals, ventures and their credits, all in one transaction or none."""

from collections import defaultdict
from dataclasses import dataclass

from flask_babel import gettext as _

from incubator.calls import queries as calls
from incubator.calls.models import CreditPool
from incubator.core import clock
from incubator.core.actions import action
from incubator.core.audit import AuditEvent
from incubator.core.errors import DomainError, WrongState
from incubator.core.queue import enqueue
from incubator.core.transaction import after_commit
from incubator.ledger import services as ledger
from incubator.notifications.services import notify
from incubator.people.models import Person
from incubator.proposals import services as proposals
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews import queries
from incubator.reviews.engines.deciding import Verdict
from incubator.reviews.models import Decision, Round
from incubator.reviews.queries.rounds import LANGUAGES
from incubator.reviews.services.superseding import supersede
from incubator.reviews.states import DECISION, ROUND, DecisionState, RoundState
from incubator.ventures import services as ventures
from incubator.ventures.models import Venture
from incubator.web.formats import money
from incubator.web.words import local_words


class PoolShort(DomainError):
    """A credit pool holds less than the accepted proposals ask for, or there is none (409)."""

    status = 409
    code = "pool_short"


@dataclass(frozen=True)
class Gift:
    """What an accepted proposal gets: so many minor units from a pool; no pool where it asks for nothing."""

    pool: CreditPool | None
    amount: int


@action("decision.hold")
def hold(actor: Person, round_: Round) -> None:
    """Keep the signed decisions until the release; a job renders their letters meanwhile."""
    queries.lock(round_)
    decisions = _standing(round_)
    if any(decision.state is DecisionState.PREPARED for decision in decisions):
        raise WrongState(_("Every decision needs two signatures first."))
    for decision in decisions:
        DECISION.move(decision, "hold")
    after_commit(_ask_for_letters)


def _ask_for_letters() -> None:
    enqueue("reviews.letters")


@action("decision.release")
def release(actor: Person, round_: Round) -> list[Venture]:
    """Tell the proposers, open the accepted ventures and give them their credits, together or not at all.

    Raises PoolShort, saying which pool lacks how much; WrongState when another release came first or a letter is
    missing.
    """
    queries.lock(round_)
    if round_.state is not RoundState.DECIDED:
        raise WrongState(_("The decisions of this round are not waiting for their release."))
    decisions = _standing(round_)
    for decision in decisions:
        if decision.state is not DecisionState.HELD or len(decision.letters) < len(LANGUAGES):
            raise WrongState(_("The letters are not all written yet. Try again in a moment."))
    gifts = gifts_of(actor, round_, decisions)
    ROUND.move(round_, "release", payload={"decisions": len(decisions), "accepted": len(gifts)})
    opened = [release_one(decision, gifts.get(decision.id)) for decision in decisions]
    return [venture for venture in opened if venture is not None]


def _standing(round_: Round) -> list[Decision]:
    """The decisions to go on with; one whose proposer withdrew meanwhile is superseded."""
    decisions = queries.current_decisions(round_)
    for decision in decisions:
        if decision.proposal.state is ProposalState.WITHDRAWN:
            supersede(decision, _("The proposer withdrew the proposal."))
    return [decision for decision in decisions if decision.state is not DecisionState.SUPERSEDED]


def gifts_of(actor: Person, round_: Round, decisions: list[Decision]) -> dict[int, Gift]:
    """What each accepted proposal gets, by decision id. Raises PoolShort before anything is written.

    An actor who is kept from one of the proposals is told no title and no sum that would tell its outcome.
    """
    years = {entry.theme_id: entry.year for entry in round_.call.themes}
    hidden = queries.hides_some_from(actor, round_)
    gifts: dict[int, Gift] = {}
    needed: defaultdict[CreditPool, int] = defaultdict(int)
    for decision in decisions:
        if decision.outcome is Verdict.ACCEPTED:
            gift = _gift(decision.proposal, years, hidden)
            gifts[decision.id] = gift
            if gift.pool is not None:
                needed[gift.pool] += gift.amount
    for pool, amount in needed.items():
        _check_pool(pool, amount, hidden)
    return gifts


def _lacking() -> PoolShort:
    return PoolShort(_("A credit pool does not cover what was accepted; the innovation office sees which."))


def _gift(proposal: Proposal, years: dict[int, int], hidden: bool) -> Gift:
    if not proposal.asked or proposal.theme_id is None:
        return Gift(None, 0)
    pool = calls.pool_for(proposal.company, proposal.theme_id, years[proposal.theme_id], proposal.currency)
    if pool is None:
        if hidden:
            raise _lacking()
        words = _("There is no credit pool for “%(title)s” in its theme and year.", title=proposal.title)
        raise PoolShort(words)
    return Gift(pool, proposal.asked)


def _check_pool(pool: CreditPool, needed: int, hidden: bool) -> None:
    held = ledger.account_of("pool", pool, pool.currency).balance
    if held < needed and hidden:
        raise _lacking()
    if held < needed:
        raise PoolShort(
            _(
                "The pool of %(company)s for %(theme)s %(year)s holds %(held)s and the accepted proposals need "
                "%(needed)s: %(lack)s is lacking. Nothing was released.",
                company=local_words(pool.company.name),
                theme=local_words(pool.theme.name),
                year=pool.year,
                held=money(held, pool.currency),
                needed=money(needed, pool.currency),
                lack=money(needed - held, pool.currency),
            )
        )


def release_one(decision: Decision, gift: Gift | None) -> Venture | None:
    """Release a held decision; the proposal goes where it says, and an accepted one becomes a venture."""
    proposal = decision.proposal
    decision.released_at = clock.now()
    hashes = {letter.language: letter.hash.hex() for letter in decision.letters}
    event = DECISION.move(decision, "release", payload={"outcome": decision.outcome.value, "letters": hashes})
    for letter in decision.letters:
        letter.released_at = decision.released_at
    proposals.decide(proposal, ProposalState(decision.outcome.value), cause_id=event.id)
    notify(proposal.lead_id, "decision.released", f"/proposals/{proposal.public_id}", title=proposal.title)
    return None if gift is None else _charter(proposal, gift, event)


def _charter(proposal: Proposal, gift: Gift, event: AuditEvent) -> Venture:
    venture = ventures.charter(proposal, cause_id=event.id)
    if gift.pool is not None:
        ventures.grant_credit(venture, pool=gift.pool, amount=gift.amount, cause_id=event.id)
    return venture
