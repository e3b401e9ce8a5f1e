"""Yes-or-no questions about a proposal, for the permission table and the pages."""

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, select

from incubator.calls.models import CommitteeMember, Seat
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.people.models import Person
from incubator.proposals.models import Proposal, TeamChange, TeamMember


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


def is_mate(actor: Any, proposal: Proposal | None) -> bool:
    """Somebody of the team who is not the proposer."""
    return is_author(actor, proposal) and not is_lead(actor, proposal)


def is_its_chair(actor: Any, proposal: Proposal | None) -> bool:
    """The chair of its call's committee, who has no part in it and is not close to its team."""
    if not isinstance(actor, Person) or proposal is None or is_author(actor, proposal):
        return False
    values = {"committee_id": proposal.call.committee_id, "person_id": actor.id}
    return not is_close_to_team(actor, proposal) and db.session.execute(_seat(), values).first() is not None


@cache
def _seat() -> Select[int]:
    """The chair's seat of a committee, if the person holds it."""
    return select(CommitteeMember.id).where(
        CommitteeMember.committee_id == bindparam("committee_id", type_=BigInteger),
        CommitteeMember.person_id == bindparam("person_id", type_=BigInteger),
        CommitteeMember.seat == Seat.CHAIR,
    )


def has_ruled_out(actor: Any, proposal: Proposal | None) -> bool:
    """Whoever last found it not eligible: not the one to answer an appeal against that."""
    if not isinstance(actor, Person) or proposal is None:
        return False
    ruled = (
        select(AuditEvent.actor_id)
        .where(
            AuditEvent.subject_type == Proposal.__tablename__,
            AuditEvent.subject_id == proposal.id,
            AuditEvent.name == "proposal.rule_out",
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    return db.session.scalar(ruled) == actor.id


def is_concerned(actor: Any, change: TeamChange | None) -> bool:
    """Somebody whose share a change of the team would change."""
    return (
        isinstance(actor, Person)
        and change is not None
        and any(part.person_id == actor.id and part.before_bp != part.after_bp for part in change.parts)
    )


def is_change_proposer(actor: Any, change: TeamChange | None) -> bool:
    """Whoever proposed a change of the team."""
    return isinstance(actor, Person) and change is not None and change.proposer_id == actor.id


def is_addressed(actor: Any, call: Any) -> bool:
    """An employee whom a call is addressed to."""
    return isinstance(actor, Person) and actor.is_active and (call is None or call.is_for(actor))
