"""Values as people type them into a table, for the models that read one."""

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from flask_babel import gettext as _
from pydantic import BeforeValidator

from incubator.core.money import MINOR_DIGITS

WRITTEN_DAY = re.compile(r"^(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?(?:[ T]00:00(?::00)?)?$")
FIRST_YEAR, LAST_YEAR = 1900, 2999


def read_day(value: Any) -> Any:
    """2026-11-24, 2026/11/24, 2026.11.24 or 2026年11月24日 as a date. Raises ValueError."""
    if not isinstance(value, str):
        return value
    found = WRITTEN_DAY.match(value)
    try:
        day = dt.date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(_("Enter a day such as 2026-11-24"))
    return day


def read_points(value: Any) -> Any:
    """'33.34' or '33.34%' as 3334 basis points; 0 to 100 with at most two decimals. Raises ValueError."""
    if not isinstance(value, str):
        return value
    points = _decimal(value.rstrip("%％"))
    if points is None or not 0 <= points <= 100 or points * 100 != int(points * 100):
        raise ValueError(_("Enter a percentage between 0 and 100 with at most two decimals, such as 33.34"))
    return int(points * 100)


def read_amount(value: Any, currency: str = "CNY") -> Any:
    """'1,200.50' as minor units of a currency. Raises ValueError."""
    if not isinstance(value, str):
        return value
    digits = MINOR_DIGITS[currency]
    amount = _decimal(value)
    minor = None if amount is None or amount.adjusted() > 15 else amount.scaleb(digits)
    if minor is None or minor != minor.to_integral_value() or abs(minor) >= 10**15:
        raise ValueError(_("Enter an amount with at most %(n)s decimals, such as 1,200.50", n=digits))
    return int(minor)


def _decimal(text: str) -> Decimal | None:
    """A plain number; separators only where thousands end."""
    text = text.strip()
    if "," in text and not re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text):
        return None
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


Day = Annotated[dt.date, BeforeValidator(read_day)]
Points = Annotated[int, BeforeValidator(read_points)]
Amount = Annotated[int, BeforeValidator(read_amount)]
"""Minor units of CNY; for another currency: Annotated[int, BeforeValidator(partial(read_amount, currency='USD'))]."""
