"""The decision rule as data, and the one function that evaluates it.

A rule says in which order proposals are looked at, what they must reach, how many sealed reviews they need
and what happens when the theme's money does not reach. Evaluated for a set of rows and the themes' budgets it
gives a verdict for each row, the same whatever the order of the rows, with the figures to explain it in words
and a SHA-256 over everything that went in (RFC 8785 canonical JSON), so that a decision can be replayed.

Amounts are minor units of the call's one currency, totals are hundredths.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from typing import Any

import rfc8785

from incubator.reviews.engines.decision_rule import (
    CRITERION,
    DecidingError,
    Leftovers,
    Order,
    Rule,
    Threshold,
    Verdict,
    whole,
)

__all__ = [
    "ENGINE_VERSION",
    "Decided",
    "DecidingError",
    "Leftovers",
    "Order",
    "Outcome",
    "Reason",
    "Row",
    "Rule",
    "Threshold",
    "Verdict",
    "evaluate",
    "inputs",
    "replay",
]

ENGINE_VERSION = "deciding/1"
ZONES = ("above", "close", "below")
CLOSE = "close"
LARGEST = 2**53 - 1
"""The largest whole number that RFC 8785 can write exactly; no amount may pass it."""


class Reason(StrEnum):
    """Why; each has its sentence in the user interface."""

    WITHIN_BUDGET = "within_budget"
    BELOW_MINIMUM = "below_minimum"
    NOT_FLAGGED = "not_flagged"
    OVER_BUDGET = "over_budget"
    AFTER_THE_LINE = "after_the_line"
    BELOW_QUORUM = "below_quorum"


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal as the rule sees it: `reviews` counted, `requested` minor units, `total` and `means` hundredths.

    `key` is stable and unique in the evaluation; `given_order` (1 first) and `given_flag` are needed only by
    rules that use them. `zone` ("above", "close", "below" the line, as the ranking leaves it) and `lot` (1 first, of
    those close) are given for a rule with a lottery; they stand in the stored inputs only where they are.
    """

    key: str
    theme: str
    reviews: int
    requested: int
    total: int | None = None
    means: Mapping[str, int | None] = field(default_factory=dict)
    given_order: int | None = None
    given_flag: bool | None = None
    zone: str | None = None
    lot: int | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """The verdict on one row and the figures behind it.

    `rank` is the place in the theme (None when not decidable). `budget_before` and `budget_after` are what
    the theme has left at its turn. `tie` names the tie rule that put it after the one above, level with it on
    the order (None when nothing was level).
    """

    row: Row
    verdict: Verdict
    reason: Reason
    rank: int | None
    budget_before: int
    budget_after: int
    tie: str | None
    minimum: int | None
    quorum: int

    @property
    def key(self) -> str:
        """The row's key."""
        return self.row.key

    def values(self) -> dict[str, int | str | None]:
        """The figures for the sentence that explains `reason`; amounts in minor units, totals in hundredths."""
        return {
            "theme": self.row.theme,
            "rank": self.rank,
            "total": self.row.total,
            "minimum": self.minimum,
            "reviews": self.row.reviews,
            "quorum": self.quorum,
            "requested": self.row.requested,
            "budget_before": self.budget_before,
            "budget_after": self.budget_after,
            "short_by": max(0, self.row.requested - self.budget_before),
            "tie": self.tie,
        } | ({"lot": self.row.lot} if self.row.lot is not None else {})


@dataclass(frozen=True)
class Outcome:
    """The evaluation: rows theme by theme in rank order, those not decidable at the end of their theme."""

    rule: Rule
    rows: tuple[Decided, ...]
    remaining: Mapping[str, int]
    inputs_hash: str
    engine: str = ENGINE_VERSION

    @cached_property
    def by_key(self) -> dict[str, Decided]:
        """Every decided row under its key."""
        return {decided.key: decided for decided in self.rows}

    @cached_property
    def errors(self) -> tuple[Decided, ...]:
        """The rows that cannot be decided; while there are any, the sitting is not ready."""
        return tuple(decided for decided in self.rows if decided.verdict is Verdict.NOT_DECIDABLE)


def evaluate(rule: Rule, rows: Iterable[Row], budgets: Mapping[str, int]) -> Outcome:
    """Apply the rule to the rows under the themes' budgets (minor units).

    DecidingError for a row the rule cannot read: a key twice, a theme without budget, a negative or too large
    amount, a place or flag or total that the rule needs and the row lacks.
    """
    given = sorted(rows, key=lambda row: row.key)
    _check(given, budgets)
    decided: list[Decided] = []
    remaining: dict[str, int] = {}
    for theme in sorted(budgets):
        queue = [row for row in given if row.theme == theme]
        decided += _theme(rule, queue, budgets[theme])
        remaining[theme] = decided[-1].budget_after if queue else budgets[theme]
    return Outcome(rule, tuple(decided), remaining, _hash(inputs(rule, given, budgets)))


def inputs(rule: Rule, rows: Iterable[Row], budgets: Mapping[str, int]) -> dict[str, Any]:
    """All that goes into an evaluation, as JSON: what a decision stores and what its hash is taken over."""
    return {
        "engine": ENGINE_VERSION,
        "rule": rule.to_data(),
        "rows": [_data(row) for row in sorted(rows, key=lambda row: row.key)],
        "budgets": dict(budgets),
    }


