"""Who holds what of a company on a day, what everybody would hold fully diluted, and what a round would change.

Units are integers in the smallest unit of their class; a weight says how many common units one smallest unit stands
for (as converted), so that classes with other decimals or ratios add up. Shares are basis points that sum to 10,000
exactly (largest remainder). Nothing here is a float.
"""

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

ENGINE_VERSION = "capital/1"
WHOLE = 10_000
"""Basis points in all."""

Position: TypeAlias = tuple[int, int]
"""Whose, and of which class: the keys of a holder and of a class of securities."""
Positions: TypeAlias = dict[Position, int]


class CapitalError(ValueError):
    """Figures that make no cap table or no round; the message says which."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the register: units that come to a holder (positive) or leave them (negative) on a day."""

    on: dt.date
    holder: int
    security: int
    units: int


def positions(
    entries: Iterable[Entry], day: dt.date | None = None, start: Mapping[Position, int] | None = None
) -> Positions:
    """What each holds at the end of a day: what `start` says and the entries up to the day; no zeros.

    CapitalError when somebody would hold less than nothing at the end.
    """
    held: Positions = dict(start or {})
    for entry in entries:
        if day is None or entry.on <= day:
            key = (entry.holder, entry.security)
            held[key] = held.get(key, 0) + entry.units
    for (holder, security), units in held.items():
        if units < 0:
            raise CapitalError(f"holder {holder} would hold {units} of class {security}")
    return {key: units for key, units in held.items() if units}


def month_end(day: dt.date) -> dt.date:
    """The last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def last_month_end(day: dt.date) -> dt.date:
    """The latest month's end that is not after the day."""
    return day if day == month_end(day) else day.replace(day=1) - dt.timedelta(days=1)


def month_ends(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Every month's end from a day to a day, both included."""
    end = month_end(first)
    while end <= last:
        yield end
        end = month_end(end + dt.timedelta(days=1))


def at_month_ends(entries: Sequence[Entry], last: dt.date) -> Iterator[tuple[dt.date, Positions]]:
    """The positions at every month's end from the first entry to `last`; they start from nothing."""
    ordered = sorted(entries, key=lambda entry: entry.on)
    if not ordered:
        return
    held: Positions = {}
    at = 0
    for end in month_ends(ordered[0].on, last):
        begin = at
        while at < len(ordered) and ordered[at].on <= end:
            at += 1
        held = positions(ordered[begin:at], start=held)
        yield end, held


def basis_points(parts: Sequence[int | Fraction]) -> list[int]:
    """The parts in basis points of their sum, which sum to 10,000 exactly; all 0 when there is nothing.

    Largest remainder; equal remainders go to the earlier part. CapitalError for a part below 0.
    """
    if any(part < 0 for part in parts):
        raise CapitalError("no part of the capital may be below 0")
    total = sum(parts, Fraction(0))
    if not total:
        return [0] * len(parts)
    exact = [Fraction(part) * WHOLE / total for part in parts]
    points = [part.numerator // part.denominator for part in exact]
    rest = WHOLE - sum(points)
    for index in sorted(range(len(parts)), key=lambda n: (points[n] - exact[n], n))[:rest]:
        points[index] += 1
    return points


@dataclass(frozen=True, slots=True)
class Stake:
    """One line of a cap table. holder is None for the pool's free units.

    issued: units there are; promised: units that grants may still become. points and diluted_points: of the capital
    issued, and of all.
    """

    holder: int | None
    security: int
    issued: int
    promised: int
    points: int
    diluted_points: int


@dataclass(frozen=True, slots=True)
class CapTable:
    """The lines of a cap table with the most first, free pool units last, and its totals in common units."""

    stakes: tuple[Stake, ...]
    issued: Fraction
    diluted: Fraction


def cap_table(
    issued: Mapping[Position, int],
    *,
    promised: Mapping[Position, int] | None = None,
    free: Mapping[int, int] | None = None,
    weights: Mapping[int, Fraction] | None = None,
) -> CapTable:
    """The table of what is issued, promised by grants (by holder and class) and free in pools (by class).

    weights: common units one smallest unit of a class stands for, 1 unless given. CapitalError for a figure below 0.
    """
    promised, free, weights = promised or {}, free or {}, weights or {}
    one = Fraction(1)
    keys = dict.fromkeys([*issued, *promised])
    held = [(key, issued.get(key, 0), promised.get(key, 0)) for key in keys]
    held.sort(key=lambda row: (-(row[1] + row[2]) * weights.get(row[0][1], one), row[0]))
    rows: list[tuple[tuple[int | None, int], int, int]] = [*held]
    rows += [((None, security), 0, units) for security, units in sorted(free.items()) if units]
    common = [
        (weights.get(key[1], one) * there, weights.get(key[1], one) * (there + to_come)) for key, there, to_come in rows
    ]
    points, diluted = basis_points([a for a, _ in common]), basis_points([b for _, b in common])
    stakes = tuple(
        Stake(holder, security, there, to_come, of_issued, of_all)
        for ((holder, security), there, to_come), of_issued, of_all in zip(rows, points, diluted, strict=True)
    )
    return CapTable(stakes, sum((a for a, _ in common), Fraction(0)), sum((b for _, b in common), Fraction(0)))


class PoolFrom(StrEnum):
    """Who bears an increase of the pool: the holders before the round (usual), or all after it."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Round:
    """What a round would make of a company, in common units.

    price: minor units of money a unit, exact. holders: units they keep; pool: free units after; investor: new units.
    points: of holders in their order, then the pool, then the investor; they sum to 10,000.
    """

    price: Fraction
    holders: tuple[int, ...]
    pool: int
    investor: int
    points: tuple[int, ...]

    @property
    def total(self) -> int:
        """Units fully diluted after the round."""
        return sum(self.holders) + self.pool + self.investor


def what_if(
    holders: Sequence[int],
    *,
    free: int,
    pre_money: int,
    new_money: int,
    pool_points: int | None = None,
    pool_from: PoolFrom = PoolFrom.BEFORE,
) -> Round:
    """A round: `new_money` for new units at the price that `pre_money` (both minor units) puts on all there are before.

    free: units free in the pool now; pool_points: the least part of all that shall be free after the round (never
    fewer than now). BEFORE: the increase lowers the price, so that new money / (pre + new) buys its part of all.
    The pool is rounded up and the investor's units down. CapitalError for a negative or impossible figure.

    Source: the identity price = pre-money value / fully diluted units before, which makes the investor's part
    m = new / (pre + new); with a pool of p of all after, all = holders / (1 - m - p).
    """
    if min([*holders, free, new_money]) < 0 or pre_money < 1 or not sum(holders) + free:
        raise CapitalError("a round needs units, a value before it of at least 1, and no figure below 0")
    wanted = Fraction(pool_points or 0, WHOLE)
    investor_part = Fraction(new_money, pre_money + new_money)
    if not 0 <= wanted < 1 or (pool_from is PoolFrom.BEFORE and wanted + investor_part >= 1):
        raise CapitalError("the pool and the new money together leave nothing for the holders")
    held, pool = sum(holders), free
    if pool_from is PoolFrom.BEFORE:
        pool = max(free, _up(wanted * held / (1 - investor_part - wanted)))
    before = held + pool
    investor = new_money * before // pre_money
    if pool_from is PoolFrom.AFTER:
        pool = max(free, _up(wanted * (held + investor) / (1 - wanted)))
    points = basis_points([*holders, pool, investor])
    return Round(Fraction(pre_money, before), tuple(holders), pool, investor, tuple(points))


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)
