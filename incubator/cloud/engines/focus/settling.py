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
"""A period whose total is more than 3/2 of the delivery before, or less than 2/3 of it, waits for a person."""


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


Totals = Mapping[str, int]
"""What a unit was charged by currency, in whole numbers of 10^-18."""


def doubts(reading: Reading, declared: Declared, before: Mapping[Unit, Totals]) -> list[tuple[Doubt, Unit | None]]:
    """What keeps a delivery from being taken, the whole file's first, then each unit's. before: totals of the delivery
    before, of the units that had one."""
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
    """Whether a unit's total is far from that of the delivery before, in any currency."""
    more, of = JUMP
    found = set()
    for currency in {*before, *reading.currencies(unit)}:
        old, new = abs(before.get(currency, 0)), abs(reading.total(unit, currency))
        if old and new * of > old * more:
            found.add(Doubt.JUMP)
        elif new * more < old * of:
            found.add(Doubt.DROP)
    return sorted(found)


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
