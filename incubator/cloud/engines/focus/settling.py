"""From a delivery to postings: what each account is charged, what of it was posted before, and what needs a person.

A cost is kept to ten decimals of the currency a day; what is posted for a day is the rounded total up to it less the
rounded total before it, so that nothing is lost however small the days are.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from incubator.cloud.engines.focus.reading import ONE, Kind, Line, Reading, Unit

SUSPENSE = ""
"""Whom a cost is charged to when nobody is known for it; it must be zero before a month is closed."""
JUMP = (3, 2)
"""A period that costs more than 3/2 of what the delivery before said of the same days, or of as many days, or less
than 2/3 of what it said of the same ones, waits for a person."""
DAY = dt.timedelta(days=1)
HOURS = 24
"""How much dearer a day may become that was billed alone, since it may have been an hour old."""


class Doubt(StrEnum):
    """Why a delivery is held until a person has looked at it."""

    FAULTS = "faults"
    ROWS = "rows"
    TOTAL = "total"
    JUMP = "jump"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Declared:
    """What the sender says a file holds; None where nothing is said. total: in whole numbers of 10^-18."""

    rows: int | None = None
    total: int | None = None


class Posting(NamedTuple):
    """An amount in minor units to post for a day of usage; below 0 where less is owed than was posted.

    whom: the sandbox, SUSPENSE where none is known. on: the day it is posted for in the books: the day of usage while
    the period is open, the day of the import once it is closed.
    """

    whom: str
    currency: str
    day: dt.date
    minor: int
    on: dt.date


Totals = Mapping[str, Mapping[dt.date, int]]
"""What a unit was charged by currency and day, in whole numbers of 10^-18."""


class DayCost(NamedTuple):
    """What a day is billed, in whole numbers of 10^-18: all of it; of that the usage of the day itself; and what a day
    of longer usage costs that begins on it, with the last day until which any of it runs."""

    cost: int = 0
    usage: int = 0
    pace: int = 0
    until: dt.date | None = None


DayKey = tuple[str, dt.date, str, bool]
"""Sub-account, day, currency, whether it is a credit of the provider."""


def by_day(costs: Mapping[Line, int]) -> dict[Unit, dict[DayKey, DayCost]]:
    """What each unit is billed by day. What is charged once, and a provider's credits, are no usage."""
    found: dict[Unit, dict[DayKey, DayCost]] = defaultdict(dict)
    for line, cost in costs.items():
        key = (line.sub_account, line.day, line.currency, line.kind is Kind.CREDIT)
        total, usage, pace, until = found[line.unit].get(key, DayCost())
        if line.kind is Kind.USAGE and line.until is None:
            usage += cost
        elif line.kind is Kind.USAGE and line.until is not None:
            pace += cost // ((line.until - line.day).days + 1)
            until = max(until or line.until, line.until)
        found[line.unit][key] = DayCost(total + cost, usage, pace, until)
    return found


def doubts(reading: Reading, declared: Declared, before: Mapping[Unit, Totals]) -> list[tuple[Doubt, Unit | None]]:
    """What keeps a delivery from being taken, the whole file's first, then each unit's. before: totals of the delivery
    before by day, of the units that had one."""
    found: list[tuple[Doubt, Unit | None]] = []
    if reading.wrong:
        found.append((Doubt.FAULTS, None))
    if declared.rows is not None and declared.rows != reading.rows:
        found.append((Doubt.ROWS, None))
    charged = sum(cost for line, cost in reading.costs.items() if line.kind is not Kind.CREDIT)
    if declared.total is not None and declared.total != charged:
        found.append((Doubt.TOTAL, None))
    for unit in sorted(reading.counts):
        if unit in before:
            found += [(doubt, unit) for doubt in _moved(reading, unit, before[unit])]
    return found


def _moved(reading: Reading, unit: Unit, before: Totals) -> list[Doubt]:
    """Whether what a unit is charged is far from what the delivery before said, in any currency."""
    found: set[Doubt] = set()
    for currency in {*before, *reading.currencies(unit)}:
        old = before.get(currency, {})
        if old:
            found |= _compared(old, reading.days(unit, currency))
    return sorted(found)


def _compared(old: Mapping[dt.date, int], new: Mapping[dt.date, int]) -> set[Doubt]:
    """Two deliveries of a month that may not be over. Where the new one goes on beyond the old one's last day, that
    day was hardly whole: it is left out, or, where nothing was billed before it, was an hour of a day at least. What is
    new is compared with as many of the days before, with its newest day and without: that can be too little so far."""
    more, of = JUMP
    first, last = min({*old, *new}), max(old)
    reaches = max(new, default=last)
    is_alone = reaches > last and not _until(old, last)
    over = last if reaches > last and not is_alone else last + DAY
    was, now = _until(old, over), _until(new, over)
    base, most = (max(was, now), more * HOURS) if is_alone else (was, more)
    ends = (max(reaches, over), max(reaches + DAY, over))
    found = set()
    if was and (
        now * of > was * most
        or any(_until(new, end) * of * (over - first).days > base * more * (end - first).days for end in ends)
    ):
        found.add(Doubt.JUMP)
    elif now * more < was * of:
        found.add(Doubt.DROP)
    return found


def _until(days: Mapping[dt.date, int], end: dt.date) -> int:
    """What the days before one come to, whatever its sign."""
    return abs(sum(cost for day, cost in days.items() if day < end))


def shares(
    costs: Mapping[Line, int], unit: Unit, owner: Callable[[str], str | None], digits: Mapping[str, int]
) -> dict[tuple[str, str, dt.date], int]:
    """What is charged for a unit, in minor units by whom, currency and day; credits of the provider are kept apart.

    owner: the sandbox of a sub-account, None for one that is not ours. digits: the decimals of each currency. By whom
    and currency the days sum to the rounded total (half to even).
    """
    exact: dict[tuple[str, str], dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    for line, cost in costs.items():
        if line.unit == unit and line.kind is not Kind.CREDIT:
            exact[(owner(line.sub_account) if line.sub_account else None) or SUSPENSE, line.currency][line.day] += cost
    charged = {}
    for (whom, currency), days in exact.items():
        so_far, rounded = 0, 0
        for day in sorted(days):
            so_far += days[day]
            now = _minor(so_far, digits[currency])
            charged[whom, currency, day] = now - rounded
            rounded = now
    return charged


def _minor(units: int, digits: int) -> int:
    """Whole minor units, half to even."""
    step = ONE // int(10**digits)
    whole, rest = divmod(units, step)
    return whole + (rest * 2 > step or (rest * 2 == step and whole % 2 == 1))


def differences(
    charged: Mapping[tuple[str, str, dt.date], int],
    posted: Mapping[tuple[str, str, dt.date], int],
    *,
    closed_on: dt.date | None = None,
) -> list[Posting]:
    """What is to be posted: what is charged now less what was posted, nothing where they agree.

    closed_on: the day of the import where the period is closed: its postings are new ones of that day.
    """
    keys: Iterable[tuple[str, str, dt.date]] = sorted({*charged, *posted})
    found = ((key, charged.get(key, 0) - posted.get(key, 0)) for key in keys)
    return [
        Posting(whom, currency, day, minor, closed_on or day)
        for (whom, currency, day), minor in found
        if minor
    ]  # fmt: skip
