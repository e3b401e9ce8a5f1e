"""How a bill's difference is split between a sandbox's credits and suspense, and what it tells the meter. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

HOURS = 24


@dataclass(frozen=True, slots=True)
class Standing:
    """What a sandbox was charged in a period so far. own: all of it in the currency of its credits; spent: what of that
    its credits paid; suspended: the rest, in the currency of the bill (minor units, all of them)."""

    own: int = 0
    spent: int = 0
    suspended: int = 0


@dataclass(frozen=True, slots=True)
class Split:
    """What is to be posted: spent of the credits (below 0: given back), and suspended in the bill's currency."""

    spent: int
    suspended: int


def split(before: Standing, own: int, *, owed: int, convertible: int | None, left: int, paid: int) -> Split:
    """Split a difference of `own` in the currency of a sandbox's credits.

    owed: all that the bill charges in the period now, in its own currency; convertible: what of it a rate is known for
    (None: the credits are in the same currency). left: what may still be spent; paid: what was ever spent, so that no
    more comes back. What credits do not cover is suspended, and what is charged less takes that away first.
    """
    if own >= 0:
        spent = min(own, max(left, 0))
    else:
        unpaid = max(before.own - before.spent, 0)
        spent = -min(max(-own - unpaid, 0), max(paid, 0))
    total_own, total_spent = before.own + own, before.spent + spent
    if convertible is None:
        return Split(spent, owed - total_spent - before.suspended)
    covered = convertible if total_spent == total_own else _part(convertible, total_spent, total_own)
    return Split(spent, owed - covered - before.suspended)


def _part(convertible: int, spent: int, own: int) -> int:
    """What of an amount is covered when credits paid only so much of it."""
    return convertible * spent // own if own else 0


def last_rate(days: Mapping[dt.date, int]) -> Decimal | None:
    """Minor units an hour of the dearer of the last two days billed (the last one may not be over yet), 0 where both
    were given back; None without any."""
    newest = sorted(days)[-2:]
    return max(Decimal(max(days[day] for day in newest)) / HOURS, Decimal(0)) if newest else None
