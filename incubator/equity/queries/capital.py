"""Reading issuers, who holds what, and the history of capital."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, case, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from incubator.core import clock
from incubator.core.db import db
from incubator.equity.engines.capital import last_month_end
from incubator.equity.models import (
    Appraisal,
    CapitalEntry,
    CapitalMonth,
    CapitalPosition,
    EquityHolder,
    EquityHolding,
    EquityPlan,
    EquityTransaction,
    Instrument,
    Issuer,
    SecurityClass,
)
from incubator.equity.states import PlanState
from incubator.people.access import visible, within
from incubator.people.models import Company, Person, Role

ADMINISTERS = (Role.HR, Role.FINANCE)
PAGE = 50
HISTORY = (Instrument.SHARE, Instrument.AWARD)
"""What is capital, and what may become capital; awards of money alone dilute nobody."""


def issuers_visible_to(person: Person) -> Select[Issuer]:
    """Issuers of companies that HR or finance administers."""
    scope = within(Issuer.company_id, person, *ADMINISTERS)
    return select(Issuer).where(visible(Issuer, person, scope)).options(joinedload(Issuer.company))


def companies_for_issuers(person: Person) -> Sequence[Company]:
    """Companies in HR's scope, to register as issuers."""
    return db.session.scalars(select(Company).where(within(Company.id, person, Role.HR)).order_by(Company.path)).all()


def issuer_list(person: Person) -> Sequence[Any]:
    """One row an issuer in scope: name, form, size, code, and how many classes and holders."""
    classes = (
        select(func.count()).where(SecurityClass.issuer_id == Issuer.id).select_from(SecurityClass).scalar_subquery()
    )
    some = select(Issuer.public_id, Issuer.name, Issuer.kind, Issuer.size, Issuer.credit_code,
                  classes.label("classes"), Company.name.label("company"))  # fmt: skip
    return db.session.execute(
        some.join(Company, Company.id == Issuer.company_id)
        .where(visible(Issuer, person, within(Issuer.company_id, person, *ADMINISTERS)))
        .order_by(Issuer.name)
        .limit(1_000)
    ).all()


def classes_of(issuer: Issuer) -> Sequence[SecurityClass]:
    """An issuer's classes, oldest first."""
    return db.session.scalars(
        select(SecurityClass).where(SecurityClass.issuer_id == issuer.id).order_by(SecurityClass.id)
    ).all()


def class_of(issuer: Issuer, code: str) -> SecurityClass | None:
    """A class by its code; the first one for an empty code."""
    statement = select(SecurityClass).where(SecurityClass.issuer_id == issuer.id).order_by(SecurityClass.id).limit(1)
    return db.session.scalar(statement.where(SecurityClass.code == code) if code else statement)


def free_in_pools(issuer: Issuer) -> dict[str, int]:
    """Units free in the active plans, by the class's key."""
    rows = db.session.execute(
        select(SecurityClass.public_id, func.sum(EquityPlan.pool_units - EquityPlan.granted_units))
        .join(EquityPlan, EquityPlan.security_class_id == SecurityClass.id)
        .where(SecurityClass.issuer_id == issuer.id, EquityPlan.state == PlanState.ACTIVE)
        .group_by(SecurityClass.public_id)
    )
    return {key: int(units) for key, units in rows}


def held_on(issuer: Issuer, day: dt.date | None) -> Subquery:
    """Positions (class, holder, instrument, units) at the end of a day: the latest month's end that stands, and what
    came since; now for None."""
    if day is None or day >= clock.today():
        now = EquityHolding
        return (
            select(now.class_public_id, now.holder_public_id, now.instrument, now.units)
            .where(now.issuer_public_id == issuer.public_id, now.units > 0)
            .subquery()
        )
    return _history(issuer.public_id, day)


def _history(issuer: str, day: dt.date) -> Subquery:
    start = db.session.scalar(
        select(func.max(CapitalMonth.month_end)).where(
            CapitalMonth.issuer_public_id == issuer, CapitalMonth.month_end <= last_month_end(day)
        )
    )
    at, moved = CapitalPosition, EquityTransaction
    since = select(
        moved.class_public_id, moved.holder_public_id, moved.instrument, moved.quantity.label("units")
    ).where(moved.issuer_public_id == issuer, moved.effective_on <= day, moved.quantity != 0)
    if start is not None:
        stored = select(at.class_public_id, at.holder_public_id, at.instrument, at.units).where(
            at.issuer_public_id == issuer, at.month_end == start
        )
        both = union_all(stored, since.where(moved.effective_on > start)).subquery()
    else:
        both = since.subquery()
    total = func.sum(both.c.units)
    keys = (both.c.class_public_id, both.c.holder_public_id, both.c.instrument)
    return select(*keys, total.label("units")).group_by(*keys).having(total > 0).subquery()


@dataclass(frozen=True)
class Line:
    """One holder of a class: names, units issued and promised."""

    holder: str
    name: str
    kind: str
    issued: int
    promised: int


@dataclass(frozen=True)
class Table:
    """One page of a cap table with the totals of the whole; `after` is the key of the next page."""

    lines: list[Line]
    issued: int
    promised: int
    holders: int
    after: str | None


