"""Rules that cross (seats by role, one a company, seniority) and fairness: integer programmes by HiGHS in scipy."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from incubator.reviews.engines.assignment.problem import UNIT, Problem, Whole

CANDIDATES = 30
"""The best pairs of a proposal that are looked at, and all the flow chose."""
FINEST = UNIT // 1_000
DELTA = 0.025
"""The share of the total that fairness may cost."""
SECONDS = 60.0


@dataclass(frozen=True)
class Rules:
    """What no flow can say.

    seats: the roles that must sit on every proposal, each held by another person. roles: those of each reviewer.
    groups: the company of each reviewer, and of each proposal; at most `per_group` reviewers of a proposal's own
    company (None: as many as come). senior: which reviewers are; with needs_senior each proposal has one.
    """

    seats: tuple[str, ...] = ()
    roles: tuple[frozenset[str], ...] = ()
    reviewer_groups: tuple[str, ...] = ()
    proposal_groups: tuple[str, ...] = ()
    per_group: int | None = None
    senior: tuple[bool, ...] = ()
    needs_senior: bool = False

    @property
    def are_any(self) -> bool:
        """Something is asked that a flow can't say."""
        return bool(self.seats) or self.per_group is not None or self.needs_senior


@dataclass(frozen=True, eq=False)
class Answer:
    """pairs (p, r); total in 1e-6; gap: how far from the best on the pairs looked at, as a share, 0 when proven."""

    pairs: list[tuple[int, int]]
    total: int
    gap: float


@dataclass(eq=False)
class Programme:
    """A programme over candidate pairs: rows of its constraints as they are added."""

    problem: Problem
    p: Whole
    r: Whole
    rows: list[Any] = field(default_factory=list)
    low: list[Any] = field(default_factory=list)
    high: list[Any] = field(default_factory=list)

    def add(self, matrix: Any, low: Any, high: Any) -> None:
        """low <= matrix x <= high."""
        self.rows.append(sparse.csr_array(matrix))
        self.low.append(np.asarray(low, dtype=np.float64))
        self.high.append(np.asarray(high, dtype=np.float64))

    def by_proposal(self, weights: Any) -> Any:
        """(P, x): the weights of each proposal's pairs."""
        shape = (len(self.problem.proposals), len(self.p))
        return sparse.csr_array((np.asarray(weights, dtype=np.float64), (self.p, np.arange(len(self.p)))), shape=shape)

    def solve(self, seconds: float) -> Answer | None:
        """The best x in {0, 1}; None where there is none (or none was found in time)."""
        scores = self.problem.scores[self.p, self.r]
        constraint = LinearConstraint(
            sparse.vstack(self.rows).tocsr(), np.concatenate(self.low), np.concatenate(self.high)
        )
        found = milp(-scores / UNIT, integrality=np.ones(len(scores)), bounds=Bounds(0, 1), constraints=constraint,
                     options={"time_limit": seconds, "mip_rel_gap": 0.0})  # fmt: skip
        if found.x is None:
            return None
        chosen = found.x > 0.5
        pairs = sorted(zip(self.p[chosen].tolist(), self.r[chosen].tolist(), strict=True))
        return Answer(pairs, int(scores[chosen].sum()), round(float(found.mip_gap or 0.0), 6))


def programme(
    problem: Problem, rules: Rules, also: Sequence[tuple[int, int]] = (), candidates: int = CANDIDATES
) -> Programme:
    """The programme of a problem under its rules; `also`: pairs that must be among the candidates, which are the best
    so many of a proposal and role."""
    p, r = _candidates(problem, rules, also, candidates)
    made = Programme(problem, p, r)
    made.add(made.by_proposal(np.ones(len(p))), problem.demand, problem.demand)
    ones = (np.ones(len(p)), (r, np.arange(len(p))))
    made.add(sparse.csr_array(ones, shape=(len(problem.reviewers), len(p))), problem.low, problem.high)
    for size in range(1, len(rules.seats) + 1):
        for wanted in combinations(range(len(rules.seats)), size):
            names = {rules.seats[seat] for seat in wanted}
            fits = np.array([bool(roles & names) for roles in rules.roles], dtype=np.float64)
            _at_least(made, fits[r], size)
    if rules.needs_senior:
        _at_least(made, np.array(rules.senior, dtype=np.float64)[r], 1)
    if rules.per_group is not None:
        same = np.array(rules.reviewer_groups)[r] == np.array(rules.proposal_groups)[p]
        made.add(
            made.by_proposal(same), np.zeros(len(problem.proposals)), np.full(len(problem.proposals), rules.per_group)
        )
    if problem.pins:
        pinned = np.array([(a, b) in problem.pins for a, b in zip(p.tolist(), r.tolist(), strict=True)])
        made.add(sparse.csr_array(pinned[None, :].astype(np.float64)), [len(problem.pins)], [np.inf])
    return made


def _at_least(made: Programme, fits: Any, count: int) -> None:
    asked = np.where(made.problem.demand > 0, count, 0)
    made.add(made.by_proposal(fits), asked, np.full(len(asked), np.inf))


