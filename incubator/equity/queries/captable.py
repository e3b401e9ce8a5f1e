"""The cap table of a class: who holds what now or at the end of a day, a page by key at a time.

Now is read from what the database keeps with every movement. A day is read from the latest month's end that stands
and the movements since: those are summed by holder, and of the positions only such are looked at as can reach the page.
No statement grows with what the page does not show, but for the movements of one month. Statements are built once and
kept.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
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
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from incubator.core import clock
from incubator.core.db import db
from incubator.equity.engines.capital import last_month_end
from incubator.equity.models import (
    CapitalMonth,
    CapitalPosition,
    CapitalTotal,
    EquityHolder,
    EquityHolding,
    EquityTransaction,
    SecurityClass,
)
from incubator.people.models import Person

PAGE = 50
CLASS = bindparam("of_class", type_=String)
ISSUER = bindparam("of_issuer", type_=String)
DAY = bindparam("day", type_=Date)
START: Any = select(func.coalesce(
    select(func.max(CapitalMonth.month_end))
    .where(CapitalMonth.issuer_public_id == ISSUER, CapitalMonth.month_end <= bindparam("latest", type_=Date))
    .scalar_subquery(),
    literal_column("date '0001-01-01'"),
).label("day")).cte("start").prefix_with("MATERIALIZED")  # fmt: skip
"""The latest month's end up to the day that stands; a day before everything where none does."""
KEY_UNITS = bindparam("key_units", type_=BigInteger)
KEY = tuple_(KEY_UNITS, bindparam("key_holder", type_=String))
NOTHING: Any = literal_column("0::bigint")
SHARE: Any = literal_column("'share'")
AWARD: Any = literal_column("'award'")
"""What is capital, and what may become capital; awards of money alone dilute nobody."""


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
    return _named(parts, size, attrgetter("promised"), *totals.c).join(totals, literal(True))


def _cut(rows: Select[Any], issued: Any, holder: Any, later: bool, size: int) -> Select[Any]:
    """The rows after a place, one more than a page of them, in order (the order of the indexes, backwards)."""
    return _limited(rows.where(tuple_(issued, holder) < KEY) if later else rows, issued, holder, size)


def _limited(rows: Select[Any], issued: Any, holder: Any, size: int) -> Select[Any]:
    """The first rows in order. How many stands in the statement, so that the plan that is kept is one for few."""
    rows = rows.order_by(issued.desc(), holder.desc())
    return rows.limit(literal_column(str(size + 1))) if size else rows


def _named(parts: Sequence[Select[Any]], size: int, promised: Callable[[Any], Any], *more: Any) -> Select[Any]:
    """The rows of a page in order, with what they are promised and the names of whom they are."""
    every = union_all(*[select(part.subquery()) for part in parts]).subquery()
    page = _limited(select(every), every.c.issued, every.c.holder, size).subquery("page")
    names = [select(one.name).where(one.public_id == page.c.holder).scalar_subquery() for one in (EquityHolder, Person)]
    name = func.coalesce(*names).label("name")  # looked up by key, one of them for most; a join would read whole tables
    columns = (page.c.holder, page.c.issued, promised(page.c).label("promised"), name)
    return select(*columns, *more).order_by(page.c.issued.desc(), page.c.holder.desc())


@lru_cache(maxsize=1)
def _now_in_all() -> Select[Any]:
    """Units issued and promised now."""
    moved = EquityTransaction
    since = select(func.coalesce(func.sum(moved.quantity), 0)).where(
        moved.class_public_id == CLASS, moved.effective_on > _start(), moved.instrument == AWARD
    )
    stored = func.coalesce(select(CapitalTotal.promised).where(*_total_of_start()).scalar_subquery(), 0)
    issued = select(SecurityClass.issued_units).where(SecurityClass.public_id == CLASS)
    return select(
        issued.scalar_subquery().label("all_issued"),
        cast(stored + since.scalar_subquery(), BigInteger).label("all_promised"),
    )


