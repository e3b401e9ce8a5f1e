"""Vesting, exactly: the semantics of the Open Cap Format 1.2.0, in whole numbers.

All instalments are allocated first; a cliff then holds back those before it and pays their sum at it. The n-th date
is counted from the start and never from the date before: 30 January, 28 February, 30 March. A grant dated after its
vesting start pays the arrears on the day of the grant. A schedule always sums to the grant.
(Design, incentives.md, "Vesting, exactly"; OCF enums AllocationType and VestingDayOfMonth.)
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Self

from incubator.rules.engines.periods import add_months

ENGINE_VERSION = "vesting/1"
START_DAY = "VESTING_START_DAY_OR_LAST_DAY_OF_MONTH"
DAY_RULES: dict[str, int | None] = (
    {f"{day:02}": day for day in range(1, 29)}
    | {f"{day}_OR_LAST_DAY_OF_MONTH": day for day in (29, 30, 31)}
    | {START_DAY: None}
)
"""The day of the month that a rule asks for; None is the day of the vesting start."""
LONGEST = 1_200
"""No schedule has more instalments or months than this (a hundred years)."""

Quantity = int | Fraction
"""Units: whole ones, except under FRACTIONAL."""


class VestingError(ValueError):
    """Terms that make no schedule; the message says what would be right."""


class Allocation(StrEnum):
    """How units that do not divide evenly are spread; the example is 18 over 4."""

    CUMULATIVE_ROUNDING = "CUMULATIVE_ROUNDING"
    """5-4-5-4: what has vested so far is rounded, halves up."""
    CUMULATIVE_ROUND_DOWN = "CUMULATIVE_ROUND_DOWN"
    """4-5-4-5: what has vested so far is rounded down."""
    FRONT_LOADED = "FRONT_LOADED"
    """5-5-4-4."""
    BACK_LOADED = "BACK_LOADED"
    """4-4-5-5."""
    FRONT_LOADED_TO_SINGLE_TRANCHE = "FRONT_LOADED_TO_SINGLE_TRANCHE"
    """6-4-4-4."""
    BACK_LOADED_TO_SINGLE_TRANCHE = "BACK_LOADED_TO_SINGLE_TRANCHE"
    """4-4-4-6."""
    FRACTIONAL = "FRACTIONAL"
    """4.5 each."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a plan vests: equal instalments every so many months, with or without a cliff.

    `cliff` is the number of the first instalment that is really paid (0 or 1: no cliff).
    """

    instalments: int
    months_between: int
    allocation: Allocation = Allocation.CUMULATIVE_ROUND_DOWN
    day_rule: str = START_DAY
    cliff: int = 0

    def __post_init__(self) -> None:
        if self.instalments < 1 or self.months_between < 1:
            raise VestingError("instalments and the months between them must be 1 or more")
        if self.instalments * self.months_between > LONGEST:
            raise VestingError(f"a schedule must end within {LONGEST} months")
        if not 0 <= self.cliff <= self.instalments:
            raise VestingError(f"the cliff must be one of the {self.instalments} instalments, or 0 for none")
        if self.day_rule not in DAY_RULES:
            raise VestingError(f"no such day of the month: {self.day_rule}")

    @classmethod
    def over_months(
        cls,
        months: int,
        *,
        months_between: int,
        cliff_months: int = 0,
        allocation: Allocation = Allocation.CUMULATIVE_ROUND_DOWN,
        day_rule: str = START_DAY,
    ) -> Self:
        """Terms as people say them: over 48 months, every 3, with a cliff at 12."""
        if months_between < 1 or months % months_between or cliff_months % months_between:
            raise VestingError(f"{months} months and a cliff at {cliff_months} must be multiples of {months_between}")
        return cls(months // months_between, months_between, allocation, day_rule, cliff_months // months_between)


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment: due by the terms on `due_on`, vesting on `vests_on` (later for a cliff or arrears)."""

    number: int
    due_on: dt.date
    vests_on: dt.date
    units: Quantity


@dataclass(frozen=True, slots=True)
class Vesting:
    """What vests on one day: the sum of one or more instalments, above 0, and all that has vested then."""

    on: dt.date
    units: Quantity
    cumulative: Quantity
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A grant's instalments in order; their units sum to `total`."""

    terms: Terms
    total: int
    starts_on: dt.date
    granted_on: dt.date
    instalments: tuple[Instalment, ...]

    @property
    def vestings(self) -> tuple[Vesting, ...]:
        """What vests, day by day, ascending: what a chart or a table shows."""
        return tuple(_by_day(self.instalments))


