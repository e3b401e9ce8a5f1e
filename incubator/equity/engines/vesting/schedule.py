"""Terms as people say them: equal instalments every so many months, with or without a cliff; and their graph."""

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from incubator.equity.engines.vesting.allocation import Allocation, VestingError
from incubator.equity.engines.vesting.graph import (
    DAY_RULES,
    LONGEST,
    START_DAY,
    After,
    Condition,
    Graph,
    Period,
    Portion,
    Start,
)
from incubator.equity.engines.vesting.timeline import NOTHING_SINCE, Facts, Timeline, timeline


@dataclass(frozen=True, slots=True)
class Terms:
    """How a plan vests. `cliff` is the number of the first instalment that is really paid (0 or 1: no cliff)."""

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

    @property
    def graph(self) -> Graph:
        """The same as conditions: the start, then the instalments."""
        period = After("start", self.months_between, Period.MONTHS, self.instalments, self.day_rule, self.cliff)
        return Graph(
            self.allocation,
            (
                Condition("start", Start(), 0, ("instalments",)),
                Condition("instalments", period, Portion(Fraction(1, self.instalments))),
            ),
        )


def schedule(
    terms: Terms, *, units: int, starts_on: dt.date, granted_on: dt.date | None = None, facts: Facts = NOTHING_SINCE
) -> Timeline:
    """The schedule of a grant of whole units by such terms. VestingError as of `timeline`."""
    return timeline(terms.graph, units=units, starts_on=starts_on, granted_on=granted_on, facts=facts)
