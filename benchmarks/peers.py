"""The assignment beside openreview-matcher's solvers (MinMax, and FairFlow of the fair-matching papers).

They come from no package registry. Where `matcher` can be imported (its checkout on PYTHONPATH, with what it needs
installed) both get the same instance in one process, alternated; elsewhere that is said, and nothing is compared.
"""

import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure
from benchmarks.solving import problem, timed
from incubator.reviews.engines.assignment.crossing import Rules, fair
from incubator.reviews.engines.assignment.flow import assign
from incubator.reviews.engines.assignment.problem import UNIT, Problem

ABSENT = "openreview-matcher and FairFlow: not installed (no registry has them); nothing was compared."
SIZES = ((500, 200, 30.0), (2000, 600, 300.0))
"""Proposals, reviewers, and how many times our time MinMax takes at least."""


@dataclass(frozen=True)
class Encoded:
    """What their solvers read of an instance: costs in hundredths, -1 where there is a conflict, (P, R) each."""

    cost_matrix: NDArray[np.float64]
    constraint_matrix: NDArray[np.int64]
    aggregate_score_matrix: NDArray[np.float64]

    @classmethod
    def of(cls, given: Problem) -> "Encoded":
        """The same scores as theirs."""
        scores = np.where(given.scores < 0, 0, given.scores) / UNIT
        return cls(-100 * scores, np.where(given.scores < 0, -1, 0), scores)


def measure(quick: bool) -> tuple[list[Figure], list[str]]:
    """The figures, and what is to be said where there are none."""
    try:
        solvers = importlib.import_module("matcher.solvers")
    except ImportError:
        return [], [ABSENT]
    sizes = SIZES[:1] if quick else SIZES
    return [figure for size in sizes for figure in compare(solvers, *size)], []


def compare(solvers: ModuleType, proposals: int, reviewers: int, least: float | None = None) -> list[Figure]:
    """Both on one instance."""
    section, given = (
        f"Assignment beside openreview-matcher, {proposals:,} × {reviewers:,}",
        problem(proposals, reviewers),
    )
    fast, own = timed(lambda: assign(given))
    slow, theirs = timed(lambda: solve(solvers.MinMaxSolver, given))
    total = sum(int(given.scores[pair]) for pair in own.pairs)  # type: ignore[attr-defined]
    rules = Rules(
        (), (frozenset(),) * reviewers, ("",) * reviewers, ("",) * proposals, None, (False,) * reviewers, False
    )
    even_fast, even = timed(lambda: fair(given, rules, assign(given).pairs))  # type: ignore[union-attr]
    even_slow, flow = timed(lambda: solve(solvers.FairFlow, given))
    worst = float(sums(given, flow).min())  # type: ignore[arg-type]
    return [
        Figure(section, "MinMax's time over ours", slow / fast, "×", least, at_least=True),
        Figure(section, "our total over MinMax's", total / float(sums(given, theirs).sum()), "×", 1.001, at_least=True),  # type: ignore[arg-type]
        Figure(section, "FairFlow's time over ours, worst sum raised", even_slow / even_fast, "×", 5.0, at_least=True),
        Figure(section, "our worst proposal's sum over FairFlow's", even.worst / worst, "×", 1.0, at_least=True),  # type: ignore[attr-defined]
    ]


def solve(kind: Any, given: Problem) -> NDArray[np.float64]:
    """Their assignment, (P, R)."""
    solver = kind(given.low.tolist(), given.high.tolist(), given.demand.tolist(), Encoded.of(given))
    return np.asarray(solver.solve(), dtype=np.float64).reshape(given.scores.shape)


def sums(given: Problem, flow: NDArray[np.float64]) -> NDArray[np.float64]:
    """The suitability that each proposal got, in 1e-6."""
    found: NDArray[np.float64] = (np.where(given.scores < 0, 0, given.scores) * (flow > 0)).sum(axis=1)
    return found
