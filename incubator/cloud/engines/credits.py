"""Where a venture's credits stand, and which alerts that reaches. Minor units; no database."""

from dataclasses import dataclass

ALERTS = (50, 80, 95, 100)
"""Shares of what was granted, in per cent, of which the venture hears once each."""


@dataclass(frozen=True)
class Position:
    """granted: less what was given back; left: to order with; held: set aside and not spent; reserve: of it kept back.

    What is neither left nor held is spent.
    """

    currency: str
    granted: int
    left: int
    held: int
    reserve: int = 0

    @property
    def spent(self) -> int:
        """Used up."""
        return self.granted - self.left - self.held

    @property
    def share_bp(self) -> int:
        """Spent of granted, in basis points; 0 where nothing is granted."""
        return self.spent * 10_000 // self.granted if self.granted else 0

    @property
    def is_used_up(self) -> bool:
        """Whether spending has reached what was granted less the reserve: from here on nothing new is ordered."""
        return self.granted > 0 and self.spent >= self.granted - self.reserve


def reached(position: Position) -> list[int]:
    """Those of ALERTS that the spending has reached."""
    return [percent for percent in ALERTS if position.granted and position.spent * 100 >= position.granted * percent]


def spread_back(amount: int, given: list[int]) -> list[int]:
    """Give an amount back to those who gave, the last one first, each at most what it gave (net of what it has back).

    Raises ValueError when more comes back than was given.
    """
    parts = [0] * len(given)
    for index in reversed(range(len(given))):
        parts[index] = min(amount, max(given[index], 0))
        amount -= parts[index]
    if amount:
        raise ValueError("more comes back than was given")
    return parts
