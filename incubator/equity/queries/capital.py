"""Reading issuers, who holds what, and the history of capital."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import joinedload, lazyload

from incubator.core.db import db
from incubator.equity.models import Appraisal, CapitalEntry, EquityHolder, EquityPlan, Issuer, SecurityClass
from incubator.equity.states import PlanState
from incubator.people.access import visible, within
from incubator.people.models import Company, Person, Role
from incubator.people.reader import for_reader

ADMINISTERS = (Role.HR, Role.FINANCE)


@for_reader
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


def issuers_with_register() -> Sequence[Issuer]:
    """Every issuer, for a job that has its own rows to derive."""
    return db.session.scalars(select(Issuer).order_by(Issuer.id)).all()


def classes_of(issuer: Issuer) -> Sequence[SecurityClass]:
    """An issuer's classes, oldest first."""
    return db.session.scalars(
        select(SecurityClass).where(SecurityClass.issuer_id == issuer.id).order_by(SecurityClass.id)
    ).all()


def classes_with_pools(issuer: Issuer) -> list[tuple[SecurityClass, int]]:
    """An issuer's classes, oldest first, each with the units free in its active plans."""
    rows = db.session.execute(_CLASSES_WITH_POOLS, {"of_issuer": issuer.id})
    return [(security, int(free)) for security, free in rows]


_FREE = (
    select(func.coalesce(func.sum(EquityPlan.pool_units - EquityPlan.granted_units), 0))
    .where(EquityPlan.security_class_id == SecurityClass.id, EquityPlan.state == PlanState.ACTIVE)
    .scalar_subquery()
)
OF_ISSUER = bindparam("of_issuer", type_=BigInteger)
_CLASSES_WITH_POOLS = (
    select(SecurityClass, _FREE)
    .where(SecurityClass.issuer_id == OF_ISSUER)
    .order_by(SecurityClass.id)
    .options(lazyload(SecurityClass.issuer))
)


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


def entries_visible_to(person: Person) -> Select[CapitalEntry]:
    """Entries of issued units that HR administers."""
    return (
        select(CapitalEntry)
        .where(visible(CapitalEntry, person, within(CapitalEntry.company_id, person, Role.HR)))
        .options(joinedload(CapitalEntry.maker), joinedload(CapitalEntry.company))
    )


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


def _papers() -> Select[Any]:
    """The latest twenty of each, `nth` from 1: what, key, day, text, state, the class's code, one unit's value and its
    currency."""
    entry, at, of = CapitalEntry, Appraisal, SecurityClass
    nothing: Any = null()
    entries: Any = select(
        literal_column("'entry'").label("what"), entry.public_id, entry.effective_on.label("on_day"),
        entry.evidence.label("text"), cast(entry.state, String).label("state"), of.code,
        cast(nothing, BigInteger).label("unit_minor"), of.currency,
        func.row_number().over(order_by=entry.id.desc()).label("nth"),
    ).join(of, of.id == entry.security_class_id)  # fmt: skip
    appraised: Any = select(
        literal_column("'appraisal'").label("what"), at.public_id, at.appraised_on, at.firm, cast(at.state, String),
        of.code, at.unit_minor, of.currency,
        func.row_number().over(order_by=(at.appraised_on.desc(), at.id.desc())).label("nth"),
    ).join(of, of.id == at.security_class_id)  # fmt: skip
    latest = [part.where(of.issuer_id == OF_ISSUER).order_by("nth").limit(20) for part in (entries, appraised)]
    both = union_all(*[select(part.subquery()) for part in latest]).subquery()
    return select(both).order_by(both.c.nth)


_PAPERS = _papers()


def papers_of(issuer: Issuer) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The latest entries of an issuer's classes, and its appraisals by day, the latest first; rows of lists."""
    rows = db.session.execute(_PAPERS, {"of_issuer": issuer.id}).all()
    return tuple(row for row in rows if row.what == "entry"), tuple(row for row in rows if row.what == "appraisal")


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


def holder_by_key(issuer: Issuer, key: str) -> EquityHolder | None:
    """A holder recorded for an issuer's company, by key."""
    return db.session.scalar(
        select(EquityHolder).where(EquityHolder.public_id == key, EquityHolder.company_id == issuer.company_id)
    )


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
