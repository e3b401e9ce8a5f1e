"""The register as it is read: movements of a class or of a holder, the newest day first, and who a holder is."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, cast, extract, func, or_, select, tuple_

from incubator.core.db import db
from incubator.equity.models import (
    EquityGrant,
    EquityHolder,
    EquityHolding,
    EquityPlan,
    EquitySecurity,
    EquityTransaction,
    Instrument,
    Issuer,
    SecurityClass,
    SecurityVesting,
    StockPlan,
)
from incubator.equity.states import PlanState
from incubator.people.models import Person

PAGE = 50
MOST_EXPORTED = 50_000
PLACE = re.compile(r"(\d{4}-\d\d-\d\d)-([a-z2-7]{16})")


@dataclass(frozen=True)
class Movements:
    """One page of movements; `after` is the key of the next one."""

    rows: Sequence[Any]
    after: str | None


def class_by_key(issuer: Issuer, key: str) -> SecurityClass | None:
    """A class of an issuer by its key."""
    return db.session.scalar(
        select(SecurityClass).where(SecurityClass.issuer_id == issuer.id, SecurityClass.public_id == key)
    )


def _movements() -> Select[Any]:
    row = EquityTransaction
    names = [select(one.name).where(one.public_id == row.holder_public_id).scalar_subquery()
             for one in (Person, EquityHolder)]  # fmt: skip
    return select(
        row.effective_on, row.kind, row.instrument, row.quantity, row.price_minor, row.details, row.trigger,
        row.security_public_id, row.holder_public_id, func.coalesce(*names).label("name"),
        EquityGrant.number.label("grant"), SecurityClass.code, SecurityClass.decimals, SecurityClass.currency,
        row.public_id,
    ).outerjoin(EquityGrant, EquityGrant.id == row.grant_id).join(
        SecurityClass, SecurityClass.public_id == row.class_public_id
    )  # fmt: skip


def of_class(security: SecurityClass, year: int | None = None) -> Select[Any]:
    """The movements of a class, of one year or all."""
    rows = _movements().where(EquityTransaction.class_public_id == security.public_id)
    if year is None:
        return rows
    first = dt.date(year, 1, 1)
    return rows.where(EquityTransaction.effective_on.between(first, first.replace(month=12, day=31)))


def of_holder(issuer: Issuer, key: str) -> Select[Any]:
    """The movements of a holder in an issuer's register."""
    row = EquityTransaction
    return _movements().where(row.holder_public_id == key, row.issuer_public_id == issuer.public_id)


def page_of(rows: Select[Any], after: str) -> Movements:
    """One page of movements, the newest day first."""
    key = (EquityTransaction.effective_on, EquityTransaction.public_id)
    place = PLACE.fullmatch(after)
    if place:
        rows = rows.where(tuple_(*key) < tuple_(_day(place[1]), place[2]))
    found = db.session.execute(rows.order_by(key[0].desc(), key[1].desc()).limit(PAGE + 1)).all()
    shown = found[:PAGE]
    return Movements(shown, f"{shown[-1].effective_on}-{shown[-1].public_id}" if len(found) > PAGE else None)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return dt.date.max


def whole(rows: Select[Any]) -> Sequence[Any]:
    """All movements in the order in which they were written; one more than may leave in one file at the most."""
    return db.session.execute(rows.order_by(EquityTransaction.id).limit(MOST_EXPORTED + 1)).all()


def years_of(security: SecurityClass) -> list[int]:
    """The years in which units of a class moved, the latest first."""
    row = EquityTransaction
    first, last = db.session.execute(
        select(extract("year", func.min(row.effective_on)), extract("year", func.max(row.effective_on))).where(
            row.class_public_id == security.public_id
        )
    ).one()
    return list(range(int(last), int(first) - 1, -1)) if first is not None else []


def plans_on(security: SecurityClass) -> Sequence[Any]:
    """The plans on a class with their pools, in its smallest units."""
    columns = (EquityPlan.public_id, EquityPlan.title, EquityPlan.state, EquityPlan.pool_units,
               EquityPlan.granted_units)  # fmt: skip
    return db.session.execute(
        select(*columns)
        .where(EquityPlan.security_class_id == security.id, EquityPlan.state != PlanState.REFUSED)
        .order_by(EquityPlan.id)
        .limit(100)
    ).all()


def stock_plans_on(security: SecurityClass) -> Sequence[Any]:
    """The plans on a class that came in with a cap table: name, pool, and what of it securities under it hold."""
    row, came = EquityTransaction, SecurityVesting
    held = (
        select(func.coalesce(func.sum(row.quantity), 0))
        .join(EquitySecurity, EquitySecurity.public_id == row.security_public_id)
        .join(came, came.security_id == EquitySecurity.id)
        .where(came.stock_plan_id == StockPlan.id)
        .scalar_subquery()
    )
    return db.session.execute(
        select(StockPlan.name, StockPlan.pool_units, cast(held, BigInteger).label("held"))
        .where(StockPlan.security_class_id == security.id)
        .order_by(StockPlan.id)
        .limit(100)
    ).all()


@dataclass(frozen=True)
class Party:
    """Whoever stands in a register: kind 'person' for an employee, with what identifies them."""

    key: str
    name: str
    kind: str
    number: str | None
    representative: str | None
    is_state: bool = False


def party(issuer: Issuer, key: str) -> Party | None:
    """A holder of an issuer by key: an employee in its register, or a holder recorded for its company."""
    person = db.session.execute(
        select(Person.name, Person.hr_number).where(
            Person.public_id == key,
            select(EquityTransaction.id)
            .where(EquityTransaction.holder_public_id == key, EquityTransaction.issuer_public_id == issuer.public_id)
            .exists(),
        )
    ).one_or_none()  # fmt: skip
    if person:
        return Party(key, person.name, "person", person.hr_number, None)
    holder = EquityHolder
    moved = select(EquityTransaction.id).where(
        EquityTransaction.holder_public_id == key, EquityTransaction.issuer_public_id == issuer.public_id
    )
    found = db.session.execute(
        select(holder.name, holder.kind, holder.credit_code, holder.is_state, Person.name.label("representative"))
        .outerjoin(Person, Person.id == holder.representative_id)
        .where(holder.public_id == key, or_(holder.company_id == issuer.company_id, moved.exists()))
    ).one_or_none()
    if found is None:
        return None
    return Party(key, found.name, found.kind.value, found.credit_code, found.representative, found.is_state)


def holdings_of(issuer: Issuer, key: str) -> Sequence[Any]:
    """What a holder has of each class of an issuer now, rights to money included."""
    return db.session.execute(
        select(SecurityClass.public_id, SecurityClass.code, SecurityClass.unit, SecurityClass.decimals,
               SecurityClass.issued_units, EquityHolding.instrument, EquityHolding.units)
        .join(SecurityClass, SecurityClass.public_id == EquityHolding.class_public_id)
        .where(EquityHolding.holder_public_id == key, EquityHolding.units > 0,
               SecurityClass.issuer_id == issuer.id)
        .order_by(SecurityClass.id, EquityHolding.instrument.desc())
    ).all()  # fmt: skip


def issued_part(row: Any) -> int | None:
    """The part of its class that a holding of shares is, in basis points, rounded half up."""
    if row.instrument is not Instrument.SHARE or not row.issued_units:
        return None
    points: int = (row.units * 20_000 + row.issued_units) // (2 * row.issued_units)
    return points