def replay(data: Mapping[str, Any]) -> Outcome:
    """Evaluate stored `inputs` again; equal inputs give an equal Outcome, hash included."""
    if data["engine"] != ENGINE_VERSION:
        raise DecidingError(f"these inputs belong to {data['engine']}, this is {ENGINE_VERSION}")
    return evaluate(Rule.from_data(data["rule"]), [Row(**row) for row in data["rows"]], data["budgets"])


def _theme(rule: Rule, queue: list[Row], budget: int) -> Iterator[Decided]:
    """The verdicts on one theme's rows, in rank order, then those below the quorum."""
    ranked = sorted((row for row in queue if row.reviews >= rule.quorum), key=lambda row: _place(rule, row))
    left, stopped, above = budget, False, None
    for rank, row in enumerate(ranked, start=1):
        verdict, reason = _verdict(rule, row, left, stopped=stopped)
        after = left - row.requested if verdict is Verdict.ACCEPTED else left
        stopped = stopped or (reason is Reason.OVER_BUDGET and rule.leftovers is Leftovers.STOP)
        tie = _tie(rule, above, row) if above else None
        yield Decided(row, verdict, reason, rank, left, after, tie, rule.minimum, rule.quorum)
        left, above = after, row
    for row in queue:
        if row.reviews < rule.quorum:
            verdict, reason = Verdict.NOT_DECIDABLE, Reason.BELOW_QUORUM
            yield Decided(row, verdict, reason, None, left, left, None, rule.minimum, rule.quorum)


def _verdict(rule: Rule, row: Row, left: int, *, stopped: bool) -> tuple[Verdict, Reason]:
    if rule.threshold is Threshold.FLAG and not _needed(row.given_flag, row, "given_flag"):
        return Verdict.REJECTED, Reason.NOT_FLAGGED
    if rule.minimum is not None and _needed(row.total, row, "total") < rule.minimum:
        return Verdict.REJECTED, Reason.BELOW_MINIMUM
    if stopped:
        return rule.over_budget, Reason.AFTER_THE_LINE
    if row.requested > left:
        return rule.over_budget, Reason.OVER_BUDGET
    return Verdict.ACCEPTED, Reason.WITHIN_BUDGET


def _needed(value: int | None, row: Row, name: str) -> int:
    if value is None:
        raise DecidingError(f"row {row.key}: the rule needs its {name}")
    return value


def _head(rule: Rule, row: Row) -> tuple[int, int]:
    """The figures the order looks at, so that the lower comes first."""
    if rule.order is not Order.TOTAL:
        return 0, _needed(row.given_order, row, "given_order")
    total = _needed(row.total, row, "total")
    if not rule.lottery or row.zone is None:
        return ZONES.index(CLOSE), -total
    return ZONES.index(row.zone), _needed(row.lot, row, "lot") if row.zone == CLOSE else -total


def _tie_value(name: str, row: Row) -> tuple[bool, int | str]:
    """One tie rule's figure for a row, so that the lower comes first and none comes last."""
    if name == "key":
        return False, row.key
    if name == "requested":
        return False, row.requested
    mean = row.means.get(name.removeprefix(CRITERION))
    return mean is None, -(mean or 0)


def _place(rule: Rule, row: Row) -> tuple[tuple[int, int], tuple[tuple[bool, int | str], ...]]:
    return _head(rule, row), tuple(_tie_value(name, row) for name in rule.ties)


def _tie(rule: Rule, above: Row, row: Row) -> str | None:
    """The tie rule that separates two neighbours, None when the order itself does."""
    if _head(rule, above) != _head(rule, row):
        return None
    return next(name for name in rule.ties if _tie_value(name, above) != _tie_value(name, row))


def _data(row: Row) -> dict[str, Any]:
    found = {item.name: getattr(row, item.name) for item in fields(row)} | {"means": dict(row.means)}
    return {name: value for name, value in found.items() if value is not None or name not in ("zone", "lot")}


def _hash(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(rfc8785.dumps(dict(data))).hexdigest()


def _check(rows: list[Row], budgets: Mapping[str, int]) -> None:
    for theme, budget in budgets.items():
        _amount(budget, f"budget of theme {theme}")
    seen: set[str] = set()
    for row in rows:
        if row.key in seen:
            raise DecidingError(f"row {row.key}: stands twice")
        seen.add(row.key)
        if row.theme not in budgets:
            raise DecidingError(f"row {row.key}: theme {row.theme} has no budget")
        _amount(row.requested, f"row {row.key}: requested")
        _amount(row.reviews, f"row {row.key}: reviews")
        if row.zone is not None and row.zone not in ZONES:
            raise DecidingError(f"row {row.key}: zone {row.zone!r} must be one of {', '.join(ZONES)}")
        figures = (("total", row.total), ("given_order", row.given_order), ("lot", row.lot), *row.means.items())
        for name, value in figures:
            if value is not None:
                _amount(value, f"row {row.key}: {name}")


def _amount(value: int, name: str) -> None:
    if not 0 <= whole(value, name) <= LARGEST:
        raise DecidingError(f"{name}: {value} must be from 0 to {LARGEST}")
