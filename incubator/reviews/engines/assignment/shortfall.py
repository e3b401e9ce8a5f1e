"""Why there is no assignment, and the fullest one that can be had instead."""

from dataclasses import dataclass

import numpy as np
from ortools.graph.python.max_flow import SimpleMaxFlow
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from incubator.reviews.engines.assignment.problem import UNIT, Problem, Whole


@dataclass(frozen=True)
class Shortfall:
    """missing: how many reviews can't be given out (or how many of the least loads can't be filled).

    is_minimum: the least loads are at fault, not the demand. proposals and reviewers: the blocking set, as places:
    these proposals need `needed` reviews, and those who may review them can give `available` (with is_minimum: these
    reviewers must have `needed`, and the proposals they may review take `available`).
    """

    missing: int
    is_minimum: bool
    proposals: tuple[int, ...]
    reviewers: tuple[int, ...]
    needed: int
    available: int


def shortfall(problem: Problem) -> Shortfall | None:
    """What blocks the problem, None when nothing does.

    Demand and least loads can be met together when each can alone (Mendelsohn, Dulmage 1958). Each alone is a maximum
    flow, and its least cut is the blocking set (Hall).
    """
    rest = problem.without_pins()
    able = rest.scores >= 0
    demand = _blocked(able, rest.demand, rest.high)
    if demand is not None:
        return Shortfall(demand[0], False, demand[1], demand[2], *demand[3:])
    load = _blocked(able.T, rest.low, rest.demand)
    return None if load is None else Shortfall(load[0], True, load[2], load[1], *load[3:])


Blocked = tuple[int, tuple[int, ...], tuple[int, ...], int, int]


def _blocked(able: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], wants: Whole, gives: Whole) -> Blocked | None:
    """(missing, wanting rows, giving columns, wanted, available) where rows want more than the columns give."""
    (n, m), (rows, columns) = able.shape, np.nonzero(able)
    flow = SimpleMaxFlow()
    source, sink = n + m, n + m + 1
    flow.add_arcs_with_capacity(np.full(m, source), n + np.arange(m), gives)
    flow.add_arcs_with_capacity(n + columns, rows, np.ones(len(rows), np.int64))
    flow.add_arcs_with_capacity(np.arange(n), np.full(n, sink), wants)
    flow.solve(source, sink)
    missing = int(wants.sum()) - flow.optimal_flow()
    if not missing:
        return None
    cut = {int(node) for node in flow.get_sink_side_min_cut()}
    wanting = tuple(p for p in range(n) if p in cut)
    giving = tuple(r for r in range(m) if able[list(wanting), r].any())
    wanted = int(wants[list(wanting)].sum())
    return missing, wanting, giving, wanted, wanted - missing


def fullest(problem: Problem) -> list[tuple[int, int]]:
    """The pairs of the fullest assignment under the most loads alone, of the fullest the best; pins stand."""
    rest = problem.without_pins()
    (n, m), (p, r) = rest.scores.shape, np.nonzero(rest.scores >= 0)
    lack = (rest.seats + 1) * UNIT
    flow = SimpleMinCostFlow()
    nobody, source = n + m, n + m + 1
    flow.add_arcs_with_capacity_and_unit_cost(np.full(m, source), n + np.arange(m), rest.high, np.zeros(m, np.int64))
    worth = rest.scores[p, r].astype(np.int64)
    laid = flow.add_arcs_with_capacity_and_unit_cost(n + r, p, np.ones(len(p), np.int64), -worth)
    flow.add_arcs_with_capacity_and_unit_cost(np.full(n, nobody), np.arange(n), rest.demand, np.full(n, lack))
    flow.add_arc_with_capacity_and_unit_cost(source, nobody, rest.seats, 0)
    supplies = np.concatenate([-rest.demand, np.zeros(m + 1, np.int64), [rest.seats]])
    flow.set_nodes_supplies(np.arange(n + m + 2), supplies)
    flow.solve()
    chosen = flow.flows(laid) > 0
    return sorted({*zip(p[chosen].tolist(), r[chosen].tolist(), strict=True), *problem.pins})
