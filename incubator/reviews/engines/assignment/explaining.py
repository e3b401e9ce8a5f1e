"""Why this reviewer, and why not each better one: from the assignment and its prices."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

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
    score: int
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


@dataclass(frozen=True)
class Seats:
    """Who sits where: reviewers by proposal, proposals by reviewer."""

    of: Mapping[int, tuple[int, ...]]
    by: Mapping[int, tuple[int, ...]]

    @classmethod
    def given(cls, pairs: Sequence[tuple[int, int]]) -> "Seats":
        """From the chosen pairs."""
        of: dict[int, list[int]] = defaultdict(list)
        by: dict[int, list[int]] = defaultdict(list)
        for p, r in sorted(pairs):
            of[p].append(r)
            by[r].append(p)
        return cls({p: tuple(rs) for p, rs in of.items()}, {r: tuple(ps) for r, ps in by.items()})


def explain(
    problem: Problem,
    seats: Seats,
    barred: Mapping[int, Sequence[tuple[int, int, Why]]],
    pair: tuple[int, int],
    *,
    has_rules: bool = False,
) -> Explanation:
    """Explain a chosen pair.

    barred: by proposal the reviewers that a conflict or a decline took out: (reviewer, score it would have, why).
    has_rules: rules about seats, companies or seniority, or fairness, were kept beside the loads.
    """
    p, r = pair
    row = problem.scores[p]
    own, seated = int(row[r]), set(seats.of.get(p, ()))
    higher = [int(q) for q in np.flatnonzero(row > own) if int(q) not in seated]
    better = [_eligible(problem, seats, p, q, has_rules) for q in sorted(higher, key=lambda q: (-int(row[q]), q))]
    out = [Passed(q, score, why) for q, score, why in sorted(barred.get(p, ())) if score > own]
    return Explanation(p, r, own, 1 + int(np.sum(row > own)), pair in problem.pins, (*out, *better))


def _eligible(problem: Problem, seats: Seats, p: int, q: int, has_rules: bool) -> Passed:
    """Full: takes the most he may; else a rule, somebody's least load or another proposal's need came first."""
    taken, score = seats.by.get(q, ()), int(problem.scores[p, q])
    if len(taken) >= problem.high[q]:
        return Passed(q, score, Why.FULL, taken)
    return Passed(q, score, Why.RULE if has_rules else Why.BALANCE, taken)
