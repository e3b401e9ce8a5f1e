"""Who may judge a proposal, and what keeps the others from it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, and_, exists, false, func, literal, select, union_all
from sqlalchemy.orm import aliased, joinedload

from incubator.calls.models import CommitteeMember, Seat
from incubator.core.db import db
from incubator.patents.models import InventorShare
from incubator.people.models import Person
from incubator.proposals.models import Proposal, TeamMember
from incubator.proposals.states import ProposalState
from incubator.reviews.models import Conflict, ConflictKind, ConflictLift, Review, ReviewSummary, Round
from incubator.reviews.states import GONE, UNFINISHED
from incubator.ventures.models import VentureMember

Kinds = dict[int, dict[int, set[ConflictKind]]]
"""proposal id -> person id -> what keeps the person from it."""
OPEN = (ProposalState.IN_REVIEW, ProposalState.CLARIFICATION, ProposalState.DELIBERATION)
NOT_YET = (ProposalState.DRAFT, ProposalState.AWAITING_TEAM)


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


def derive(proposals: Sequence[Proposal], people: Sequence[Person]) -> Kinds:
    """What the directory, the teams, ventures and inventions say against each of the people; three queries in all.

    Of a member of the team nothing more is said. The call says whether the proposer's own company is kept out.
    """
    teams = _teams([proposal.id for proposal in proposals])
    members = {person.id for team in teams.values() for person in team}
    known = _People(people, _links([person.id for person in people], members))
    return {
        proposal.id: known.against(teams[proposal.id], proposal.company_id if proposal.call.keeps_company_out else None)
        for proposal in proposals
    }


class _People:
    """People by what can keep them from a proposal, so that each team finds those whom it concerns and no others."""

    def __init__(self, people: Sequence[Person], links: dict[int, dict[ConflictKind, set[int]]]) -> None:
        self.ids = {person.id for person in people}
        self.by_manager: dict[int | None, list[int]] = defaultdict(list)
        self.by_center: dict[str | None, list[int]] = defaultdict(list)
        self.by_company: dict[int, list[int]] = defaultdict(list)
        self.by_member: dict[int, list[tuple[int, ConflictKind]]] = defaultdict(list)
        for person in people:
            self.by_manager[person.manager_id].append(person.id)
            self.by_center[person.cost_center].append(person.id)
            self.by_company[person.company_id].append(person.id)
        for key, kinds in links.items():
            for kind, others in kinds.items():
                for other in others:
                    self.by_member[other].append((key, kind))

    def against(self, team: Sequence[Person], company_id: int | None) -> dict[int, set[ConflictKind]]:
        """What keeps whom from the team's proposal. company_id: of the company that is kept out, if one is."""
        found: dict[int, set[ConflictKind]] = defaultdict(set)
        for key in self.by_company.get(company_id, ()) if company_id is not None else ():
            found[key].add(ConflictKind.HOME_COMPANY)
        for member in team:
            for key in (*self.by_manager.get(member.id, ()), *self.ids.intersection({member.manager_id})):
                found[key].add(ConflictKind.LINE_MANAGER)
            for key in self.by_center.get(member.cost_center, ()) if member.cost_center else ():
                found[key].add(ConflictKind.COST_CENTER)
            for key, kind in self.by_member.get(member.id, ()):
                found[key].add(kind)
        return found | {member.id: {ConflictKind.TEAM_MEMBER} for member in team if member.id in self.ids}


def _teams(ids: Sequence[int]) -> dict[int, list[Person]]:
    """The lead and the team of each proposal; one query."""
    sides = _membership().where(Proposal.id.in_(ids)), _team_rows().where(TeamMember.proposal_id.in_(ids))
    pairs = sides[0].union(sides[1]).subquery()
    teams: dict[int, list[Person]] = {key: [] for key in ids}
    rows = select(pairs.c.proposal_id, Person).join(pairs, pairs.c.person_id == Person.id)
    for key, person in db.session.execute(rows):
        teams[key].append(person)
    return teams


def _membership() -> Any:
    return select(Proposal.id.label("proposal_id"), Proposal.lead_id.label("person_id"))


def _team_rows() -> Any:
    return select(TeamMember.proposal_id, TeamMember.person_id)


