"""Reading plans: who sees which, and their totals."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, false, func, or_, select
from sqlalchemy.orm import joinedload

from incubator.approvals import queries as approvals
from incubator.core.db import db
from incubator.equity.models import EquityGrant, EquityPlan, SecurityClass
from incubator.equity.states import PENDING
from incubator.equity.words import SIGNERS
from incubator.people.access import visible, within
from incubator.people.models import Company, Person, Role
from incubator.people.predicates import scopes
from incubator.ventures.models import Venture, VentureMember


def signed_by(person: Person) -> ColumnElement[bool]:
    """A condition: the plan names a role among its signers that the person holds there."""
    named = [
        and_(EquityPlan.signers.contains([role]), within(EquityPlan.company_id, person, role))
        for role in SIGNERS
        if scopes(person, role)
    ]
    return or_(false(), *named)


def plans_visible_to(person: Person) -> Select[EquityPlan]:
    """Plans that HR administers and those one signs; others see one by a case only."""
    return (
        select(EquityPlan)
        .where(visible(EquityPlan, person, within(EquityPlan.company_id, person, Role.HR), signed_by(person),
                       EquityPlan.id.in_(approvals.delegated(person, EquityPlan))))
        .options(joinedload(EquityPlan.venture).selectinload(Venture.members).joinedload(VentureMember.person))
        .options(joinedload(EquityPlan.maker), joinedload(EquityPlan.company))
    )  # fmt: skip


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


def plans_of_venture(venture: Venture) -> Sequence[EquityPlan]:
    """The plans of a venture, oldest first."""
    return db.session.scalars(
        select(EquityPlan).where(EquityPlan.venture_id == venture.id).order_by(EquityPlan.id)
    ).all()
