"""The mixed model y = X mu + Z_a a + Z_b b + e, with the larger of its two factors eliminated.

a has variance v_a a level, b has v_b, e has v_e a score; g_a = v_a / v_e and g_b = v_b / v_e. With n_i scores a level
of a, N = Z_a'Z_b, H_a = I + g_a Z_a Z_a' and T = I + g_b Z_b' H_a^-1 Z_b:

    H^-1 = (I + g_a Z_a Z_a' + g_b Z_b Z_b')^-1 = H_a^-1 - g_b H_a^-1 Z_b T^-1 Z_b' H_a^-1
    log|H| = sum log(1 + g_a n_i) + log|T|

T falls into one block a connected component of the reviews' graph. Both variances may be 0.
Source: Searle, Casella, McCulloch, Variance Components (1992), 6.4 and 7.4; the elimination is written out here.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from scipy import sparse
from scipy.linalg import cho_solve, solve_triangular
from scipy.linalg.lapack import dpotri
from scipy.sparse.csgraph import connected_components

from incubator.reviews.engines.calibration.scores import Floats, Scores, Whole

DENSE = 3_000
"""The largest block whose inverse is worked out; larger ones are solved by conjugate gradients."""
SMALL = 32
TOLERANCE = 1e-10
Generator = np.random.Generator


@dataclass(frozen=True, eq=False)
class Layout:
    """Where each level of b stands in the blocks of T: blocks of one size lie in one array (m, r, r)."""

    sizes: tuple[tuple[int, int, Whole], ...]
    base: Whole
    column: Whole
    length: int

    @classmethod
    def of(cls, labels: Whole) -> "Layout":
        """The layout for the component of each level of b."""
        counts = np.bincount(labels)
        order = np.lexsort((np.arange(len(labels)), labels, counts[labels]))
        sizes, base, column, start = [], np.zeros(len(labels), np.int64), np.zeros(len(labels), np.int64), 0
        for size in np.unique(counts):
            members = order[counts[labels[order]] == size].reshape(-1, size)
            rows = start + np.arange(members.size).reshape(members.shape) * size
            base[members], column[members] = rows, np.arange(size)
            sizes.append((start, int(size), members))
            start += int(members.size * size)
        return cls(tuple(sizes), base, column, start)

    @property
    def largest(self) -> int:
        """The number of levels in the largest block."""
        return self.sizes[-1][1]

    def spread(self, matrix: Any) -> list[Floats]:
        """A sparse block-diagonal matrix as its blocks, one array (m, r, r) a size."""
        entries = matrix.tocoo()
        flat = np.zeros(self.length)
        flat[self.base[entries.row] + self.column[entries.col]] = entries.data
        return [flat[at : at + m.size * size].reshape(-1, size, size) for at, size, m in self.sizes]


class Solver(Protocol):
    """What can be done with T."""

    def solve(self, right: Floats) -> Floats:
        """T^-1 of columns (R, k)."""

    def noise(self, rng: Generator, count: int) -> Floats:
        """Columns drawn from N(0, T^-1), (R, count)."""


@dataclass(eq=False)
class Dense:
    """T block by block, by Cholesky factors."""

    layout: Layout
    blocks: list[Floats]

    @cached_property
    def factors(self) -> list[Floats]:
        """The lower factors."""
        return [np.linalg.cholesky(block) for block in self.blocks]

    @cached_property
    def inverses(self) -> list[Floats]:
        """The inverses."""
        return [_inverse(block, factor) for block, factor in zip(self.blocks, self.factors, strict=True)]

    @property
    def log_determinant(self) -> float:
        """log|T|."""
        return float(sum(2 * np.log(np.diagonal(f, axis1=1, axis2=2)).sum() for f in self.factors))

    def solve(self, right: Floats) -> Floats:
        """T^-1 of columns (R, k)."""
        out = np.empty_like(right)
        for (_, size, members), block, factor in zip(self.layout.sizes, self.blocks, self.factors, strict=True):
            if size <= SMALL:
                out[members] = np.linalg.solve(block, right[members])
            else:
                for levels, lower in zip(members, factor, strict=True):
                    out[levels] = cho_solve((lower, True), right[levels], check_finite=False)
        return out

    def noise(self, rng: Generator, count: int) -> Floats:
        """Columns drawn from N(0, T^-1), (R, count)."""
        out = rng.standard_normal((len(self.layout.base), count))
        for (_, _, members), factor in zip(self.layout.sizes, self.factors, strict=True):
            for levels, lower in zip(members, factor, strict=True):
                out[levels] = solve_triangular(lower, out[levels], lower=True, trans=1)
        return out


def _inverse(blocks: Floats, factors: Floats) -> Floats:
    """The inverses (m, r, r): small ones all at once, large ones from their Cholesky factors, in half the steps."""
    if blocks.shape[1] <= SMALL:
        return np.linalg.inv(blocks)
    out = np.empty_like(blocks)
    for place, factor in zip(out, factors, strict=True):
        lower = np.tril(dpotri(factor, lower=1)[0])
        place[:] = lower + np.tril(lower, -1).T
    return out


class Mixed:
    """The model over n scores for given ratios g_a and g_b; `swapped` tells that a stands for the reviewers."""

    def __init__(self, scores: Scores) -> None:
        self.swapped = len(scores.reviewers) > len(scores.proposals)
        pair = (scores.by, scores.of) if self.swapped else (scores.of, scores.by)
        self.a, self.b = pair
        counts = (scores.per_reviewer, scores.per_proposal)
        self.n_a, self.n_b = counts if self.swapped else counts[::-1]
        self.y = scores.values
        self.x = np.eye(int(scores.panel.max()) + 1)[scores.panel]
        ones, n = np.ones(scores.n), np.arange(scores.n)
        self.z_a = sparse.csr_array((ones, (n, self.a)), shape=(scores.n, len(self.n_a)))
        self.z_b = sparse.csr_array((ones, (n, self.b)), shape=(scores.n, len(self.n_b)))
        self.common = (self.z_a.T @ self.z_b).tocsr()
        links = (self.common.T @ self.common).tocsr()
        self.layout = Layout.of(connected_components(links, directed=False)[1].astype(np.int64))

    @property
    def freedom(self) -> int:
        """n - p, the degrees of freedom beside the fixed effects."""
        return len(self.y) - int(self.x.shape[1])

    @property
    def is_dense(self) -> bool:
        """Every block is small enough for its inverse."""
        return self.layout.largest <= DENSE

    def inner(self, weights: Floats) -> Any:
        """N' diag(weights) N, sparse (R, R)."""
        return (self.common.T @ (sparse.diags_array(weights) @ self.common)).tocsr()

    def at(self, g_a: float, g_b: float, *, quick: bool = False) -> "Fit":
        """The model at these ratios, all their equations solved; quick: without a matrix, where only points count."""
        return Fit(self, g_a, g_b, quick=quick)


