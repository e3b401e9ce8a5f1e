"""Prices that prove an assignment the best, and their check, which shares no code with the solver.

alpha_p + beta_r is at least the worth of every pair not chosen and at most that of every pair chosen; beta_r >= 0 where
a reviewer has more than the least load, <= 0 where less than the most. Then

    dual = sum d_p alpha_p + sum u_r max(beta_r, 0) - sum l_r max(-beta_r, 0) + sum max(0, worth - alpha_p - beta_r)

bounds every assignment's total from above, and gap = dual - primal is 0 (Ahuja, Magnanti, Orlin: Network Flows, 9.4).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from incubator.reviews.engines.assignment.problem import ABSENT, Problem, Whole

MANY = 2**62
CHUNK = 256


@dataclass(frozen=True, eq=False)
class Certificate:
    """A price a proposal, (P,), and a reviewer, (R,), in the units of Problem.worth."""

    alpha: Whole
    beta: Whole

    @property
    def data(self) -> dict[str, Any]:
        """As it is stored."""
        return {"alpha": self.alpha.tolist(), "beta": self.beta.tolist()}


@dataclass(frozen=True)
class Proof:
    """What the check found. total: sum of affinities, in 1e-6. gap: 0 when proven; faults: rules that are broken."""

    total: int
    gap: int
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """The assignment keeps all rules, and none has a higher total."""
        return not self.gap and not self.faults


def tight(count: int, p: Whole, values: Whole) -> Whole:
    """The least of the values of each proposal, MANY where it has none, (count,)."""
    found = np.full(count, MANY, dtype=np.int64)
    np.minimum.at(found, p, values)
    return found


def check(problem: Problem, pairs: Iterable[tuple[int, int]], certificate: Certificate) -> Proof:
    """Check an assignment of a problem (its pins among the pairs) against its rules and its certificate."""
    chosen = sorted(pairs)
    rest = problem.without_pins()
    free = [pair for pair in chosen if pair not in problem.pins]
    faults = _faults(problem, rest, chosen, free)
    total = sum(max(int(problem.scores[pair]), 0) for pair in chosen)
    return Proof(total, _gap(rest, set(free), certificate), faults)


def _faults(
    problem: Problem, rest: Problem, chosen: list[tuple[int, int]], free: list[tuple[int, int]]
) -> tuple[str, ...]:
    demand, load = [0] * len(problem.proposals), [0] * len(problem.reviewers)
    for p, r in chosen:
        demand[p] += 1
        load[r] += 1
    broken = {
        "twice": len(set(chosen)) < len(chosen),
        "pin": not problem.pins.issubset(chosen),
        "absent": any(rest.scores[pair] == ABSENT for pair in free),
        "demand": demand != problem.demand.tolist(),
        "low": any(n < low for n, low in zip(load, problem.low.tolist(), strict=True)),
        "high": any(n > high for n, high in zip(load, problem.high.tolist(), strict=True)),
    }
    return tuple(name for name, is_broken in broken.items() if is_broken)


def _gap(rest: Problem, free: set[tuple[int, int]], certificate: Certificate) -> int:
    """dual - primal over the pairs that are not pinned, in Python's whole numbers, which never overflow."""
    alpha, beta = certificate.alpha, certificate.beta.tolist()
    dual = sum(int(d) * int(a) for d, a in zip(rest.demand, alpha, strict=True) if d)
    dual += sum(int(high) * max(b, 0) for high, b in zip(rest.high, beta, strict=True))
    dual -= sum(int(low) * max(-b, 0) for low, b in zip(rest.low, beta, strict=True))
    primal: int = 0
    for start in range(0, len(rest.proposals), CHUNK):
        dual += _surplus(rest, start, certificate)
    if free:
        p, r = np.array(sorted(free)).T
        primal = sum(rest.worth(p, r).tolist())
    return int(dual - primal)


def _surplus(rest: Problem, start: int, certificate: Certificate) -> int:
    """The sum of max(0, worth - alpha - beta) over the pairs of some proposals."""
    rows = slice(start, start + CHUNK)
    scores = rest.scores[rows]
    p, r = np.nonzero(scores != ABSENT)
    left = rest.worth(p + start, r) - certificate.alpha[p + start] - certificate.beta[r]
    return int(sum(left[left > 0].tolist()))
