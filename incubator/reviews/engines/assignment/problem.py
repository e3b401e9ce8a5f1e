"""Who could review what, how well, and under which loads; all arrays, all whole numbers."""

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Whole: TypeAlias = NDArray[np.int64]
Pairs: TypeAlias = frozenset[tuple[int, int]]
UNIT = 1_000_000
"""An affinity of 1."""
ABSENT = -1
"""The score of a pair that may not be: a conflict, a decline, or nothing known."""
MOST = 2**61
FINEST = 2**16


class AssignmentError(ValueError):
    """A problem that contradicts itself; the message says how."""


@dataclass(frozen=True, eq=False)
class Problem:
    """P proposals, R reviewers.

    scores: (P, R), whole numbers 0 to 1,000,000, -1 where the pair may not be. demand: reviews a proposal, (P,). low
    and high: the least and most reviews a reviewer, (R,). pins: pairs (p, r) that stand. seed: parts equal totals.
    """

    proposals: tuple[str, ...]
    reviewers: tuple[str, ...]
    scores: NDArray[np.int32]
    demand: Whole
    low: Whole
    high: Whole
    seed: str
    pins: Pairs = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        shape = (len(self.proposals), len(self.reviewers))
        sizes = (len(self.demand), len(self.low), len(self.high))
        if self.scores.shape != shape or sizes != (shape[0], shape[1], shape[1]):
            raise AssignmentError("scores, demand and loads do not belong to these proposals and reviewers")
        if np.any(self.low > self.high) or np.any(self.low < 0) or np.any(self.demand < 0):
            raise AssignmentError("a load's least is above its most, or below 0")

    @property
    def seats(self) -> int:
        """How many reviews are to be given out."""
        return int(self.demand.sum())

    def without_pins(self) -> "Problem":
        """The rest: pinned pairs absent and taken from demand and loads. Raises AssignmentError where they exceed."""
        if not self.pins:
            return self
        scores, demand, low, high = self.scores.copy(), self.demand.copy(), self.low.copy(), self.high.copy()
        for p, r in self.pins:
            scores[p, r] = ABSENT
            demand[p] -= 1
            low[r] = max(0, low[r] - 1)
            high[r] -= 1
        if np.any(demand < 0) or np.any(high < 0):
            raise AssignmentError("more pairs are pinned than a proposal asks for or a reviewer may take")
        return replace(self, scores=scores, demand=demand, low=low, high=high, pins=frozenset())

    def reachable(self) -> tuple["Problem", list[int]]:
        """The problem with each least load cut to what its reviewer may review at all, and whose was cut."""
        most = np.sum(self.scores >= 0, axis=0).astype(np.int64)
        cut = [int(r) for r in np.flatnonzero(self.low > most)]
        return replace(self, low=np.minimum(self.low, most)), cut

    @cached_property
    def scale(self) -> tuple[int, int]:
        """(K, H): an arc is worth score * K + h with h in 0..H and K > H * seats, so that the total decides first.

        Both are so small that no sum of costs passes 2^62.
        """
        nodes = len(self.proposals) + len(self.reviewers) + 4
        k = min((self.seats + 1) * FINEST, MOST // (UNIT * nodes))
        return k, max(0, k // (self.seats + 1) - 1)

    @cached_property
    def marks(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """64 bits of SHA-256 over seed and key, of each proposal and of each reviewer."""
        kinds = (("p", self.proposals), ("r", self.reviewers))
        found = [
            np.array([_mark(f"{self.seed}:{kind}:{key}") for key in keys], dtype=np.uint64) for kind, keys in kinds
        ]
        return found[0], found[1]

    def worth(self, p: Any, r: Any) -> Whole:
        """score * K + h of pairs, elementwise over index arrays."""
        k, h = self.scale
        mixed = self.marks[0][p] ^ (self.marks[1][r] * np.uint64(0x9E3779B97F4A7C15))
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        luck = ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(40)).astype(np.int64) % (h + 1)
        worth: Whole = self.scores[p, r].astype(np.int64) * k + luck
        return worth


def _mark(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
