"""The best assignment by one min-cost flow (OR-Tools), with prices that prove it.

Source -> reviewer r (capacity high - low; low is the reviewer's own supply) -> proposal p (capacity 1, cost -worth),
which takes demand. Least and most loads stand in one flow, so the answer is whole and the best. Above 50,000 pairs
only the most promising arcs are laid; prices then tell which others are missing, until none is.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from incubator.reviews.engines.assignment.certificate import MANY, Certificate, tight
from incubator.reviews.engines.assignment.problem import UNIT, Problem, Whole

Chosen: TypeAlias = NDArray[np.bool_]
SPARSE_ABOVE = 50_000
BEST = 20
"""A proposal's arcs at first; a reviewer's are twice the most he may take."""
CHUNK = 512


@dataclass(frozen=True, eq=False)
class Arcs:
    """Pairs (p, r) that may be chosen, in rising order of r, then p, with their worth."""

    p: Whole
    r: Whole
    worth: Whole

    @classmethod
    def of(cls, problem: Problem, p: Whole, r: Whole) -> "Arcs":
        """In their order, each once."""
        flat = np.unique(r.astype(np.int64) * len(problem.proposals) + p)
        r, p = np.divmod(flat, max(len(problem.proposals), 1))
        return cls(p, r, problem.worth(p, r))

    def more(self, problem: Problem, p: Whole, r: Whole) -> "Arcs":
        """And these."""
        return Arcs.of(problem, np.concatenate([self.p, p]), np.concatenate([self.r, r]))


@dataclass(frozen=True, eq=False)
class Solution:
    """Chosen pairs (p, r) in rising order, pins among them; certificate of the rest; arcs that were laid."""

    p: Whole
    r: Whole
    certificate: Certificate
    arcs: int
    rounds: int

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The chosen pairs."""
        return list(zip(self.p.tolist(), self.r.tolist(), strict=True))


def assign(problem: Problem) -> Solution | None:
    """The assignment with the highest total, equal totals parted by the seed; None where there is none.

    Least loads that a reviewer can't reach must have been cut before (Problem.reachable).
    """
    rest = problem.without_pins()
    eligible = int(np.count_nonzero(rest.scores >= 0))
    found = _sparse(rest) if eligible > SPARSE_ABOVE else None
    if found is None:
        found = _solve_all(rest)
    if found is None:
        return None
    p, r, certificate, arcs, rounds = found
    pins = np.array(sorted(problem.pins), dtype=np.int64).reshape(-1, 2)
    p, r = np.concatenate([p, pins[:, 0]]), np.concatenate([r, pins[:, 1]])
    order = np.lexsort((r, p))
    return Solution(p[order], r[order], certificate, arcs, rounds)


Found = tuple[Whole, Whole, Certificate, int, int]


def _solve_all(problem: Problem) -> Found | None:
    p, r = np.nonzero(problem.scores >= 0)
    arcs = Arcs.of(problem, p, r)
    chosen = _flow(problem, arcs)
    return None if chosen is None else _prove(problem, arcs, chosen, 1)


def _sparse(problem: Problem) -> Found | None:
    """The same over few arcs; None where they do not suffice."""
    arcs, rounds = _promising(problem), 0
    while True:
        rounds += 1
        chosen = _flow(problem, arcs)
        if chosen is None:
            return None
        found = _prove(problem, arcs, chosen, rounds)
        p, r = _missing(problem, found)
        if not len(p):
            return found
        arcs = arcs.more(problem, p, r)


def _promising(problem: Problem) -> Arcs:
    scores, (n, m) = problem.scores, problem.scores.shape
    best = np.argpartition(-scores, min(BEST, m) - 1, axis=1)[:, : min(BEST, m)]
    wide = int(min(n, 2 * max(problem.high.max(), 1)))
    own = np.argpartition(-scores, wide - 1, axis=0)[:wide]
    p = np.concatenate([np.repeat(np.arange(n), best.shape[1]), own.ravel()])
    r = np.concatenate([best.ravel(), np.tile(np.arange(m), wide)])
    kept = scores[p, r] >= 0
    return Arcs.of(problem, p[kept], r[kept])


def _flow(problem: Problem, arcs: Arcs) -> Chosen | None:
    """Which arcs are chosen, or None where demand and loads can't all be met."""
    n, m = problem.scores.shape
    free = problem.seats - int(problem.low.sum())
    if free < 0:
        return None
    flow = SimpleMinCostFlow()
    reviewers, source = np.arange(m), np.full(m, n + m)
    flow.add_arcs_with_capacity_and_unit_cost(source, n + reviewers, problem.high - problem.low, np.zeros(m, np.int64))
    laid = flow.add_arcs_with_capacity_and_unit_cost(n + arcs.r, arcs.p, np.ones(len(arcs.p), np.int64), -arcs.worth)
    flow.set_nodes_supplies(np.arange(n + m + 1), np.concatenate([-problem.demand, problem.low, [free]]))
    if flow.solve() != flow.OPTIMAL:
        return None
    chosen: Chosen = flow.flows(laid) > 0
    return chosen


def _prove(problem: Problem, arcs: Arcs, chosen: Chosen, rounds: int) -> Found:
    """The chosen pairs with prices under which each is worth its place (Bellman and Ford on the residual graph).

    A reviewer's price rises until no proposal would rather have him than one of its own; reviewers above their least
    load begin at 0, those at it far below.
    """
    n, m = problem.scores.shape
    p, r, worth = arcs.p[chosen], arcs.r[chosen], arcs.worth[chosen]
    load = np.bincount(r, minlength=m)
    bottom = -(m + 2) * (int(arcs.worth.max(initial=0)) + 1)
    beta = np.where(load > problem.low, 0, bottom).astype(np.int64)
    q, s, price = arcs.p[~chosen], arcs.r[~chosen], arcs.worth[~chosen]
    first = np.flatnonzero(np.diff(s, prepend=-1))
    while True:
        alpha = tight(n, p, worth - beta[r])
        rise = beta.copy()
        if len(s):
            rise[s[first]] = np.maximum(rise[s[first]], np.maximum.reduceat(price - alpha[q], first))
        if np.array_equal(rise, beta):
            break
        beta = rise
    top = int(arcs.worth.max(initial=0)) + UNIT * problem.scale[0] - int(beta.min(initial=0))
    alpha = np.where(alpha == MANY, top, alpha)
    return p, r, Certificate(alpha, beta), len(arcs.p), rounds


def _missing(problem: Problem, found: Found) -> tuple[Whole, Whole]:
    """The pairs that are worth more than their prices and were not chosen: arcs that were left out."""
    p, r, certificate, _arcs, _rounds = found
    k, luck = problem.scale
    chosen = np.sort(p * len(problem.reviewers) + r)
    missing = []
    for start in range(0, len(problem.proposals), CHUNK):
        part = problem.scores[start : start + CHUNK]
        price = certificate.alpha[start : start + CHUNK, None] + certificate.beta
        q, s = np.nonzero((part >= 0) & (part * np.int64(k) + luck > price))
        q += start
        dear = problem.worth(q, s) > certificate.alpha[q] + certificate.beta[s]
        flat = q[dear] * len(problem.reviewers) + s[dear]
        missing.append(np.setdiff1d(flat, chosen, assume_unique=True))
    return np.divmod(np.concatenate(missing), len(problem.reviewers))