def _start() -> Any:
    return select(START.c.day).scalar_subquery()


def _total_of_start() -> tuple[Any, ...]:
    return CapitalTotal.class_public_id == CLASS, CapitalTotal.month_end == _start()


def _of_start(at: Any, instrument: Any) -> tuple[Any, ...]:
    """Positions of the class at the month's end, of shares or of promises, by the index that holds what is read."""
    return at.class_public_id == CLASS, at.month_end == _start(), at.instrument == instrument


def _of_holder(at: Any, instrument: Any, holder: Any) -> tuple[Any, ...]:
    """One holder's position (with the issuer, by which it is looked up)."""
    return *_of_start(at, instrument), at.issuer_public_id == ISSUER, at.holder_public_id == holder


def _since(instrument: Any, name: str) -> Any:
    """What the movements since the month's end changed, by holder: an integer, as a sum of bigint is not."""
    moved = EquityTransaction
    units = cast(func.sum(moved.quantity), BigInteger).label("units")
    return (
        select(moved.holder_public_id.label("holder"), units)
        .where(moved.class_public_id == CLASS, moved.effective_on > _start(), moved.effective_on <= DAY,
               moved.instrument == instrument, moved.quantity != 0)
        .group_by(moved.holder_public_id)
        .cte(name)
        .prefix_with("MATERIALIZED")
    )  # fmt: skip


@dataclass(frozen=True)
class Changes:
    """What has changed since the month's end: shares and promises by holder; `change`: the sum of both, and the most
    shares that one holder lost and won."""

    shares: Any
    awards: Any
    change: Any

    def of(self, name: str) -> Any:
        """One of the figures."""
        return select(self.change.c[name]).scalar_subquery()


def _changes() -> Changes:
    shares, awards = _since(SHARE, "shares"), _since(AWARD, "awards")
    issued, promised = (cast(func.coalesce(func.sum(one.c.units), 0), BigInteger) for one in (shares, awards))
    change = select(
        issued.label("issued"), select(promised).scalar_subquery().label("promised"),
        func.least(func.min(shares.c.units), NOTHING).label("lost"),
        func.greatest(func.max(shares.c.units), NOTHING).label("won"),
    ).select_from(shares)  # fmt: skip
    return Changes(shares, awards, change.cte("change").prefix_with("MATERIALIZED"))


def _in_all(change: Any) -> Select[Any]:
    """The totals of a day: those of the month's end, and what has changed since."""
    at = CapitalTotal
    return select(
        (func.coalesce(at.issued, 0) + change.c.issued).label("all_issued"),
        (func.coalesce(at.promised, 0) + change.c.promised).label("all_promised"),
    ).select_from(change.outerjoin(at, and_(*_total_of_start())))


@lru_cache(maxsize=1)
def _then_in_all() -> Select[Any]:
    return _in_all(_changes().change)


@lru_cache(maxsize=8)
def _then(later: bool, size: int) -> Select[Any]:
    """Who held on a day, each row with the totals of all."""
    since = _changes()
    least = select(_least(since, later, size).c.units).scalar_subquery()
    with_shares = (_standing(since, least, later), _come(since, least))
    alone = (_promised(since, least), _newly_promised(since, least))
    parts = [_page(rows, later, size) for rows in (*with_shares, *alone)]

    def promised(page: Any) -> Any:
        more = select(since.awards.c.units).where(since.awards.c.holder == page.holder).scalar_subquery()
        return _stood(page.holder) + func.coalesce(more, NOTHING)

    totals = _in_all(since.change).subquery()
    return _named(parts, size, promised, *totals.c).join(totals, literal(True))


def _page(rows: Select[Any], later: bool, size: int) -> Select[Any]:
    issued, holder = rows.selected_columns.issued, rows.selected_columns.holder
    return _limited(rows.where(tuple_(issued, holder) < KEY) if later else rows, issued, holder, size)


