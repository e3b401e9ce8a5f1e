"""Contribution shares of a team, in basis points of the whole."""

from collections.abc import Hashable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from incubator.core.money import WHOLE, split

K = TypeVar("K", bound=Hashable)


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


def without(team: Mapping[K, int], gone: K) -> dict[K, int]:
    """The shares of those who stay when one leaves: in the proportion they had, summing to the whole again.

    Largest remainder. Raises ValueError when nobody stays.
    """
    stay = {one: share for one, share in team.items() if one != gone}
    return dict(zip(stay, split(WHOLE, list(stay.values())), strict=True))


def joined(team: Mapping[K, int], coming: Mapping[K, int], credit: int) -> dict[K, int]:
    """The shares when another team comes in with a credit (basis points of the new whole), each team in its proportion.

    Whoever is on both has the sum. Raises ValueError for a credit that is not between nothing and the whole.
    """
    if not 0 < credit < WHOLE:
        raise ValueError("a credit is above nothing and below the whole")
    own = split(WHOLE - credit, list(team.values()))
    theirs = split(credit, list(coming.values()))
    result = dict(zip(team, own, strict=True))
    for one, share in zip(coming, theirs, strict=True):
        result[one] = result.get(one, 0) + share
    return result
