"""Reading issuers, who holds what, and the history of capital."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased, joinedload

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
COUNTED = 1_001
"""Counts stop here."""
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


def _held_on(security: SecurityClass, day: dt.date) -> Subquery:
    """Positions (holder, instrument, units) of a class at the end of a day: the latest month's end that stands, and
    what came since; from the first movement where none stands."""
    start = db.session.scalar(
        select(func.max(CapitalMonth.month_end)).where(
            CapitalMonth.issuer_public_id == security.issuer.public_id, CapitalMonth.month_end <= last_month_end(day)
        )
    )
    at, moved = CapitalPosition, EquityTransaction
    since = select(moved.holder_public_id, moved.instrument, moved.quantity.label("units")).where(
        moved.class_public_id == security.public_id, moved.effective_on <= day, moved.quantity != 0
    )
    if start is None:
        return since.subquery()
    stored = select(at.holder_public_id, at.instrument, at.units).where(
        at.issuer_public_id == security.issuer.public_id, at.month_end == start,
        at.class_public_id == security.public_id,
    )  # fmt: skip
    return union_all(stored, since.where(moved.effective_on > start)).subquery()


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


def table_of(security: SecurityClass, day: dt.date | None, after: str = "", size: int = PAGE) -> Table:
    """The cap table of a class at the end of a day (None: now), most issued units first. size 0: everything."""
    if day is None or day >= clock.today():
        rows = db.session.execute(_named(_now(security, after, size), size)).all()
        issued, promised, holders = _totals(security)
    else:
        rows = db.session.execute(_named(_then(security, day, after, size), size)).all()
        first = rows[0] if rows else None
        issued, promised, holders = (first.all_issued, first.all_promised, first.holders) if first else (0, 0, 0)
    more = bool(size) and len(rows) > size
    shown = rows[:size] if size else rows
    return Table(
        [Line(row.holder, row.name or row.holder, row.kind or "person", int(row.issued), int(row.promised))
         for row in shown],
        int(issued), int(promised), int(holders), f"{shown[-1].issued}-{shown[-1].holder}" if more else None,
    )  # fmt: skip


def _totals(security: SecurityClass) -> tuple[int, int, int]:
    """Units issued and promised now, and how many hold (as far as 1,001)."""
    now = EquityHolding
    of_class = (now.class_public_id == security.public_id, now.instrument.in_(HISTORY), now.units > 0)
    some = select(now.id).where(*of_class).limit(COUNTED).subquery()
    promised = select(func.coalesce(func.sum(now.units), 0)).where(*of_class, now.instrument == Instrument.AWARD)
    issued = select(SecurityClass.issued_units).where(SecurityClass.id == security.id)
    row = db.session.execute(
        select(issued.scalar_subquery(), promised.scalar_subquery(),
               select(func.count()).select_from(some).scalar_subquery())
    ).one()  # fmt: skip
    return row[0], row[1], row[2]


def _now(security: SecurityClass, after: str, size: int) -> Subquery:
    """Who holds now, by an index: those with shares, most first, then those with promises alone."""
    share, award = aliased(EquityHolding), aliased(EquityHolding)
    promised = select(award.units).where(
        award.class_public_id == share.class_public_id, award.holder_public_id == share.holder_public_id,
        award.instrument == Instrument.AWARD,
    )  # fmt: skip
    shares: Any = select(
        share.holder_public_id.label("holder"),
        share.units.label("issued"),
        func.coalesce(promised.scalar_subquery(), 0).label("promised"),
    ).where(share.class_public_id == security.public_id, share.instrument == Instrument.SHARE, share.units > 0)
    none = ~(
        select(share.id)
        .where(
            share.class_public_id == award.class_public_id, share.holder_public_id == award.holder_public_id,
            share.instrument == Instrument.SHARE, share.units > 0,
        )
        .exists()
    )  # fmt: skip
    alone: Any = select(award.holder_public_id, literal(0), award.units).where(
        award.class_public_id == security.public_id, award.instrument == Instrument.AWARD, award.units > 0, none
    )
    shares = _cut(shares, share.units, share.holder_public_id, after, size)
    alone = _cut(alone, literal(0), award.holder_public_id, after, size)
    return union_all(select(shares.subquery()), select(alone.subquery())).subquery()


def _cut(rows: Select[Any], issued: Any, holder: Any, after: str, size: int) -> Select[Any]:
    """The rows after a key, one more than a page of them, in order."""
    units, _, key = after.partition("-")
    if units.isdigit() and len(units) <= 18:
        rows = rows.where(or_(issued < int(units), and_(issued == int(units), holder > key)))
    rows = rows.order_by(issued.desc(), holder)
    return rows.limit(size + 1) if size else rows


def _then(security: SecurityClass, day: dt.date, after: str, size: int) -> Subquery:
    """Who held on a day, each row with the totals of all."""
    held = _held_on(security, day)
    share = func.sum(case((held.c.instrument == Instrument.SHARE, held.c.units), else_=0))
    award = func.sum(case((held.c.instrument == Instrument.AWARD, held.c.units), else_=0))
    by_holder = (
        select(held.c.holder_public_id.label("holder"), share.label("issued"), award.label("promised"))
        .where(held.c.instrument.in_(HISTORY))
        .group_by(held.c.holder_public_id)
        .having(share + award > 0)
        .subquery()
    )
    totals = select(
        by_holder, func.sum(by_holder.c.issued).over().label("all_issued"),
        func.sum(by_holder.c.promised).over().label("all_promised"), func.count().over().label("holders"),
    ).subquery()  # fmt: skip
    return _cut(select(totals), totals.c.issued, totals.c.holder, after, size).subquery()


def _named(page: Subquery, size: int) -> Select[Any]:
    """The rows of a page in order, with the names of whom they are."""
    name = func.coalesce(Person.name, EquityHolder.name).label("name")
    rows = (
        select(page, name, EquityHolder.kind.label("kind"))
        .outerjoin(Person, Person.public_id == page.c.holder)
        .outerjoin(EquityHolder, EquityHolder.public_id == page.c.holder)
        .order_by(page.c.issued.desc(), page.c.holder)
    )
    return rows.limit(size + 1) if size else rows


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
            within(EquityPlan.company_id, person, Role.OFFICE, Role.FINANCE, Role.HR, Role.BOARD, Role.FUNDER),
        )
        .order_by(Issuer.name, EquityPlan.id)
        .limit(1_000)
    ).all()
    return [BoardLine(*row[:6], _dilution(row[3], row[5])) for row in rows]


def _dilution(pool: int, issued: int) -> int:
    """The pool's part of all units once it is used, rounded half up, in basis points."""
    total = pool + issued
    return (pool * 20_000 + total) // (2 * total) if total else 0
