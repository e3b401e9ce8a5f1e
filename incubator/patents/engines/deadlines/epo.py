"""The days on which the European Patent Office takes no documents.

Under EPC Rule 134(1) (and PCT Rule 80.5) a period that ends on a day on which one of the filing offices in Munich, The
Hague or Berlin is closed goes on to the first day on which all of them are open. The office names the days of each year
in its Official Journal. The days computed here are those of the notices that were compared with them, day by day
(LISTED); those of another year are as they have always been, and a deadline that ends in it says that it rests on them.
"""

import datetime as dt
from functools import lru_cache

DAY = dt.timedelta(days=1)
LISTED = {
    2015: "OJ EPO 2014, A108",
    2020: "OJ EPO 2019, A97",
    2023: "OJ EPO 2022, A107; EPO, office holidays 2023",
    2024: "EPO, office holidays 2024",
}
"""The years whose notice was read, and where it stands."""
Reason = dict[str, str]
FIXED: dict[tuple[int, int], Reason] = {
    (1, 1): {"en": "New Year's Day", "zh": "元旦"},
    (1, 6): {"en": "Epiphany (Munich)", "zh": "主显节（慕尼黑）"},
    (4, 27): {"en": "King's Day (The Hague)", "zh": "国王日（海牙）"},
    (5, 1): {"en": "Labour Day", "zh": "劳动节"},
    (5, 5): {"en": "Liberation Day (The Hague)", "zh": "解放日（海牙）"},
    (8, 15): {"en": "Assumption Day (Munich)", "zh": "圣母升天节（慕尼黑）"},
    (10, 3): {"en": "Day of German Unity", "zh": "德国统一日"},
    (11, 1): {"en": "All Saints' Day (Munich)", "zh": "万圣节（慕尼黑）"},
    **{(12, day): {"en": "the office's days off at the end of the year", "zh": "年末休局"} for day in range(24, 32)},
}
FROM_EASTER: dict[int, Reason] = {
    -2: {"en": "Good Friday", "zh": "耶稣受难日"},
    1: {"en": "Easter Monday", "zh": "复活节星期一"},
    39: {"en": "Ascension Day", "zh": "耶稣升天节"},
    50: {"en": "Whit Monday", "zh": "圣灵降临节星期一"},
    60: {"en": "Corpus Christi (Munich)", "zh": "圣体节（慕尼黑）"},
}
WOMENS_DAY: Reason = {"en": "Women's Day (Berlin)", "zh": "妇女节（柏林）"}
BRIDGES: dict[dt.date, Reason] = {dt.date(2015, 1, 2): {"en": "bridging day", "zh": "调休日"}}
"""Single days that a notice adds."""


@lru_cache(maxsize=256)
def closing_days(year: int) -> dict[dt.date, Reason]:
    """The closing days of a year but Saturdays and Sundays, each with its name."""
    sunday = easter(year)
    days = {dt.date(year, month, day): why for (month, day), why in FIXED.items()}
    days |= {sunday + DAY * n: why for n, why in FROM_EASTER.items()}
    if year >= 2019:
        days[dt.date(year, 3, 8)] = WOMENS_DAY
    days |= {day: why for day, why in BRIDGES.items() if day.year == year}
    return {day: why for day, why in days.items() if day.weekday() < 5}


def easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876, as Meeus gives it)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    rest = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = divmod(h + rest - 7 * m + 114, 31)
    return dt.date(year, month, day + 1)
