"""Walking a graph of conditions: which are met when, and how many units each gives.

From where the walk stands, of the next conditions the one that is met first is taken, and of two on the same day the
one that is listed first; the others are given up (that is how an expiry of quantity 0 ends a grant). Dates that lie
ahead are foreseen; events only count once they are recorded, on or after the day they could count.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from incubator.equity.engines.vesting.allocation import Allocation, Quantity, VestingError, spread
from incubator.equity.engines.vesting.graph import DAY_RULES, After, Condition, Event, Graph, On, Period, Portion, Start
from incubator.rules.engines.periods import add_months

NOTHING = Portion(Fraction(0))


@dataclass(frozen=True, slots=True)
class Step:
    """What a condition gives on one day; `held_to`: the day it is paid at the earliest (a cliff's, else its own)."""

    condition: str
    on: dt.date
    held_to: dt.date
    units: Quantity
    by_time: bool
    """Counted in months or days: a leave moves it."""


@dataclass(frozen=True, slots=True)
class Path:
    """Where the conditions lead: the steps in order; ended_on: the day after which nothing can come, if it has one.

    waits: an event that is not recorded could still go on from there.
    """

    steps: tuple[Step, ...]
    ended_on: dt.date | None
    waits: bool


def walk(graph: Graph, *, units: int, starts_on: dt.date | None, events: Mapping[str, Sequence[dt.date]]) -> Path:
    """Follow a grant of whole units from the roots. events: recorded days by condition id."""
    walker = _Walker(graph, units, starts_on, events)
    steps = tuple(step for met in walker for step in met)
    return Path(steps, walker.ended_on, walker.waits)


class _Walker:
    """The state of a walk: where it stands, since when, and what was given so far (exactly and rounded)."""

    def __init__(
        self, graph: Graph, units: int, starts_on: dt.date | None, events: Mapping[str, Sequence[dt.date]]
    ) -> None:
        self.allocation, self.conditions, self.roots = graph.allocation, graph.by_id, graph.roots
        self.units, self.starts_on, self.events = units, starts_on, events
        self.met: dict[str, dt.date] = {}
        self.since: dt.date | None = None
        self.due, self.given = Fraction(0), _nothing(graph.allocation)
        self.ended_on: dt.date | None = None
        self.waits = False

    def __iter__(self) -> Iterator[list[Step]]:
        ahead = self.roots
        while ahead:
            found = self._first_of(ahead)
            if found is None:
                return
            condition, days = found
            yield self._take(condition, days)
            ahead = condition.following
        self.ended_on = self.since

    def _first_of(self, names: Sequence[str]) -> tuple[Condition, list[dt.date]] | None:
        """The condition met first, and the days on which it is met; `waits` says that an event may still come."""
        candidates = [(self.conditions[name], self._days(self.conditions[name])) for name in names]
        self.waits = any(isinstance(condition.trigger, Event) and not days for condition, days in candidates)
        met = [(condition, days) for condition, days in candidates if days]
        return min(met, key=lambda pair: pair[1][0], default=None)

    def _days(self, condition: Condition) -> list[dt.date]:
        """When a condition is met, from where the walk stands; empty when nothing says so yet."""
        match condition.trigger:
            case Start():
                days = [self.starts_on] if self.starts_on else []
            case On(day):
                days = [day]
            case Event():
                recorded = sorted(self.events.get(condition.id, ()))
                days = [day for day in recorded if self.since is None or day >= self.since][:1]
            case trigger:
                anchor = self.met.get(trigger.anchor)
                days = list(occurrences(trigger, anchor, self.starts_on)) if anchor else []
        return days if self.since is None else [max(day, self.since) for day in days]

    def _take(self, condition: Condition, days: list[dt.date]) -> list[Step]:
        """The steps of a condition that is met; one of quantity 0 only says where the path goes."""
        parts = self._parts(condition, len(days))
        cliff = days[max(condition.trigger.cliff, 1) - 1] if isinstance(condition.trigger, After) else days[0]
        by_time = isinstance(condition.trigger, After)
        self.since = self.met[condition.id] = days[-1]
        if condition.amount in (0, NOTHING):
            return []
        return [
            Step(condition.id, day, max(day, cliff), part, by_time) for day, part in zip(days, parts, strict=True)
        ]  # fmt: skip

    def _parts(self, condition: Condition, times: int) -> tuple[Quantity, ...]:
        amount = condition.amount
        if isinstance(amount, Portion) and amount.of_remainder:
            self.due = Fraction(self.given)
            each = amount.part * (self.units - Fraction(self.given))
        else:
            each = amount.part * self.units if isinstance(amount, Portion) else Fraction(amount)
        parts = spread(self.allocation, due=self.due, each=each, times=times, given=self.given, most=self.units)
        self.due = min(self.due + each * times, Fraction(self.units))
        for part in parts:
            self.given += part
        return parts


def _nothing(allocation: Allocation) -> Quantity:
    return Fraction(0) if allocation is Allocation.FRACTIONAL else 0


@lru_cache(maxsize=5_000)
def occurrences(trigger: After, anchor: dt.date, starts_on: dt.date | None) -> tuple[dt.date, ...]:
    """The days of a period, each counted from the anchor and never from the one before."""
    day = DAY_RULES[trigger.day_rule]
    if day is None:
        day = (starts_on or anchor).day
    dates = []
    for number in range(1, trigger.times + 1):
        try:
            if trigger.period is Period.DAYS:
                dates.append(anchor + dt.timedelta(days=trigger.length * number))
            else:
                dates.append(add_months(anchor, trigger.length * number, day=day))
        except (ValueError, OverflowError) as error:
            raise VestingError(f"instalment {number} is outside the calendar") from error
    return tuple(dates)
