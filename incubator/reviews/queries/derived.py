"""Conflicts of interest as the records tell them, in SQL: for statements that must hide what is not written down yet.

The same answers as `conflicts.derive` gives in Python, for whom the proposal's page is not through a seat of its own.
"""

from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    all_,
    and_,
    bindparam,
    exists,
    literal,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import aliased

from incubator.calls.models import Call, CommitteeMember
from incubator.core import clock
from incubator.core.db import db
from incubator.patents.models import InventorShare
from incubator.people.access import as_array, denied_ids, hides
from incubator.people.models import Access, Company, Person, Role, RoleGrant
from incubator.people.reader import Reader, for_reader, ids_known_of, looked_up, looks_up, roles_of
from incubator.proposals.models import Proposal, TeamMember
from incubator.proposals.predicates import IS_JUDGING
from incubator.proposals.states import ProposalState
from incubator.reviews.models import Conflict, ConflictKind, ConflictLift, ReviewSummary, Round
from incubator.reviews.predicates import RANKING_ROLES
from incubator.reviews.queries.conflicts import derive
from incubator.reviews.queries.reviews import Known, unconflicted
from incubator.ventures.models import VentureMember

NOT_YET = (ProposalState.DRAFT, ProposalState.AWAITING_TEAM)
LOOKING_ON = frozenset({*RANKING_ROLES, Role.CHAIR, Role.REVIEWER})
Condition = Callable[[Any], ColumnElement[bool]]
"""A condition on a column of person ids."""


def _team() -> Any:
    """(proposal, person) of everybody in a proposal's team, its lead too."""
    return union(
        select(Proposal.id.label("proposal_id"), Proposal.lead_id.label("person_id")),
        select(TeamMember.proposal_id, TeamMember.person_id),
    ).subquery()


def _close(who: Condition) -> list[Select[Any]]:
    """By the directory: one manages the other, or both belong to one cost centre."""
    person, mate, team = aliased(Person), aliased(Person), _team()
    tests = (
        (ConflictKind.LINE_MANAGER, mate.manager_id == person.id),
        (ConflictKind.LINE_MANAGER, mate.id == person.manager_id),
        (ConflictKind.COST_CENTER, and_(mate.cost_center == person.cost_center, mate.cost_center != "")),
    )
    return [
        select(person.id.label("person_id"), team.c.proposal_id, literal(kind.value).label("kind"))
        .select_from(person)
        .join(mate, and_(test, mate.id != person.id))
        .join(team, team.c.person_id == mate.id)
        .where(who(person.id))
        for kind, test in tests
    ]


def _together(who: Condition) -> list[Select[Any]]:
    """By what they did together: an invention, a venture, a proposal that was handed in."""
    handed_in = Proposal.state.not_in(NOT_YET)
    proposers = union(
        select(Proposal.id.label("thing_id"), Proposal.lead_id.label("person_id")).where(handed_in),
        select(TeamMember.proposal_id, TeamMember.person_id).join(Proposal).where(handed_in),
    )
    sources = (
        (ConflictKind.CO_INVENTOR, select(InventorShare.disclosure_id.label("thing_id"), InventorShare.person_id)),
        (ConflictKind.TEAM_MATE, select(VentureMember.venture_id.label("thing_id"), VentureMember.person_id)),
        (ConflictKind.CO_PROPOSER, proposers),
    )
    found = []
    for kind, rows in sources:
        mine, theirs, team = rows.subquery(), rows.subquery(), _team()
        found.append(
            select(mine.c.person_id, team.c.proposal_id, literal(kind.value).label("kind"))
            .join(theirs, and_(theirs.c.thing_id == mine.c.thing_id, theirs.c.person_id != mine.c.person_id))
            .join(team, team.c.person_id == theirs.c.person_id)
            .where(who(mine.c.person_id))
        )
    return found


def _same_company(who: Condition) -> Any:
    """Members of a committee whose call keeps the proposer's own company out."""
    return (
        select(Person.id.label("person_id"), Proposal.id.label("proposal_id"),
               literal(ConflictKind.HOME_COMPANY.value).label("kind"))
        .join(Proposal, Proposal.company_id == Person.company_id)
        .join(Call, Call.id == Proposal.call_id)
        .join(CommitteeMember, and_(CommitteeMember.committee_id == Call.committee_id,
                                    CommitteeMember.person_id == Person.id))
        .where(Call.keeps_company_out, who(Person.id))
    )  # fmt: skip


def _of_team(proposal_id: Any, person_id: Any) -> ColumnElement[bool]:
    led, member = aliased(Proposal), aliased(TeamMember)
    return or_(
        exists().where(led.id == proposal_id, led.lead_id == person_id),
        exists().where(member.proposal_id == proposal_id, member.person_id == person_id),
    )