@dataclass(frozen=True, slots=True)
class Balance:
    """A grant on a day; `vested + unvested + cancelled == total`."""

    total: int
    vested: Quantity
    unvested: Quantity
    cancelled: Quantity


def schedule(terms: Terms, *, units: int, starts_on: dt.date, granted_on: dt.date | None = None) -> Schedule:
    """The schedule of a grant of whole units. VestingError for less than 1 unit or dates past the calendar.

    `granted_on` is the vesting start unless given; what was due before it vests on it.
    """
    if units < 1:
        raise VestingError(f"{units} units cannot be granted; it must be 1 or more")
    granted = granted_on or starts_on
    due = [_due(terms, starts_on, number) for number in range(1, terms.instalments + 1)]
    earliest = max(granted, due[max(terms.cliff, 1) - 1])
    rows = zip(due, allocate(units, terms.instalments, terms.allocation), strict=True)
    return Schedule(
        terms,
        units,
        starts_on,
        granted,
        tuple(Instalment(number, on, max(on, earliest), part) for number, (on, part) in enumerate(rows, start=1)),
    )


def allocate(units: int, instalments: int, allocation: Allocation) -> tuple[Quantity, ...]:
    """Spread units over instalments; the parts sum to the units exactly."""
    so_far = [_SO_FAR[allocation](units, instalments, number) for number in range(instalments + 1)]
    return tuple(after - before for before, after in pairwise(so_far))


def vested_on(schedule: Schedule, day: dt.date) -> Quantity:
    """All that has vested by the end of a day."""
    return _sum(instalment.units for instalment in schedule.instalments if instalment.vests_on <= day)


def next_vesting(schedule: Schedule, day: dt.date) -> Vesting | None:
    """What vests next after a day, None when everything has."""
    return next((vesting for vesting in schedule.vestings if vesting.on > day), None)


def balance_on(schedule: Schedule, day: dt.date, *, cancelled_on: dt.date | None = None) -> Balance:
    """The grant at the end of a day; a cancellation stops vesting after its day and takes the rest."""
    if cancelled_on is None or day < cancelled_on:
        vested = vested_on(schedule, day)
        return Balance(schedule.total, vested, schedule.total - vested, 0)
    vested = vested_on(schedule, cancelled_on)
    return Balance(schedule.total, vested, 0, schedule.total - vested)


def _due(terms: Terms, starts_on: dt.date, number: int) -> dt.date:
    """The date of the n-th instalment, counted from the start."""
    try:
        return add_months(starts_on, number * terms.months_between, day=DAY_RULES[terms.day_rule])
    except ValueError as error:
        raise VestingError(f"instalment {number} is outside the calendar") from error


def _by_day(instalments: tuple[Instalment, ...]) -> Iterator[Vesting]:
    cumulative: Quantity = 0
    for day, group in groupby(instalments, key=lambda instalment: instalment.vests_on):
        paid = tuple(group)
        units = _sum(instalment.units for instalment in paid)
        cumulative += units
        if units:
            yield Vesting(day, units, cumulative, tuple(instalment.number for instalment in paid))


def _sum(parts: Iterable[Quantity]) -> Quantity:
    """A sum that stays whole for whole parts."""
    total: Quantity = 0
    for part in parts:
        total += part
    return total


_SO_FAR: Mapping[Allocation, Callable[[int, int, int], Quantity]] = {
    Allocation.CUMULATIVE_ROUNDING: lambda units, of, number: (2 * units * number + of) // (2 * of),
    Allocation.CUMULATIVE_ROUND_DOWN: lambda units, of, number: units * number // of,
    Allocation.FRONT_LOADED: lambda units, of, number: units // of * number + min(number, units % of),
    Allocation.BACK_LOADED: lambda units, of, number: units // of * number + max(0, number - of + units % of),
    Allocation.FRONT_LOADED_TO_SINGLE_TRANCHE: lambda units, of, number: (
        units // of * number + units % of * (number > 0)
    ),
    Allocation.BACK_LOADED_TO_SINGLE_TRANCHE: lambda units, of, number: (
        units // of * number + units % of * (number == of)
    ),
    Allocation.FRACTIONAL: lambda units, of, number: Fraction(units * number, of),
}
"""All units of the first so many instalments, of how many."""
