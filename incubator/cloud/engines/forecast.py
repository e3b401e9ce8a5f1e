"""When credits run out, from what was spent day by day. Minor units and days; no database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

Z80 = Decimal("1.2816")
"""The standard normal deviate that leaves 10 % on either side: the range holds four times in five."""
FARTHEST = 3_660
"""Days beyond which nothing is said."""
WINDOW = 28
"""The last days that the rate is taken from."""


@dataclass(frozen=True)
class Forecast:
    """Days from now until nothing is left: likely, and the ends of an 80 % range (None: not within FARTHEST days).

    rate: spent a day, in minor units, mean of the last days; spread: their standard deviation (of a sample).
    """

    rate: Decimal
    spread: Decimal
    earliest: int | None
    likely: int | None
    latest: int | None

    def left_after(self, left: int, days: int, z: Decimal = Decimal(0)) -> int:
        """What is left after some days, z standard deviations above or below the mean; never negative."""
        used = self.rate * days - z * self.spread * Decimal(days).sqrt()
        return max(left - max(int(used.quantize(Decimal(1), ROUND_HALF_EVEN)), 0), 0)


def forecast(left: int, daily: Sequence[int]) -> Forecast:
    """Take the days as independent and alike: after n of them n · mean ± z · s · √n is spent.

    daily: what was spent on each of the last days, oldest first, days without spending as 0. A single day gives no
    spread. Nothing spent: nothing runs out; nothing left: it has run out today, whatever is spent.
    """
    days = daily[-WINDOW:]
    if not days or not sum(days):
        return Forecast(Decimal(0), Decimal(0), None, None, None)
    rate = Decimal(sum(days)) / len(days)
    above = sum((day - rate) ** 2 for day in days)
    spread = (Decimal(above) / (len(days) - 1)).sqrt() if len(days) > 1 else Decimal(0)
    if left <= 0:
        return Forecast(rate, spread, 0, 0, 0)
    ends = [_days_until(Decimal(left), rate, spread * z) for z in (Z80, Decimal(0), -Z80)]
    return Forecast(rate, spread, *ends)


def _days_until(left: Decimal, rate: Decimal, swing: Decimal) -> int | None:
    """The first n with n · rate + swing · √n ≥ left: √n = (−swing + √(swing² + 4 · rate · left)) / 2 rate."""
    root = (-swing + (swing * swing + 4 * rate * left).sqrt()) / (2 * rate)
    days = int((root * root).to_integral_value(rounding="ROUND_CEILING"))
    return days if days <= FARTHEST else None