def _links(people: Collection[int], members: Collection[int]) -> dict[int, dict[ConflictKind, set[int]]]:
    """Whom each person worked with among the members, by kind; one query."""
    found: dict[int, dict[ConflictKind, set[int]]] = defaultdict(lambda: defaultdict(set))
    if people and members:
        for one, other, kind in db.session.execute(_together(people, members)):
            found[one][ConflictKind(kind)].add(other)
    return found


def _together(people: Collection[int], members: Collection[int]) -> CompoundSelect[Any]:
    """(person, member, kind) of those who share an invention, a venture, or a proposal that was handed in."""
    handed_in = Proposal.state.not_in(NOT_YET)
    proposers = _membership().where(handed_in).union(
        _team_rows().join(Proposal, Proposal.id == TeamMember.proposal_id).where(handed_in)
    )  # fmt: skip
    sources = (
        (ConflictKind.CO_INVENTOR, select(InventorShare.disclosure_id, InventorShare.person_id)),
        (ConflictKind.TEAM_MATE, select(VentureMember.venture_id, VentureMember.person_id)),
        (ConflictKind.CO_PROPOSER, proposers),
    )
    parts = []
    for kind, rows in sources:
        mine, theirs = rows.subquery(), rows.subquery()
        thing, who = mine.c.keys()
        parts.append(
            select(mine.c[who], theirs.c[who], literal(kind.value))
            .distinct()
            .join(theirs, and_(theirs.c[thing] == mine.c[thing], theirs.c[who] != mine.c[who]))
            .where(mine.c[who].in_(people), theirs.c[who].in_(members))
        )
    return union_all(*parts)


def team_of(proposal: Proposal) -> list[Person]:
    """The lead and the team."""
    on_team = select(TeamMember.person_id).where(TeamMember.proposal_id == proposal.id)
    found = select(Person).where((Person.id == proposal.lead_id) | Person.id.in_(on_team)).order_by(Person.id)
    return list(db.session.scalars(found))


def written(proposal_id: Any) -> Any:
    """What is written against a person (Person, the outer query's) on a proposal: kinds that stand, kinds lifted."""
    lifted = select(ConflictLift.id).where(ConflictLift.conflict_id == Conflict.id).exists()
    kinds = select(func.array_agg(Conflict.kind)).where(
        Conflict.person_id == Person.id, Conflict.proposal_id == proposal_id
    )
    return tuple(kinds.where(wanted).correlate(Person).scalar_subquery() for wanted in (~lifted, lifted))


def candidates(proposal: Proposal) -> list[Candidate]:
    """Every member of the call's committee with what keeps him from the proposal; four queries."""
    here = select(Round.id).where(Round.call_id == proposal.call_id)
    assigned = select(Review.reviewer_id).where(
        Review.proposal_id == proposal.id, Review.round_id.in_(here), Review.state.not_in(GONE)
    )
    load = (
        select(func.count(Review.id))
        .where(Review.reviewer_id == Person.id, Review.state.in_(UNFINISHED))
        .correlate(Person)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Person, CommitteeMember.seat, *written(proposal.id), Person.id.in_(assigned), load)
        .join(CommitteeMember, CommitteeMember.person_id == Person.id)
        .where(CommitteeMember.committee_id == proposal.call.committee_id)
        .order_by(Person.name_latin, Person.id)
    ).all()
    derived = derive([proposal], [row[0] for row in rows])[proposal.id]
    return [
        Candidate(person, seat, standing(derived.get(person.id, set()), kinds, lifted), is_assigned, owed)
        for person, seat, kinds, lifted, is_assigned, owed in rows
    ]


def standing(
    derived: Collection[ConflictKind], written: list[str] | None, lifted: list[str] | None
) -> tuple[ConflictKind, ...]:
    """What keeps a person from a proposal now: derived or written, and not lifted."""
    kinds = {*derived, *map(ConflictKind, written or ())} - set(map(ConflictKind, lifted or ()))
    return tuple(sorted(kinds))


def under_review(round_: Round) -> list[Proposal]:
    """The proposals of a round that are not decided yet."""
    rows = select(Proposal).join(ReviewSummary, ReviewSummary.proposal_id == Proposal.id)
    return list(
        db.session.scalars(
            rows.where(ReviewSummary.round_id == round_.id, Proposal.state.in_(OPEN))
            .order_by(Proposal.id)
            .options(joinedload(Proposal.call))
        )
    )


