"""What happened when: every step of the history, played in the order of time."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from incubator.core import clock

Act = Callable[[], object]
APART = dt.timedelta(seconds=41)
"""Steps planned for the same hour follow each other by this much."""
BEFORE_ALL = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Entry:
    """One step: its day counted from today (negative: before), its hour in the group's zone, and what is done."""

    day: int
    hour: int
    number: int
    act: Act


@dataclass
class Diary:
    """Collects steps in any order; `play` takes each at its moment, and the clock never goes back."""

    today: dt.date
    entries: list[Entry] = field(default_factory=list)
    reached: dt.datetime = BEFORE_ALL

    def on(self, day: int, act: Act, *, hour: int = 10) -> None:
        """Plan a step for a day before today. ValueError for a day that is not over."""
        if day >= 0:
            raise ValueError(f"history ends yesterday, not on day {day}")
        self.entries.append(Entry(day, hour, len(self.entries), act))

    def date(self, day: int) -> dt.date:
        """The date of a day counted from today."""
        return self.today + dt.timedelta(days=day)

    def moment(self, day: int, hour: int = 0) -> dt.datetime:
        """A full hour of a day, in UTC."""
        return dt.datetime.combine(self.date(day), dt.time(hour), clock.GROUP_ZONE).astimezone(dt.UTC)

    def play(self) -> None:
        """Take every planned step once, the earliest first; a step may not plan another."""
        for entry in sorted(self.entries, key=lambda entry: (entry.day, entry.hour, entry.number)):
            with clock.travelled(max(self.moment(entry.day, entry.hour), self.reached + APART)):
                entry.act()
                self.reached = clock.now()
