"""Numbers of the format: fixed-point text with at most ten decimals, never in exponents, never a float."""

import re
from decimal import Decimal

NUMERIC = re.compile(r"[+-]?[0-9]+(\.[0-9]{1,10})?")
LARGEST = 10**15


def number(value: int, decimals: int = 0) -> str:
    """Smallest units as the format's number of whole ones: 1,250 with 3 decimals are "1.25"."""
    return plain(Decimal(value).scaleb(-decimals))


def plain(value: Decimal) -> str:
    """A decimal without exponent and trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(minor: int, currency: str, digits: int = 2) -> dict[str, str]:
    """An amount in minor units as the format's."""
    return {"amount": number(minor, digits), "currency": currency}


def units_of(text: str, decimals: int) -> int | None:
    """The format's number in smallest units, None for a finer fraction, one below 1 or one too large to hold."""
    if not NUMERIC.fullmatch(text):
        return None
    units = Decimal(text).scaleb(decimals)
    return int(units) if units == units.to_integral_value() and 0 < units < LARGEST else None
