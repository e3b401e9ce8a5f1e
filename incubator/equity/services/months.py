"""What stood at the ends of months, derived from the log: positions, and the totals of each class.

A movement that is dated before a month's end strikes it out (the database does so); it is derived anew here.
"""

import datetime as dt
from typing import Any

from sqlalchemy import delete, func, insert, literal, select

from incubator.core import clock
from incubator.core.db import db
from incubator.equity.engines import capital as engine
from incubator.equity.models import (
    CapitalMonth,
    CapitalPosition,
    CapitalTotal,
    EquityTransaction,
    Instrument,
    Issuer,
    SecurityClass,
)


def rebuild_months(issuer: Issuer, last: dt.date | None = None, most: int | None = None) -> int:
    """Derive the missing month-end positions of an issuer from the log; how many months were written.

    The issuer is held, so that no movement slips in between; each month starts from the one before. most: so many
    months at the most, for a job that lets movements in between. A month of another engine counts as missing.
    """
    db.session.execute(select(Issuer.id).where(Issuer.id == issuer.id).with_for_update())
    first = db.session.scalar(
        select(func.min(EquityTransaction.effective_on)).where(EquityTransaction.issuer_public_id == issuer.public_id)
    )
    if first is None:
        return 0
    end_of_last = engine.last_month_end(last or clock.today() - dt.timedelta(days=1))
    missing = _missing(issuer, first, end_of_last)[:most]
    for end in missing:
        _store_month(issuer, end)
    return len(missing)


def _missing(issuer: Issuer, first: dt.date, last: dt.date) -> list[dt.date]:
    """The month's ends from the first that does not stand on: a later one starts from it."""
    standing = set(
        db.session.scalars(
            select(CapitalMonth.month_end).where(
                CapitalMonth.issuer_public_id == issuer.public_id, CapitalMonth.engine == engine.ENGINE_VERSION
            )
        )
    )
    ends = list(engine.month_ends(first, last))
    begin = next((n for n, end in enumerate(ends) if end not in standing), len(ends))
    return ends[begin:]


def _store_month(issuer: Issuer, end: dt.date) -> None:
    """One month from the one before it, which stands, and the movements since; the first from nothing."""
    before = end.replace(day=1) - dt.timedelta(days=1)
    at, key = CapitalPosition, issuer.public_id
    for table in (CapitalMonth, CapitalPosition):
        db.session.execute(delete(table).where(table.issuer_public_id == key, table.month_end == end))
    names = ("issuer_public_id", "month_end", "class_public_id", "holder_public_id", "instrument", "units")
    db.session.execute(insert(at).from_select(names, _summed(key, before, end)))
    _store_totals(issuer, end)
    db.session.add(CapitalMonth(issuer_public_id=key, month_end=end, engine=engine.ENGINE_VERSION))
    db.session.flush()


def _store_totals(issuer: Issuer, end: dt.date) -> None:
    total, at = CapitalTotal, CapitalPosition
    classes = select(SecurityClass.public_id).where(SecurityClass.issuer_id == issuer.id)
    db.session.execute(delete(total).where(total.class_public_id.in_(classes), total.month_end == end))
    held = (at.issuer_public_id == issuer.public_id, at.month_end == end)
    history = at.instrument.in_((Instrument.SHARE, Instrument.AWARD))
    rows = (
        select(
            at.class_public_id, literal(end),
            func.coalesce(func.sum(at.units).filter(at.instrument == Instrument.SHARE), 0),
            func.coalesce(func.sum(at.units).filter(at.instrument == Instrument.AWARD), 0),
        )
        .where(*held, history)
        .group_by(at.class_public_id)
    )  # fmt: skip
    names = ("class_public_id", "month_end", "issued", "promised")
    db.session.execute(insert(total).from_select(names, rows))


def _summed(issuer: str, before: dt.date, end: dt.date) -> Any:
    at, moved = CapitalPosition, EquityTransaction
    stored = select(at.class_public_id, at.holder_public_id, at.instrument, at.units.label("units")).where(
        at.issuer_public_id == issuer, at.month_end == before
    )
    since = select(moved.class_public_id, moved.holder_public_id, moved.instrument, moved.quantity).where(
        moved.issuer_public_id == issuer, moved.effective_on > before, moved.effective_on <= end
    )
    both = stored.union_all(since).subquery()
    keys = (both.c.class_public_id, both.c.holder_public_id, both.c.instrument)
    total = func.sum(both.c.units)
    return select(literal(issuer), literal(end), *keys, total).select_from(both).group_by(*keys).having(total > 0)
