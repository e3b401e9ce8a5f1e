"""The reviews of a round as arrays, in an order of their own, so that the order of the rows given changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

Floats: TypeAlias = NDArray[np.floating[Any]]
Whole: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Scores:
    """n reviews of P proposals by R reviewers.

    proposals, reviewers: their keys in order. of, by: for each review the place of its proposal and of its reviewer in
    them, (n,). values: the scores, (n,). panel: for each review the number of its panel from 0, (n,): each panel has a
    mean of its own.
    """

    proposals: tuple[str, ...]
    reviewers: tuple[str, ...]
    of: Whole
    by: Whole
    values: Floats
    panel: Whole

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[str, str, float]], panels: Iterable[int] | None = None) -> "Scores":
        """From (proposal, reviewer, score), and the panel of each row (by default one for all)."""
        given = list(rows)
        numbers = list(panels) if panels is not None else [0] * len(given)
        ordered = sorted(zip(given, numbers, strict=True))
        proposals = sorted({row[0] for row, _ in ordered})
        reviewers = sorted({row[1] for row, _ in ordered})
        place = {key: index for index, key in enumerate(proposals)}
        seat = {key: index for index, key in enumerate(reviewers)}
        return cls(
            tuple(proposals),
            tuple(reviewers),
            np.array([place[row[0]] for row, _ in ordered], dtype=np.int64),
            np.array([seat[row[1]] for row, _ in ordered], dtype=np.int64),
            np.array([row[2] for row, _ in ordered], dtype=np.float64),
            np.unique([panel for _, panel in ordered], return_inverse=True)[1].astype(np.int64),
        )

    @property
    def n(self) -> int:
        """How many reviews."""
        return len(self.values)

    @cached_property
    def per_proposal(self) -> Whole:
        """How many reviews each proposal has, (P,)."""
        return np.bincount(self.of, minlength=len(self.proposals)).astype(np.int64)

    @cached_property
    def per_reviewer(self) -> Whole:
        """How many reviews each reviewer wrote, (R,)."""
        return np.bincount(self.by, minlength=len(self.reviewers)).astype(np.int64)

    @cached_property
    def means(self) -> Floats:
        """The plain mean of each proposal, (P,)."""
        sums = np.bincount(self.of, weights=self.values, minlength=len(self.proposals)).astype(np.float64)
        return sums / self.per_proposal

    @cached_property
    def within(self) -> float:
        """The sum of squares of the scores about their proposals' means."""
        return float(np.sum((self.values - self.means[self.of]) ** 2))

    @cached_property
    def components(self) -> Whole:
        """For each proposal the number of its component: proposals of different ones share no reviewer, (P,)."""
        p, r = len(self.proposals), len(self.reviewers)
        links = (np.ones(self.n), (self.of, p + self.by))
        _count, labels = connected_components(sparse.coo_array(links, shape=(p + r, p + r)), directed=False)
        found: Whole = np.unique(labels[:p], return_inverse=True)[1].astype(np.int64)
        return found
