"""The days on which an office works, and why it does not on the others.

China: the State Council's yearly notices with their make-up days, as the package `holidays` carries them (Civil Code
Art. 203). United States: Saturdays, Sundays and federal holidays within the District of Columbia, Inauguration Day
among them (35 U.S.C. 21(b), 5 U.S.C. 6103, 37 CFR 1.7). European Patent Office: the days on which one of its filing
offices is closed (`epo`; EPC Rule 134(1)).
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from incubator.patents.engines.deadlines import epo
from incubator.rules.engines.periods import is_unpublished

Reason = dict[str, str]
"""Why an office is closed, by language."""
WEEKEND: Reason = {"en": "weekend", "zh": "周末"}
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class WorkCalendar:
    """A calendar by its name: why a day is off (None on a working day), and whether that may still change."""

    name: str
    why_off: Callable[[dt.date], Reason | None]
    may_change: Callable[[dt.date], bool]

    def is_working(self, day: dt.date) -> bool:
        """Whether the office works on a day."""
        return self.why_off(day) is None

    def roll(self, day: dt.date, *, back: bool = False) -> tuple[dt.date, list[tuple[dt.date, Reason]]]:
        """The day itself or the nearest working day after it (before it, with `back`), and the days passed over."""
        passed = []
        while (reason := self.why_off(day)) is not None:
            passed.append((day, reason))
            day += -DAY if back else DAY
        return day, passed


def _china(day: dt.date) -> Reason | None:
    return _days_off("CN", day.year).get(day)


def _united_states(day: dt.date) -> Reason | None:
    return _days_off("US", day.year).get(day) or (INAUGURATION if _is_inauguration(day) else None)


INAUGURATION: Reason = {"en": "Inauguration Day", "zh": "总统就职日"}


def _is_inauguration(day: dt.date) -> bool:
    """20 January of each fourth year after 1965, on the day after where it is a Sunday (5 U.S.C. 6103(c))."""
    on = dt.date(day.year, 1, 20)
    return day.year % 4 == 1 and day == (on + DAY if on.weekday() == 6 else on)


def _europe(day: dt.date) -> Reason | None:
    return WEEKEND if day.weekday() >= 5 else epo.closing_days(day.year).get(day)


@lru_cache(maxsize=256)
def _days_off(country: Literal["CN", "US"], year: int) -> dict[dt.date, Reason]:
    """Every day off of a year with its reason. The package is imported here, as only those who roll a day need it."""
    from holidays import country_holidays

    languages = {"en": "en_US", "zh": "zh_CN" if country == "CN" else "en_US"}
    years = range(year - 1, year + 2)
    known = {
        key: country_holidays(country, years=years, expand=False, language=language)
        for key, language in languages.items()
    }
    first = dt.date(year, 1, 1)
    days = [first + DAY * n for n in range((dt.date(year, 12, 31) - first).days + 1)]
    off = [day for day in days if not known["en"].is_working_day(day)]
    return {day: {key: named.get(day) or WEEKEND[key] for key, named in known.items()} for day in off}


CALENDARS = {
    "CN": WorkCalendar("CN", _china, is_unpublished),
    "US": WorkCalendar("US", _united_states, lambda _day: False),
    "EP": WorkCalendar("EP", _europe, lambda day: day.year not in epo.LISTED),
}
"""The calendars known, by the name that rules use."""
