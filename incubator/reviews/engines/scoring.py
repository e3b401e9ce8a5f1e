"""Scores of reviews, exactly.

Everything is computed in fractions and rounded once, at the end, half to even, into hundredths of the
rubric's own scale: 388 is shown as 3.88.

Formula (design, reviewing.md, "Review"): for a criterion score s in [low, high]

    z = (s - low) / (high - low), flipped (1 - z) where lower is better
    y = 100 * sum(w * z) / sum(w), over the criteria that were scored

A review counts only when the scored criteria carry at least half of all weight; otherwise it is incomplete
and stays out of every mean. An abstention is `None`, never a zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isqrt

ENGINE_VERSION = "scoring/1"
COMPLETE_FROM = Fraction(1, 2)
"""The least part of all weight that must be scored for a review to count."""

Scores = Mapping[str, int | None]


class ScoringError(ValueError):
    """A rubric or a score that cannot be computed with; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question of a rubric: a whole-number weight above 0 and the ends of its scale."""

    key: str
    weight: int = 1
    low: int = 1
    high: int = 5
    lower_is_better: bool = False

    def __post_init__(self) -> None:
        if not self.key:
            raise ScoringError("a criterion needs a key")
        if self.weight < 1:
            raise ScoringError(f"criterion {self.key}: weight {self.weight} must be 1 or more")
        if self.low >= self.high:
            raise ScoringError(f"criterion {self.key}: the scale {self.low} to {self.high} has no length")

    def normalised(self, score: int) -> Fraction:
        """The score on 0..1, 1 the best. ScoringError when it is not a whole number on the scale."""
        if isinstance(score, bool) or not isinstance(score, int) or not self.low <= score <= self.high:
            raise ScoringError(f"criterion {self.key}: {score!r} must be a whole number from {self.low} to {self.high}")
        part = Fraction(score - self.low, self.high - self.low)
        return 1 - part if self.lower_is_better else part


@dataclass(frozen=True)
class Rubric:
    """Criteria in the order shown, and the scale that totals are shown on."""

    criteria: tuple[Criterion, ...]
    low: int = 1
    high: int = 5

    def __post_init__(self) -> None:
        keys = [criterion.key for criterion in self.criteria]
        if not keys:
            raise ScoringError("a rubric needs at least one criterion")
        if len(set(keys)) < len(keys):
            raise ScoringError("a rubric has the same criterion twice")
        if self.low >= self.high:
            raise ScoringError(f"the rubric's scale {self.low} to {self.high} has no length")

    @cached_property
    def weight(self) -> int:
        """The sum of all weights."""
        return sum(criterion.weight for criterion in self.criteria)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys of the criteria, in order."""
        return tuple(criterion.key for criterion in self.criteria)

    def shown(self, total: Fraction) -> Fraction:
        """A total on 0..100 moved to the rubric's own scale.

        Where every criterion has the rubric's scale, this is the weighted mean of the scores.
        """
        return self.low + (self.high - self.low) * total / 100


def equal_rubric(keys: Iterable[str], *, low: int = 1, high: int = 5) -> Rubric:
    """A rubric whose criteria all weigh the same: its total is the plain mean of the scores."""
    return Rubric(tuple(Criterion(key, 1, low, high) for key in keys), low, high)


@dataclass(frozen=True, slots=True)
class ReviewScore:
    """What one review comes to.

    `exact` is on 0..100 and `hundredths` on the rubric's scale; both are None while the review is
    incomplete. `missing` names the criteria without a score, in the rubric's order.
    """

    complete: bool
    exact: Fraction | None
    hundredths: int | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the counted reviews of one subject come to; all scores in hundredths.

    `total` is the mean of the reviews' exact totals on the rubric's scale, `spread` their sample standard
    deviation (None below two reviews), `means` the mean score of each criterion as given, on the criterion's
    own scale (None where nobody scored it). `reviews` are those counted, `incomplete` those left out.
    """

    reviews: int
    incomplete: int
    total: int | None
    spread: int | None
    means: Mapping[str, int | None]


def score_review(rubric: Rubric, scores: Scores) -> ReviewScore:
    """The total of one review. ScoringError for an unknown criterion or a score off its scale."""
    unknown = sorted(set(scores) - set(rubric.keys))
    if unknown:
        raise ScoringError(f"no such criterion: {', '.join(unknown)}")
    weight, points, missing = 0, Fraction(0), []
    for criterion in rubric.criteria:
        score = scores.get(criterion.key)
        if score is None:
            missing.append(criterion.key)
        else:
            weight += criterion.weight
            points += criterion.weight * criterion.normalised(score)
    if Fraction(weight, rubric.weight) < COMPLETE_FROM:
        return ReviewScore(complete=False, exact=None, hundredths=None, missing=tuple(missing))
    exact = 100 * points / weight
    return ReviewScore(True, exact, hundredths(rubric.shown(exact)), tuple(missing))


def summarise(rubric: Rubric, reviews: Iterable[Scores]) -> Summary:
    """Mean per criterion, total, spread and number over the sealed, not excluded reviews of a subject.

    The caller leaves out what is not sealed or was struck; incomplete reviews are left out here. The order of
    the reviews makes no difference.
    """
    given = list(reviews)
    scored = [(review, score_review(rubric, review).exact) for review in given]
    counted = [review for review, exact in scored if exact is not None]
    totals = [rubric.shown(exact) for _, exact in scored if exact is not None]
    return Summary(
        reviews=len(counted),
        incomplete=len(given) - len(counted),
        total=hundredths(_mean(totals)) if totals else None,
        spread=_spread(totals) if len(totals) > 1 else None,
        means={key: _criterion_mean(key, counted) for key in rubric.keys},
    )


def hundredths(value: Fraction) -> int:
    """A fraction in whole hundredths, rounded half to even: 2.345 -> 234, 2.355 -> 236."""
    return round(value * 100)


def _criterion_mean(key: str, reviews: list[Scores]) -> int | None:
    scores = [Fraction(score) for review in reviews if (score := review.get(key)) is not None]
    return hundredths(_mean(scores)) if scores else None


def _mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def _spread(values: list[Fraction]) -> int:
    """The sample standard deviation in hundredths."""
    mean = _mean(values)
    variance = sum(((value - mean) ** 2 for value in values), Fraction(0)) / (len(values) - 1)
    return rounded_root(variance * 10_000)


def rounded_root(square: Fraction) -> int:
    """The whole number nearest to the square root of a fraction, halves to even; no float is used."""
    below = isqrt(square.numerator // square.denominator)
    half = (below + Fraction(1, 2)) ** 2
    if square == half:
        return below + below % 2
    return below + 1 if square > half else below
