"""Reading steps on grants in force: who sees which."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, and_, cast, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from incubator.approvals import queries as approvals
from incubator.core.db import db
from incubator.equity.models import EquityGrant, EquityPlan, EquityStep, StepKind
from incubator.equity.states import StepState
from incubator.people.access import visible, within
from incubator.people.models import Person, Role


def steps_visible_to(person: Person) -> Select[EquityStep]:
    """Those that HR administers, those that finance pays for, and those of one's own grants."""
    own = select(EquityGrant.id).where(EquityGrant.holder_id == person.id)
    mine = or_(EquityStep.person_id == person.id, EquityStep.grant_id.in_(own))
    paid = and_(EquityStep.amount_minor > 0, within(EquityStep.company_id, person, Role.FINANCE))
    return (
        select(EquityStep)
        .where(visible(EquityStep, person, mine, paid, within(EquityStep.company_id, person, Role.HR),
                       EquityStep.id.in_(approvals.delegated(person, EquityStep))))
        .options(
            joinedload(EquityStep.grant).joinedload(EquityGrant.plan).joinedload(EquityPlan.venture),
            joinedload(EquityStep.grant).joinedload(EquityGrant.holder),
            joinedload(EquityStep.grant).joinedload(EquityGrant.company),
            joinedload(EquityStep.person), joinedload(EquityStep.maker), joinedload(EquityStep.company),
        )
    )  # fmt: skip


def steps_of(grant: EquityGrant) -> Sequence[Any]:
    """The steps of a grant, newest first: kind, day, units, state."""
    return db.session.execute(
        select(
            EquityStep.public_id, EquityStep.kind, EquityStep.effective_on, EquityStep.units, EquityStep.state,
        )
        .where(EquityStep.grant_id == grant.id)
        .order_by(EquityStep.id.desc())
        .limit(50)
    ).all()  # fmt: skip


def departures(person: Person) -> tuple[Select[Any], Any]:
    """Departures and moves in HR's scope, newest first, and the key to page by."""
    who = aliased(Person)
    key = cast(func.extract("epoch", EquityStep.created_at) * 1_000_000, BigInteger)
    rows: Any = (
        select(
            EquityStep.public_id, who.name.label("who"), who.hr_number, EquityStep.kind, EquityStep.effective_on,
            EquityStep.amount_minor, EquityStep.currency, EquityStep.state, key.label("key"),
        )
        .join(who, who.id == EquityStep.person_id)
        .where(EquityStep.kind.in_((StepKind.DEPARTURE, StepKind.MOVE)))
        .where(within(EquityStep.company_id, person, Role.HR))
    )  # fmt: skip
    return rows, key


def waiting_steps(person: Person, limit: int = 50) -> Sequence[Any]:
    """Steps in HR's scope that wait for a signature, oldest first."""
    maker, who = aliased(Person), aliased(Person)
    return db.session.execute(
        select(
            EquityStep.public_id, EquityStep.kind, EquityGrant.number, maker.name.label("maker"),
            who.name.label("who"), EquityStep.created_at,
        )
        .join(maker, maker.id == EquityStep.maker_id)
        .outerjoin(EquityGrant, EquityGrant.id == EquityStep.grant_id)
        .outerjoin(who, who.id == func.coalesce(EquityStep.person_id, EquityGrant.holder_id))
        .where(EquityStep.state == StepState.IN_APPROVAL, within(EquityStep.company_id, person, Role.HR))
        .order_by(EquityStep.id)
        .limit(limit)
    ).all()  # fmt: skip
