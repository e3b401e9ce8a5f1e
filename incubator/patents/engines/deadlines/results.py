"""What comes out: a last day with all that led to it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to a day: its name, the day it led to, and what it used.

    Names: base, service, period, month_end, roll, due, opens, grace, restore, provisional.
    """

    name: str
    on: dt.date
    values: tuple[tuple[str, Any], ...] = ()

    def as_data(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"step": self.name, "on": self.on.isoformat(), **dict(self.values)}


@dataclass(frozen=True, slots=True)
class GraceStep:
    """Until this day the step can still be taken, with this surcharge in basis points (None: not a share of a fee)."""

    until: dt.date
    surcharge_bps: int | None


@dataclass(frozen=True, slots=True)
class Due:
    """One deadline of an application.

    key: what it is, stable over recomputations; year: of the fee, None otherwise. met_by: the event that fulfilled it.
    restore_until: how long a right that was lost can be asked back. provisional: a calendar it rests on may change.
    """

    key: str
    code: str
    number: int
    trigger: str
    year: int | None
    base_on: dt.date
    unrolled_on: dt.date
    due_on: dt.date
    opens_on: dt.date | None
    grace: tuple[GraceStep, ...]
    restore_until: dt.date | None
    provisional: bool
    duty: bool
    fee: str
    met_by: str | None
    trace: tuple[Step, ...]

    @property
    def grace_until(self) -> dt.date | None:
        """The last day of grace."""
        return self.grace[-1].until if self.grace else None

    def surcharge(self, day: dt.date) -> GraceStep | None:
        """The step of grace that holds on a day after the last one; None before it and when it is too late."""
        if day <= self.due_on:
            return None
        return next((step for step in self.grace if day <= step.until), None)
