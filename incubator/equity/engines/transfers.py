"""Transfers of interests: how long they are locked, how long others may answer, and how several takers share.

Sources: Civil Code of the PRC, Art. 201 (a period does not count its first day; one of years or months ends on the
corresponding day), Art. 202 (else on the month's last day), Art. 203 (a last day on a day off moves to the day after
it; it ends at 24:00). Company Law of the PRC (2023), Art. 84: written notice of quantity, price, payment and time;
30 days from its receipt, silence waives; several takers who do not agree share in proportion to their contributions;
the articles may say otherwise. Terms are data (`Articles`), so that articles can differ.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from incubator.rules.engines.periods import Rolled, add_months, roll

ENGINE_VERSION = "transfers/1"


class TransferError(ValueError):
    """Figures that cannot be; the message says which."""


@dataclass(frozen=True, slots=True)
class Articles:
    """What the articles say; the defaults are the law's.

    lock_months: from the day units were acquired. notice_days: to answer. whole: takers must take all that is offered
    between them (the same conditions include the quantity), or the buyer gets all of it. first_refusal: whether the
    others come first at all.
    """

    lock_months: int = 0
    notice_days: int = 30
    whole: bool = True
    first_refusal: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.lock_months <= 600:
            raise TransferError("a lock lasts between 0 and 600 months")
        if not 1 <= self.notice_days <= 365:
            raise TransferError("a notice gives between 1 and 365 days")


@dataclass(frozen=True, slots=True)
class Period:
    """A period with its trace: from a day it does not count, its last day by the calendar, and moved past days off.

    `provisional`: the calendar of that year is not published yet, so that `last` may still change.
    """

    begins: dt.date
    nominal: dt.date
    last: dt.date
    provisional: bool

    @property
    def moved(self) -> bool:
        """Whether a day off moved its end."""
        return self.last != self.nominal

    @property
    def free_from(self) -> dt.date:
        """The first day after it."""
        return self.last + dt.timedelta(days=1)


def lock_of(acquired_on: dt.date, months: int) -> Period | None:
    """The lock on units acquired on a day; None when there is none. Units are free on its `free_from`.

    ValueError past the calendar.
    """
    if months < 0:
        raise TransferError("a lock cannot last less than no time")
    if not months:
        return None
    return _ending(acquired_on, add_months(acquired_on, months))


def answer_by(received_on: dt.date, days: int = 30) -> Period:
    """The time to answer a notice received on a day; silence at the end of its `last` day waives."""
    if days < 1:
        raise TransferError("a notice gives at least a day")
    return _ending(received_on, received_on + dt.timedelta(days=days))


def _ending(begins: dt.date, nominal: dt.date) -> Period:
    rolled: Rolled = roll(nominal)
    return Period(begins, nominal, rolled.day, rolled.provisional)


@dataclass(frozen=True, slots=True)
class Lot:
    """Units acquired on one day and still held."""

    acquired_on: dt.date
    units: int


@dataclass(frozen=True, slots=True)
class LockCheck:
    """How many units are free on a day; `next_free`: when the earliest of the others are, None when none are locked."""

    free: int
    locked: int
    next_free: Period | None


def lots_left(entries: Sequence[Lot]) -> list[Lot]:
    """What is left of entries, where units below 0 take from the oldest lot (first in, first out).

    TransferError when more leave than are there.
    """
    left: list[Lot] = []
    for entry in sorted(entries, key=lambda entry: (entry.acquired_on, -entry.units)):
        if entry.units > 0:
            left.append(entry)
            continue
        leaving = -entry.units
        while leaving:
            if not left:
                raise TransferError("more units leave than are there")
            taken = min(leaving, left[0].units)
            leaving -= taken
            rest = left[0].units - taken
            left[:1] = [Lot(left[0].acquired_on, rest)] if rest else []
    return left


def check_lock(lots: Sequence[Lot], *, months: int, on: dt.date) -> LockCheck:
    """What of some lots may be transferred on a day under a lock of so many months."""
    free = locked = 0
    earliest: Period | None = None
    for lot in lots:
        lock = lock_of(lot.acquired_on, months)
        if lock is None or lock.free_from <= on:
            free += lot.units
            continue
        locked += lot.units
        if earliest is None or lock.last < earliest.last:
            earliest = lock
    return LockCheck(free, locked, earliest)


@dataclass(frozen=True, slots=True)
class Taker:
    """One who answered that they take: what they hold (the measure of their part), and the most they want."""

    key: int
    holding: int
    wanted: int


def share_out(offered: int, takers: Sequence[Taker]) -> dict[int, int]:
    """Units each taker gets of what is offered: in proportion to what they hold, never more than they want.

    What one does not want goes to the others in the same way. The rest by largest remainder: equal ones to the
    greater holding, then to the earlier taker. Sums to min(offered, all they want). Takers who hold nothing come
    last. TransferError for a figure below 1 (a holding below 0).
    """
    if offered < 1 or any(taker.wanted < 1 or taker.holding < 0 for taker in takers):
        raise TransferError("offer and answers are at least 1, holdings at least 0")
    got = {taker.key: 0 for taker in takers}
    if len(got) != len(takers):
        raise TransferError("somebody answers twice")
    for some in ([t for t in takers if t.holding], [t for t in takers if not t.holding]):
        weighed = [Taker(t.key, t.holding or 1, t.wanted) for t in some]
        got |= _in_proportion(offered - sum(got.values()), weighed)
    return got


def _in_proportion(offered: int, takers: list[Taker]) -> dict[int, int]:
    got: dict[int, int] = {}
    open_ = list(takers)
    while open_:
        weight = sum(taker.holding for taker in open_)
        content = [taker for taker in open_ if taker.wanted * weight <= offered * taker.holding]
        if not content:
            return got | _largest_remainder(offered, open_)
        for taker in content:
            got[taker.key] = taker.wanted
        offered -= sum(taker.wanted for taker in content)
        open_ = [taker for taker in open_ if taker not in content]
    return got


def _largest_remainder(offered: int, takers: list[Taker]) -> dict[int, int]:
    weight = sum(taker.holding for taker in takers)
    exact = [Fraction(offered * taker.holding, weight) for taker in takers]
    parts = [part.numerator // part.denominator for part in exact]
    order = sorted(range(len(takers)), key=lambda n: (parts[n] - exact[n], -takers[n].holding, n))
    for index in order[: offered - sum(parts)]:
        parts[index] += 1
    return {taker.key: part for taker, part in zip(takers, parts, strict=True)}


@dataclass(frozen=True, slots=True)
class Answer:
    """One who was given notice, and what they said; wanted None is silence so far, 0 a waiver."""

    key: int
    holding: int
    received_on: dt.date
    wanted: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where first refusal stands on a day: who is still asked, who waived (in words or by silence), who takes what."""

    open: tuple[int, ...]
    waived: tuple[int, ...]
    taken: dict[int, int]
    to_buyer: int

    @property
    def is_settled(self) -> bool:
        """Whether nobody may answer any more."""
        return not self.open


def outcome(offered: int, answers: Sequence[Answer], *, articles: Articles, on: dt.date) -> Outcome:
    """First refusal on a day. What takers do not take goes to the buyer; under `whole` all of it does unless they
    take everything between them. Provisional while somebody is open."""
    silent = [answer for answer in answers if answer.wanted is None]
    open_ = tuple(a.key for a in silent if answer_by(a.received_on, articles.notice_days).last >= on)
    waived = tuple(a.key for a in answers if a.key not in open_ and not a.wanted)
    takers = [Taker(a.key, a.holding, a.wanted) for a in answers if a.wanted]
    taken = {key: units for key, units in share_out(offered, takers).items() if units}
    left = offered - sum(taken.values())
    if left and articles.whole:
        taken, left = {}, offered
    return Outcome(open_, waived, taken, left)