class Fit:
    """The solved equations: mu by generalised least squares, and P y = H^-1 (y - X mu)."""

    def __init__(self, model: Mixed, g_a: float, g_b: float, *, quick: bool = False) -> None:
        self.model, self.g_a, self.g_b = model, g_a, g_b
        self.weights = g_a / (1 + g_a * model.n_a)
        self.solver: Solver = self._dense() if model.is_dense and not quick else Iterative(self)
        both = self.invert(np.column_stack([model.x, model.y]))
        self.hx, hy = both[:, :-1], both[:, -1]
        self.xhx = model.x.T @ self.hx
        self.mu = np.linalg.solve(self.xhx, model.x.T @ hy)
        self.py = hy - self.hx @ self.mu
        self.ypy = max(float(model.y @ self.py), 0.0)

    def _dense(self) -> Dense:
        inner = self.model.inner(self.weights)
        spread = self.model.layout.spread(sparse.diags_array(self.model.n_b.astype(np.float64)) - inner)
        self.kernel = spread
        return Dense(self.model.layout, [self.g_b * block + np.eye(block.shape[1]) for block in spread])

    def invert_a(self, columns: Floats) -> Floats:
        """H_a^-1 of columns (n, k)."""
        model = self.model
        return columns - (self.weights[:, None] * (model.z_a.T @ columns))[model.a]  # type: ignore[no-any-return]

    def invert(self, columns: Floats) -> Floats:
        """H^-1 of columns (n, k)."""
        inner = self.invert_a(columns)
        if not self.g_b:
            return inner
        mid = self.solver.solve(self.model.z_b.T @ inner)
        return inner - self.g_b * self.invert_a(mid[self.model.b])

    @property
    def residual(self) -> float:
        """v_e: y'Py / (n - p)."""
        return self.ypy / self.model.freedom

    def effects(self) -> tuple[Floats, Floats]:
        """The best linear unbiased predictions of a and b."""
        return self.g_a * (self.model.z_a.T @ self.py), self.g_b * (self.model.z_b.T @ self.py)

    def draw(self, rng: Generator, count: int) -> tuple[Floats, Floats, Floats]:
        """(mu, a, b) drawn together from what is known after the scores: columns, each (levels, count).

        mu first, b given mu, a given both: exact, for the conditional of each is normal with the variance shown.
        """
        model, sd = self.model, np.sqrt(self.residual)
        lower = np.linalg.cholesky(np.linalg.inv(self.xhx))
        mu = self.mu[:, None] + sd * (lower @ rng.standard_normal((len(self.mu), count)))
        parts = np.column_stack([model.y, model.x])
        known = model.z_b.T @ self.invert_a(parts)
        is_ready = isinstance(self.solver, Dense) or not model.is_dense
        solver = self.solver if is_ready else self._dense()
        mean = solver.solve(self.g_b * known)
        b = mean[:, :1] - mean[:, 1:] @ mu + sd * np.sqrt(self.g_b) * solver.noise(rng, count)
        sums = model.z_a.T @ parts
        a = self.weights[:, None] * (sums[:, :1] - sums[:, 1:] @ mu - model.common @ b)
        a += sd * np.sqrt(self.weights)[:, None] * rng.standard_normal((len(self.weights), count))
        return mu, a, b


