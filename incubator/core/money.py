"""Money as integers with a currency; shares in basis points. Never a float."""

from collections.abc import Sequence
from dataclasses import dataclass

MINOR_DIGITS = {"CNY": 2, "USD": 2, "EUR": 2, "HKD": 2, "JPY": 0}
WHOLE = 10_000  # basis points in 100.00 %


@dataclass(frozen=True, order=True)
class Money:
    """An amount in minor units (fen, cents) of an ISO 4217 currency."""

    currency: str
    minor: int

    def __post_init__(self) -> None:
        if self.currency not in MINOR_DIGITS:
            raise ValueError(f"unknown currency {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.currency, self.minor + other.minor)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.currency, self.minor - other.minor)

    def __neg__(self) -> "Money":
        return Money(self.currency, -self.minor)

    def _same(self, other: "Money") -> None:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")


def split(minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by integer weights so that the parts sum to it exactly.

    Largest remainder; equal remainders go to the earlier weight. Raises ValueError when no weight is
    positive or one is negative.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    sign = -1 if minor < 0 else 1
    parts = [abs(minor) * weight // total for weight in weights]
    rest = abs(minor) - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(abs(minor) * weights[i] % total), i))
    for index in by_remainder[:rest]:
        parts[index] += 1
    return [sign * part for part in parts]
