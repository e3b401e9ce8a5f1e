"""Where the units of a grant are on a day: vested and held, exercised, not vested, or gone."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from incubator.equity.engines.vesting.allocation import Quantity, VestingError
from incubator.equity.engines.vesting.timeline import Timeline, Vesting


class Way(StrEnum):
    """How vested units leave a grant: exercised or released to their holder, or taken away."""

    EXERCISED = "exercised"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Move:
    """Vested units that leave a grant on a day."""

    on: dt.date
    way: Way
    units: int


@dataclass(frozen=True, slots=True)
class Balance:
    """A grant at the end of a day; `vested + unvested + cancelled + exercised == total`. vested: and still there."""

    total: int
    vested: Quantity
    unvested: Quantity
    cancelled: Quantity
    exercised: Quantity = 0


def vested_on(made: Timeline, day: dt.date) -> Quantity:
    """All that has vested by the end of a day, whatever became of it."""
    total: Quantity = 0
    for instalment in made.instalments:
        if instalment.vests_on <= day:
            total += instalment.units
    return total


def next_vesting(made: Timeline, day: dt.date) -> Vesting | None:
    """What vests next after a day, None when nothing more does."""
    return next((vesting for vesting in made.vestings if vesting.on > day), None)


def balance_on(made: Timeline, day: dt.date, moves: Sequence[Move] = ()) -> Balance:
    """The grant at the end of a day. VestingError when more has left it than had vested by then."""
    vested = vested_on(made, day)
    gone = {way: sum(move.units for move in moves if move.way is way and move.on <= day) for way in Way}
    if sum(gone.values()) > vested:
        raise VestingError(f"{sum(gone.values())} units left the grant by {day}, and {vested} had vested")
    lapsed: Quantity = 0
    for lapse in made.lapses:
        if lapse.on <= day:
            lapsed += lapse.units
    return Balance(
        total=made.total,
        vested=vested - sum(gone.values()),
        unvested=made.total - vested - lapsed,
        cancelled=lapsed + gone[Way.CANCELLED],
        exercised=gone[Way.EXERCISED],
    )
