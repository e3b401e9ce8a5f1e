"""The terms of a grant as the Open Cap Format has them: an acyclic graph of conditions, next ones by priority.

Our one addition is `cliff_installment` of a period: the number of the first occurrence that is really paid; those
before it are held back and paid with it.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any

from incubator.equity.engines.vesting.allocation import Allocation, VestingError

START_DAY = "VESTING_START_DAY_OR_LAST_DAY_OF_MONTH"
DAY_RULES: dict[str, int | None] = (
    {f"{day:02}": day for day in range(1, 29)}
    | {f"{day}_OR_LAST_DAY_OF_MONTH": day for day in (29, 30, 31)}
    | {START_DAY: None}
)
"""The day of the month that a rule asks for; None is the day of the vesting start."""
LONGEST = 1_200
"""No condition comes more often than this, or reaches over more months (a hundred years)."""
MOST_CONDITIONS = 200


class Period(StrEnum):
    """The unit of a period."""

    MONTHS = "MONTHS"
    DAYS = "DAYS"


@dataclass(frozen=True, slots=True)
class Start:
    """Met on the day vesting starts."""


@dataclass(frozen=True, slots=True)
class On:
    """Met on a date."""

    day: dt.date


@dataclass(frozen=True, slots=True)
class After:
    """Met `times` times, each `length` after the one before, counted from the last time that `anchor` was met.

    cliff: the first time that is paid (0 or 1: each); day_rule: a key of DAY_RULES, for months.
    """

    anchor: str
    length: int
    period: Period
    times: int = 1
    day_rule: str = START_DAY
    cliff: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """Met when somebody records that it happened."""


Trigger = Start | On | After | Event


@dataclass(frozen=True, slots=True)
class Portion:
    """A part of the grant, or of what has not vested yet (`of_remainder`); each time the condition is met."""

    part: Fraction
    of_remainder: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """One knot of the graph: when it is met, what vests then, and what may come next, the first in line first.

    amount: a portion, or smallest units.
    """

    id: str
    trigger: Trigger
    amount: Portion | int
    following: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """Conditions and how their units are rounded. Raises VestingError for what is no such graph."""

    allocation: Allocation
    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.conditions) <= MOST_CONDITIONS:
            raise VestingError(f"terms have between 1 and {MOST_CONDITIONS} conditions")
        by_id = self.by_id
        if len(by_id) < len(self.conditions):
            raise VestingError("two conditions have the same id")
        for condition in self.conditions:
            for name in condition.following:
                if name not in by_id:
                    raise VestingError(f"condition {condition.id} leads to {name}, which is not there")
        if not self.roots:
            raise VestingError("the conditions run in a circle")
        self._check_anchors(_parents(self.conditions))

    @property
    def by_id(self) -> dict[str, Condition]:
        """The conditions by their ids."""
        return {condition.id: condition for condition in self.conditions}

    @property
    def roots(self) -> tuple[str, ...]:
        """Where every path begins: the conditions that none leads to, in order."""
        led_to = {name for condition in self.conditions for name in condition.following}
        return tuple(condition.id for condition in self.conditions if condition.id not in led_to)

    def _check_anchors(self, parents: Mapping[str, Sequence[str]]) -> None:
        above: dict[str, set[str]] = {}
        for name in _in_order(self.conditions, parents):
            above[name] = {one for parent in parents[name] for one in (parent, *above[parent])}
        for condition in self.conditions:
            trigger = condition.trigger
            if isinstance(trigger, After) and trigger.anchor not in above[condition.id]:
                raise VestingError(
                    f"condition {condition.id} counts from {trigger.anchor}, which does not come before it"
                )


def _parents(conditions: Sequence[Condition]) -> dict[str, list[str]]:
    parents: dict[str, list[str]] = {condition.id: [] for condition in conditions}
    for condition in conditions:
        for name in condition.following:
            parents[name].append(condition.id)
    return parents


def _in_order(conditions: Sequence[Condition], parents: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Each condition after all that lead to it. Raises VestingError for a circle."""
    waiting, done = [condition.id for condition in conditions], set[str]()
    while waiting:
        ready = [name for name in waiting if set(parents[name]) <= done]
        if not ready:
            raise VestingError("the conditions run in a circle")
        yield from ready
        done.update(ready)
        waiting = [name for name in waiting if name not in done]


def read(data: Mapping[str, Any], *, decimals: int = 0) -> Graph:
    """Terms from an OCF VESTING_TERMS object (1.2.0); quantities are whole units of a class with these decimals.

    Raises VestingError, saying which condition.
    """
    try:
        conditions = tuple(_condition(one, decimals) for one in data["vesting_conditions"])
        return Graph(Allocation(data["allocation_type"]), conditions)
    except (KeyError, TypeError, AttributeError) as error:
        raise VestingError(f"the terms lack something, or hold something else: {error}") from error
    except ValueError as error:
        raise error if isinstance(error, VestingError) else VestingError(str(error)) from error


def _condition(data: Mapping[str, Any], decimals: int) -> Condition:
    if ("portion" in data) == ("quantity" in data):
        raise VestingError(f"condition {data['id']} has either a portion or a quantity")
    amount = _portion(data) if "portion" in data else _units(data, decimals)
    return Condition(str(data["id"]), _trigger(data), amount, tuple(data["next_condition_ids"]))


def _portion(data: Mapping[str, Any]) -> Portion:
    portion = data["portion"]
    above, below = _exact(portion["numerator"], data), _exact(portion["denominator"], data)
    if below == 0 or not 0 <= above / below <= 1:
        raise VestingError(f"condition {data['id']}: a portion lies between 0 and 1")
    return Portion(above / below, bool(portion.get("remainder", False)))


def _units(data: Mapping[str, Any], decimals: int) -> int:
    units = _exact(data["quantity"], data) * 10**decimals
    if units.denominator != 1 or units < 0:
        raise VestingError(f"condition {data['id']}: the quantity must be whole units, 0 or more")
    return int(units)


def _exact(text: Any, data: Mapping[str, Any]) -> Fraction:
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise VestingError(f"condition {data['id']}: {str(text)[:40]} is no number")
    return Fraction(number)


def _trigger(data: Mapping[str, Any]) -> Trigger:
    trigger = data["trigger"]
    match trigger["type"]:
        case "VESTING_START_DATE":
            return Start()
        case "VESTING_SCHEDULE_ABSOLUTE":
            return On(dt.date.fromisoformat(trigger["date"]))
        case "VESTING_EVENT":
            return Event()
        case "VESTING_SCHEDULE_RELATIVE":
            return _after(data["id"], trigger)
    raise VestingError(f"condition {data['id']}: no such trigger: {trigger['type']}")


def _after(name: str, trigger: Mapping[str, Any]) -> After:
    period = trigger["period"]
    made = After(
        str(trigger["relative_to_condition_id"]), int(period["length"]), Period(period["type"]),
        int(period["occurrences"]), str(period.get("day_of_month", START_DAY)), int(period.get("cliff_installment", 0)),
    )  # fmt: skip
    if made.length < 0 or made.times < 1:
        raise VestingError(f"condition {name}: a period is 0 or longer and comes once or more")
    if made.times > LONGEST or (made.period is Period.MONTHS and made.length * made.times > LONGEST):
        raise VestingError(f"condition {name}: a schedule must end within {LONGEST} months")
    if not 0 <= made.cliff <= made.times:
        raise VestingError(f"condition {name}: the cliff must be one of the {made.times} instalments, or 0 for none")
    if made.day_rule not in DAY_RULES:
        raise VestingError(f"condition {name}: no such day of the month: {made.day_rule}")
    return made