def table_of(issuer: Issuer, security: SecurityClass, day: dt.date | None, after: str = "", size: int = PAGE) -> Table:
    """The cap table of a class at the end of a day, most units first. size 0: everything."""
    held = held_on(issuer, day)
    share = func.sum(case((held.c.instrument == Instrument.SHARE, held.c.units), else_=0))
    award = func.sum(case((held.c.instrument == Instrument.AWARD, held.c.units), else_=0))
    by_holder = (
        select(held.c.holder_public_id.label("holder"), share.label("issued"), award.label("promised"))
        .where(held.c.class_public_id == security.public_id, held.c.instrument.in_(HISTORY))
        .group_by(held.c.holder_public_id)
        .cte("by_holder")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    sums = db.session.execute(
        select(func.coalesce(func.sum(by_holder.c.issued), 0), func.coalesce(func.sum(by_holder.c.promised), 0),
               func.count())
    ).one()  # fmt: skip
    rows = db.session.execute(_named(by_holder, after, size)).all()
    more = bool(size) and len(rows) > size
    shown = rows[:size] if size else rows
    return Table(
        [Line(row.holder, row.name or row.holder, row.kind or "person", int(row.issued), int(row.promised))
         for row in shown],
        int(sums[0]), int(sums[1]), int(sums[2]),
        f"{shown[-1].issued + shown[-1].promised}-{shown[-1].holder}" if more else None,
    )  # fmt: skip


def _named(by_holder: Any, after: str, size: int) -> Select[Any]:
    total = by_holder.c.issued + by_holder.c.promised
    page = select(by_holder, total.label("total")).order_by(total.desc(), by_holder.c.holder)
    units, _, holder = after.partition("-")
    if units.isdigit() and len(units) <= 18:
        page = page.where(or_(total < int(units), (total == int(units)) & (by_holder.c.holder > holder)))
    if size:
        page = page.limit(size + 1)
    cut = page.subquery()
    name = func.coalesce(Person.name, EquityHolder.name).label("name")
    return (
        select(cut, name, EquityHolder.kind.label("kind"))
        .outerjoin(Person, Person.public_id == cut.c.holder)
        .outerjoin(EquityHolder, EquityHolder.public_id == cut.c.holder)
        .order_by(cut.c.total.desc(), cut.c.holder)
    )


def entries_visible_to(person: Person) -> Select[CapitalEntry]:
    """Entries of issued units that HR administers."""
    return (
        select(CapitalEntry)
        .where(visible(CapitalEntry, person, within(CapitalEntry.company_id, person, Role.HR)))
        .options(joinedload(CapitalEntry.maker), joinedload(CapitalEntry.company))
    )


def entries_of(issuer: Issuer) -> Sequence[Any]:
    """The latest entries of an issuer's classes."""
    columns = (CapitalEntry.public_id, CapitalEntry.effective_on, CapitalEntry.evidence, CapitalEntry.state,
               SecurityClass.code)  # fmt: skip
    return db.session.execute(
        select(*columns)
        .join(SecurityClass, SecurityClass.id == CapitalEntry.security_class_id)
        .where(SecurityClass.issuer_id == issuer.id)
        .order_by(CapitalEntry.id.desc())
        .limit(20)
    ).all()


def appraisals_visible_to(person: Person) -> Select[Appraisal]:
    """Appraisals that HR or finance administers."""
    return (
        select(Appraisal)
        .where(visible(Appraisal, person, within(Appraisal.company_id, person, *ADMINISTERS)))
        .options(joinedload(Appraisal.maker), joinedload(Appraisal.company))
    )


def appraisals_of(issuer: Issuer) -> Sequence[Appraisal]:
    """An issuer's appraisals, the latest first."""
    return db.session.scalars(
        select(Appraisal)
        .join(SecurityClass, SecurityClass.id == Appraisal.security_class_id)
        .where(SecurityClass.issuer_id == issuer.id)
        .order_by(Appraisal.appraised_on.desc(), Appraisal.id.desc())
        .limit(20)
    ).all()


def holder_called(text: str, company_id: int) -> str | None:
    """The register's key of whom a text names: an employee by HR number, a holder by name or credit code."""
    text = text.strip()
    person = db.session.scalar(select(Person.public_id).where(Person.hr_number == text))
    if person:
        return person
    found = db.session.scalars(
        select(EquityHolder.public_id).where(
            EquityHolder.company_id == company_id,
            or_(EquityHolder.name == text, EquityHolder.credit_code == text, EquityHolder.public_id == text),
        )
    ).all()
    return found[0] if len(found) == 1 else None


def person_called(hr_number: str) -> Person | None:
    """An employee by HR number."""
    return db.session.scalar(select(Person).where(Person.hr_number == hr_number.strip()))


@dataclass(frozen=True)
class BoardLine:
    """What the board sees of a plan: its pool and use, in the class's smallest units, and dilution in basis points."""

    issuer: str
    plan: dict[str, str]
    decimals: int
    pool: int
    granted: int
    issued: int
    dilution: int


def board_lines(person: Person) -> list[BoardLine]:
    """Every active plan in the board's scope, in totals: no names, no pay."""
    columns = (Issuer.name, EquityPlan.title, SecurityClass.decimals, EquityPlan.pool_units, EquityPlan.granted_units,
               SecurityClass.issued_units, literal(0))  # fmt: skip
    rows = db.session.execute(
        select(*columns)
        .join(SecurityClass, SecurityClass.id == EquityPlan.security_class_id)
        .join(Issuer, Issuer.id == SecurityClass.issuer_id)
        .where(
            EquityPlan.state == PlanState.ACTIVE,
            within(EquityPlan.company_id, person, Role.OFFICE, Role.FINANCE, Role.HR, Role.CHAIR),
        )
        .order_by(Issuer.name, EquityPlan.id)
        .limit(1_000)
    ).all()
    return [BoardLine(*row[:6], _dilution(row[3], row[5])) for row in rows]


def _dilution(pool: int, issued: int) -> int:
    """The pool's part of all units once it is used, rounded half up, in basis points."""
    total = pool + issued
    return (pool * 20_000 + total) // (2 * total) if total else 0
