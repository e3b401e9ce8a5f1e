"""Who may judge a proposal, and what keeps the others from it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from incubator.calls.models import CommitteeMember, Seat
from incubator.core.db import db
from incubator.people.models import Person
from incubator.proposals.models import Proposal, TeamMember
from incubator.reviews.models import Conflict, ConflictKind, Review
from incubator.reviews.states import GONE, UNFINISHED


@dataclass(frozen=True)
class Candidate:
    """A committee member as a possible reviewer of a proposal.

    conflicts: what keeps the member from it. is_assigned: holds a review of it already. load: reviews the member owes.
    """

    person: Person
    seat: Seat
    conflicts: tuple[ConflictKind, ...]
    is_assigned: bool
    load: int

    @property
    def is_choosable(self) -> bool:
        """The chair leads and does not score; nobody scores twice, or in conflict."""
        return self.seat is Seat.MEMBER and not self.conflicts and not self.is_assigned and self.person.left_on is None


def conflicts_between(person: Person, team: Sequence[Person]) -> list[ConflictKind]:
    """What keeps a person from judging a team's proposal, by the records alone; empty when nothing does."""
    found = []
    if any(person.id == member.id for member in team):
        found.append(ConflictKind.TEAM_MEMBER)
    if any(person.manager_id == member.id or member.manager_id == person.id for member in team):
        found.append(ConflictKind.LINE_MANAGER)
    if person.cost_center and any(person.cost_center == member.cost_center for member in team):
        found.append(ConflictKind.COST_CENTER)
    return found


def team_of(proposal: Proposal) -> list[Person]:
    """The lead and the team."""
    on_team = select(TeamMember.person_id).where(TeamMember.proposal_id == proposal.id)
    found = select(Person).where((Person.id == proposal.lead_id) | Person.id.in_(on_team)).order_by(Person.id)
    return list(db.session.scalars(found))


def candidates(proposal: Proposal) -> list[Candidate]:
    """Every member of the call's committee with what keeps him from the proposal; three queries."""
    team = team_of(proposal)
    declared = (
        select(func.array_agg(Conflict.kind))
        .where(Conflict.person_id == Person.id, Conflict.proposal_id == proposal.id)
        .correlate(Person)
        .scalar_subquery()
    )
    assigned = select(Review.reviewer_id).where(Review.proposal_id == proposal.id, Review.state.not_in(GONE))
    load = (
        select(func.count(Review.id))
        .where(Review.reviewer_id == Person.id, Review.state.in_(UNFINISHED))
        .correlate(Person)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Person, CommitteeMember.seat, declared, Person.id.in_(assigned), load)
        .join(CommitteeMember, CommitteeMember.person_id == Person.id)
        .where(CommitteeMember.committee_id == proposal.call.committee_id)
        .order_by(Person.name_latin, Person.id)
    )
    return [
        Candidate(person, seat, _all_kinds(conflicts_between(person, team), kinds), is_assigned, owed)
        for person, seat, kinds, is_assigned, owed in rows
    ]


def _all_kinds(derived: list[ConflictKind], written: list[str] | None) -> tuple[ConflictKind, ...]:
    return tuple(sorted({*derived, *map(ConflictKind, written or ())}))
