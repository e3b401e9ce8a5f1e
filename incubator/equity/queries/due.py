"""What HR has to do with grants: approvals, vestings of the month, leavers, lapses, payments."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, exists, func, literal, or_, select, union_all

from incubator.core import clock
from incubator.core.db import db
from incubator.equity.models import (
    EquityGrant,
    EquityPlan,
    EquityStep,
    LineState,
    PayLine,
    SecurityClass,
    StepKind,
    VestingLine,
)
from incubator.equity.states import GrantState, StepState
from incubator.people.access import within
from incubator.people.models import Person, Role
from incubator.ventures.models import Venture
from incubator.ventures.states import VentureState

MOST = 100


def grants_due(person: Person) -> dict[str, list[Any]]:
    """Grants in HR's scope that want something, one statement: 'sign', those that wait for a signature, oldest first;
    'offer', those that nobody has answered, the first to lapse first; 'stopped', those that go on vesting though their
    venture was stopped, since the plan's rule could not be applied."""
    coming = exists().where(VestingLine.grant_id == EquityGrant.id, VestingLine.vests_on > clock.today())
    stopped = and_(Venture.state == VentureState.STOPPED, EquityGrant.state == GrantState.LIVE, coming)
    parts = (
        _grants("sign", person, EquityGrant.state == GrantState.IN_APPROVAL),
        _grants("offer", person, EquityGrant.state == GrantState.OFFERED),
        _grants("stopped", person, stopped),
    )
    found: dict[str, list[Any]] = {"sign": [], "offer": [], "stopped": []}
    for row in db.session.execute(union_all(*[select(part.subquery()) for part in parts])):
        found[row.what].append(row)
    found["offer"].sort(key=lambda row: row.answer_by_on or dt.date.max)
    return found


def _grants(what: str, person: Person, condition: Any) -> Select[Any]:
    columns: list[Any] = [
        literal(what).label("what"), EquityGrant.public_id, EquityGrant.number, Person.name.label("who"),
        EquityGrant.created_at, EquityGrant.answer_by_on, Venture.name.label("venture"),
    ]  # fmt: skip
    return (
        select(*columns)
        .join(Person, Person.id == EquityGrant.holder_id)
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .join(Venture, Venture.id == EquityPlan.venture_id)
        .where(condition, within(EquityGrant.company_id, person, Role.HR))
        .order_by(EquityGrant.answer_by_on, EquityGrant.id)
        .limit(MOST)
    )  # fmt: skip


def vestings(person: Person, first: dt.date, last: dt.date) -> Sequence[Any]:
    """What vests between two days, both included, in HR's scope."""
    return db.session.execute(
        select(
            VestingLine.vests_on, EquityGrant.public_id, EquityGrant.number, Person.name.label("who"),
            Person.public_id.label("person"),
            VestingLine.units, SecurityClass.decimals, EquityPlan.kind,
        )
        .join(EquityGrant, EquityGrant.id == VestingLine.grant_id)
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .join(SecurityClass, SecurityClass.id == EquityPlan.security_class_id)
        .join(Person, Person.id == EquityGrant.holder_id)
        .where(VestingLine.vests_on.between(first, last), EquityGrant.state == GrantState.LIVE)
        .where(within(EquityGrant.company_id, person, Role.HR))
        .order_by(VestingLine.vests_on, EquityGrant.id)
        .limit(MOST)
    ).all()  # fmt: skip


def leavers(person: Person) -> Sequence[Any]:
    """People whom the directory has marked as leavers, who hold grants in force, and whose departure nobody asked."""
    asked = exists().where(
        EquityStep.person_id == Person.id,
        EquityStep.kind == StepKind.DEPARTURE,
        or_(EquityStep.state == StepState.IN_APPROVAL, EquityStep.state == StepState.DONE),
    )
    return db.session.execute(
        select(Person.public_id, Person.name, Person.hr_number, Person.left_on, func.count(EquityGrant.id))
        .join(EquityGrant, and_(EquityGrant.holder_id == Person.id, EquityGrant.state == GrantState.LIVE))
        .where(Person.left_on.is_not(None), ~asked, within(EquityGrant.company_id, person, Role.HR))
        .group_by(Person.id)
        .order_by(Person.left_on)
        .limit(MOST)
    ).all()


def windows(today: dt.date) -> Sequence[EquityStep]:
    """Departures that are done, with a window of exercise in them; those of every scope, for the job."""
    return db.session.scalars(
        select(EquityStep)
        .where(EquityStep.kind == StepKind.DEPARTURE, EquityStep.state == StepState.DONE)
        .where(EquityStep.effective_on >= today - dt.timedelta(days=3_660))
        .order_by(EquityStep.id)
    ).all()


def open_windows(person: Person, today: dt.date) -> list[tuple[str, str, str, dt.date]]:
    """Windows of exercise that run still, in HR's scope: step, person, grant number, last day."""
    rows = db.session.execute(
        select(EquityStep.public_id, Person.name, EquityStep.details)
        .join(Person, Person.id == EquityStep.person_id)
        .where(EquityStep.kind == StepKind.DEPARTURE, EquityStep.state == StepState.DONE)
        .where(EquityStep.effective_on >= today - dt.timedelta(days=3_660))
        .where(within(EquityStep.company_id, person, Role.HR))
        .order_by(EquityStep.id.desc())
        .limit(MOST)
    )
    found = [
        (step, who, line["grant"], dt.date.fromisoformat(line["until"]))
        for step, who, details in rows
        for line in details["lines"]
        if line["until"] is not None
    ]
    return sorted((one for one in found if one[3] >= today), key=lambda one: one[3])


def payable() -> Any:
    """A condition: a step that is done, is to be paid (a yearly part once its day has come), and stands in no batch."""
    standing = exists().where(
        PayLine.step_id == EquityStep.id, or_(PayLine.state == LineState.SENT, PayLine.state == LineState.PAID)
    )
    has_come = or_(EquityStep.kind != StepKind.GROWTH, EquityStep.effective_on <= clock.today())
    return and_(EquityStep.state == StepState.DONE, EquityStep.amount_minor > 0, has_come, ~standing)


def to_pay(person: Person) -> Sequence[Any]:
    """How many steps are to be paid and how much, a currency, in HR's scope."""
    return db.session.execute(
        select(EquityStep.currency, func.count(EquityStep.id), func.sum(EquityStep.amount_minor))
        .where(payable(), within(EquityStep.company_id, person, Role.HR))
        .group_by(EquityStep.currency)
        .order_by(EquityStep.currency)
    ).all()
