"""The assignment beside openreview-matcher's solvers (MinMax, and FairFlow of the fair-matching papers).

They come from no package registry: `git clone https://github.com/openreview/openreview-matcher` somewhere, and name
that folder in PYTHONPATH. Both then get the same instance in one process, alternated; elsewhere that is said, and
nothing is compared. Only the two solvers are loaded: the others of the package ask for Gurobi and a C extension.
"""

import importlib
import importlib.util
import statistics
import sys
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

ABSENT = (
    "openreview-matcher and FairFlow: not compared. No registry has them; clone openreview/openreview-matcher and name "
    "its folder in PYTHONPATH."
)
SIZES = ((500, 200, 30.0, 3), (2000, 600, 300.0, 1))
"""Proposals, reviewers, how many times our time MinMax takes at least, and how often both run (they take minutes)."""


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
    solvers = found()
    if solvers is None:
        return [], [ABSENT]
    sizes = SIZES[:1] if quick else SIZES
    return [figure for size in sizes for figure in compare(solvers, *size)], []


@dataclass(frozen=True)
class Solvers:
    """Their classes."""

    minmax: Any
    fair_flow: Any


def found() -> Solvers | None:
    """The two solvers, without the module that imports them all; None where the package is not there."""
    spec = importlib.util.find_spec("matcher")
    if spec is None or not spec.submodule_search_locations:
        return None
    for name, path in (("matcher", ""), ("matcher.solvers", "/solvers")):
        package = sys.modules[name] = ModuleType(name)
        package.__path__ = [f"{one}{path}" for one in spec.submodule_search_locations]
    minmax, fair_flow = (importlib.import_module(f"matcher.solvers.{name}") for name in ("minmax_solver", "fairflow"))
    return Solvers(minmax.MinMaxSolver, fair_flow.FairFlow)


def compare(solvers: Solvers, proposals: int, reviewers: int, least: float, times: int) -> list[Figure]:
    """Both on one instance, alternated; medians."""
    section, given = (
        f"Assignment beside openreview-matcher, {proposals:,} × {reviewers:,}",
        problem(proposals, reviewers),
    )
    runs = [(timed(lambda: assign(given)), timed(lambda: solve(solvers.minmax, given))) for _ in range(times)]
    fast, slow = (statistics.median(run[side][0] for run in runs) for side in (0, 1))
    (_, own), (_, theirs) = runs[-1]
    total = sum(int(given.scores[pair]) for pair in own.pairs)  # type: ignore[attr-defined]
    rules = Rules(
        (), (frozenset(),) * reviewers, ("",) * reviewers, ("",) * proposals, None, (False,) * reviewers, False
    )
    even_fast, even = timed(lambda: fair(given, rules, assign(given).pairs))  # type: ignore[union-attr]
    even_slow, flow = timed(lambda: solve(solvers.fair_flow, given))
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
