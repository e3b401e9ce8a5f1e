"""What several pages of equity need: words, figures, the staircase."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import get_locale

from incubator.equity import words
from incubator.equity.models import SecurityClass
from incubator.equity.states import GrantState

CHARTED = (GrantState.ACCEPTED, GrantState.LIVE, GrantState.CLOSED)


@dataclass(frozen=True)
class Chart:
    """A vesting staircase in whole units, days as ordinals: what has vested, and what is planned."""

    start: int
    end: int
    today: int
    done: list[tuple[int, float]]
    plan: list[tuple[int, float]]
    days: list[dt.date]
    total: float
    vested: float


def labels() -> dict[str, Any]:
    """The words templates need beside the states."""
    return {"kinds": words.KINDS, "regimes": words.REGIMES, "allocations": words.ALLOCATIONS,
            "sizes": words.SIZES, "issuer_kinds": words.ISSUER_KINDS, "events": words.EVENTS}  # fmt: skip


def step_words(kind: str) -> str:
    """A kind of step in the reader's language."""
    language = "zh" if str(get_locale() or "").startswith("zh") else "en"
    return words.STEPS[kind][language]


def quantity(units: int, decimals: int) -> Decimal:
    """Smallest units as whole ones, for a list that has no class at hand."""
    return Decimal(units).scaleb(-decimals)


def chart_of(lines: Sequence[Any], security: SecurityClass, starts: list[dt.date], today: dt.date) -> Chart:
    """The staircase of some lines in order of their days; the axis spans start, today and the last day."""
    first, last = min([*starts, lines[0].vests_on]), max(line.vests_on for line in lines)
    total, points = 0, [(first.toordinal(), 0.0)]
    for line in lines:
        total += line.units
        points.append((line.vests_on.toordinal(), float(security.quantity(total))))
    now = min(max(today.toordinal(), first.toordinal()), last.toordinal())
    done = [point for point in points if point[0] <= now]
    return Chart(
        start=first.toordinal(),
        end=max(last.toordinal(), first.toordinal() + 1),
        today=now,
        done=[*done, (now, done[-1][1])],
        plan=[(now, done[-1][1]), *[point for point in points if point[0] > now]],
        days=[dt.date.fromordinal(first.toordinal() + (last - first).days * n // 4) for n in range(5)],
        total=points[-1][1],
        vested=done[-1][1],
    )
