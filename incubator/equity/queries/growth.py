"""Reading plans on value growth: settlements, their parts, and what changed value without growth."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import joinedload

from incubator.approvals import queries as approvals
from incubator.core import clock
from incubator.core.db import db
from incubator.equity.engines.growth import is_expired
from incubator.equity.models import (
    Appraisal,
    EquityGrant,
    EquityHolder,
    EquityPlan,
    EquityTransfer,
    GrowthHappening,
    GrowthPart,
    GrowthSettlement,
    LineState,
    PartState,
    PayLine,
    SecurityClass,
)
from incubator.equity.queries.plans import signed_by
from incubator.equity.states import AppraisalState
from incubator.people.access import visible, within
from incubator.people.models import Person, Role
from incubator.ventures.models import Venture


def settlements_visible_to(person: Person) -> Select[GrowthSettlement]:
    """Those of HR's and finance's scope, and of plans one signs."""
    signed = GrowthSettlement.plan_id.in_(select(EquityPlan.id).where(signed_by(person)))
    scope = within(GrowthSettlement.company_id, person, Role.HR, Role.FINANCE)
    return (
        select(GrowthSettlement)
        .where(visible(GrowthSettlement, person, scope, signed,
                       GrowthSettlement.id.in_(approvals.delegated(person, GrowthSettlement))))
        .options(joinedload(GrowthSettlement.plan).joinedload(EquityPlan.venture))
        .options(joinedload(GrowthSettlement.maker), joinedload(GrowthSettlement.company))
        .options(joinedload(GrowthSettlement.base), joinedload(GrowthSettlement.value))
        .options(joinedload(GrowthSettlement.corrects))
    )  # fmt: skip


def growth_plans_visible_to(person: Person) -> Select[EquityPlan]:
    """Plans that HR and finance settle, and those one signs."""
    scope = within(EquityPlan.company_id, person, Role.HR, Role.FINANCE)
    return (
        select(EquityPlan)
        .where(visible(EquityPlan, person, scope, signed_by(person)))
        .options(joinedload(EquityPlan.venture), joinedload(EquityPlan.company))
    )


def settlements_of(plan: EquityPlan) -> Sequence[Any]:
    """A plan's settlements, newest first."""
    value = Appraisal
    return db.session.execute(
        select(
            GrowthSettlement.public_id, GrowthSettlement.number, GrowthSettlement.state,
            GrowthSettlement.corrects_id, value.appraised_on,
            GrowthSettlement.content["growth"]["grown"].astext.label("grown"),
        )
        .join(value, value.id == GrowthSettlement.value_id)
        .where(GrowthSettlement.plan_id == plan.id)
        .order_by(GrowthSettlement.id.desc())
        .limit(100)
    ).all()  # fmt: skip


def happenings_entered(plan: EquityPlan) -> Sequence[GrowthHappening]:
    """What was entered for the plan's class, newest first."""
    return db.session.scalars(
        select(GrowthHappening)
        .where(GrowthHappening.security_class_id == plan.security_class_id)
        .order_by(GrowthHappening.happened_on.desc(), GrowthHappening.id.desc())
        .limit(100)
    ).all()


def usable_appraisals(plan: EquityPlan) -> Sequence[Appraisal]:
    """Approved appraisals of the plan's class that have not expired, the latest first."""
    found = db.session.scalars(
        select(Appraisal)
        .where(Appraisal.security_class_id == plan.security_class_id, Appraisal.state == AppraisalState.APPROVED)
        .order_by(Appraisal.appraised_on.desc(), Appraisal.id.desc())
        .limit(20)
    )
    return [one for one in found if not is_expired(one.appraised_on, clock.today(), one.valid_months)]


def parts_of(settlement: GrowthSettlement) -> Sequence[Any]:
    """The parts of a settlement with whose they are, and what payroll or the transfer says."""
    paid = (
        select(func.max(PayLine.state))
        .where(PayLine.step_id == GrowthPart.step_id, PayLine.state.in_((LineState.SENT, LineState.PAID)))
        .scalar_subquery()
    )
    return db.session.execute(
        select(
            GrowthPart.public_id, GrowthPart.due_on, GrowthPart.amount_minor, GrowthPart.units, GrowthPart.state,
            GrowthPart.settled_on, GrowthPart.evidence, Person.name.label("holder"), EquityGrant.number,
            paid.label("payment"), EquityTransfer.public_id.label("transfer"), EquityTransfer.state.label("moved"),
            GrowthPart.replaces_id,
        )
        .join(EquityGrant, EquityGrant.id == GrowthPart.grant_id)
        .join(Person, Person.id == EquityGrant.holder_id)
        .outerjoin(EquityTransfer, EquityTransfer.id == GrowthPart.transfer_id)
        .where(GrowthPart.settlement_id == settlement.id)
        .order_by(EquityGrant.id, GrowthPart.due_on, GrowthPart.id)
        .limit(2_000)
    ).all()  # fmt: skip


def growth_parts_of(person: Person) -> Sequence[Any]:
    """What a holder gets of value growth, part by part; one statement."""
    return db.session.execute(
        select(
            GrowthPart.due_on, GrowthPart.amount_minor, GrowthPart.units, GrowthPart.state, EquityGrant.number,
            EquityGrant.public_id, EquityGrant.currency, Venture.name.label("venture"), SecurityClass.decimals,
            EquityTransfer.state.label("moved"), GrowthPart.replaces_id,
        )
        .join(EquityGrant, EquityGrant.id == GrowthPart.grant_id)
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .join(Venture, Venture.id == EquityPlan.venture_id)
        .join(SecurityClass, SecurityClass.id == EquityPlan.security_class_id)
        .outerjoin(EquityTransfer, EquityTransfer.id == GrowthPart.transfer_id)
        .where(EquityGrant.holder_id == person.id, GrowthPart.state != PartState.CANCELLED)
        .order_by(GrowthPart.due_on, GrowthPart.id)
        .limit(100)
    ).all()  # fmt: skip


def vehicles_of(venture: Venture) -> Sequence[EquityHolder]:
    """Holders of the venture's company whose units a share transfer can hand over."""
    return db.session.scalars(
        select(EquityHolder)
        .where(and_(EquityHolder.company_id == venture.company_id, EquityHolder.kind != "individual"))
        .order_by(EquityHolder.name)
        .limit(200)
    ).all()
