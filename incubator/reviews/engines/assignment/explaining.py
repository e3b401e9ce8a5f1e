"""Why this reviewer, and why not each better one: from the assignment and its prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from incubator.reviews.engines.assignment.problem import Problem


class Why(StrEnum):
    """What kept a better reviewer from a proposal."""

    CONFLICT = "conflict"
    DECLINED = "declined"
    FULL = "full"
    RULE = "rule"
    BALANCE = "balance"


@dataclass(frozen=True)
class Passed:
    """A reviewer (place) who would have suited better, why it was not to be, and the proposals that took the seats."""

    reviewer: int
    score: int | None
    why: Why
    instead: tuple[int, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """One chosen pair. rank: of the reviewer among the proposal's eligible; better: everyone passed over."""

    proposal: int
    reviewer: int
    score: int
    rank: int
    is_pinned: bool
    better: tuple[Passed, ...]


def explain(
    problem: Problem,
    pairs: Sequence[tuple[int, int]],
    raw: Mapping[tuple[int, int], int],
    barred: Mapping[tuple[int, int], Why],
    pair: tuple[int, int],
    *,
    has_rules: bool = False,
) -> Explanation:
    """Explain a chosen pair.

    raw: the scores of pairs that a conflict or a decline took out, where known. barred: why they were.
    has_rules: rules about seats, companies or seniority, or fairness, were kept beside the loads.
    """
    p, r = pair
    own = int(problem.scores[pair])
    seated = {b for a, b in pairs if a == p}
    row = problem.scores[p]
    eligible = [q for q in range(len(problem.reviewers)) if row[q] > own and q not in seated]
    better = [_eligible(problem, pairs, p, q, has_rules) for q in sorted(eligible, key=lambda q: (-int(row[q]), q))]
    out = [
        Passed(b, raw.get((a, b)), why)
        for (a, b), why in sorted(barred.items())
        if a == p and raw.get((a, b), 0) > own
    ]  # fmt: skip
    rank = 1 + sum(int(score) > own for score in row)
    return Explanation(p, r, own, rank, pair in problem.pins, (*out, *better))


def _eligible(problem: Problem, pairs: Sequence[tuple[int, int]], p: int, q: int, has_rules: bool) -> Passed:
    """Full: takes the most he may; balance: somebody else's least load or another proposal's need came first."""
    taken = tuple(a for a, b in pairs if b == q)
    score = int(problem.scores[p, q])
    if len(taken) >= problem.high[q]:
        return Passed(q, score, Why.FULL, taken)
    return Passed(q, score, Why.RULE if has_rules else Why.BALANCE, taken)
