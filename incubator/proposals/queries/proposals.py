"""Who sees a proposal, and the lists of them."""

from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, DateTime, Select, and_, cast, exists, func, null, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload, lazyload, load_only, selectinload

from incubator.calls.models import Call, CallTheme, Theme
from incubator.core.db import db
from incubator.core.sent import rows_of
from incubator.people.access import row_access, visible, within
from incubator.people.models import Company, Effect, Person, Role
from incubator.people.predicates import has_role
from incubator.people.reader import for_reader
from incubator.proposals.models import Proposal, ProposalVersion, TeamMember
from incubator.proposals.queries.filters import ANYTHING, Filter, narrowed
from incubator.proposals.queries.seeing import written_by
from incubator.proposals.states import OUTCOMES
from incubator.proposals.states import ProposalState as S
from incubator.web.keyset import plainly

Rows: TypeAlias = Select[*tuple[Any, ...]]
MOST_COUNTED = 1_001
BESIDE_WHAT_WAS_HANDED_IN = (S.RETURNED, S.WITHDRAWN)
"""States in which the authors may have a newer text than the one that was handed in."""
DECIDED = (*OUTCOMES, S.APPEALED)
AUTHORS = "authors"
"""The field of `access` without which a reader is not told who proposes."""
is_office = has_role(Role.OFFICE)
AT_THE_OFFICE = (S.SUBMITTED, S.SCREENING, S.RETURNED)
NO_DATE = cast(null(), DateTime(timezone=True))
NAMED = func.coalesce(func.nullif(Proposal.title, ""), Proposal.number)


@for_reader
def is_seen_by(person: Person) -> ColumnElement[bool]:
    """Its proposer; the office of its company once it was handed in; whoever has an access row; nobody denied."""
    handed_in = and_(Proposal.submitted_at.is_not(None), within(Proposal.company_id, person, Role.OFFICE))
    return visible(Proposal, person, Proposal.lead_id == person.id, handed_in)


@for_reader
def _is_member(person: Person) -> ColumnElement[bool]:
    return exists().where(TeamMember.proposal_id == Proposal.id, TeamMember.person_id == person.id)


@for_reader
def is_authored_by(person: Person) -> ColumnElement[bool]:
    return or_(Proposal.lead_id == person.id, _is_member(person))


