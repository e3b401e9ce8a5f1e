"""Incentives on the growth of a company's value, from approved appraisals only.

Growth never contains capital paid in, dividends still inside the appraised value, or the effect of a split:
growth = value - base - capital paid in after the base + capital repaid - declared dividends - hurdle, never below 0.
(Design, incentives.md, "Incentive on the increase of total market value".) Money is integer minor units, ratios are
pairs of integers; every result is rounded down, because a plan never pays more than it says.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import lcm

from incubator.rules.engines.periods import add_months

ENGINE_VERSION = "growth/1"
WHOLE = 10_000
VALID_MONTHS = 12
"""An appraisal's result may be used for a year from its date, unless the report says less (state-asset practice)."""


class GrowthError(ValueError):
    """Figures that cannot be; the message says which."""


class Stripped(StrEnum):
    """What changes a company's value without growth."""

    CAPITAL_IN = "capital_in"
    CAPITAL_OUT = "capital_out"
    DIVIDEND = "dividend"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Happening:
    """One such event: an amount in minor units, or for a split how many new units one old becomes (a ratio).

    A dividend counts when it was declared up to the appraisal and is paid after it: paid_on None is not paid yet.
    """

    on: dt.date
    kind: Stripped
    amount: int = 0
    ratio: Fraction = Fraction(1)
    paid_on: dt.date | None = None


def valid_to(appraised_on: dt.date, months: int = VALID_MONTHS) -> dt.date:
    """The last day on which an appraisal may be used: the day before the corresponding day."""
    return add_months(appraised_on, months) - dt.timedelta(days=1)


def is_expired(appraised_on: dt.date, day: dt.date, months: int = VALID_MONTHS) -> bool:
    """Whether an appraisal may no longer be used on a day."""
    return day > valid_to(appraised_on, months)


@dataclass(frozen=True, slots=True)
class Growth:
    """The steps from a value to its growth, in minor units; `grown` is never below 0."""

    base: int
    value: int
    capital_in: int
    capital_out: int
    dividends: int
    hurdle: int

    @property
    def stripped(self) -> int:
        """What of the difference is no growth."""
        return self.capital_in - self.capital_out + self.dividends

    @property
    def raw(self) -> int:
        """The difference without what is no growth, below 0 for a loss."""
        return self.value - self.base - self.stripped - self.hurdle

    @property
    def grown(self) -> int:
        """What a plan pays on."""
        return max(0, self.raw)


def growth_of(
    *, base: int, base_on: dt.date, value: int, value_on: dt.date, happenings: Iterable[Happening], hurdle: int = 0
) -> Growth:
    """Growth between two appraisals; what happened on the base's day is in the base already.

    GrowthError for figures below 0 or dates in the wrong order.
    """
    if min(base, value, hurdle) < 0 or value_on < base_on:
        raise GrowthError("values and the hurdle are at least 0, and the value is not older than the base")
    sums = dict.fromkeys(Stripped, 0)
    for happening in happenings:
        if happening.amount < 0 or happening.ratio <= 0:
            raise GrowthError("amounts are at least 0 and ratios above it")
        if base_on < happening.on <= value_on and not _is_gone(happening, value_on):
            sums[happening.kind] += happening.amount
    return Growth(base, value, sums[Stripped.CAPITAL_IN], sums[Stripped.CAPITAL_OUT], sums[Stripped.DIVIDEND], hurdle)


def _is_gone(happening: Happening, value_on: dt.date) -> bool:
    """A dividend paid out by then is no longer in the value; nothing is added back for it."""
    return happening.kind is Stripped.DIVIDEND and happening.paid_on is not None and happening.paid_on <= value_on


def units_after_splits(units: int, since: dt.date, to: dt.date, happenings: Iterable[Happening]) -> Fraction:
    """Units of a day expressed in units of a later day."""
    result = Fraction(units)
    for happening in happenings:
        if happening.kind is Stripped.SPLIT and since < happening.on <= to:
            result *= happening.ratio
    return result


def cash_right(
    growth: Growth, *, units: int | Fraction, base_units: int | Fraction, cap: int | Fraction | None = None
) -> int:
    """What `units` of a cash-settled right or phantom plan pay: their part of the growth of all units there were.

    base_units: all units at the base, and `units`, both after splits; cap: the most one unit pays, in minor units.
    """
    if units < 0 or base_units <= 0 or (cap is not None and cap < 0):
        raise GrowthError("units and cap are at least 0, and there are units at the base")
    each = Fraction(growth.grown) / base_units
    if cap is not None:
        each = min(each, Fraction(cap))
    return _down(each * units)


def pool_of(growth: Growth, *, rate: int, cap: int | None = None) -> int:
    """The pool that growth makes: a rate in basis points of it, at most the cap."""
    if not 0 <= rate <= WHOLE or (cap is not None and cap < 0):
        raise GrowthError("the rate is between 0 and 10,000 basis points, the cap at least 0")
    pool = growth.grown * rate // WHOLE
    return pool if cap is None else min(pool, cap)


def by_points(pool: int, points: Sequence[int]) -> list[int]:
    """A pool shared by points, exactly (largest remainder, equal ones to the earlier). GrowthError without points."""
    total = sum(points)
    if pool < 0 or total <= 0 or min(points) < 0:
        raise GrowthError("points are at least 0 and not all 0, the pool at least 0")
    parts = [pool * point // total for point in points]
    order = sorted(range(len(points)), key=lambda n: (-(pool * points[n] % total), n))
    for index in order[: pool - sum(parts)]:
        parts[index] += 1
    return parts


@dataclass(frozen=True, slots=True)
class Payment:
    """One yearly payment of an award."""

    due_on: dt.date
    minor: int


def payments(award: int, first_due: dt.date, weights: Sequence[int] = (1, 1, 1)) -> list[Payment]:
    """An award paid over years (three equal ones by default), summing to it exactly."""
    parts = by_points(award, weights)
    return [Payment(add_months(first_due, 12 * year), part) for year, part in enumerate(parts)]


@dataclass(frozen=True, slots=True)
class Clawback:
    """What changes when an award turns out too high: unpaid money that falls away first, then money to pay back."""

    cancelled: int
    repaid: int


def claw_back(*, award: int, paid: int, revised: int) -> Clawback:
    """The award revised downwards, of which some is paid. GrowthError when it is not between 0 and the award."""
    if not 0 <= paid <= award or not 0 <= revised <= award:
        raise GrowthError("what is paid and what remains are between 0 and the award")
    excess = award - revised
    cancelled = min(excess, award - paid)
    return Clawback(cancelled, excess - cancelled)


def units_for_growth(growth: Growth, *, milestone: int, rate: int, units: int) -> int:
    """Units that a milestone's growth becomes at the appraised value of one: rate x growth / (value / all units).

    0 below the milestone (minor units of growth). rate: basis points; units: all there are at the value's day.
    """
    if not 0 <= rate <= WHOLE or units < 1 or milestone < 0 or growth.value < 1:
        raise GrowthError("there are units and a value, and the rate is between 0 and 10,000 basis points")
    if growth.grown < milestone:
        return 0
    return growth.grown * rate * units // (WHOLE * growth.value)


def whole(points: Sequence[Fraction]) -> list[int]:
    """Points in the same proportions as whole numbers (over their common denominator)."""
    below = lcm(*(point.denominator for point in points))
    return [int(point * below) for point in points]


def _down(value: Fraction) -> int:
    return value.numerator // value.denominator