def _lifted(found: Any, person: Any) -> ColumnElement[bool]:
    return (
        exists()
        .where(Conflict.person_id == person.id, Conflict.proposal_id == found.c.proposal_id)
        .where(Conflict.kind == found.c.kind, ConflictLift.conflict_id == Conflict.id)
    )


def _own(person: Any) -> Any:
    """(id) of the proposals that a person leads or is on the team of."""
    led = select(Proposal.id.label("id")).where(Proposal.lead_id == person.id)
    return union_all(led, select(TeamMember.proposal_id).where(TeamMember.person_id == person.id)).subquery()


def _mates_by_directory(person: Any) -> list[Any]:
    """(person_id, kind): the manager, the reports, and those of the same cost centre."""
    me, mate = aliased(Person), aliased(Person)
    center = select(me.cost_center).where(me.id == person.id).scalar_subquery()
    manager, cost = literal(ConflictKind.LINE_MANAGER.value), literal(ConflictKind.COST_CENTER.value)
    return [
        select(mate.id.label("person_id"), manager.label("kind")).where(mate.manager_id == person.id),
        select(mate.manager_id, manager).where(mate.id == person.id, mate.manager_id.is_not(None)),
        select(mate.id, cost).where(mate.cost_center == center, mate.cost_center != "", mate.id != person.id),
    ]


def _mates_by_work(person: Any) -> list[Any]:
    """(person_id, kind): those of an invention, a venture or a proposal that was handed in, of the same person."""
    found: list[Any] = []
    tables: tuple[tuple[ConflictKind, Any, str], ...] = (
        (ConflictKind.CO_INVENTOR, InventorShare, "disclosure_id"),
        (ConflictKind.TEAM_MATE, VentureMember, "venture_id"),
    )
    for kind, table, thing in tables:
        mine, theirs = aliased(table), aliased(table)
        rows = select(theirs.person_id, literal(kind.value)).where(theirs.person_id != person.id)
        together = getattr(mine, thing) == getattr(theirs, thing)
        found.append(rows.join(mine, and_(together, mine.person_id == person.id)))
    of, on, own, proposed = aliased(Proposal), aliased(Proposal), _own(person), literal(ConflictKind.CO_PROPOSER.value)
    leads = select(of.lead_id, proposed).join(own, own.c.id == of.id)
    found.append(leads.where(of.state.not_in(NOT_YET), of.lead_id != person.id))
    members = (
        select(TeamMember.person_id, proposed).join(on, on.id == TeamMember.proposal_id).join(own, own.c.id == on.id)
    )
    found.append(members.where(on.state.not_in(NOT_YET), TeamMember.person_id != person.id))
    return found


@for_reader
def derived_against(person: Person) -> Select[int]:
    """The ids of the proposals with which the records put the person in conflict, but for what was lifted.

    Found from the person: through the few they are close to or worked with, to the proposals of these.
    """
    mates = union_all(*_mates_by_directory(person), *_mates_by_work(person)).cte()
    led, member = aliased(Proposal), aliased(TeamMember)
    found = union_all(
        select(mates.c.person_id.label("mate_id"), led.id.label("proposal_id"), mates.c.kind)
        .join(led, led.lead_id == mates.c.person_id),
        select(mates.c.person_id, member.proposal_id, mates.c.kind)
        .join(member, member.person_id == mates.c.person_id),
        _same_company(lambda column: and_(column == person.id)),
    ).subquery()  # fmt: skip
    return select(found.c.proposal_id).where(~_lifted(found, person), ~_of_team(found.c.proposal_id, person.id))


def _looks_on(person: Person | Reader) -> bool:
    return bool(LOOKING_ON & roles_of(person))


def _looked_up(reader: Reader) -> tuple[str, ...]:
    return (Known.DENIED, Known.TOLD) if _looks_on(reader) else ()


@hides(Proposal, _looked_up)
def in_conflict(person: Person) -> Select[int]:
    """What nobody wrote down yet is hidden from those who look on or judge as what is written down: by a role, by a
    seat in the committee of its call, or where it was given to them to judge. The others see only their own teams'
    proposals, and what was given to them."""
    told = derived_against(person)
    if _looks_on(person):
        return told
    sits = CommitteeMember.person_id == person.id
    given = and_(Access.person_id == person.id, Access.subject_type == Proposal.__tablename__, IS_JUDGING)
    before = (
        select(Proposal.id).join(Call, Call.id == Proposal.call_id)
        .join(CommitteeMember, and_(CommitteeMember.committee_id == Call.committee_id, sits))
    )  # fmt: skip
    judged = union_all(before, select(Access.subject_id).where(given))
    ids = told.subquery()
    judges = or_(exists().where(sits), exists().where(given))
    return select(ids.c.proposal_id).where(judges, ids.c.proposal_id.in_(judged))


@looked_up(Known.DENIED, Known.OWN, Known.TOLD)
def conflicts_of(person: Person) -> Select[*tuple[Any, ...]]:
    """Three arrays: what is written down, the person's own, and what the records tell."""
    own = select(_own(person).c.id)
    return select(*map(as_array, (denied_ids(Proposal, person), own, derived_against(person))))


