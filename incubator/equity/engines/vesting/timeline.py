"""What of a grant vests, lapses or waits, day by day: its terms, and the facts recorded since.

The order of the facts on one day: vesting by the terms, then what is brought forward, then the end of vesting. So
whoever leaves on a vesting day keeps what vests on it.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from incubator.equity.engines.vesting.allocation import Quantity, VestingError
from incubator.equity.engines.vesting.graph import Graph
from incubator.equity.engines.vesting.walk import Path, Step, walk


@dataclass(frozen=True, slots=True)
class Happened:
    """A vesting event: this condition was met on this day."""

    condition: str
    on: dt.date


class Order(StrEnum):
    """From which end an acceleration takes: what would have come next, or what would have come last."""

    NEXT = "next"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Acceleration:
    """Units that vest on a day though they were not due; None: all that is left."""

    on: dt.date
    units: int | None = None
    order: Order = Order.NEXT


@dataclass(frozen=True, slots=True)
class Leave:
    """Days, both included, in which time does not count: what would have vested from then on comes so much later."""

    from_on: dt.date
    to_on: dt.date

    @property
    def days(self) -> int:
        """How many."""
        return (self.to_on - self.from_on).days + 1


@dataclass(frozen=True, slots=True)
class Facts:
    """What was recorded on a grant since it was made; stopped_on: the last day on which anything vests."""

    events: tuple[Happened, ...] = ()
    accelerations: tuple[Acceleration, ...] = ()
    leaves: tuple[Leave, ...] = ()
    stopped_on: dt.date | None = None


NOTHING_SINCE = Facts()


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment: due by the terms on `due_on`, vesting on `vests_on` (later for a cliff, arrears or a leave).

    number 0: what an acceleration took from units that no date was set for.
    """

    number: int
    due_on: dt.date
    vests_on: dt.date
    units: Quantity
    condition: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Vesting:
    """What vests on one day: the sum of one or more instalments, above 0, and all that has vested then."""

    on: dt.date
    units: Quantity
    cumulative: Quantity
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lapse:
    """Units that can't vest any more, from the end of a day."""

    on: dt.date
    units: Quantity


@dataclass(frozen=True, slots=True)
class Timeline:
    """A grant over time; instalments, lapses and what waits for an event sum to `total`."""

    total: int
    instalments: tuple[Instalment, ...]
    lapses: tuple[Lapse, ...]
    waiting: Quantity

    @property
    def vestings(self) -> tuple[Vesting, ...]:
        """What vests, day by day, ascending: what a chart or a table shows."""
        return tuple(_by_day(self.instalments))


def timeline(
    graph: Graph,
    *,
    units: int,
    starts_on: dt.date | None,
    granted_on: dt.date | None = None,
    facts: Facts = NOTHING_SINCE,
) -> Timeline:
    """All that a grant of whole units comes to. VestingError for less than 1 unit or facts that do not fit.

    What was due before `granted_on` vests on it.
    """
    if units < 1:
        raise VestingError(f"{units} units cannot be granted; it must be 1 or more")
    events: dict[str, list[dt.date]] = {}
    for happened in facts.events:
        events.setdefault(happened.condition, []).append(happened.on)
    if unknown := sorted(events.keys() - graph.by_id.keys()):
        raise VestingError(f"there is no condition {unknown[0]}")
    path = walk(graph, units=units, starts_on=starts_on, events=events)
    instalments = _paid(path.steps, granted_on, facts.leaves)
    rest: Quantity = units - _sum(row.units for row in instalments)
    made = _rest(Timeline(units, instalments, (), rest), path, granted_on)
    for acceleration in sorted(facts.accelerations, key=lambda one: one.on):
        made = _accelerated(made, acceleration, facts.stopped_on)
    return made if facts.stopped_on is None else _stopped(made, facts.stopped_on)


def _rest(made: Timeline, path: Path, granted_on: dt.date | None) -> Timeline:
    """What the path does not give lapses where it ends; while an event may still come it waits."""
    if path.ended_on is None or not made.waiting:
        return made
    ended = max(path.ended_on, granted_on or path.ended_on)
    return replace(made, lapses=(Lapse(ended, made.waiting),), waiting=0)


def _paid(steps: Sequence[Step], granted_on: dt.date | None, leaves: Sequence[Leave]) -> tuple[Instalment, ...]:
    """The steps, numbered, with the days they pay."""
    return tuple(
        Instalment(number, step.on, _paid_on(step, granted_on, leaves), step.units, step.condition)
        for number, step in enumerate(steps, start=1)
    )


