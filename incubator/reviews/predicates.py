"""Yes-or-no questions about reviews and rounds, for the permission table."""

from typing import Any, Protocol

from incubator.calls.models import Seat
from incubator.people.models import Person, Role
from incubator.people.predicates import scopes
from incubator.proposals.models import Proposal
from incubator.reviews.models import Conflict, Review, Round

RANKING_ROLES = (Role.OFFICE, Role.AUDITOR)
"""Those who see rankings and decisions within their scope, beside the committee."""


class OfRound(Protocol):
    """A round, or anything that hangs on one."""

    @property
    def round(self) -> Round:
        """The round it belongs to."""


def is_own_review(actor: Any, subject: Review | None) -> bool:
    """The reviewer this review was assigned to."""
    return isinstance(actor, Person) and subject is not None and subject.reviewer_id == actor.id


def is_chair(actor: Any, subject: OfRound | None) -> bool:
    """The chair of the round's committee."""
    return _sits(actor, subject, Seat.CHAIR)


def is_member(actor: Any, subject: OfRound | None) -> bool:
    """Anybody with a seat in the round's committee, the chair too."""
    return _sits(actor, subject, Seat.CHAIR, Seat.MEMBER)


def _sits(actor: Any, subject: OfRound | None, *seats: Seat) -> bool:
    if not isinstance(actor, Person) or not actor.is_active or subject is None:
        return False
    members = subject.round.committee.members
    return any(member.person_id == actor.id and member.seat in seats for member in members)


def may_rank(actor: Any, subject: OfRound | None) -> bool:
    """Who has the round's ranking: its chair, and the office and auditors of the call's company or above it."""
    if not isinstance(actor, Person) or subject is None:
        return False
    path = subject.round.call.company.path
    return is_chair(actor, subject) or any(map(path.startswith, scopes(actor, *RANKING_ROLES)))


def is_own_conflict(actor: Any, subject: Conflict | None) -> bool:
    """The person that a conflict keeps out."""
    return isinstance(actor, Person) and subject is not None and subject.person_id == actor.id


def is_office_of(actor: Any, subject: OfRound | None) -> bool:
    """The office of the call's company or above it."""
    if not isinstance(actor, Person) or subject is None:
        return False
    return any(map(subject.round.call.company.path.startswith, scopes(actor, Role.OFFICE)))


def is_on_team(actor: Any, subject: Proposal | None) -> bool:
    """The proposal's lead, or a member of its team."""
    if not isinstance(actor, Person) or subject is None:
        return False
    return actor.id == subject.lead_id or any(member.person_id == actor.id for member in subject.team)