def clear_of(proposal_id: Any, person: Person | Reader) -> ColumnElement[bool]:
    """A condition: nothing keeps the person from the proposal, written down or told by the records as they are now."""
    told = person.ids(Known.TOLD) if looks_up(person) else as_array(derived_against(cast(Person, person)))
    return and_(unconflicted(proposal_id, person), proposal_id != all_(told))


def is_clear(person: Person, proposal_id: int) -> bool:
    """The same of one proposal, for a page; one query at most."""
    known = ids_known_of(person, *Known)
    if known is not None:
        return proposal_id not in known
    return bool(db.session.scalar(_clear(person), {"proposal": proposal_id}))


@for_reader
def _clear(person: Person) -> Select[bool]:
    return select(clear_of(Proposal.id, person)).where(Proposal.id == bindparam("proposal", type_=BigInteger))


def kept_from(person: Person, round_: Round) -> frozenset[int]:
    """The ids of the proposals of a round that something keeps the person from, as in clear_of; one query."""
    inside = ReviewSummary.round_id == round_.id, ~clear_of(ReviewSummary.proposal_id, person)
    return frozenset(db.session.scalars(select(ReviewSummary.proposal_id).where(*inside)))


def is_written_out(person: Person, proposal: Proposal) -> bool:
    """Tell whether what is written down keeps the person from the proposal: for jobs that go through thousands, after
    those that write down what the records tell."""
    return db.session.scalar(select(~unconflicted(proposal.id, person))) or False


def is_conflicted(person: Person, proposal: Proposal) -> bool:
    """Tell whether something keeps the person from the proposal, written down or told by the records as they are now:
    the answer of clear_of, looked up by the proposal's team. For many proposals of a round ask kept_from."""
    if is_written_out(person, proposal):
        return True
    told = derive([proposal], [person])[proposal.id].get(person.id, set())
    if ConflictKind.HOME_COMPANY in told and not _sits_for(person, proposal):
        told = told - {ConflictKind.HOME_COMPANY}
    if not told:
        return False
    lifted = select(Conflict.kind).join(ConflictLift, ConflictLift.conflict_id == Conflict.id)
    rows = lifted.where(Conflict.person_id == person.id, Conflict.proposal_id == proposal.id)
    return bool(told - set(db.session.scalars(rows)))


def _sits_for(person: Person, proposal: Proposal) -> bool:
    sits = select(CommitteeMember.id).where(
        CommitteeMember.committee_id == proposal.call.committee_id, CommitteeMember.person_id == person.id
    )
    return db.session.scalar(sits) is not None


def unwritten_of_onlookers(*, person_id: int | None = None, proposal_id: int | None = None) -> list[Any]:
    """(person_id, proposal_id, kind) that the records tell of officers and auditors and nobody wrote down; one query.

    Of proposals that were handed in, under the role's company. person_id, proposal_id: of that one alone.
    """
    holds = select(RoleGrant.person_id).where(*_in_force())

    def looks_on(column: Any) -> ColumnElement[bool]:
        return column.in_(holds) if person_id is None else and_(column.in_(holds), column == person_id)

    found = union(*_close(looks_on), *_together(looks_on)).subquery()
    written = exists().where(
        Conflict.person_id == found.c.person_id, Conflict.proposal_id == found.c.proposal_id,
        Conflict.kind == found.c.kind,
    )  # fmt: skip
    rows = (
        select(found.c.person_id, found.c.proposal_id, found.c.kind)
        .join(Proposal, Proposal.id == found.c.proposal_id)
        .where(Proposal.submitted_at.is_not(None), ~written, _reaches(found.c.person_id))
        .where(~_of_team(found.c.proposal_id, found.c.person_id))
        .order_by(found.c.proposal_id, found.c.person_id, found.c.kind)
    )
    if proposal_id is not None:
        rows = rows.where(found.c.proposal_id == proposal_id)
    return list(db.session.execute(rows))


def _in_force() -> tuple[ColumnElement[bool], ...]:
    today = clock.today()
    return (
        RoleGrant.role.in_(RANKING_ROLES),
        RoleGrant.from_on <= today,
        or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= today),
    )


def _reaches(person_id: Any) -> ColumnElement[bool]:
    """A role of the person reaches the proposal's company, or its call's."""
    over, of = aliased(Company), aliased(Company)
    found: ColumnElement[bool] = (
        exists()
        .where(RoleGrant.person_id == person_id, *_in_force(), over.id == RoleGrant.company_id)
        .where(or_(of.id == Proposal.company_id, of.id == Call.company_id), Call.id == Proposal.call_id)
        .where(of.path.startswith(over.path))
        .correlate_except(RoleGrant, over, of, Call)
    )
    return found