def _paid_on(step: Step, granted_on: dt.date | None, leaves: Sequence[Leave]) -> dt.date:
    day = max(step.held_to, granted_on or step.held_to)
    for leave in sorted(leaves, key=lambda one: one.from_on) if step.by_time else ():
        if day >= leave.from_on:
            day = _later(day, leave.days)
    return day


def _later(day: dt.date, days: int) -> dt.date:
    try:
        return day + dt.timedelta(days=days)
    except OverflowError as error:
        raise VestingError("a leave moves an instalment outside the calendar") from error


def _accelerated(made: Timeline, asked: Acceleration, stopped_on: dt.date | None) -> Timeline:
    """Bring units forward to a day, from the instalments and from what waits or would lapse."""
    if stopped_on is not None and asked.on > stopped_on:
        raise VestingError("nothing can be brought forward after vesting has ended")
    ahead = [row for row in made.instalments if row.vests_on > asked.on and row.units]
    lapsing = [row for row in made.lapses if row.on > asked.on]
    there = _sum(row.units for row in ahead) + _sum(row.units for row in lapsing) + made.waiting
    left: Quantity = there if asked.units is None else asked.units
    if not 0 < left <= there:
        raise VestingError(f"{left} units cannot be brought forward: {there} are left to vest")
    return _bring(made, asked, left, ahead, lapsing)


def _bring(
    made: Timeline, asked: Acceleration, left: Quantity, ahead: list[Instalment], lapsing: list[Lapse]
) -> Timeline:
    ahead.sort(key=lambda row: (row.vests_on, row.number), reverse=asked.order is Order.LAST)
    rows, lapses, waiting = list(made.instalments), list(made.lapses), made.waiting
    undated: Quantity = made.waiting + _sum(lapse.units for lapse in lapsing)
    if asked.order is Order.LAST:
        left, undated = _less(left, undated)
    for row in ahead:
        part = min(left, row.units)
        if part:
            at = rows.index(row)
            rows[at] = replace(row, units=row.units - part)
            rows.append(Instalment(row.number, row.due_on, asked.on, part, row.condition))
            left -= part
    if asked.order is Order.NEXT:
        left, undated = _less(left, undated)
    taken = made.waiting + _sum(lapse.units for lapse in lapsing) - undated
    if taken:
        rows.append(Instalment(0, asked.on, asked.on, taken))
        lapses = [lapse if lapse not in lapsing else Lapse(lapse.on, lapse.units - taken) for lapse in lapses]
        waiting = 0 if lapsing else waiting - taken
    return replace(
        made,
        instalments=tuple(sorted(rows, key=lambda row: (row.vests_on, row.number))),
        lapses=tuple(lapse for lapse in lapses if lapse.units),
        waiting=waiting,
    )


def _less(wanted: Quantity, there: Quantity) -> tuple[Quantity, Quantity]:
    """Take as much as there is: what is still wanted, and what is still there."""
    part = min(wanted, there)
    return wanted - part, there - part


def _stopped(made: Timeline, day: dt.date) -> Timeline:
    """Nothing vests after a day: what was still to come lapses with it."""
    kept = tuple(row for row in made.instalments if row.vests_on <= day)
    earlier = tuple(lapse for lapse in made.lapses if lapse.on <= day)
    rest: Quantity = made.total - _sum(row.units for row in kept) - _sum(lapse.units for lapse in earlier)
    return Timeline(made.total, kept, (*earlier, *((Lapse(day, rest),) if rest else ())), 0)


def _by_day(instalments: Sequence[Instalment]) -> Iterator[Vesting]:
    units: dict[dt.date, Quantity] = {}
    numbers: dict[dt.date, list[int]] = {}
    for row in instalments:
        if row.vests_on in units:
            units[row.vests_on] += row.units
            numbers[row.vests_on].append(row.number)
        else:
            units[row.vests_on], numbers[row.vests_on] = row.units, [row.number]
    cumulative: Quantity = 0
    for day in sorted(units):
        if units[day]:
            cumulative += units[day]
            yield Vesting(day, units[day], cumulative, tuple(numbers[day]))


def _sum(parts: Iterable[Quantity]) -> Quantity:
    """A sum that stays whole for whole parts."""
    total: Quantity = 0
    for part in parts:
        total += part
    return total
