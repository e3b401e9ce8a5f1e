"""The one place that asks what time it is."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

UTC = dt.UTC
GROUP_ZONE = ZoneInfo("Asia/Shanghai")
_ahead: ContextVar[dt.timedelta] = ContextVar("ahead", default=dt.timedelta(0))


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return dt.datetime.now(UTC) + _ahead.get()


def today(zone: ZoneInfo = GROUP_ZONE) -> dt.date:
    """The present day in a company's zone."""
    return now().astimezone(zone).date()


def end_of(day: dt.date, zone: ZoneInfo = GROUP_ZONE) -> dt.datetime:
    """The moment a deadline on that day runs out: 24:00 in the company's zone."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=zone)
    return midnight.astimezone(UTC)


@contextmanager
def travelled(to: dt.datetime) -> Iterator[None]:
    """Let the clock stand at a moment and run on from there, in this context alone.

    For the demonstration's history and for tests; the product's own code never calls it (a test holds it to that).
    """
    token = _ahead.set(to - dt.datetime.now(UTC))
    try:
        yield
    finally:
        _ahead.reset(token)
