"""Proposals whose teams look for people: what colleagues whom the call addresses are told of them, and no more."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import joinedload

from incubator.calls.models import Blinding, Call, CommitteeMember, Visibility
from incubator.core.db import db
from incubator.people.access import row_access, within
from incubator.people.models import Access, Company, Effect, Person, Role
from incubator.people.reader import NOW, for_reader, is_above
from incubator.proposals.models import Confidentiality, JoinOffer, Proposal, TeamOpening
from incubator.proposals.predicates import IS_JUDGING
from incubator.proposals.queries.proposals import is_authored_by
from incubator.proposals.states import JOINABLE, OfferState


def may_be_opened(proposal: Proposal) -> bool:
    """Whether its call lets it be opened to colleagues, and its class and state do."""
    call = proposal.call
    allowed = call.visibility is Visibility.JOINABLE and call.blinding is not Blinding.BOTH_HIDDEN
    return allowed and proposal.confidentiality is Confidentiality.INTERNAL and proposal.state in JOINABLE


def opening_of(proposal: Proposal) -> TeamOpening | None:
    """What its colleagues are, or were, told."""
    return db.session.scalars(select(TeamOpening).where(TeamOpening.proposal_id == proposal.id)).one_or_none()


def _is_open() -> ColumnElement[bool]:
    """may_be_opened in SQL, of an opening that is not closed; of Proposal and Call."""
    return and_(
        TeamOpening.closed_at.is_(None),
        Proposal.state.in_(JOINABLE),
        Proposal.confidentiality == Confidentiality.INTERNAL,
        Call.visibility == Visibility.JOINABLE,
        Call.blinding != Blinding.BOTH_HIDDEN,
    )


@for_reader
def _is_told(person: Person) -> ColumnElement[bool]:
    """Somebody whom the call addresses, but for its authors, who know; its office, its committee and whoever else
    judges it, who are not to learn of it so; and those it is denied to. Near colleagues may join as anybody may."""
    sits = exists().where(CommitteeMember.committee_id == Call.committee_id, CommitteeMember.person_id == person.id)
    judges = exists().where(
        Access.person_id == person.id,
        Access.subject_type == Proposal.__tablename__,
        Access.subject_id == Proposal.id,
        Access.effect == Effect.ALLOW,
        IS_JUDGING,
        or_(Access.until_at.is_(None), Access.until_at > NOW),
    )
    office = within(Proposal.company_id, person, Role.OFFICE)
    others = or_(is_authored_by(person), office, sits, judges, row_access(Proposal, person, Effect.DENY))
    return and_(is_above(Call.company_id, person), ~others)


@for_reader
def openings(person: Person) -> Select[*tuple[Any, ...]]:
    """Columns of the teams that look for people: title, language, call, company, summary, whom they look for, whether
    this person has offered; key: opened, public id."""
    offered = exists().where(
        JoinOffer.proposal_id == Proposal.id, JoinOffer.person_id == person.id, JoinOffer.state == OfferState.MADE
    )
    return (
        select(
            Proposal.title,
            Proposal.lang,
            Call.title.label("call"),
            Company.name.label("company"),
            TeamOpening.summary,
            TeamOpening.wanted,
            offered.label("is_offered"),
            TeamOpening.opened_at,
            TeamOpening.public_id,
        )
        .join(Proposal, Proposal.id == TeamOpening.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .join(Company, Company.id == Proposal.company_id)
        .where(_is_open(), _is_told(person))
    )


def is_told_of(actor: Any, proposal: Proposal | None) -> bool:
    """Whether somebody is among the colleagues to whom it is open now."""
    if not isinstance(actor, Person) or proposal is None:
        return False
    rows = openings(actor).where(Proposal.id == proposal.id)
    return db.session.execute(rows.with_only_columns(TeamOpening.id)).first() is not None


@for_reader
def openings_for(person: Person) -> Select[TeamOpening]:
    """The openings this person may open: those told to them, and those to which they offered something."""
    mine = exists().where(JoinOffer.proposal_id == TeamOpening.proposal_id, JoinOffer.person_id == person.id)
    return (
        select(TeamOpening)
        .join(Proposal, Proposal.id == TeamOpening.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(or_(and_(_is_open(), _is_told(person)), mine))
        .options(joinedload(TeamOpening.proposal).options(joinedload(Proposal.call), joinedload(Proposal.company)))
    )


def own_offers(person: Person, proposal: Proposal) -> list[JoinOffer]:
    """What this person offered to the team, the newest first."""
    rows = select(JoinOffer).where(JoinOffer.proposal_id == proposal.id, JoinOffer.person_id == person.id)
    return list(db.session.scalars(rows.order_by(JoinOffer.id.desc()).limit(20)))
