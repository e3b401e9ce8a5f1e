"""What of some vesting lines has vested on a day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Vested:
    """What of some lines has vested on a day, in smallest units, and the next day something vests."""

    total: int
    vested: int
    next_on: dt.date | None
    next_units: int
    last_on: dt.date | None

    @property
    def locked(self) -> int:
        """What has not vested yet."""
        return self.total - self.vested

    @property
    def vested_bp(self) -> int:
        """The vested part in basis points."""
        return self.vested * 10_000 // self.total if self.total else 0


def vested(lines: Sequence[Any], day: dt.date) -> Vested:
    """Sum up vesting lines (vests_on, units), of one grant or of several of the same class."""
    coming = sorted({line.vests_on for line in lines if line.vests_on > day})
    next_on = coming[0] if coming else None
    return Vested(
        total=sum(line.units for line in lines),
        vested=sum(line.units for line in lines if line.vests_on <= day),
        next_on=next_on,
        next_units=sum(line.units for line in lines if line.vests_on == next_on),
        last_on=max((line.vests_on for line in lines), default=None),
    )
