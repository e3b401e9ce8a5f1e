"""Reading grants: who sees which, and what happened to them."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import joinedload, selectinload

from incubator.approvals import queries as approvals
from incubator.core import clock
from incubator.core.audit import AuditEvent, AuditPending
from incubator.core.db import db
from incubator.equity.models import EquityGrant, EquityPlan, EquityTransaction, SecurityClass, VestingLine
from incubator.equity.queries.plans import signed_by
from incubator.equity.states import PENDING, SHOWN_TO_HOLDER, GrantState
from incubator.people.access import visible, within
from incubator.people.models import Person, Role
from incubator.ventures.models import Venture


def grants_visible_to(person: Person) -> Select[EquityGrant]:
    """Own grants from the offer on, those that HR administers, those one signs now, and those of a case."""
    own = and_(EquityGrant.holder_id == person.id, EquityGrant.state.in_(SHOWN_TO_HOLDER))
    signed = select(EquityPlan.id).where(signed_by(person))
    signing = and_(EquityGrant.state == GrantState.IN_APPROVAL, EquityGrant.plan_id.in_(signed))
    return (
        select(EquityGrant)
        .where(visible(EquityGrant, person, own, within(EquityGrant.company_id, person, Role.HR), signing,
                       EquityGrant.id.in_(approvals.delegated(person, EquityGrant))))
        .options(joinedload(EquityGrant.plan).joinedload(EquityPlan.venture))
        .options(joinedload(EquityGrant.holder), joinedload(EquityGrant.maker), joinedload(EquityGrant.company))
        .options(selectinload(EquityGrant.lines))
    )  # fmt: skip


def grants_of(plan: EquityPlan, limit: int = 200) -> Sequence[Any]:
    """The grants of a plan, newest first: number, holder, units, price, state."""
    return db.session.execute(
        select(
            EquityGrant.public_id, EquityGrant.number, Person.name.label("holder"), EquityGrant.units,
            Person.public_id.label("person"),
            EquityGrant.price_minor, EquityGrant.currency, EquityGrant.granted_on, EquityGrant.state,
        )
        .join(Person, Person.id == EquityGrant.holder_id)
        .where(EquityGrant.plan_id == plan.id)
        .order_by(EquityGrant.id.desc())
        .limit(limit)
    ).all()  # fmt: skip


def coming_of(plan: EquityPlan, limit: int = 6) -> Sequence[Any]:
    """The next days on which grants of a plan vest: the day, units, of how many grants."""
    return db.session.execute(
        select(VestingLine.vests_on, func.sum(VestingLine.units).label("units"),
               func.count(EquityGrant.id.distinct()).label("grants"))
        .join(EquityGrant, EquityGrant.id == VestingLine.grant_id)
        .where(EquityGrant.plan_id == plan.id, EquityGrant.state == GrantState.LIVE)
        .where(VestingLine.vests_on > clock.today())
        .group_by(VestingLine.vests_on)
        .order_by(VestingLine.vests_on)
        .limit(limit)
    ).all()  # fmt: skip


def _vested() -> Any:
    """What of a grant has vested by today, a column."""
    return (
        select(func.coalesce(func.sum(VestingLine.units), 0))
        .where(VestingLine.grant_id == EquityGrant.id, VestingLine.vests_on <= clock.today())
        .scalar_subquery()
    ).label("vested")


def grants_with_vested(plan: EquityPlan) -> Sequence[Any]:
    """All grants of a plan with what has vested by today, oldest first: for a table that leaves."""
    return db.session.execute(
        select(
            EquityGrant.number, Person.name.label("holder"), Person.hr_number, EquityGrant.units, _vested(),
            EquityGrant.price_minor, EquityGrant.currency, EquityGrant.granted_on, EquityGrant.state,
        )
        .join(Person, Person.id == EquityGrant.holder_id)
        .where(EquityGrant.plan_id == plan.id)
        .order_by(EquityGrant.id)
    ).all()  # fmt: skip


def holders_administered(person: Person) -> Select[Person]:
    """Who holds or held a grant that HR administers: for the page of one person."""
    held = select(EquityGrant.holder_id).where(within(EquityGrant.company_id, person, Role.HR))
    return select(Person).where(Person.id.in_(held)).options(joinedload(Person.company))


def grants_of_person(reader: Person, holder: Person) -> Sequence[Any]:
    """A person's grants in the reader's care, newest first, with what has vested by today."""
    return db.session.execute(
        select(
            EquityGrant.public_id, EquityGrant.number, EquityGrant.units, _vested(), EquityGrant.price_minor,
            EquityGrant.currency, EquityGrant.granted_on, EquityGrant.state, EquityPlan.title,
            EquityPlan.public_id.label("plan"), EquityPlan.kind, Venture.name.label("venture"),
            SecurityClass.decimals,
        )
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .join(Venture, Venture.id == EquityPlan.venture_id)
        .join(SecurityClass, SecurityClass.id == EquityPlan.security_class_id)
        .where(EquityGrant.holder_id == holder.id, within(EquityGrant.company_id, reader, Role.HR))
        .order_by(EquityGrant.id.desc())
        .limit(200)
    ).all()  # fmt: skip


def vestings_of_person(reader: Person, holder: Person, limit: int = 12) -> Sequence[Any]:
    """What vests next for a person, of grants in the reader's care."""
    return db.session.execute(
        select(VestingLine.vests_on, VestingLine.units, EquityGrant.number, SecurityClass.decimals)
        .join(EquityGrant, EquityGrant.id == VestingLine.grant_id)
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .join(SecurityClass, SecurityClass.id == EquityPlan.security_class_id)
        .where(EquityGrant.holder_id == holder.id, EquityGrant.state == GrantState.LIVE)
        .where(VestingLine.vests_on > clock.today(), within(EquityGrant.company_id, reader, Role.HR))
        .order_by(VestingLine.vests_on, EquityGrant.id)
        .limit(limit)
    ).all()


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
