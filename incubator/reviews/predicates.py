"""Yes-or-no questions about reviews and rounds, for the permission table."""

from typing import Any, Protocol

from incubator.calls.models import Call, Seat
from incubator.people.models import Person, Role
from incubator.people.predicates import scopes
from incubator.proposals.models import Proposal
from incubator.reviews.models import AssignmentRun, Conflict, Panel, Review, Round, SubReview

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
    if not isinstance(actor, Person) or not actor.is_active or subject is None:
        return False
    chair = subject.round.committee.chair
    return chair is not None and chair.person_id == actor.id


def is_member(actor: Any, subject: OfRound | None) -> bool:
    """Anybody with a seat in the round's committee, the chair too."""
    if not isinstance(actor, Person) or not actor.is_active or subject is None:
        return False
    return any(member.person_id == actor.id for member in subject.round.committee.members)


def chairs_call_of(actor: Any, subject: Proposal | None) -> bool:
    """The chair of the committee of the proposal's call."""
    if not isinstance(actor, Person) or not actor.is_active or subject is None:
        return False
    chair = subject.call.committee.chair
    return chair is not None and chair.person_id == actor.id


def chairs_extra(actor: Any, subject: AssignmentRun | None) -> bool:
    """The chair of the call's committee, of a run that asks for more reviews where the ranking leaves it open."""
    if not isinstance(actor, Person) or not actor.is_active or subject is None or "extra" not in subject.settings:
        return False
    chair = subject.call.committee.chair
    return chair is not None and chair.person_id == actor.id


def leads_venture_of(actor: Any, subject: Panel | None) -> bool:
    """Who leads the venture over whose tranche a gate was set."""
    if not isinstance(actor, Person) or not actor.is_active or subject is None or subject.tranche is None:
        return False
    return subject.tranche.venture.lead_id == actor.id


def is_judge_of(actor: Any, subject: Call | None) -> bool:
    """A member of the call's committee who scores, so not its chair."""
    if not isinstance(actor, Person) or not actor.is_active or subject is None:
        return False
    return any(one.person_id == actor.id and one.seat is Seat.MEMBER for one in subject.committee.members)


def is_its_helper(actor: Any, subject: SubReview | None) -> bool:
    """The colleague whose opinion this is."""
    return isinstance(actor, Person) and subject is not None and subject.person_id == actor.id


def is_in_help(actor: Any, subject: SubReview | None) -> bool:
    """Who asks for the opinion, or is to give it."""
    if not isinstance(actor, Person) or subject is None:
        return False
    return actor.id in (subject.person_id, subject.review.reviewer_id)


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
