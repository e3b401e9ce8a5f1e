"""What a provider's month looks like in figures. No database."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any


@dataclass(frozen=True)
class Measured:
    """The facts of a month.

    ready: seconds from request to hand-over of each sandbox; asked, failed: operations in all, and those that a person
    had to look at; lags: seconds between usage and its posting; corrections: postings that were reversed; expected and
    spent: what the plans' prices foresaw and what was posted, minor units; findings: what did not add up.
    """

    ready: Sequence[int]
    asked: int
    failed: int
    lags: Sequence[int]
    corrections: int
    expected: int
    spent: int
    findings: int


def rank(values: Sequence[int], percent: int) -> int | None:
    """The nearest-rank percentile (the smallest value that so many per cent do not exceed); None of nothing."""
    ordered = sorted(values)
    return ordered[-(-percent * len(ordered) // 100) - 1] if ordered else None


def figures(month: Measured) -> dict[str, Any]:
    """The scorecard's figures; shares in basis points, None where nothing was measured."""
    return {
        "ready": len(month.ready),
        "ready_p50": rank(month.ready, 50),
        "ready_p95": rank(month.ready, 95),
        "asked": month.asked,
        "failed": month.failed,
        "failed_bp": _share(month.failed, month.asked),
        "lag_p95": rank(month.lags, 95),
        "corrections": month.corrections,
        "expected": month.expected,
        "spent": month.spent,
        "deviation_bp": _share(month.spent - month.expected, month.expected),
        "findings": month.findings,
    }


def _share(part: int, whole: int) -> int | None:
    return int((Decimal(part) * 10_000 / whole).quantize(Decimal(1), ROUND_HALF_EVEN)) if whole else None
