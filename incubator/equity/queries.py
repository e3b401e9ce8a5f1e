"""Reading plans and grants: who sees which, what stands on the pages, what waits for whom."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, and_, cast, func, literal, null, select
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import joinedload, selectinload

from incubator.core.audit import AuditEvent, AuditPending
from incubator.core.db import db
from incubator.equity.models import EquityGrant, EquityPlan, EquityTransaction, SecurityClass
from incubator.equity.states import PENDING, SHOWN_TO_HOLDER, GrantState
from incubator.people.access import visible, within
from incubator.people.models import Company, Person, Role
from incubator.ventures.models import Venture, VentureMember


def plans_visible_to(person: Person) -> Select[EquityPlan]:
    """Plans that HR administers; others see one by a case only."""
    return (
        select(EquityPlan)
        .where(visible(EquityPlan, person, within(EquityPlan.company_id, person, Role.HR)))
        .options(joinedload(EquityPlan.venture).selectinload(Venture.members).joinedload(VentureMember.person))
        .options(joinedload(EquityPlan.maker), joinedload(EquityPlan.company))
    )


def grants_visible_to(person: Person) -> Select[EquityGrant]:
    """Own grants from the offer on, those that HR administers, and those of a case."""
    own = and_(EquityGrant.holder_id == person.id, EquityGrant.state.in_(SHOWN_TO_HOLDER))
    return (
        select(EquityGrant)
        .where(visible(EquityGrant, person, own, within(EquityGrant.company_id, person, Role.HR)))
        .options(joinedload(EquityGrant.plan).joinedload(EquityPlan.venture))
        .options(joinedload(EquityGrant.holder), joinedload(EquityGrant.maker), joinedload(EquityGrant.company))
        .options(selectinload(EquityGrant.lines))
    )


def ventures_for_plans(person: Person) -> Select[Venture]:
    """Ventures in HR's scope, to make a plan for."""
    return select(Venture).where(within(Venture.company_id, person, Role.HR)).order_by(Venture.id.desc())


def plan_list(person: Person) -> tuple[Select[Any], Any]:
    """Totals of plans in scope, one row a plan, and the key to page by: HR and the office see these, no names."""
    key = cast(func.extract("epoch", EquityPlan.created_at) * 1_000_000, BigInteger)
    pending = (
        select(func.coalesce(func.sum(EquityGrant.units), 0))
        .where(EquityGrant.plan_id == EquityPlan.id, EquityGrant.state.in_(PENDING))
        .scalar_subquery()
    )
    columns = (
        EquityPlan.public_id, EquityPlan.title, EquityPlan.state, Venture.name.label("venture"),
        Venture.number.label("number"), Company.name.label("company"), EquityPlan.pool_units,
        EquityPlan.granted_units, pending.label("pending_units"), SecurityClass.decimals, SecurityClass.unit,
        visible(EquityPlan, person, within(EquityPlan.company_id, person, Role.HR)).label("is_open"), key.label("key"),
    )  # fmt: skip
    rows = (
        select(*columns)
        .join(Venture, Venture.id == EquityPlan.venture_id)
        .join(Company, Company.id == EquityPlan.company_id)
        .join(SecurityClass, SecurityClass.id == EquityPlan.security_class_id)
        .where(visible(EquityPlan, person, within(EquityPlan.company_id, person, Role.HR, Role.OFFICE)))
    )
    return rows, key


def grants_of(plan: EquityPlan, limit: int = 200) -> Sequence[Any]:
    """The grants of a plan, newest first: number, holder, units, price, state."""
    return db.session.execute(
        select(
            EquityGrant.public_id, EquityGrant.number, Person.name.label("holder"), EquityGrant.units,
            EquityGrant.price_minor, EquityGrant.currency, EquityGrant.granted_on, EquityGrant.state,
        )
        .join(Person, Person.id == EquityGrant.holder_id)
        .where(EquityGrant.plan_id == plan.id)
        .order_by(EquityGrant.id.desc())
        .limit(limit)
    ).all()  # fmt: skip


def pending_units(plan: EquityPlan) -> int:
    """Units submitted and not decided yet."""
    statement = select(func.coalesce(func.sum(EquityGrant.units), 0)).where(
        EquityGrant.plan_id == plan.id, EquityGrant.state.in_(PENDING)
    )
    return int(db.session.scalar(statement) or 0)


