"""What usage costs, what of it is posted, and when a limit is reached. No database, no clock."""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

TEN_PLACES = Decimal("1E-10")
HOUR = Decimal(3600)
GB = Decimal(10**9)
ALERTS = (50, 80, 95, 100)
"""Shares of the usable limit, in per cent, at which the lead hears of it once."""


@dataclass(frozen=True)
class Prices:
    """Minor units for an hour of one of so many, and for a GB kept for an hour (measured over all of them)."""

    hour: Decimal
    gb_hour: Decimal
    quantity: int = 1


def seconds_between(start: dt.datetime, end: dt.datetime) -> Decimal:
    """The seconds from start to end, exact to the microsecond; 0 when the clock went back."""
    return Decimal(max((end - start) // dt.timedelta(microseconds=1), 0)).scaleb(-6)


def hourly(prices: Prices, size_bytes: int) -> Decimal:
    """What an hour costs at a size, in minor units."""
    return prices.hour * prices.quantity + prices.gb_hour * size_bytes / GB


def runs_out_in(total: Decimal, usable: int, prices: Prices, size_bytes: int) -> Decimal | None:
    """Seconds until the usable limit is reached at the present size; None when nothing is spent."""
    rate = hourly(prices, size_bytes)
    return max((usable - total) * HOUR / rate, Decimal(0)) if rate else None


def cost(prices: Prices, seconds: Decimal, size_bytes: int) -> Decimal:
    """What running for some seconds at a size costs, in minor units with ten decimals (each part half to even): so many
    times what one costs, to the last decimal, and what is kept on disk."""
    one = (prices.hour * seconds / HOUR).quantize(TEN_PLACES, ROUND_HALF_EVEN)
    disk = (prices.gb_hour * size_bytes / GB * seconds / HOUR).quantize(TEN_PLACES, ROUND_HALF_EVEN)
    return one * prices.quantity + disk


def rounded(total: Decimal) -> int:
    """A total in whole minor units (half to even)."""
    return int(total.quantize(Decimal(1), ROUND_HALF_EVEN))


def due(total: Decimal, posted: int, held: int) -> int:
    """What is to be posted now: round(total so far) − already posted, at most what is still held; never negative.

    The roundings do not add up over many postings: after each one, posted = round(total) while the hold lasts.
    """
    return max(min(rounded(total) - posted, held), 0)


def overrun(total: Decimal, posted: int) -> int:
    """What was used beyond everything that was held, in minor units."""
    return max(rounded(total) - posted, 0)


def reserve(max_cost_hour: Decimal, lag_seconds: int, quantity: int = 1) -> int:
    """The least to keep back so that max hourly cost × lag ≤ reserve; at least one minor unit for each of so many."""
    return quantity * max(int((max_cost_hour * lag_seconds / HOUR).to_integral_value(ROUND_CEILING)), 1)


def is_used_up(total: Decimal, usable: int) -> bool:
    """Tell whether the cost has reached the limit less the reserve."""
    return total >= usable


def is_quiet(before: Decimal, after: Decimal, usable: int) -> bool:
    """Tell whether nobody has to hear of a reading that raises the total: no share of the limit is newly reached."""
    return not is_used_up(after, usable) and alerts_reached(before, usable) == alerts_reached(after, usable)


def alerts_reached(total: Decimal, usable: int) -> list[int]:
    """Those of ALERTS that the cost has reached."""
    return [percent for percent in ALERTS if total * 100 >= usable * percent]
