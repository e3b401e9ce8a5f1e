"""How far reviewers agree: Krippendorff's alpha of intervals and the intraclass correlations."""

from dataclasses import dataclass

import numpy as np

from incubator.reviews.engines.calibration.scores import Floats, Scores


@dataclass(frozen=True)
class Agreement:
    """alpha: Krippendorff's. single: ICC(1) of one review. mean: of a proposal's mean. None where not defined."""

    alpha: float | None
    single: float | None
    mean: float | None


def agreement(scores: Scores) -> Agreement:
    """All three of a round."""
    single = _one_way(scores)
    count = scores.n / max(len(scores.proposals), 1)
    mean = None if single is None else _of_mean(single, count)
    return Agreement(alpha(scores), single, mean)


def alpha(scores: Scores) -> float | None:
    """Krippendorff's alpha for interval data, 1 - observed / expected disagreement, over proposals with two reviews
    or more (Krippendorff: Content Analysis, 2004, 11.3). None where the scores do not differ.

    With N pairable scores the observed one is sum_u sum_{i<>j} (y_i - y_j)^2 / (m_u - 1) / N, which is
    2 sum_u SS_u m_u / (m_u - 1) / N by the sums of squares within proposals.
    """
    paired = scores.per_proposal[scores.of] > 1
    y, of = scores.values[paired], scores.of[paired]
    n = len(y)
    total = float(np.sum((y - y.mean()) ** 2)) if n else 0.0
    if total <= 0:
        return None
    within = np.bincount(of, weights=(y - scores.means[of]) ** 2, minlength=len(scores.proposals))
    m = np.maximum(scores.per_proposal, 2)
    observed = float(2 * np.sum(within * m / (m - 1)) / n)
    return 1 - observed / (2 * total / (n - 1))


def _one_way(scores: Scores) -> float | None:
    """ICC(1) by the analysis of variance with unequal numbers (Donner: The intraclass correlation, 1986, 2.1)."""
    n, p = scores.n, len(scores.proposals)
    if p < 2 or n == p or not np.ptp(scores.values):
        return None
    between = float(np.sum(scores.per_proposal * (scores.means - scores.values.mean()) ** 2)) / (p - 1)
    within = scores.within / (n - p)
    size = (n - float(np.sum(scores.per_proposal**2)) / n) / (p - 1)
    return (between - within) / (between + (size - 1) * within)


def _of_mean(single: float, count: float) -> float | None:
    """Spearman and Brown's formula: the reliability of the mean of `count` reviews."""
    below = 1 + (count - 1) * single
    return count * single / below if below > 0 else None


def intraclass(table: Floats) -> dict[str, float]:
    """The six coefficients of Shrout and Fleiss (Psychological Bulletin 86, 1979) of a complete table.

    table: (targets, judges). ICC1, ICC2, ICC3 of one judge, ICC1k, ICC2k, ICC3k of the mean of all.
    """
    n, k = table.shape
    rows, columns, grand = table.mean(axis=1), table.mean(axis=0), table.mean()
    bms = k * np.sum((rows - grand) ** 2) / (n - 1)
    wms = np.sum((table - rows[:, None]) ** 2) / (n * (k - 1))
    jms = n * np.sum((columns - grand) ** 2) / (k - 1)
    ems = np.sum((table - rows[:, None] - columns + grand) ** 2) / ((n - 1) * (k - 1))
    found = {
        "ICC1": (bms - wms) / (bms + (k - 1) * wms),
        "ICC2": (bms - ems) / (bms + (k - 1) * ems + k * (jms - ems) / n),
        "ICC3": (bms - ems) / (bms + (k - 1) * ems),
        "ICC1k": (bms - wms) / bms,
        "ICC2k": (bms - ems) / (bms + (jms - ems) / n),
        "ICC3k": (bms - ems) / bms,
    }
    return {name: float(value) for name, value in found.items()}
