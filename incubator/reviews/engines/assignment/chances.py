"""No pair surer than one in m: an assignment in parts of 1/m, and coins that make whole pairs of it.

Each pair may have one part of m; the parts are dealt by the exact flow. Then the parts are moved along cycles and
paths of pairs that are not whole, with a coin each time that leaves every pair's chance as it is, until all are whole:
every proposal keeps its number of reviews, every reviewer's load is rounded down or up.
Source: Gandhi, Khuller, Parthasarathy, Srinivasan, Dependent rounding and its applications (2006), section 2.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from incubator.reviews.engines.assignment.certificate import Proof, check
from incubator.reviews.engines.assignment.flow import assign
from incubator.reviews.engines.assignment.problem import Problem

Pair = tuple[int, int]
Node = tuple[str, int]


@dataclass(frozen=True, eq=False)
class Drawn:
    """pairs: drawn whole; expected: the total of the chances, in 1e-6; parts: the problem in parts, and its proof."""

    pairs: list[Pair]
    expected: int
    parts: Problem
    proof: Proof


def in_parts(problem: Problem, m: int) -> Problem:
    """The problem with m parts a seat; a least load that so many pairs can't fill is cut."""
    most = np.sum(problem.scores >= 0, axis=0).astype(np.int64)
    return replace(problem, demand=m * problem.demand, low=np.minimum(m * problem.low, most), high=m * problem.high)


def draw_pairs(problem: Problem, m: int) -> Drawn | None:
    """The best chances of at most 1/m a pair, and pairs drawn by them from the problem's seed; None where the parts
    can't be dealt out."""
    parts = in_parts(problem, m)
    found = assign(parts)
    if found is None:
        return None
    proof = check(parts, found.pairs, found.certificate)
    return Drawn(rounded(found.pairs, m, problem.seed), proof.total // m, parts, proof)


def rounded(pairs: Sequence[Pair], m: int, seed: str) -> list[Pair]:
    """Whole pairs drawn from pairs of 1/m each, by coins from the seed."""
    digest = hashlib.sha256(f"{seed}:chances".encode()).digest()
    rng = np.random.default_rng(list(digest))
    parts = dict.fromkeys(sorted(pairs), 1)
    web = _Web(parts, m)
    while walk := web.walk():
        ups, downs = walk[::2], walk[1::2]
        up = min([m - parts[e] for e in ups] + [parts[e] for e in downs])
        down = min([parts[e] for e in ups] + [m - parts[e] for e in downs])
        step = up if int(rng.integers(up + down)) < down else -down
        for sign, edges in ((step, ups), (-step, downs)):
            for edge in edges:
                parts[edge] += sign
        web.settle(walk)
    return sorted(pair for pair, part in parts.items() if part == m)


class _Web:
    """The pairs that are neither empty nor whole, by both of their ends."""

    def __init__(self, parts: dict[Pair, int], m: int) -> None:
        self.parts, self.m = parts, m
        self.at: dict[Node, dict[Pair, None]] = {}
        for pair in parts if m > 1 else ():
            for node in _ends(pair):
                self.at.setdefault(node, {})[pair] = None

    def settle(self, walk: Sequence[Pair]) -> None:
        """Take out what has become empty or whole."""
        for pair in walk:
            if self.parts[pair] in (0, self.m):
                for node in _ends(pair):
                    self.at[node].pop(pair, None)
                    if not self.at[node]:
                        del self.at[node]

    def walk(self) -> list[Pair]:
        """A cycle, or a path that can't go on at either end; empty when all is settled."""
        if not self.at:
            return []
        node = next((n for n, edges in self.at.items() if len(edges) == 1), next(iter(self.at)))
        path: list[Pair] = []
        seen = {node: 0}
        while True:
            last = path[-1] if path else None
            edge = next((one for one in self.at[node] if one != last), None)
            if edge is None:
                return path
            path.append(edge)
            one, other = _ends(edge)
            node = other if node == one else one
            if node in seen:
                return path[seen[node] :]
            seen[node] = len(path)


def _ends(pair: Pair) -> tuple[Node, Node]:
    return ("p", pair[0]), ("r", pair[1])
