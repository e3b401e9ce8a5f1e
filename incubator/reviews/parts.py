"""What the reviews add to a proposal's page."""

from typing import Any

from incubator.cloud.models import Provider
from incubator.core.actions import can
from incubator.people.models import Person, Role
from incubator.people.predicates import has_role
from incubator.proposals.models import Proposal
from incubator.proposals.states import UNDECIDED, ProposalState
from incubator.reviews import queries
from incubator.reviews.models import Decision
from incubator.reviews.predicates import is_on_team
from incubator.reviews.queries.explaining import explain
from incubator.reviews.queries.told import told_to
from incubator.reviews.words import GATE_WORDS, OTHER_WORDS
from incubator.ventures.models import Venture
from incubator.ventures.predicates import is_on_team as is_of_venture
from incubator.ventures.states import RUNNING, VentureState
from incubator.web.slots import part

sees_grants = has_role(Role.OFFICE, Role.HR)
"""Who is told that grants of a venture can still vest: a total, no grant of anybody."""


@part("proposal.show", order=10)
def decision(reader: Person, proposal: Proposal) -> tuple[str, dict[str, Any]] | None:
    """The released decision with its letter, for everybody who sees the proposal; three queries once it was decided."""
    if proposal.state in UNDECIDED:
        return None
    found = queries.released_decision(proposal)
    if found is None:
        return None
    is_whole = is_on_team(reader, proposal) or not queries.hides_some_from(reader, found.round)
    reason = found.reason if found.override else _why(reader, found, proposal, is_whole=is_whole)
    return "reviews/_decision.html", {"decision": found, "reason": reason, "letters": found.letters if is_whole else []}


def _why(reader: Person, found: Decision, proposal: Proposal, *, is_whole: bool) -> str:
    if is_whole:
        return explain(found.result, proposal.currency)
    return told_to(reader, found.round)(found.result, proposal.currency, proposal.public_id)


@part("proposal.show", order=20)
def reviewing(reader: Person, proposal: Proposal) -> tuple[str, dict[str, Any]] | None:
    """Who reviews it and how far they are, for the office and the chair; never for its authors; one query."""
    if is_on_team(reader, proposal):
        return None
    may_choose, rows = can(reader, "review.assign", proposal), queries.of_proposal(proposal, reader)
    is_chair = any(row.is_chair for row in rows)
    if not rows or not (may_choose or is_chair):
        return None
    is_open = proposal.state is ProposalState.IN_REVIEW
    return "reviews/_reviewing.html", {"rows": rows, "may_choose": may_choose and is_open, "is_chair": is_chair}


@part("proposal.show", order=25)
def second_rounds(reader: Person, proposal: Proposal) -> tuple[str, dict[str, Any]] | None:
    """The second rounds of a proposal, for whoever sees them: committee, office and auditors; a query of its own only
    where there are any."""
    if is_on_team(reader, proposal) or not can(reader, "panel.list"):
        return None
    rows = queries.panels_of_proposal(proposal, reader)
    may_open = can(reader, "panel.open", proposal) and proposal.state in queries.SECOND
    if not rows and not may_open:
        return None
    return "reviews/_second_rounds.html", {"rows": rows, "may_open": may_open, "words": OTHER_WORDS}


@part("venture.show", order=50)
def tranches(reader: Person, venture: Venture) -> tuple[str, dict[str, Any]] | None:
    """A venture's tranches with their gates; two queries at most."""
    rows = queries.tranches_of(venture)
    may_plan = can(reader, "tranche.plan", venture) and venture.state in RUNNING
    may_plan = may_plan and queries.is_clear(reader, venture.proposal_id)
    if not rows and not may_plan:
        return None
    is_team = is_of_venture(reader, venture)
    return "reviews/_tranches.html", {"rows": rows, "may_plan": may_plan, "words": GATE_WORDS, "is_team": is_team}


@part("venture.show", order=5)
def closing(reader: Person, venture: Venture) -> tuple[str, dict[str, Any]] | None:
    """What of a stopped venture is not settled yet; one query where it was stopped."""
    if venture.state is not VentureState.STOPPED:
        return None
    found = queries.closing_of(venture)
    return "reviews/_closing.html", {"found": found, "sees_grants": sees_grants(reader, venture)}


@part("provider.show", order=50)
def evaluations(reader: Person, provider: Provider) -> tuple[str, dict[str, Any]] | None:
    """The confirmed evaluations of a provider with their stored results; one query."""
    rows = queries.evaluations_of(provider)
    return ("reviews/_evaluations.html", {"rows": rows, "words": OTHER_WORDS}) if rows else None
