"""Contribution shares of a team, in basis points of the whole."""

from collections.abc import Sequence
from enum import StrEnum

from incubator.core.money import WHOLE


class ShareFault(StrEnum):
    """What is wrong with a team's shares."""

    NOBODY = "nobody"
    NOT_POSITIVE = "not_positive"
    TOO_LITTLE = "too_little"
    TOO_MUCH = "too_much"


def fault_of(shares: Sequence[int]) -> ShareFault | None:
    """None when each share is above zero and they sum to exactly 100.00 %."""
    if not shares:
        return ShareFault.NOBODY
    if min(shares) <= 0:
        return ShareFault.NOT_POSITIVE
    total = sum(shares)
    if total == WHOLE:
        return None
    return ShareFault.TOO_LITTLE if total < WHOLE else ShareFault.TOO_MUCH
