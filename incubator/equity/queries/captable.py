"""The cap table of a class: who holds what now or at the end of a day, a page by key at a time.

Now is read from what the database keeps with every movement. A day is read from the latest month's end that stands
and the movements since, and only whoever they touch is summed anew; so is what is promised in all. No statement grows
with what the page does not show, but for the movements of one month. Statements are built once and kept.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from incubator.core import clock
from incubator.core.db import db, written
from incubator.equity.engines.capital import last_month_end
from incubator.equity.models import (
    CapitalMonth,
    CapitalPosition,
    CapitalTotal,
    EquityHolder,
    EquityHolding,
    EquityTransaction,
    Instrument,
    SecurityClass,
)
from incubator.people.models import Person

PAGE = 50
HISTORY = (Instrument.SHARE, Instrument.AWARD)
"""What is capital, and what may become capital; awards of money alone dilute nobody."""
CLASS = bindparam("of_class", type_=String)
ISSUER = bindparam("of_issuer", type_=String)
DAY = bindparam("day", type_=Date)
START: Any = func.coalesce(
    select(func.max(CapitalMonth.month_end))
    .where(CapitalMonth.issuer_public_id == ISSUER, CapitalMonth.month_end <= bindparam("latest", type_=Date))
    .scalar_subquery(),
    literal_column("date '0001-01-01'"),
)
"""The latest month's end up to the day that stands; a day before everything where none does."""
KEY = tuple_(bindparam("key_units", type_=BigInteger), bindparam("key_holder", type_=String))
NOTHING: Any = literal_column("0::bigint")
AWARD: Any = literal_column("'award'")
SHARE: Any = literal_column("'share'")


@dataclass(frozen=True)
class Line:
    """One holder of a class: key and name, units issued and promised."""

    holder: str
    name: str
    issued: int
    promised: int


@dataclass(frozen=True)
class Table:
    """One page of a cap table with the totals of the whole; `after` is the key of the next page."""

    lines: list[Line]
    issued: int
    promised: int
    after: str | None


def table_of(security: SecurityClass, day: dt.date | None, after: str = "", size: int = PAGE) -> Table:
    """The cap table of a class at the end of a day (None: now), most issued units first. size 0: everything."""
    today, key = clock.today(), _key(after)
    is_now = day is None or day >= today
    until = today if day is None or is_now else day
    given = {"of_class": security.public_id, "of_issuer": security.issuer.public_id, "day": until,
             "latest": last_month_end(until)}  # fmt: skip
    rows = db.session.execute((_now if is_now else _then)(key is not None, size), given | (key or {})).all()
    totals = rows[0][4:] if rows else db.session.execute((_now_in_all if is_now else _then_in_all)(), given).one()
    shown = rows[:size] if size else rows
    lines = [Line(row[0], row[3] or row[0], row[1], row[2]) for row in shown]
    more = bool(size) and len(rows) > size
    return Table(lines, totals[0], totals[1], f"{lines[-1].issued}-{lines[-1].holder}" if more else None)


def _key(after: str) -> dict[str, Any] | None:
    """The place after which a page begins; None for the first, and for what no page of ours has named."""
    units, _, holder = after.partition("-")
    if not units.isascii() or not units.isdigit() or len(units) > 18:
        return None
    return {"key_units": int(units), "key_holder": holder[:16]}


@lru_cache(maxsize=8)
def _now(later: bool, size: int) -> Select[Any]:
    """Who holds now: those with shares, most first, then those with promises alone."""
    share, award = aliased(EquityHolding), aliased(EquityHolding)
    same = award.holder_public_id == share.holder_public_id
    shared = (share.class_public_id == CLASS, share.instrument == SHARE, share.units > 0)
    promised = select(award.units).where(award.class_public_id == CLASS, same, award.instrument == AWARD)
    shares: Any = select(
        share.holder_public_id.label("holder"), share.units.label("issued"),
        func.coalesce(promised.scalar_subquery(), 0).label("promised"),
    ).where(*shared)  # fmt: skip
    none = ~select(share.id).where(*shared, same).exists()
    alone: Any = select(award.holder_public_id, NOTHING.label("issued"), award.units).where(
        award.class_public_id == CLASS, award.instrument == AWARD, award.units > 0, none
    )
    parts = (_cut(shares, share.units, share.holder_public_id, later, size),
             _cut(alone, NOTHING, award.holder_public_id, later, size))  # fmt: skip
    totals = _now_in_all().subquery()
    return _named(parts, size, *totals.c).join(totals, literal(True))


def _cut(rows: Select[Any], issued: Any, holder: Any, later: bool, size: int) -> Select[Any]:
    """The rows after a place, one more than a page of them, in order (the order of the indexes, backwards)."""
    return _limited(rows.where(tuple_(issued, holder) < KEY) if later else rows, issued, holder, size)


def _limited(rows: Select[Any], issued: Any, holder: Any, size: int) -> Select[Any]:
    """The first rows in order. How many stands in the statement, so that the plan that is kept is one for few."""
    rows = rows.order_by(issued.desc(), holder.desc())
    return rows.limit(literal_column(str(size + 1))) if size else rows


def _named(parts: Sequence[Select[Any]], size: int, *more: Any) -> Select[Any]:
    """The rows of a page in order, with the names of whom they are."""
    every = union_all(*[select(part.subquery()) for part in parts]).subquery()
    page = _limited(select(every), every.c.issued, every.c.holder, size).subquery()
    names = [select(one.name).where(one.public_id == page.c.holder).scalar_subquery() for one in (Person, EquityHolder)]
    columns = (page.c.holder, page.c.issued, page.c.promised, func.coalesce(*names).label("name"), *more)
    return select(*columns).order_by(page.c.issued.desc(), page.c.holder.desc())


