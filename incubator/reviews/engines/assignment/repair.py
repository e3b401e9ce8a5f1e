"""After a decline: the standing pairs stay where they can, and the seats that are free are filled as well as can be."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from incubator.reviews.engines.assignment.flow import Solution, assign
from incubator.reviews.engines.assignment.problem import ABSENT, UNIT, Problem


def repair(problem: Problem, standing: Iterable[tuple[int, int]], gone: Iterable[tuple[int, int]]) -> Solution | None:
    """The assignment that moves the fewest standing pairs, of those the one with the highest total.

    gone: pairs that may not be any more. First with every standing pair pinned; where that is infeasible each standing
    pair weighs more than all scores together, within what a score can hold.
    """
    scores = problem.scores.copy()
    for pair in gone:
        scores[pair] = ABSENT
    kept = frozenset(pair for pair in standing if scores[pair] != ABSENT)
    without = replace(problem, scores=scores, low=np.zeros_like(problem.low))
    held = assign(replace(without, pins=kept))
    if held is not None:
        return held
    most = max(1, without.seats)
    fine = np.where(scores >= 0, scores.astype(np.int64) // (most + 1), ABSENT)
    for pair in kept:
        fine[pair] += UNIT
    return assign(replace(without, scores=fine.astype(np.int32)))
