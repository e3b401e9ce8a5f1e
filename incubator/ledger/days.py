"""Daily totals of every account, made from its postings."""

import datetime as dt

from sqlalchemy import delete, func, select, text

from incubator.core import clock
from incubator.core.db import db
from incubator.ledger.models import Account, AccountDay, Entry, Posting

TOTAL = text(
    """
    INSERT INTO ledger_account_day (account_id, on_day, inflow, outflow)
    SELECT posting.account_id, (entry.at AT TIME ZONE :zone)::date,
           sum(greatest(posting.amount, 0)), sum(greatest(-posting.amount, 0))
      FROM ledger_entry entry JOIN ledger_posting posting ON posting.entry_id = entry.id
     WHERE entry.at >= :since GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (account_id, on_day) DO UPDATE SET inflow = excluded.inflow, outflow = excluded.outflow
     WHERE (ledger_account_day.inflow, ledger_account_day.outflow) <> (excluded.inflow, excluded.outflow)
    """
)
LATE = dt.timedelta(days=1)
"""A transaction that began yesterday may commit today; a longer one is seen by the proof, which totals anew."""


def total(*, since: dt.date | None = None) -> int:
    """Total the days from `since` on (by default from a day before the newest total); how many rows it wrote."""
    first = since or _first()
    start = dt.datetime.combine(first, dt.time(), clock.GROUP_ZONE) if first else dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    written = db.session.execute(TOTAL, {"zone": str(clock.GROUP_ZONE), "since": start})
    return int(written.rowcount)  # type: ignore[attr-defined]


def _first() -> dt.date | None:
    newest = db.session.scalar(select(func.max(AccountDay.on_day)))
    return newest - LATE if newest else None


def differing() -> list[int]:
    """The accounts whose days do not sum to their balance."""
    summed = func.coalesce(func.sum(AccountDay.inflow - AccountDay.outflow), 0)
    found = (
        select(Account.id)
        .outerjoin(AccountDay, AccountDay.account_id == Account.id)
        .group_by(Account.id)
        .having(summed != Account.balance)
        .order_by(Account.id)
    )
    return list(db.session.scalars(found))


def differing_before(day: dt.date) -> list[int]:
    """The accounts whose days before this one do not sum to their balance less what was posted since: what moves while
    it is looked at, and is not totalled yet, is no difference."""
    start = dt.datetime.combine(day, dt.time(), clock.GROUP_ZONE)
    totalled = (
        select(AccountDay.account_id, func.sum(AccountDay.inflow - AccountDay.outflow).label("minor"))
        .where(AccountDay.on_day < day)
        .group_by(AccountDay.account_id)
        .subquery()
    )
    since = (
        select(Posting.account_id, func.sum(Posting.amount).label("minor"))
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Entry.at >= start)
        .group_by(Posting.account_id)
        .subquery()
    )
    found = (
        select(Account.id)
        .outerjoin(totalled, totalled.c.account_id == Account.id)
        .outerjoin(since, since.c.account_id == Account.id)
        .where(func.coalesce(totalled.c.minor, 0) + func.coalesce(since.c.minor, 0) != Account.balance)
        .order_by(Account.id)
    )
    return list(db.session.scalars(found))


def drop_before_totalling(account_ids: list[int]) -> None:
    """Forget the days of accounts that differ, so that they are totalled from nothing."""
    db.session.execute(delete(AccountDay).where(AccountDay.account_id.in_(account_ids)))