def _candidates(problem: Problem, rules: Rules, also: Sequence[tuple[int, int]], most: int) -> tuple[Whole, Whole]:
    """The best pairs of every proposal, the best of each role among them, and those given."""
    scores, k = problem.scores, min(most, len(problem.reviewers))
    chosen = {*also, *problem.pins}
    kinds = [np.ones(len(problem.reviewers), dtype=bool)]
    kinds += [np.array([name in roles for roles in rules.roles]) for name in sorted(set(rules.seats))]
    if rules.needs_senior:
        kinds.append(np.array(rules.senior))
    for kind in kinds:
        best = np.argsort(-np.where(kind, scores, -1), axis=1, kind="stable")[:, :k]
        chosen |= {(p, int(r)) for p, row in enumerate(best) for r in row if scores[p, r] >= 0 and kind[r]}
    found = np.array(sorted(chosen), dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def keep_rules(
    problem: Problem, rules: Rules, start: Sequence[tuple[int, int]], seconds: float = SECONDS
) -> Answer | None:
    """The best assignment that keeps the rules."""
    return programme(problem, rules, start).solve(seconds)


@dataclass(frozen=True, eq=False)
class Apart:
    """all: m assignments that share no pair; total: of all together, in 1e-6; gap: as in Answer."""

    all: list[list[tuple[int, int]]]
    total: int
    gap: float


def apart(problem: Problem, rules: Rules, m: int, seconds: float = SECONDS) -> Apart | None:
    """The m assignments with the highest total that each keep the rules and share no pair; None where there are none
    (or none were found in time). Whoever draws one of them by lot makes no pair surer than one in m."""
    most = 2 * m * int(problem.demand.max(initial=1))
    one = programme(problem, rules, candidates=max(CANDIDATES, most))
    n, rows = len(one.p), sparse.vstack(one.rows)
    together = sparse.vstack([sparse.block_diag([rows] * m), sparse.hstack([sparse.eye_array(n)] * m)]).tocsr()
    low = np.concatenate([*one.low * m, np.zeros(n)])
    high = np.concatenate([*one.high * m, np.ones(n)])
    scores = np.tile(problem.scores[one.p, one.r], m)
    found = milp(-scores / UNIT, integrality=np.ones(n * m), bounds=Bounds(0, 1),
                 constraints=LinearConstraint(together, low, high),
                 options={"time_limit": seconds, "mip_rel_gap": 0.0})  # fmt: skip
    if found.x is None:
        return None
    chosen = (found.x > 0.5).reshape(m, n)
    each = [sorted(zip(one.p[row].tolist(), one.r[row].tolist(), strict=True)) for row in chosen]
    return Apart(each, int(scores[chosen.ravel()].sum()), round(float(found.mip_gap or 0.0), 6))


@dataclass(frozen=True, eq=False)
class Fair:
    """answer: the assignment with the highest worst sum, of those the highest total; None where it would cost too much.

    worst: its worst proposal's sum, 1e-6. bound: what no assignment's can pass. refused: the share of the total that it
    would have cost, where that is more than allowed.
    """

    answer: Answer | None
    worst: int
    bound: int
    refused: float | None


def fair(
    problem: Problem, rules: Rules, start: Sequence[tuple[int, int]], *, delta: float = DELTA, seconds: float = SECONDS
) -> Fair:
    """Raise the worst proposal's sum to its bound, or by bisection to within 0.001 of the highest that can be had."""
    total, bound = sum(int(problem.scores[pair]) for pair in start), bound_of(problem)
    low, high, best = worst_of(problem, start), bound, None
    goal = bound
    while goal > low:
        answer = _with_worst(problem, rules, start, goal, seconds)
        if answer is None:
            high = goal
        else:
            low, best = worst_of(problem, answer.pairs), answer
        if high - low <= FINEST:
            break
        goal = (low + high + 1) // 2 if answer is None or high > bound else high
    if best is None:
        return Fair(None, low, bound, None)
    cost = 1 - best.total / total if total else 0.0
    return Fair(None if cost > delta else best, low, bound, cost if cost > delta else None)


def _with_worst(
    problem: Problem, rules: Rules, start: Sequence[tuple[int, int]], least: int, seconds: float
) -> Answer | None:
    made = programme(problem, rules, start)
    asked = np.where(problem.demand > 0, least, 0)
    made.add(made.by_proposal(problem.scores[made.p, made.r]) / UNIT, (asked - 0.5) / UNIT, np.full(len(asked), np.inf))
    return made.solve(seconds)


def bound_of(problem: Problem) -> int:
    """The least over the proposals of the sum of their best eligible scores, which no worst sum can pass."""
    best = -np.sort(-np.maximum(problem.scores, 0), axis=1)
    sums = [int(row[:d].sum()) for row, d in zip(best.astype(np.int64), problem.demand, strict=True) if d]
    return min(sums, default=0)


def worst_of(problem: Problem, pairs: Sequence[tuple[int, int]]) -> int:
    """The least sum of a proposal's scores; a proposal that asks for none is left out."""
    sums = [0] * len(problem.proposals)
    for p, r in pairs:
        sums[p] += max(int(problem.scores[p, r]), 0)
    return min((value for value, d in zip(sums, problem.demand, strict=True) if d), default=0)
