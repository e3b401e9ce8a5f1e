"""The cost of share-based payment by period (IFRS 2), instalment by instalment, with true-up for leavers.

Source: IFRS 2, paragraphs 10-15 (services received over the vesting period, measured at the grant date), 19-20 (the
number of instruments expected to vest is revised, in the end to those that vested), IG11 (each instalment of a graded
grant is a grant of its own), 28 (a cancellation is an acceleration: the rest is recognised at once). Service is
measured in months and, in a part of a month, in its days. What is recognised up to a day is rounded half up; a period
is a difference of two such figures, so that periods sum to the whole exactly.
"""

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from incubator.rules.engines.periods import add_months

ENGINE_VERSION = "expense/1"
WHOLE = 10_000


class ExpenseError(ValueError):
    """Figures that cannot be; the message says which."""


@dataclass(frozen=True, slots=True)
class Forfeiture:
    """Units of an instalment that will not vest any more, since a day."""

    on: dt.date
    units: Fraction | int


@dataclass(frozen=True, slots=True)
class Tranche:
    """One instalment: its units, and the service that earns them from a day to the day they vest.

    ended_on: cancelled by the company on that day, so that the rest is recognised at once (paragraph 28).
    """

    units: Fraction | int
    serves_from: dt.date
    vests_on: dt.date
    forfeitures: tuple[Forfeiture, ...] = ()
    ended_on: dt.date | None = None

    def __post_init__(self) -> None:
        gone = sum((forfeiture.units for forfeiture in self.forfeitures), Fraction(0))
        if self.units < 0 or gone > self.units or any(f.units < 0 for f in self.forfeitures):
            raise ExpenseError("units are at least 0, and no more can be forfeited than there are")


@dataclass(frozen=True, slots=True)
class Estimate:
    """From a day on, this part of what has not vested is expected to be forfeited, in basis points."""

    since: dt.date
    points: int

    def __post_init__(self) -> None:
        if not 0 <= self.points <= WHOLE:
            raise ExpenseError("an estimate is between 0 and 10,000 basis points")


@dataclass(frozen=True, slots=True)
class Period:
    """A period of the accounts, both days included, and its expense in minor units (below 0 after a true-up)."""

    first: dt.date
    last: dt.date
    minor: int


def months_between(start: dt.date, end: dt.date) -> Fraction:
    """Months from a day to a later one, the days of the last part as a part of that month; 0 when it is not later."""
    if end <= start:
        return Fraction(0)
    whole = (end.year - start.year) * 12 + end.month - start.month
    whole -= add_months(start, whole) > end
    since, until = add_months(start, whole), add_months(start, whole + 1)
    return whole + Fraction((end - since).days, (until - since).days)


def served(tranche: Tranche, day: dt.date) -> Fraction:
    """The part of its service that has been given by the end of a day, between 0 and 1."""
    if day < tranche.serves_from:
        return Fraction(0)
    after = day + dt.timedelta(days=1)
    if after >= tranche.vests_on or (tranche.ended_on is not None and day >= tranche.ended_on):
        return Fraction(1)
    return months_between(tranche.serves_from, after) / months_between(tranche.serves_from, tranche.vests_on)


def recognised(
    tranches: Sequence[Tranche], day: dt.date, *, value: Fraction, estimates: Sequence[Estimate] = ()
) -> int:
    """Everything recognised by the end of a day, in minor units. value: minor units a unit at the grant date."""
    points = next((e.points for e in sorted(estimates, key=lambda e: e.since, reverse=True) if e.since <= day), 0)
    total = Fraction(0)
    for tranche in tranches:
        part = served(tranche, day)
        left = tranche.units - sum((f.units for f in tranche.forfeitures if f.on <= day), Fraction(0))
        expected = left if part == 1 else left * Fraction(WHOLE - points, WHOLE)
        total += expected * part
    return _half_up(total * value)


def by_period(
    tranches: Sequence[Tranche],
    periods: Sequence[tuple[dt.date, dt.date]],
    *,
    value: Fraction,
    estimates: Sequence[Estimate] = (),
) -> list[Period]:
    """The expense of each period (first and last day), which follow one another without a gap.

    The first takes all that was earned in it alone: what lies before it is not shown. ExpenseError for a gap.
    """
    if value < 0:
        raise ExpenseError("a fair value is at least 0")
    found = []
    for index, (first, last) in enumerate(periods):
        if last < first or (index and first != periods[index - 1][1] + dt.timedelta(days=1)):
            raise ExpenseError("periods follow one another without a gap")
        before = recognised(tranches, first - dt.timedelta(days=1), value=value, estimates=estimates)
        found.append(Period(first, last, recognised(tranches, last, value=value, estimates=estimates) - before))
    return found


def years(first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
    """The calendar years from a day's to another's."""
    return [(dt.date(year, 1, 1), dt.date(year, 12, 31)) for year in range(first.year, last.year + 1)]


def months(first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
    """The calendar months from a day's to another's."""
    found = []
    day = first.replace(day=1)
    while day <= last:
        end = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        found.append((day, end))
        day = end + dt.timedelta(days=1)
    return found


def _half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
