"""One round calibrated: which way of it the data allow, what it found, and draws of what the scores leave open."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np

from incubator.reviews.engines.calibration.mixed import Fit, Mixed
from incubator.reviews.engines.calibration.scores import Floats, Scores
from incubator.reviews.engines.calibration.variances import Variances, moments, restricted

T = TypeVar("T")
FEWEST_REVIEWS = 30
FEWEST_REVIEWERS = 5
"""Below these (reviews; reviewers with two or more) nobody's severity is told."""
MOST_EXACT = 30_000
"""With more reviews the variances come from moments: they say the same there, and restricted likelihood takes long."""


class Finding(StrEnum):
    """What the calibration has to say of a round; each has its sentence in the user interface."""

    NO_REVIEWS = "no_reviews"
    ALL_EQUAL = "all_equal"
    NOT_IDENTIFIABLE = "not_identifiable"
    NOT_CALIBRATED = "not_calibrated"
    NOT_SEPARATED = "not_separated"
    NO_LENIENCY = "no_leniency"
    LENIENCY = "leniency"
    DISCONNECTED = "disconnected"
    SINGLE_REVIEWS = "single_reviews"
    BY_MOMENTS = "by_moments"


@dataclass(frozen=True, eq=False)
class Calibration:
    """What the scores say.

    shown: the calibrated score of each proposal, (P,), in points of the scores. severity: how far above (kind) or below
    (severe) the others each reviewer scores, (R,), None where it can't be told. findings: what must be said.
    has_chances: probabilities can be given at all.
    """

    scores: Scores
    findings: tuple[Finding, ...]
    shown: Floats
    severity: Floats | None
    variances: Variances | None
    fit: Fit | None
    has_chances: bool

    def draws(self, rng: np.random.Generator, count: int) -> Floats:
        """The proposals' scores drawn together from what is known of them, (count, P)."""
        if self.fit is not None:
            mu, a, b = self.fit.draw(rng, count)
            effects = b if self.fit.model.swapped else a
            return np.ascontiguousarray((mu.mean(axis=0) + effects).T)
        spread = np.sqrt((self.variances.residual if self.variances else 0.0) / self.scores.per_proposal)
        return self.shown + spread * rng.standard_normal((count, len(spread)))


def calibrate(scores: Scores) -> Calibration:
    """Take out each reviewer's severity as far as the scores tell it.

    Model: score = mean of the panel + proposal + reviewer + rest, all normal (reviewing.md, section 3); by restricted
    maximum likelihood; by moments where a block of the reviews' graph has more than 3,000 levels, or there are more
    than MOST_EXACT reviews.
    """
    if not scores.n:
        return _plain(scores, [Finding.NO_REVIEWS], None)
    if not np.ptp(scores.values):
        return _plain(scores, [Finding.ALL_EQUAL], Variances(0.0, 0.0, 0.0))
    spare = scores.n - len(scores.proposals)
    if not spare:
        return _plain(scores, [Finding.NOT_IDENTIFIABLE], None)
    often = int(np.sum(scores.per_reviewer > 1))
    if scores.n < FEWEST_REVIEWS or often < FEWEST_REVIEWERS:
        return _plain(scores, [Finding.NOT_CALIBRATED], Variances(0.0, 0.0, scores.within / spare))
    return _mixed(scores)


def _plain(scores: Scores, findings: list[Finding], variances: Variances | None) -> Calibration:
    """Plain means: there is nothing to take out."""
    shown = scores.means if scores.n else np.zeros(0)
    found = (*findings, *_of_graph(scores))
    return Calibration(scores, found, shown, None, variances, None, variances is not None)


def _mixed(scores: Scores) -> Calibration:
    model, first = Mixed(scores), moments(scores)
    findings: list[Finding] = []
    if model.is_dense and scores.n <= MOST_EXACT:
        fit = model.at(*restricted(model, first))
    else:
        findings.append(Finding.BY_MOMENTS)
        residual = first.residual or np.finfo(float).eps
        fit = model.at(*_turned(model, (first.proposal / residual, first.reviewer / residual)), quick=True)
    proposal, reviewer = _turned(model, (fit.g_a, fit.g_b))
    variances = Variances(proposal * fit.residual, reviewer * fit.residual, fit.residual)
    effects = _turned(model, fit.effects())
    findings.append(Finding.LENIENCY if reviewer else Finding.NO_LENIENCY)
    if not proposal:
        findings.append(Finding.NOT_SEPARATED)
    shown = fit.mu.mean() + effects[0]
    return Calibration(scores, (*findings, *_of_graph(scores)), shown, effects[1], variances, fit, True)


def _turned(model: Mixed, pair: tuple[T, T]) -> tuple[T, T]:
    """From (a, b) to (proposal, reviewer) and back."""
    return pair[::-1] if model.swapped else pair


def _of_graph(scores: Scores) -> list[Finding]:
    found = []
    if scores.n and int(scores.components.max()):
        found.append(Finding.DISCONNECTED)
    if np.any(scores.per_proposal == 1):
        found.append(Finding.SINGLE_REVIEWS)
    return found
