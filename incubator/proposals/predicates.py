"""Yes-or-no questions about a proposal, for the permission table and the pages."""

from typing import Any

from incubator.people.models import Person
from incubator.proposals.models import Proposal, TeamMember


def is_lead(actor: Any, proposal: Proposal | None) -> bool:
    """The person who proposes; without a proposal: anybody who works here."""
    return isinstance(actor, Person) and (proposal is None or proposal.lead_id == actor.id)


def is_author(actor: Any, proposal: Proposal | None) -> bool:
    """The proposer or somebody of the team."""
    if not isinstance(actor, Person) or proposal is None:
        return False
    return proposal.lead_id == actor.id or any(member.person_id == actor.id for member in proposal.team)


def is_close_to_team(actor: Any, proposal: Proposal | None) -> bool:
    """Manager or report of somebody of the team, or of the same cost centre: not the one to judge it."""
    if not isinstance(actor, Person) or proposal is None:
        return False
    return any(are_close(actor, member.person) for member in proposal.team)


def are_close(one: Person, other: Person) -> bool:
    """One manages the other, or both belong to one cost centre."""
    if one.id == other.id:
        return False
    has_same_center = bool(one.cost_center) and one.cost_center == other.cost_center
    return one.id == other.manager_id or other.id == one.manager_id or has_same_center


def is_asked(actor: Any, member: TeamMember | None) -> bool:
    """The very person whose share it is, and not the proposer, who agrees by asking."""
    return (
        isinstance(actor, Person)
        and member is not None
        and member.person_id == actor.id
        and member.proposal.lead_id != actor.id
    )


def is_addressed(actor: Any, call: Any) -> bool:
    """An employee whom a call is addressed to."""
    return isinstance(actor, Person) and actor.is_active and (call is None or call.is_for(actor))