@lru_cache(maxsize=1)
def _now_in_all() -> Select[Any]:
    """Units issued and promised now."""
    moved = EquityTransaction
    since = select(func.coalesce(func.sum(moved.quantity), 0)).where(
        moved.class_public_id == CLASS, moved.effective_on > START, moved.instrument == AWARD
    )
    stored = func.coalesce(select(CapitalTotal.promised).where(*_total_of_start()).scalar_subquery(), 0)
    issued = select(SecurityClass.issued_units).where(SecurityClass.public_id == CLASS)
    return select(
        issued.scalar_subquery().label("all_issued"),
        cast(stored + since.scalar_subquery(), BigInteger).label("all_promised"),
    )


def _total_of_start() -> tuple[Any, ...]:
    return CapitalTotal.class_public_id == CLASS, CapitalTotal.month_end == START


def _of_start(at: Any, instrument: Any) -> tuple[Any, ...]:
    """Positions of the class at the month's end, of shares or of promises, by the index that holds what is read."""
    return at.class_public_id == CLASS, at.month_end == START, at.instrument == instrument


def _of_holder(at: Any, instrument: Any, holder: Any) -> tuple[Any, ...]:
    """One holder's position (with the issuer, by which it is looked up)."""
    return *_of_start(at, instrument), at.issuer_public_id == ISSUER, at.holder_public_id == holder


def _since() -> Any:
    """What the movements since the month's end changed, by holder."""
    moved = EquityTransaction
    return (
        select(moved.holder_public_id.label("holder"), *_by_instrument(moved.instrument, moved.quantity))
        .where(moved.class_public_id == CLASS, moved.effective_on > START, moved.effective_on <= DAY,
               written(moved.instrument, *HISTORY), moved.quantity != 0)
        .group_by(moved.holder_public_id)
        .cte("since")
        .prefix_with("MATERIALIZED")
    )  # fmt: skip


def _anew(since: Any) -> Any:
    """Whom those movements touch: what they hold on the day."""
    share, award = aliased(CapitalPosition), aliased(CapitalPosition)
    found = since
    for at, instrument in ((share, SHARE), (award, AWARD)):
        found = found.outerjoin(at, and_(*_of_start(at, instrument), at.holder_public_id == since.c.holder))
    issued, promised = func.coalesce(share.units, NOTHING), func.coalesce(award.units, NOTHING)
    return (
        select(since.c.holder, (issued + since.c.shares).label("issued"), (promised + since.c.awards).label("promised"))
        .select_from(found)
        .subquery()
    )


def _by_instrument(instrument: Any, units: Any) -> tuple[Any, Any]:
    """Sums of shares and of promises, as the integers they are (a sum of bigint is a numeric)."""
    shares, awards = (func.sum(units).filter(instrument == one) for one in (SHARE, AWARD))
    whole = tuple(cast(func.coalesce(part, 0), BigInteger) for part in (shares, awards))
    return whole[0].label("shares"), whole[1].label("awards")


def _in_all(since: Any) -> Any:
    """The totals of a day: those of the month's end, and what has changed since."""
    sums = (cast(func.coalesce(func.sum(one), 0), BigInteger) for one in (since.c.shares, since.c.awards))
    grown = select(*(one.label(name) for one, name in zip(sums, ("issued", "promised"), strict=True))).subquery()
    at = CapitalTotal
    return (
        select((func.coalesce(at.issued, 0) + grown.c.issued).label("all_issued"),
               (func.coalesce(at.promised, 0) + grown.c.promised).label("all_promised"))
        .select_from(grown.outerjoin(at, and_(*_total_of_start())))
    )  # fmt: skip


@lru_cache(maxsize=1)
def _then_in_all() -> Select[Any]:
    found: Select[Any] = _in_all(_since())
    return found


@lru_cache(maxsize=8)
def _then(later: bool, size: int) -> Select[Any]:
    """Who held on a day, each row with the totals of all."""
    since = _since()
    share, award = aliased(CapitalPosition), aliased(CapitalPosition)
    names = select(since.c.holder)
    promised = select(award.units).where(*_of_holder(award, AWARD, share.holder_public_id))
    shares: Any = select(
        share.holder_public_id.label("holder"), share.units.label("issued"),
        func.coalesce(promised.scalar_subquery(), 0).label("promised"),
    ).where(*_of_start(share, SHARE), share.holder_public_id.not_in(names))  # fmt: skip
    with_shares = select(share.id).where(*_of_holder(share, SHARE, award.holder_public_id))
    alone: Any = select(award.holder_public_id, NOTHING.label("issued"), award.units).where(
        *_of_start(award, AWARD), award.holder_public_id.not_in(names), ~with_shares.exists()
    )
    touched = _anew(since)
    anew: Any = select(touched.c.holder, touched.c.issued, touched.c.promised).where(
        touched.c.issued + touched.c.promised > 0
    )
    parts = (_cut(shares, share.units, share.holder_public_id, later, size),
             _cut(alone, NOTHING, award.holder_public_id, later, size),
             _cut(anew, touched.c.issued, touched.c.holder, later, size))  # fmt: skip
    totals = _in_all(since).subquery()
    return _named(parts, size, *totals.c).join(totals, literal(True))