@dataclass(eq=False)
class Iterative:
    """T without its matrix, by conjugate gradients (Hestenes, Stiefel 1952), each column on its own."""

    fit: Fit

    def apply(self, v: Floats) -> Floats:
        """T v."""
        fit, model = self.fit, self.fit.model
        inner = model.n_b[:, None] * v - model.common.T @ (fit.weights[:, None] * (model.common @ v))
        out: Floats = v + fit.g_b * inner
        return out

    def solve(self, right: Floats) -> Floats:
        """T^-1 of columns (R, k); each to a relative residual of 1e-10."""
        x, scale = np.zeros_like(right), 1 / (1 + self.fit.g_b * self.fit.model.n_b)[:, None]
        rest = right.copy()
        step = scale * rest
        size = np.sum(rest * step, axis=0)
        goal = TOLERANCE**2 * np.sum(rest**2, axis=0)
        while np.any(np.sum(rest**2, axis=0) > goal):
            image = self.apply(step)
            alpha = size / np.maximum(np.sum(step * image, axis=0), np.finfo(float).tiny)
            x += alpha * step
            rest -= alpha * image
            ready = scale * rest
            before, size = size, np.sum(rest * ready, axis=0)
            step = ready + size / np.maximum(before, np.finfo(float).tiny) * step
        return x

    def noise(self, rng: Generator, count: int) -> Floats:
        """Columns drawn from N(0, T^-1), (R, count): T^-1 of columns drawn from N(0, T)."""
        fit, model = self.fit, self.fit.model
        inner = rng.standard_normal((len(model.y), count))
        root = (1 - 1 / np.sqrt(1 + fit.g_a * model.n_a)) / model.n_a
        inner -= (root[:, None] * (model.z_a.T @ inner))[model.a]
        own = rng.standard_normal((len(model.n_b), count))
        return self.solve(own + np.sqrt(fit.g_b) * (model.z_b.T @ inner))
