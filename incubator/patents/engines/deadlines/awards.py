"""The last day of an inventors' award: months from the announcement, moved past days off.

Sources: Civil Code Art. 201-203 for the arithmetic (`rules.engines.periods`); Implementing Rules of the Patent Law
2023, Rule 93: an inventor's award is due within three months of the announcement of the grant.
"""

import datetime as dt
from dataclasses import dataclass

from incubator.rules.engines.periods import add_months, roll

__all__ = ["Deadline", "add_months", "award_due", "deadline"]

AWARD_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Deadline:
    """A last day and how it came about.

    `corresponding_on` is base plus months; `due_on` is that day or the first working day after it. `provisional`:
    the calendar of that time is not published yet, so the day may still move.
    """

    base_on: dt.date
    months: int
    corresponding_on: dt.date
    due_on: dt.date
    moved: bool
    provisional: bool


def deadline(base_on: dt.date, months: int) -> Deadline:
    """The end of a period of months in China (Civil Code Art. 202, 203)."""
    corresponding = add_months(base_on, months)
    rolled = roll(corresponding)
    return Deadline(base_on, months, corresponding, rolled.day, rolled.moved, rolled.provisional)


def award_due(announced_on: dt.date, months: int = AWARD_MONTHS) -> Deadline:
    """When an inventor's award must have been paid, from the day the grant was announced (Rule 93)."""
    return deadline(announced_on, months)
