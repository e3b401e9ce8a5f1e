"""The one place that asks what time it is."""

import datetime as dt
from zoneinfo import ZoneInfo

UTC = dt.UTC
GROUP_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return dt.datetime.now(UTC)


def today(zone: ZoneInfo = GROUP_ZONE) -> dt.date:
    """The present day in a company's zone."""
    return now().astimezone(zone).date()


def end_of(day: dt.date, zone: ZoneInfo = GROUP_ZONE) -> dt.datetime:
    """The moment a deadline on that day runs out: 24:00 in the company's zone."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=zone)
    return midnight.astimezone(UTC)
