"""Prices by the unit, lowered by a preference, and what a plan costs for some months. Minor units; no database."""

from decimal import ROUND_HALF_EVEN, Decimal

TEN_PLACES = Decimal("1E-10")
HOURS_OF_MONTH = 730
"""Hours of a mean month (8,760 / 12)."""
WHOLE = 10_000


def hourly(price_unit: Decimal, *, is_hour: bool) -> Decimal:
    """The price of an hour, ten decimals: the unit's own, or that of a month spread over its hours."""
    return price_unit if is_hour else (price_unit / HOURS_OF_MONTH).quantize(TEN_PLACES, ROUND_HALF_EVEN)


def lowered(price: Decimal, lower_bp: int) -> Decimal:
    """A price after a preference of so many basis points, ten decimals (half to even)."""
    return (price * (WHOLE - lower_bp) / WHOLE).quantize(TEN_PLACES, ROUND_HALF_EVEN)


def for_days(price_hour: Decimal, *, quantity: int, days: int) -> int:
    """What so many cost for some days, in whole minor units: so many times what one costs (half to even)."""
    return quantity * int((price_hour * 24 * days).quantize(Decimal(1), ROUND_HALF_EVEN))


def estimate(price_unit: Decimal, *, is_hour: bool, quantity: int, months: int, lower_bp: int = 0) -> int:
    """What so many of a unit cost for so many months, in whole minor units (half to even): an hour counts 730 times a
    month."""
    units = quantity * months * (HOURS_OF_MONTH if is_hour else 1)
    return int((price_unit * units * (WHOLE - lower_bp) / WHOLE).quantize(Decimal(1), ROUND_HALF_EVEN))
