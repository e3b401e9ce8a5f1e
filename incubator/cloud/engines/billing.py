"""How a bill's difference is split between a sandbox's credits and suspense, and what it tells the meter. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

HOURS = 24
NOTHING = Decimal(0)


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


class Told(NamedTuple):
    """What bills say of a sandbox's day, in minor units of its credits: all that is billed for it; of that the usage of
    the day itself; and what a day of longer usage costs that begins on it, which runs until the last day of it."""

    cost: Decimal = NOTHING
    usage: Decimal = NOTHING
    pace: Decimal = NOTHING
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a sandbox has cost by now, in minor units: what is billed, and what it went on with since. rate_hour: how
    fast it goes on; None where no bill says so."""

    cost: Decimal
    rate_hour: Decimal | None


def estimate(days: Mapping[dt.date, Told], now: dt.datetime) -> Estimate:
    """What bills tell the meter: usage goes on as in the last days billed; what is paid for longer goes on when its
    time is over, unless bills of later days no longer name it. Nothing but usage goes on."""
    billed = sum((told.cost for told in days.values()), NOTHING)
    usage = {day: told.usage for day, told in days.items() if told.usage}
    paid_until = max((told.until for told in days.values() if told.until), default=None)
    rate = last_rate(usage)
    cost = billed if rate is None else billed + rate * _hours_since(max(usage), now)
    if paid_until is None:
        return Estimate(cost, rate)
    if paid_until < max(days):
        return Estimate(cost, rate or NOTHING)
    again = sum((told.pace for told in days.values() if told.until == paid_until), NOTHING) / HOURS
    hours = _hours_since(paid_until, now)
    return Estimate(cost + max(again, NOTHING) * hours, (rate or NOTHING) + (max(again, NOTHING) if hours else NOTHING))


def _hours_since(day: dt.date, now: dt.datetime) -> Decimal:
    """From the end of a day (UTC) until now; 0 before it."""
    over = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)
    return max(Decimal((now - over) // dt.timedelta(microseconds=1)).scaleb(-6) / 3600, NOTHING)


def last_rate(days: Mapping[dt.date, Decimal]) -> Decimal | None:
    """Minor units an hour of the dearer of the last two days used (the last one may not be over yet), 0 where both
    were given back; None without any."""
    newest = sorted(days)[-2:]
    return max(max(days[day] for day in newest) / HOURS, NOTHING) if newest else None
