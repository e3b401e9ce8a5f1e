"""What an appreciation right comes to on the day it is exercised: its rise in money, or in shares of that value.

Source: IFRS 2, Appendix A (share appreciation rights: the increase of the price above a base over so many units) and
paragraph 34 (settled in instruments or in cash). Prices are minor units of a currency for one whole unit; units are
smallest units of the class, 10**decimals to a whole one. Shares are rounded down to a smallest unit, and what is less
than one is paid in money, rounded down to a minor unit, so that shares and money never exceed the rise.
"""

from dataclasses import dataclass

ENGINE_VERSION = "rights/1"


class RightsError(ValueError):
    """Figures that cannot be; the message says which."""


@dataclass(frozen=True, slots=True)
class Net:
    """A settlement: so many shares (smallest units), and so much money (minor units)."""

    shares: int
    minor: int


def rise(units: int, *, value: int, base: int, decimals: int) -> int:
    """The rise of so many units in minor units, rounded down; 0 when the value is not above the base."""
    return _rise(units, value, base) // _whole(decimals)


def net_shares(units: int, *, value: int, base: int, decimals: int) -> Net:
    """The rise of so many units in shares at the value, the rest of less than a smallest unit in money."""
    total = _rise(units, value, base)
    shares = total // value
    return Net(shares, (total - shares * value) // _whole(decimals))


def _rise(units: int, value: int, base: int) -> int:
    if units < 1 or value < 1 or base < 0:
        raise RightsError("units and value are at least 1, the base at least 0")
    return units * max(value - base, 0)


def _whole(decimals: int) -> int:
    if not 0 <= decimals <= 6:
        raise RightsError("a class has between 0 and 6 decimals")
    return int(10**decimals)