@for_reader
def has_part_in(person: Person, proposal_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Of the team of a proposal, or close to it, though nothing may say so in `access` (predicates.has_part_in)."""
    of, member, mate, reader = aliased(Proposal), aliased(TeamMember), aliased(Person), aliased(Person)
    close = exists().where(
        member.proposal_id == proposal_id,
        mate.id == member.person_id,
        reader.id == person.id,
        or_(
            mate.id == reader.id,
            mate.manager_id == reader.id,
            reader.manager_id == mate.id,
            and_(reader.cost_center != "", reader.cost_center == mate.cost_center),
        ),
    )
    return or_(exists().where(of.id == proposal_id, of.lead_id == person.id), close)


@for_reader
def authors_shown(person: Person) -> ColumnElement[bool]:
    """Of what may be seen: its authors and the office always, others once it is decided or where `access` says so."""
    return or_(
        Proposal.state.in_(DECIDED),
        is_authored_by(person),
        within(Proposal.company_id, person, Role.OFFICE),
        row_access(Proposal, person, Effect.ALLOW, AUTHORS),
    )


def share_of(person: Person, proposal: Proposal) -> TeamMember | None:
    """This person's place in the team."""
    return next((member for member in proposal.team if member.person_id == person.id), None)


def shows_authors(person: Person, proposal: Proposal) -> bool:
    """Whether this reader is told who proposes: a committee's chair is not before the decision."""
    if proposal.state in DECIDED or share_of(person, proposal) is not None or is_office(person, proposal):
        return True
    return bool(db.session.scalar(select(authors_shown(person)).where(Proposal.id == proposal.id)))


@for_reader
def visible_to(person: Person) -> Select[Proposal]:
    """Every proposal this person may see."""
    return select(Proposal).where(is_seen_by(person))


@for_reader
def for_page(person: Person) -> Select[Proposal]:
    """The same, with call, theme, team and people at hand."""
    return visible_to(person).options(
        joinedload(Proposal.call),
        joinedload(Proposal.theme),
        joinedload(Proposal.lead),
        joinedload(Proposal.company),
        joinedload(Proposal.submitted_version),
        selectinload(Proposal.team).joinedload(TeamMember.person),
    )


@for_reader
def for_status(person: Person) -> Select[Proposal]:
    """The same in one statement, with no more of each than the page of its status shows; the rest is read if asked."""
    days = (Call.closes_at, Call.screening_due_on, Call.review_due_on, Call.meets_on, Call.release_on)
    shown = (*days, Call.visibility, Call.blinding)
    lead, team = joinedload(Proposal.lead), joinedload(Proposal.team)
    return visible_to(person).options(
        joinedload(Proposal.call, innerjoin=True).load_only(Call.title, Call.public_id, Call.committee_id, *shown),
        joinedload(Proposal.theme).load_only(Theme.name),
        joinedload(Proposal.company, innerjoin=True).load_only(Company.name, Company.path),
        joinedload(Proposal.submitted_version).load_only(ProposalVersion.number, ProposalVersion.saved_at),
        lead.load_only(Person.name, Person.manager_id, Person.cost_center),
        lead.lazyload(Person.company),
        team.joinedload(TeamMember.person).options(
            load_only(Person.name, Person.title, Person.manager_id, Person.cost_center), lazyload(Person.company)
        ),
    )


@for_reader
def for_hint(person: Person) -> Select[Proposal]:
    """The same with no more than what is looked at with every pause in typing: who is on the team; the rest is read if
    asked."""
    named = load_only(Proposal.public_id, Proposal.number, Proposal.title, Proposal.state, Proposal.lead_id)
    return visible_to(person).options(named, joinedload(Proposal.team).load_only(TeamMember.person_id))


@for_reader
def for_writing(person: Person) -> Select[Proposal]:
    """What this person may write: as proposer or on the team."""
    committee = joinedload(Proposal.call).joinedload(Call.committee)
    return for_page(person).where(is_authored_by(person)).options(committee)


@for_reader
def for_editing(person: Person) -> Select[Proposal]:
    """The same, with the themes of the call."""
    themes = joinedload(Proposal.call).selectinload(Call.themes).joinedload(CallTheme.theme)
    return for_writing(person).options(themes)


@for_reader
def asked_of(person: Person) -> Select[Proposal]:
    """Proposals in which this person has a share and is not the proposer."""
    return for_page(person).where(_is_member(person), Proposal.lead_id != person.id)


@for_reader
def screened_by(person: Person) -> Select[Proposal]:
    """What this person sees as an office."""
    return for_page(person).where(within(Proposal.company_id, person, Role.OFFICE))


@for_reader
def mine(person: Person, wanted: Filter = ANYTHING) -> Rows:
    """Columns of my list: number, title, state, the call's title, closing, last save; key: creation, public id."""
    saved = (
        select(func.max(ProposalVersion.saved_at)).where(ProposalVersion.proposal_id == Proposal.id).scalar_subquery()
    )
    return (
        select(
            Proposal.number,
            Proposal.title,
            Proposal.state,
            Call.title.label("call"),
            Call.closes_at,
            saved.label("saved_at"),
            Proposal.created_at,
            Proposal.public_id,
        )
        .join(Call, Call.id == Proposal.call_id)
        .where(Proposal.id.in_(written_by(person)), is_seen_by(person), *narrowed(wanted))
    )


@for_reader
def board(person: Person, wanted: Filter = ANYTHING) -> Rows:
    """Columns of the office's list: number, title, state, company, lead, amount, class, call, the version that was
    handed in; key: handed in, public id."""
    return (
        select(
            Proposal.number,
            Proposal.title,
            Proposal.state,
            Company.name.label("company"),
            Person.name.label("lead"),
            Proposal.asked,
            Proposal.currency,
            Proposal.confidentiality,
            Proposal.call_id,
            Proposal.submitted_version_id,
            Proposal.submitted_at,
            Proposal.public_id,
        )
        .join(Company, Company.id == Proposal.company_id)
        .join(Person, Person.id == Proposal.lead_id)
        .where(Proposal.submitted_at.is_not(None), within(Proposal.company_id, person, Role.OFFICE))
        .where(is_seen_by(person), *narrowed(wanted))
    )


def at_the_office(person: Person, wanted: Filter = ANYTHING) -> dict[str, int]:
    """How many of them are submitted, in screening and returned, whatever state is asked; each is counted to 1,001."""
    counts = {state.value: number for state, number in rows_of(_counted_at_the_office(person, wanted))}
    return {state.value: counts.get(state.value, 0) for state in AT_THE_OFFICE}


@for_reader
def _counted_at_the_office(person: Person, wanted: Filter) -> Rows:
    fits = narrowed(wanted.but(state=""))
    some = union_all(*(_newest_in(state, person, fits) for state in AT_THE_OFFICE)).subquery()
    return select(some.c.state, func.count()).group_by(some.c.state)


def _newest_in(state: S, person: Person, fits: list[ColumnElement[bool]]) -> Select[S]:
    """As many as are counted, along the list's index: without an order all rows of the companies would be read."""
    rows = select(Proposal.state).where(Proposal.state == state, within(Proposal.company_id, person, Role.OFFICE))
    newest = rows.where(is_seen_by(person), *fits).order_by(Proposal.submitted_at.desc())
    return select(newest.limit(plainly(MOST_COUNTED)).subquery().c.state)


def untouched(person: Person, call: Call) -> Proposal | None:
    """A draft this person began for a call and wrote nothing into."""
    saved = ProposalVersion.proposal_id == Proposal.id
    written = exists().where(saved, or_(ProposalVersion.title != "", ProposalVersion.answers != {}))
    begun = (Proposal.call_id == call.id, Proposal.lead_id == person.id, Proposal.state == S.DRAFT)
    empty = (Proposal.asked.is_(None), Proposal.theme_id.is_(None), ~written)
    found = visible_to(person).where(*begun, *empty).order_by(Proposal.created_at.desc())
    return db.session.scalars(found.limit(1)).one_or_none()
