"""How dates, times, money and figures read in the reader's language (interface guide, section 10)."""

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import TypeAlias

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask, has_app_context
from flask_babel import get_locale, ngettext
from flask_babel import get_timezone as reader_zone
from flask_babel import gettext as _

from incubator.core import clock
from incubator.core.money import MINOR_DIGITS, WHOLE, Money
from incubator.web import addresses, charts, language, markdown, words

NONE = "–"
"""Stands where there is no value."""
SIGNS = {"CNY": "¥", "USD": "US$", "EUR": "€", "HKD": "HK$", "JPY": "JP¥"}
ENGLISH = Locale("en", "GB")
SHORT_UNITS = {
    "en": ((10**9, 10**9, " bn"), (10**6, 10**6, " m"), (10**4, 10**3, " k")),
    "zh": ((10**8, 10**8, "亿"), (10**4, 10**4, "万")),
}
"""From which amount on, divided by what, with which unit."""
PATTERNS = {
    "en": {
        "day": "EEE d MMM",
        "day_year": "EEE d MMM y",
        "long": "d MMM y",
        "month": "MMM y",
        "month_name": "MMM",
        "join": ", ",
    },
    "zh": {
        "day": "M月d日EEE",
        "day_year": "y年M月d日EEE",
        "long": "y年M月d日",
        "month": "y年M月",
        "month_name": "M月",
        "join": " ",
    },
}
Moment: TypeAlias = dt.date | dt.datetime


def money(value: Money | int | None, currency: str = "CNY", trim: bool = False) -> str:
    """¥2,412,345.60 from an amount in minor units; `trim` leaves the decimals out of a whole amount."""
    if value is None:
        return NONE
    currency, minor = (value.currency, value.minor) if isinstance(value, Money) else (currency, value)
    digits = MINOR_DIGITS[currency]
    units, rest = divmod(abs(minor), 10**digits)
    decimals = "" if not digits or (trim and not rest) else f".{rest:0{digits}}"
    return f"{'-' if minor < 0 else ''}{SIGNS[currency]}{units:,}{decimals}"  # both languages write it so


def money_short(value: Money | int | None, currency: str = "CNY") -> str:
    """¥2.41 m, ¥241.23万: for headline figures, the exact one beside it in a title or in the detail."""
    if value is None:
        return NONE
    amount, digits, sign = _amount(value, currency)
    for least, divisor, unit in SHORT_UNITS[_language()]:
        if abs(amount) >= least:
            return f"{sign}{_short(abs(amount) / divisor)}{unit}"
    return sign + format_decimal(abs(amount), _pattern(digits if amount % 1 else 0), locale=_locale())


def day(value: Moment | None) -> str:
    """Tue 24 Nov, 11月24日周二; with the year when it is not the present one."""
    if value is None:
        return NONE
    date = _date(value)
    return _written(date, "day" if date.year == this_year() else "day_year")


def this_year() -> int:
    """The year it is where the reader is."""
    return clock.now().astimezone(_zone()).year


def day_long(value: Moment | None) -> str:
    """24 Nov 2026, 2026年11月24日."""
    return NONE if value is None else _written(_date(value), "long")


def month(value: Moment | None) -> str:
    """Nov 2026, 2026年11月."""
    return NONE if value is None else _written(_date(value), "month")


def month_name(value: Moment | None) -> str:
    """Nov, 11月: under the bars of a chart, whose words say which year it is about."""
    return NONE if value is None else _written(_date(value), "month_name")


def iso(value: Moment | None) -> str:
    """2026-11-24, for tables."""
    return NONE if value is None else _date(value).isoformat()


def time(value: dt.datetime | None, seconds: bool = False) -> str:
    """14:32, or 14:32:07 in a log."""
    return NONE if value is None else _local(value).strftime("%H:%M:%S" if seconds else "%H:%M")


def datetime(value: dt.datetime | None, seconds: bool = False) -> str:
    """Mon 2 Nov, 09:14; 11月2日周一 09:14."""
    return NONE if value is None else f"{day(value)}{PATTERNS[_language()]['join']}{time(value, seconds)}"


def machine(value: Moment | None) -> str:
    """The value of a <time datetime> attribute."""
    if value is None:
        return ""
    return _local(value).isoformat(timespec="seconds") if isinstance(value, dt.datetime) else value.isoformat()


def last_day(value: Moment | None) -> str:
    """The day on which a deadline runs out: a moment at 24:00 belongs to the day that ends."""
    return day(_before(value))


def last_day_iso(value: Moment | None) -> str:
    """The same, for tables."""
    return iso(_before(value))


def _before(value: Moment | None) -> Moment | None:
    return value - dt.timedelta(seconds=1) if isinstance(value, dt.datetime) else value


def time_left(value: Moment | None) -> str:
    """6 days left, 3 hours left, 2 days late. A day ends at 24:00 in the group's zone."""
    if value is None:
        return NONE
    end = value if isinstance(value, dt.datetime) else clock.end_of(value)
    seconds = int((end - clock.now()).total_seconds())
    return _left(seconds) if seconds >= 0 else _late(-seconds)


