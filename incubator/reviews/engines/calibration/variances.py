"""The three variances: restricted maximum likelihood with its exact gradient, and the method of moments."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from incubator.reviews.engines.calibration.mixed import Dense, Fit, Mixed
from incubator.reviews.engines.calibration.scores import Floats, Scores

LARGEST = 1e3
"""The largest ratio of standard deviations looked at."""
NONE = 1e-4
"""A ratio of standard deviations below this is 0."""


@dataclass(frozen=True)
class Variances:
    """Of proposals, of reviewers and of what is left, in squared points of the score."""

    proposal: float
    reviewer: float
    residual: float


def moments(scores: Scores) -> Variances:
    """The three variances in O(n), below 0 cut to 0 (Gao, Owen: Efficient moment calculations, 2017).

    U_a and U_b are the sums of squares within proposals and within reviewers, U_e = n sum y^2 - (sum y)^2.
    """
    n, y = scores.n, scores.values - scores.values.mean()
    p, r = len(scores.proposals), len(scores.reviewers)
    by_reviewer = np.bincount(scores.by, weights=y, minlength=r) / scores.per_reviewer
    squares = float(np.sum(scores.per_proposal**2)), float(np.sum(scores.per_reviewer**2))
    left = [[0, n - p, n - p], [n - r, 0, n - r], [n**2 - squares[0], n**2 - squares[1], n**2 - n]]
    right = [scores.within, float(np.sum((y - by_reviewer[scores.by]) ** 2)), n * float(y @ y) - float(y.sum()) ** 2]
    found = np.linalg.lstsq(np.array(left, dtype=np.float64), np.array(right), rcond=None)[0]
    proposal, reviewer, residual = (max(float(value), 0.0) for value in found)
    return Variances(proposal, reviewer, residual)


def criterion(fit: Fit) -> float:
    """-2 log of the restricted likelihood, but for a constant."""
    assert isinstance(fit.solver, Dense)  # noqa: S101 - moments serve the others
    floor = np.finfo(float).tiny
    spread = np.log1p(fit.g_a * fit.model.n_a).sum() + fit.solver.log_determinant
    value: float = spread + np.linalg.slogdet(fit.xhx)[1] + fit.model.freedom * np.log(max(fit.ypy, floor))
    return float(value)


def gradient(fit: Fit) -> Floats:
    """The derivatives of the criterion by g_a and g_b: tr(Z'PZ) - (n - p) |Z'Py|^2 / y'Py."""
    model, solver = fit.model, fit.solver
    assert isinstance(solver, Dense)  # noqa: S101 - moments serve the others
    inner = model.layout.spread(model.inner(1 / (1 + fit.g_a * model.n_a) ** 2))
    traces = [
        float(np.sum(model.n_a / (1 + fit.g_a * model.n_a))) - fit.g_b * _trace(inner, solver),
        _trace(fit.kernel, solver),
    ]
    out = []
    for z, trace in zip((model.z_a, model.z_b), traces, strict=True):
        zhx = z.T @ fit.hx
        fixed = np.trace(np.linalg.solve(fit.xhx, zhx.T @ zhx))
        data = np.sum((z.T @ fit.py) ** 2) / max(fit.ypy, np.finfo(float).tiny)
        out.append(trace - fixed - model.freedom * data)
    return np.array(out)


def _trace(blocks: list[Floats], solver: Dense) -> float:
    """The trace of blocks times T^-1."""
    return float(sum(np.sum(block * inverse) for block, inverse in zip(blocks, solver.inverses, strict=True)))


def restricted(model: Mixed, start: Variances) -> tuple[float, float]:
    """The ratios g_a and g_b where the restricted likelihood is greatest, from a start.

    It is looked for in the ratios of standard deviations, where 0 is always a resting point: from one at which the
    likelihood still rises the search goes on.
    """
    residual = start.residual or 1.0
    ratios = [start.reviewer / residual, start.proposal / residual]
    ratios = ratios if model.swapped else ratios[::-1]
    here = _search(model, np.clip(np.sqrt(ratios), 0.1, LARGEST / 10), 3)
    return float(here[0] ** 2), float(here[1] ** 2)


def _search(model: Mixed, start: Floats, times: int) -> Floats:
    """The best ratios of standard deviations from a start, begun again at most so many times."""
    here: Floats = minimize(_objective, start, args=(model,), jac=True, method="L-BFGS-B",
                            bounds=[(0, LARGEST)] * 2, options={"ftol": 1e-11, "gtol": 1e-5}).x  # fmt: skip
    here = np.where(here < NONE, 0.0, here)
    resting = here == 0
    rising = resting & (gradient(model.at(*here**2)) < 0) if resting.any() else resting
    return _search(model, np.where(rising, 0.1, here), times - 1) if rising.any() and times else here


def _objective(ratios: Floats, model: Mixed) -> tuple[float, Floats]:
    fit = model.at(*ratios**2)
    return criterion(fit), 2 * ratios * gradient(fit)
