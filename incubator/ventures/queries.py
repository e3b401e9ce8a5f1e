"""Reading ventures and their credits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, select, true
from sqlalchemy.orm import joinedload

from incubator.calls.models import Call
from incubator.core.db import db
from incubator.ledger.models import Account
from incubator.people.access import denied, row_access, visible, within
from incubator.people.models import Company, Effect, Person, Role
from incubator.people.predicates import has_role
from incubator.people.reader import for_reader
from incubator.proposals import queries as proposals
from incubator.proposals.models import Proposal
from incubator.ventures.models import CreditGrant, Venture, VentureMember
from incubator.ventures.states import RUNNING

IN_SCOPE = (Role.OFFICE, Role.CHAIR, Role.HR, Role.CLOUD_OPERATOR, Role.FINANCE, Role.AUDITOR)
"""Roles that see that a venture exists, with its lead and its credits."""

is_committee = has_role(Role.OFFICE, Role.CHAIR)


@dataclass(frozen=True)
class Credits:
    """What a venture was granted and what is left to order with, in minor units."""

    currency: str
    granted: int
    left: int


def is_member(person: Person) -> ColumnElement[bool]:
    """A condition: the person works in the venture."""
    return exists().where(VentureMember.venture_id == Venture.id, VentureMember.person_id == person.id)


def in_sight(person: Person) -> ColumnElement[bool]:
    """A condition: no conflict keeps the person from the proposal that the venture came from."""
    return ~denied(Proposal, person, Venture.proposal_id)


@for_reader
def visible_to(person: Person) -> Select[Venture]:
    """The ventures a person may see: their own, those given to them, those in the scope of a role but in conflict."""
    by_role = and_(within(Venture.company_id, person, *IN_SCOPE), in_sight(person))
    return select(Venture).where(visible(Venture, person, is_member(person), by_role))


@for_reader
def listed(person: Person) -> Select[Any]:
    """The list of ventures: public_id, number, name, state, lead, company name, page key; newest first."""
    moment = func.cast(func.extract("epoch", Venture.created_at) * 1_000_000, Venture.id.type)
    return (
        visible_to(person)
        .join(Person, Person.id == Venture.lead_id)
        .join(Company, Company.id == Venture.company_id)
        .with_only_columns(
            Venture.public_id,
            Venture.number,
            Venture.name,
            Venture.state,
            Person.name.label("lead"),
            Company.name.label("company"),
            moment.label("moment"),
            maintain_column_froms=True,
        )
    )


def shown(person: Person) -> Select[Venture]:
    """The ventures a person may see, with what their page needs, in the same statement."""
    return visible_to(person).options(
        joinedload(Venture.company),
        joinedload(Venture.lead),
        joinedload(Venture.proposal_version),
        joinedload(Venture.proposal).joinedload(Proposal.call).load_only(Call.title),
        joinedload(Venture.members).joinedload(VentureMember.person),
    )


def led_by(person: Person) -> Select[Venture]:
    """The ventures at work that a person leads, oldest first."""
    return visible_to(person).where(Venture.lead_id == person.id, Venture.state.in_(RUNNING)).order_by(Venture.id)


@dataclass(frozen=True)
class Facts:
    """What a reader's page shows of a venture beside the venture itself."""

    sees_team: bool
    sees_proposal: bool
    credit: Credits


def facts_of(person: Person, venture: Venture) -> Facts:
    """What the reader may see, and the credits; one statement.

    Who works in it with which share: members, the committee, and whoever was given the venture (a case) see it.
    """
    given = exists().where(Venture.id == venture.id, row_access(Venture, person, Effect.ALLOW))
    theirs = proposals.visible_to(person).where(Proposal.id == venture.proposal_id).exists()
    found = credit_statement(venture).subquery()
    row = db.session.execute(
        select(given, theirs, found).select_from(select(literal(1)).subquery().outerjoin(found, true()))
    ).one()
    is_ours = any(member.person_id == person.id for member in venture.members)
    sees_team = is_ours or is_committee(person, venture) or bool(row[0])
    return Facts(sees_team, bool(row[1]), credits_from(row[2:]))


def credits_of(venture: Venture) -> Credits:
    """What the venture was granted and what is left of it; one statement."""
    return credits_from(db.session.execute(credit_statement(venture)).first())


def credit_statement(venture: Venture) -> Select[str, int, int]:
    """Currency, granted and left, of the first currency in which the venture has credits; no row when it has none."""
    left = select(Account.balance).where(
        Account.kind == "grant", Account.owner_type == "venture", Account.owner_id == venture.id,
        Account.currency == CreditGrant.currency,
    ).scalar_subquery()  # fmt: skip
    return (
        select(CreditGrant.currency, func.sum(CreditGrant.amount), left)
        .where(CreditGrant.venture_id == venture.id)
        .group_by(CreditGrant.currency)
        .order_by(CreditGrant.currency)
        .limit(1)
    )


def credits_from(row: Sequence[Any] | None) -> Credits:
    """The row of credit_statement; nothing granted reads as zero."""
    if row is None or row[0] is None:
        return Credits("CNY", 0, 0)
    return Credits(row[0], int(row[1]), int(row[2]))


def balances_of(ventures: list[Venture], currency: str) -> dict[int, int]:
    """What is left to order with, by venture id; one statement."""
    found = select(Account.owner_id, Account.balance).where(
        Account.kind == "grant",
        Account.owner_type == "venture",
        Account.owner_id.in_([venture.id for venture in ventures]),
        Account.currency == currency,
    )
    return {row.owner_id: row.balance for row in db.session.execute(found)}