def percent(basis_points: int | None, places: int = 1, fixed: bool = False) -> str:
    """53.5% from 5,350 basis points; `fixed` keeps trailing zeros so that a column lines up."""
    if basis_points is None:
        return NONE
    share = _rounded(Decimal(basis_points) * 100 / WHOLE, places)
    return (f"{share:,f}" if fixed else _trimmed(share)) + "%"  # both languages write it so


def number(value: int | Decimal | None, places: int = 0) -> str:
    """240,000; decimals are shown up to `places`."""
    if value is None:
        return NONE
    return _trimmed(_rounded(Decimal(value), places))  # both languages write it so


def units(value: int | None, decimals: int = 0) -> str:
    """1,250.5 from 12,505 smallest units of a class with one decimal."""
    if value is None:
        return NONE
    whole, rest = divmod(abs(value), 10**decimals)
    fraction = f".{rest:0{decimals}}".rstrip("0") if rest else ""
    return f"{'-' if value < 0 else ''}{whole:,}{fraction}"


def score(value: Decimal | int | None, of: int | None = None) -> str:
    """3.88, or with its scale 3.88 / 5; two decimals, half to even."""
    figure = NONE if value is None else f"{_rounded(Decimal(value), 2):.2f}"
    return figure if of is None else f"{figure} / {of}"


def hundredths(value: int | None) -> str:
    """3.88 from 388, as scores are stored."""
    return NONE if value is None else f"{value // 100}.{value % 100:02d}"


def size(value: int | None) -> str:
    """2.1 MB, 184 kB: the size of a file from its bytes."""
    if value is None:
        return NONE
    for power, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if value >= power:
            return f"{number(Decimal(value) / power, 1 if value < power * 100 else 0)} {unit}"
    return f"{value} B"


def _left(seconds: int) -> str:
    days, hours, minutes = seconds // 86_400, seconds // 3_600, seconds // 60
    if days:
        return str(ngettext("%(num)s day left", "%(num)s days left", days))
    if hours:
        return str(ngettext("%(num)s hour left", "%(num)s hours left", hours))
    if minutes:
        return str(ngettext("%(num)s minute left", "%(num)s minutes left", minutes))
    return str(_("less than a minute left"))


def _late(seconds: int) -> str:
    days, hours = seconds // 86_400, seconds // 3_600
    if days:
        return str(ngettext("%(num)s day late", "%(num)s days late", days))
    if hours:
        return str(ngettext("%(num)s hour late", "%(num)s hours late", hours))
    return str(_("just passed"))


def _amount(value: Money | int, currency: str) -> tuple[Decimal, int, str]:
    """The amount in whole units, the digits of its currency, and minus with the currency's sign."""
    known = value if isinstance(value, Money) else Money(currency, value)
    digits = MINOR_DIGITS[known.currency]
    return Decimal(known.minor).scaleb(-digits), digits, ("-" if known.minor < 0 else "") + SIGNS[known.currency]


def _short(figure: Decimal) -> str:
    """Three figures in English (2.41, 12.0, 640), at most two decimals in Chinese (241.23, 240)."""
    if _language() == "zh":
        return str(format_decimal(_rounded(figure, 2), "#,##0.##", locale=_locale()))
    places = 2 if figure < 10 else 1 if figure < 100 else 0
    return str(format_decimal(_rounded(figure, places), _pattern(places), locale=_locale()))


def _pattern(places: int, fixed: bool = True) -> str:
    return "#,##0" + ("." + ("0" if fixed else "#") * places if places else "")


def _trimmed(value: Decimal) -> str:
    """A figure with its thousands set apart and without zeros at the end of its decimals."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def _written(date: dt.date, kind: str) -> str:
    return _of_day(date, PATTERNS[_language()][kind], str(_locale()))


@lru_cache(maxsize=2_000)
def _of_day(date: dt.date, pattern: str, locale: str) -> str:
    return str(format_date(date, pattern, locale=locale))


def _date(value: Moment) -> dt.date:
    return _local(value).date() if isinstance(value, dt.datetime) else value


def _local(value: dt.datetime) -> dt.datetime:
    return value.astimezone(_zone())


def _zone() -> dt.tzinfo:
    known: dt.tzinfo | None = getattr(language.settled(), "babel_tzinfo", None)
    return known or (reader_zone() if has_app_context() else None) or clock.GROUP_ZONE


def _locale() -> Locale:
    known: Locale | None = getattr(language.settled(), "babel_locale", None)
    return known or get_locale() or ENGLISH


def _language() -> str:
    return "zh" if _locale().language == "zh" else "en"


FILTERS = {
    "money": money,
    "money_short": money_short,
    "day": day,
    "day_long": day_long,
    "month": month,
    "month_name": month_name,
    "iso": iso,
    "time": time,
    "datetime": datetime,
    "machine": machine,
    "time_left": time_left,
    "last_day": last_day,
    "last_day_iso": last_day_iso,
    "percent": percent,
    "number": number,
    "units": units,
    "score": score,
    "hundredths": hundredths,
    "size": size,
}


def init_app(app: Flask) -> None:
    """Make the formats filters of every template, and give the components what they need."""
    app.jinja_env.filters.update(FILTERS)
    for module in (addresses, charts, language, markdown, words):
        module.init_app(app)
