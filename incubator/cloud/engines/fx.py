"""Changing credits into a provider's currency and back, in whole minor units. No database."""

from fractions import Fraction

E8 = 10**8


def cost_of(to_minor: int, rate_e8: int, *, from_digits: int, to_digits: int) -> int:
    """What so much of a foreign currency costs in the own one, rounded up: what is held covers what is spent.

    rate_e8: own units for one foreign unit, times 10**8; digits: decimals of the two currencies.
    """
    above = to_minor * rate_e8 * int(10**from_digits)
    below = E8 * int(10**to_digits)
    return -(-above // below)


def given_back(*, changed: tuple[int, int], returned: tuple[int, int], now: int) -> int:
    """What comes back in the own currency for `now` of the foreign one, at the mean rate it was changed at.

    changed, returned: (own, foreign) in all so far. Rounded down, but nothing is lost: once all of the foreign amount
    is back, all of the own one is. Raises ValueError for more than was changed.
    """
    (own, foreign), (own_back, foreign_back) = changed, returned
    if not 0 < now <= foreign - foreign_back:
        raise ValueError("no more comes back than was changed")
    return own * (foreign_back + now) // foreign - own_back


def exact(minor: int, *, rate_e8: int, to_rate_e8: int, from_digits: int, to_digits: int) -> Fraction:
    """An amount in minor units of another currency, not rounded. rate_e8, to_rate_e8: own units for one unit of each,
    times 10**8 (10**8 for the own currency itself)."""
    return Fraction(minor * rate_e8 * int(10**to_digits), to_rate_e8 * int(10**from_digits))
