"""Periods in months and the days of rest in China.

Sources: Civil Code of the PRC, Art. 202 (a period of months or years ends on the corresponding day of the last
month, or on that month's last day where it has none) and Art. 203 (a last day on a statutory day off moves to the
day after the days off). Make-up Saturdays and Sundays are working days; the calendar is that of the State Council's
yearly notices, as the package `holidays` carries it.
"""

import calendar
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase


@dataclass(frozen=True, slots=True)
class Rolled:
    """A last day moved on past days off.

    `provisional` says that the calendar of a day looked at is not published yet, so that `day` may still change.
    """

    day: dt.date
    moved: bool
    provisional: bool


def add_months(base: dt.date, months: int, *, day: int | None = None) -> dt.date:
    """The corresponding day `months` later, or that month's last day; ValueError past the year 9999.

    Always counted from the base, so that 30 January gives 28 February and then 30 March. `day` asks for another day
    of the month than the base's own, with the same fall-back.
    """
    year, month = divmod(base.year * 12 + base.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise ValueError(f"{months} months from {base} is outside the calendar")
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(base.day if day is None else day, last))


def is_working_day(day: dt.date) -> bool:
    """Whether people work on a day in China, make-up days at weekends included."""
    return _calendar(day.year).is_working_day(day)


def roll(day: dt.date) -> Rolled:
    """The day itself when it is a working day, otherwise the first working day after it."""
    rolled = day
    while not is_working_day(rolled):
        rolled += dt.timedelta(days=1)
    return Rolled(rolled, rolled != day, is_unpublished(rolled))


@lru_cache(maxsize=1)
def published_to() -> int:
    """The last year whose notice the calendar holds; what rests on a later one is provisional."""
    from holidays.countries.china import ChinaStaticHolidays

    return max(ChinaStaticHolidays.special_public_holidays)


def is_unpublished(day: dt.date) -> bool:
    """Whether the calendar of a day may still change.

    Days off in the new year can make the last days of December working days: its notice decides them too.
    """
    return day > dt.date(published_to(), 12, 24)


@lru_cache(maxsize=64)
def _calendar(year: int) -> "HolidayBase":
    """The days off around a year; it is not expanded later, so that threads may share it.

    The package is imported here because it takes 20 MB, which a process that never rolls a day can spare.
    """
    from holidays import country_holidays

    return country_holidays("CN", years=range(year - 1, year + 2), expand=False)