def held_by(person: Person) -> Sequence[EquityGrant]:
    """A person's own grants, offers first, with plans, ventures and vesting lines, in two statements."""
    return db.session.scalars(
        select(EquityGrant)
        .where(EquityGrant.holder_id == person.id, EquityGrant.state.in_(SHOWN_TO_HOLDER))
        .options(joinedload(EquityGrant.plan).joinedload(EquityPlan.venture), selectinload(EquityGrant.lines))
        .order_by((EquityGrant.state == GrantState.OFFERED).desc(), EquityGrant.id)
    ).all()


@dataclass(frozen=True)
class Vested:
    """What of some lines has vested on a day, in smallest units, and the next day something vests."""

    total: int
    vested: int
    next_on: dt.date | None
    next_units: int
    last_on: dt.date | None

    @property
    def locked(self) -> int:
        """What has not vested yet."""
        return self.total - self.vested

    @property
    def vested_bp(self) -> int:
        """The vested part in basis points."""
        return self.vested * 10_000 // self.total if self.total else 0


def vested(lines: Sequence[Any], day: dt.date) -> Vested:
    """Sum up vesting lines (vests_on, units), of one grant or of several of the same class."""
    coming = sorted({line.vests_on for line in lines if line.vests_on > day})
    next_on = coming[0] if coming else None
    return Vested(
        total=sum(line.units for line in lines),
        vested=sum(line.units for line in lines if line.vests_on <= day),
        next_on=next_on,
        next_units=sum(line.units for line in lines if line.vests_on == next_on),
        last_on=max((line.vests_on for line in lines), default=None),
    )


@dataclass(frozen=True)
class Record:
    """One event of a grant with what proves it: the event's public id and the commitment to its payload."""

    name: str
    at: dt.datetime
    actor: str | None
    reason: str | None
    event: str
    commitment: str | None


def records_of(grant: EquityGrant) -> list[Record]:
    """The grant's events in order, in one statement."""
    rows = db.session.execute(
        select(AuditEvent, Person.name, AuditPending.leaf)
        .outerjoin(Person, Person.id == AuditEvent.actor_id)
        .outerjoin(AuditPending, AuditPending.event_id == AuditEvent.id)
        .where(AuditEvent.subject_type == "equity_grant", AuditEvent.subject_id == grant.id)
        .order_by(AuditEvent.id)
    )
    return [
        Record(event.name, event.at, actor, event.reason, event.public_id,
               json.loads(leaf)["commitment"] if leaf else None)
        for event, actor, leaf in rows
    ]  # fmt: skip


def transactions_of(grant: EquityGrant) -> Sequence[EquityTransaction]:
    """The movements of a grant's units in order."""
    return db.session.scalars(
        select(EquityTransaction).where(EquityTransaction.grant_id == grant.id).order_by(EquityTransaction.id)
    ).all()


def plans_of_venture(venture: Venture) -> Sequence[EquityPlan]:
    """The plans of a venture, oldest first."""
    return db.session.scalars(
        select(EquityPlan).where(EquityPlan.venture_id == venture.id).order_by(EquityPlan.id)
    ).all()


def own_in_venture(person: Person, venture: Venture) -> Sequence[EquityGrant]:
    """A person's own grants in a venture."""
    return db.session.scalars(
        select(EquityGrant)
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .where(
            EquityPlan.venture_id == venture.id,
            EquityGrant.holder_id == person.id,
            EquityGrant.state.in_(SHOWN_TO_HOLDER),
        )
        .order_by(EquityGrant.id)
    ).all()


def waiting_for(person: Person) -> list[Select[Any]]:
    """Offers to accept, and a maker's grants that were sent back; what HR must sign stands with the approvals."""
    address = literal("/equity/grants/") + EquityGrant.public_id
    never = cast(null(), TIMESTAMP(timezone=True))
    offer: list[Any] = [literal("equity_offer"), Venture.name, address, never, EquityGrant.offered_at]
    draft: list[Any] = [literal("equity_draft"), EquityGrant.number, address, never, EquityGrant.created_at]
    offers = (
        select(*offer)
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .join(Venture, Venture.id == EquityPlan.venture_id)
        .where(EquityGrant.holder_id == person.id, EquityGrant.state == GrantState.OFFERED)
    )
    drafts = select(*draft).where(EquityGrant.maker_id == person.id, EquityGrant.state == GrantState.DRAFT)
    return [offers, drafts]