def _least(since: Changes, later: bool, size: int) -> Any:
    """A number of shares that every line of the page reaches, so that only positions near it are looked at.

    Those who had most at the month's end, one more than a page of them, have as many on the day but for what one holder
    lost at the most; whoever has less than that is not on the page. On a later page they are counted from whoever
    stands on it for certain. 0 where there are not so many, and where everything is shown.
    """
    if not size:
        return select(NOTHING.label("units")).cte("least")
    most = select(CapitalPosition.units).where(*_of_start(CapitalPosition, SHARE))
    most = most.where(CapitalPosition.units < KEY_UNITS - since.of("won")) if later else most
    last = most.order_by(CapitalPosition.units.desc()).offset(literal_column(str(size))).limit(literal_column("1"))
    units = func.greatest(last.scalar_subquery() + since.of("lost"), NOTHING)
    return select(units.label("units")).cte("least").prefix_with("MATERIALIZED")


def _standing(since: Changes, least: Any, later: bool) -> Select[Any]:
    """Who had shares at the month's end, and has any or is promised any on the day."""
    at, moved = CapitalPosition, since.shares.c
    issued: Any = at.units + func.coalesce(moved.units, NOTHING)
    near = [at.units >= least - since.of("won")] + ([at.units <= KEY_UNITS - since.of("lost")] if later else [])
    return (
        select(at.holder_public_id.label("holder"), issued.label("issued"))
        .select_from(at)
        .outerjoin(since.shares, moved.holder == at.holder_public_id)
        .where(
            *_of_start(at, SHARE), *near, issued >= least, or_(issued > 0, _has_promises(since, at.holder_public_id))
        )
    )


def _come(since: Changes, least: Any) -> Select[Any]:
    """Who had no shares at the month's end, and got some since."""
    moved = since.shares.c
    return select(moved.holder, moved.units.label("issued")).where(
        moved.units >= least, ~_had(SHARE, moved.holder), or_(moved.units > 0, _has_promises(since, moved.holder))
    )


def _promised(since: Changes, least: Any) -> Select[Any]:
    """Who had promises alone at the month's end, and has not moved since; after everybody with shares."""
    at = aliased(CapitalPosition)
    unmoved = (at.holder_public_id.not_in(select(one.c.holder)) for one in (since.shares, since.awards))
    return select(at.holder_public_id.label("holder"), NOTHING.label("issued")).where(
        least <= 0, *_of_start(at, AWARD), *unmoved, ~_had(SHARE, at.holder_public_id)
    )


def _newly_promised(since: Changes, least: Any) -> Select[Any]:
    """Who has promises alone, which have moved since."""
    at, moved = aliased(CapitalPosition), since.awards.c
    stood = since.awards.outerjoin(at, and_(*_of_start(at, AWARD), at.holder_public_id == moved.holder))
    return select(moved.holder, NOTHING.label("issued")).select_from(stood).where(
        least <= 0, func.coalesce(at.units, NOTHING) + moved.units > 0,
        moved.holder.not_in(select(since.shares.c.holder)), ~_had(SHARE, moved.holder),
    )  # fmt: skip


def _had(instrument: Any, holder: Any) -> Any:
    at = aliased(CapitalPosition)
    return select(at.id).where(*_of_holder(at, instrument, holder)).exists()


def _stood(holder: Any) -> Any:
    """What a holder was promised at the month's end."""
    at = aliased(CapitalPosition)
    return func.coalesce(select(at.units).where(*_of_holder(at, AWARD, holder)).scalar_subquery(), NOTHING)


def _has_promises(since: Changes, holder: Any) -> Any:
    """Asked of those alone who have no shares left."""
    more = select(since.awards.c.units).where(since.awards.c.holder == holder).scalar_subquery()
    return _stood(holder) + func.coalesce(more, NOTHING) > 0
