"""A venture's burn-down for its page and its file: what was left day by day, what lies ahead, who was paid."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from incubator.cloud.credit_positions import positions
from incubator.cloud.engines.credits import Position
from incubator.cloud.engines.forecast import WINDOW, Z80, Forecast, forecast
from incubator.cloud.queries import crediting as queries
from incubator.cloud.states import SandboxState
from incubator.core import clock
from incubator.ventures.models import Venture

POINTS = 60
"""Most points of a line."""
AHEAD = 180
"""Days that the chart looks ahead at most."""


@dataclass(frozen=True)
class Day:
    """A day's end: granted in all, spent in all and on the day, left; minor units of the grant's currency."""

    on: dt.date
    granted: int
    spent: int
    today: int

    @property
    def left(self) -> int:
        """Granted and not spent."""
        return self.granted - self.spent


@dataclass(frozen=True)
class BurnDown:
    """days: every day from the first grant on; by_provider: (its name or None, currency, spent this month)."""

    position: Position
    days: list[Day]
    ahead: Forecast
    by_provider: list[tuple[dict[str, str] | None, str, int]] = field(default_factory=list)
    other_currencies: bool = False

    @property
    def runs_out_on(self) -> dt.date | None:
        """The likely day on which nothing is left."""
        return clock.today() + dt.timedelta(days=self.ahead.likely) if self.ahead.likely is not None else None

    @property
    def range_on(self) -> tuple[dt.date | None, dt.date | None]:
        """The earliest and the latest day of the 80 % range."""
        ends = (self.ahead.earliest, self.ahead.latest)
        today = clock.today()
        earliest, latest = (today + dt.timedelta(days=one) if one is not None else None for one in ends)
        return earliest, latest

    @property
    def points(self) -> list[Day]:
        """At most POINTS days for the line, the last one among them."""
        step = max(-(-len(self.days) // POINTS), 1)
        return self.days[::-1][::step][::-1]

    def ahead_points(self) -> list[tuple[dt.date, int, int, int]]:
        """(day, likely, low, high) left, from today to where the range ends."""
        farthest = min(self.ahead.latest or AHEAD, AHEAD)
        step = max(farthest // 12, 1)
        now, left = clock.today(), self.position.granted - self.position.spent
        return [
            (now + dt.timedelta(days=n), self.ahead.left_after(left, n), self.ahead.left_after(left, n, -Z80),
             self.ahead.left_after(left, n, Z80))
            for n in range(0, farthest + step, step)
        ]  # fmt: skip


@dataclass(frozen=True)
class Running:
    """What of a venture runs: the day on which the last of it ends, and what has cost most with its share of all that
    was spent, in basis points."""

    ends_on: dt.date | None
    dearest: dict[str, str] | None = None
    share_bp: int = 0


def running(rows: Sequence[Any], position: Position) -> Running:
    """From the rows of its sandboxes (queries.of_venture): those that are there or frozen."""
    there = [row for row in rows if row.state in (SandboxState.ACTIVE, SandboxState.FROZEN) and row.ends_at]
    if not there:
        return Running(None)
    ends_on = max(row.ends_at for row in there).astimezone(clock.GROUP_ZONE).date()
    paid = [row for row in there if row.currency == position.currency]
    dearest = max(paid, key=lambda row: int(row.spent), default=None)
    if dearest is None or position.spent <= 0:
        return Running(ends_on)
    return Running(ends_on, dearest.offer, min(dearest.spent * 10_000 // position.spent, 10_000))


def of(venture: Venture) -> BurnDown | None:
    """Four statements; None for a venture that was granted nothing."""
    position = positions([venture.id]).get(venture.id)
    if position is None:
        return None
    granted, spent = queries.grants_by_day(venture), queries.spent_by_day(venture)
    own: dict[dt.date, int] = defaultdict(int)
    month: dict[tuple[str, str], int] = defaultdict(int)
    names: dict[str, dict[str, str] | None] = {}
    for day, name, currency, minor in spent:
        if currency == position.currency:
            own[day] += int(minor)
        if day >= queries.this_month():
            names[str(name)] = name
            month[str(name), currency] += int(minor)
    days = _days({day: int(minor) for day, minor in granted}, own)
    daily = [day.today for day in days][-WINDOW:]
    left = position.granted - position.spent
    foreign = any(currency != position.currency for _day, _provider, currency, _minor in spent)
    return BurnDown(
        position,
        days,
        forecast(left, daily),
        [(names[key], currency, minor) for (key, currency), minor in month.items()],
        foreign,
    )


def _days(granted: dict[dt.date, int], spent: dict[dt.date, int]) -> list[Day]:
    """Every day from the first one on to today, without gaps."""
    first, today = min((*granted, *spent)), clock.today()
    found, given, used = [], 0, 0
    for number in range((today - first).days + 1):
        day = first + dt.timedelta(days=number)
        given, used = given + granted.get(day, 0), used + spent.get(day, 0)
        found.append(Day(day, given, used, spent.get(day, 0)))
    return found
