"""Vesting lines of many grants, computed anew from their terms and logs as the nightly rebuild does."""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks.figures import Figure
from incubator.equity.models import Movement
from incubator.equity.services.vesting import lines_of, standing, timeline_of

SECTION = "Vesting: lines computed anew"
GRANTS = 10_000
INSTALMENTS = 48
SECONDS = 10.0
ALLOCATIONS = ("CUMULATIVE_ROUNDING", "CUMULATIVE_ROUND_DOWN", "FRONT_LOADED", "BACK_LOADED")


@dataclass(frozen=True)
class Grant:
    """The columns of a grant that its lines come from."""

    units: int
    starts_on: dt.date
    granted_on: dt.date
    terms: dict[str, Any]


@dataclass(frozen=True)
class Row:
    """The columns of a movement that its lines come from."""

    id: int
    kind: Movement
    effective_on: dt.date
    quantity: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    reverses_id: int | None = None


def grants(count: int) -> Iterator[tuple[Grant, list[Row]]]:
    """So many grants over 48 months; every tenth has units brought forward, every twentieth has ended."""
    for n in range(count):
        start = dt.date(2020, 1, 1) + dt.timedelta(days=n % 1_500)
        terms = {"months": INSTALMENTS, "months_between": 1, "cliff_months": 12 * (n % 2),
                 "allocation": ALLOCATIONS[n % 4]}  # fmt: skip
        later = start + dt.timedelta(days=400)
        log = [Row(1, Movement.ISSUANCE, start, 1)]
        if n % 10 == 0:
            log.append(Row(2, Movement.ACCELERATION, later, 0, {"units": 100, "order": "next"}))
        if n % 20 == 0:
            log.append(Row(3, Movement.CANCELLATION, later + dt.timedelta(days=200), 0, {"stops": True}))
        yield Grant(10_007 + n, start, start, terms), log


def measure(count: int = GRANTS) -> list[Figure]:
    """How long the lines of so many grants take a processor, and how many there are; the goal is for all of them."""
    there = list(grants(count))
    begun = time.process_time()
    lines = [lines_of(timeline_of(grant, standing(log))) for grant, log in there]  # type: ignore[arg-type]
    seconds = time.process_time() - begun
    return [
        Figure(SECTION, f"{count:,} grants of {INSTALMENTS} instalments, CPU", seconds, "s", SECONDS * count / GRANTS),
        Figure(SECTION, "lines that came of them", sum(map(len, lines)), "lines"),
    ]