def committee_of(round_: Round) -> list[Person]:
    """Everybody with a seat in the round's committee."""
    rows = select(Person).join(CommitteeMember, CommitteeMember.person_id == Person.id)
    return list(db.session.scalars(rows.where(CommitteeMember.committee_id == round_.committee_id).order_by(Person.id)))


def written_conflicts(proposals: Sequence[Proposal]) -> dict[tuple[int, int], set[ConflictKind]]:
    """What is written down, lifted or not: (proposal id, person id) to kinds; one query."""
    rows = select(Conflict.proposal_id, Conflict.person_id, Conflict.kind).where(
        Conflict.proposal_id.in_([proposal.id for proposal in proposals])
    )
    found: dict[tuple[int, int], set[ConflictKind]] = defaultdict(set)
    for proposal_id, person_id, kind in db.session.execute(rows):
        found[proposal_id, person_id].add(kind)
    return found


def live_review(round_: Round, proposal: Proposal, person: Person) -> Review | None:
    """The person's review of the proposal that holds a place."""
    return db.session.scalar(
        select(Review).where(
            Review.round_id == round_.id,
            Review.proposal_id == proposal.id,
            Review.reviewer_id == person.id,
            Review.state.not_in(GONE),
        )
    )


def live_reviews(proposal: Proposal, person: Person) -> list[Review]:
    """The person's reviews of the proposal that hold a place, in whatever round."""
    rows = select(Review).where(
        Review.proposal_id == proposal.id, Review.reviewer_id == person.id, Review.state.not_in(GONE)
    )
    return list(db.session.scalars(rows.order_by(Review.id)))


def unsealed_in_conflict(round_: Round) -> list[Review]:
    """The reviews of a round that are owed by somebody whose conflict with the proposal stands; one query."""
    stands = exists().where(
        Conflict.proposal_id == Review.proposal_id, Conflict.person_id == Review.reviewer_id, ~_lifted()
    )
    rows = select(Review).where(Review.round_id == round_.id, Review.state.in_(UNFINISHED), stands)
    return list(db.session.scalars(rows.order_by(Review.id)))


def _lifted() -> Any:
    return select(ConflictLift.id).where(ConflictLift.conflict_id == Conflict.id).exists()


def is_lifted(conflict: Conflict) -> bool:
    """Tell whether somebody lifted it; locks it against a second who does."""
    rows = select(Conflict.id).where(Conflict.id == conflict.id).with_for_update()
    db.session.execute(rows)
    return db.session.scalar(select(Conflict.id).where(Conflict.id == conflict.id, _lifted())) is not None


def conflicts_standing(proposal: Proposal, person_id: int) -> int:
    """How many conflicts of a person with a proposal are not lifted."""
    rows = select(func.count(Conflict.id)).where(
        Conflict.proposal_id == proposal.id, Conflict.person_id == person_id, ~_lifted()
    )
    return db.session.scalar(rows) or 0


def conflict_of(proposal: Proposal, person: str, kind: str) -> Conflict | None:
    """A conflict by the person's public id and its kind."""
    rows = select(Conflict).join(Person, Person.id == Conflict.person_id)
    return db.session.scalar(
        rows.where(Conflict.proposal_id == proposal.id, Person.public_id == person, Conflict.kind == kind)
        if kind in set(ConflictKind)
        else rows.where(false())
    )


def conflicts_of(proposal: Proposal) -> list[Any]:
    """Who is kept from a proposal, with what was lifted by whom; columns only, one query."""
    by = aliased(Person)
    return list(
        db.session.execute(
            select(
                Person.name, Person.public_id.label("person"), Conflict.person_id, Conflict.kind, Conflict.statement,
                Conflict.created_at, ConflictLift.reason, by.name.label("lifted_by"),
            )
            .join(Person, Person.id == Conflict.person_id)
            .outerjoin(ConflictLift, ConflictLift.conflict_id == Conflict.id)
            .outerjoin(by, by.id == ConflictLift.lifted_by_id)
            .where(Conflict.proposal_id == proposal.id)
            .order_by(Person.name_latin, Conflict.id)
        )
    )  # fmt: skip
