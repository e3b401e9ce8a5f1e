"""Scores: the worked formula, its edges, and that nothing but the scores matters."""

from fractions import Fraction
from statistics import stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.reviews.engines.scoring import (
    Criterion,
    ReviewScore,
    Rubric,
    ScoringError,
    Summary,
    equal_rubric,
    hundredths,
    rounded_root,
    score_review,
    summarise,
)

RUBRIC = Rubric(
    (
        Criterion("uniqueness", 35),
        Criterion("continuity", 30),
        Criterion("team", 20),
        Criterion("fit", 15),
    )
)
SCORES = st.fixed_dictionaries({key: st.integers(1, 5) for key in RUBRIC.keys})
PARTIAL = st.fixed_dictionaries({key: st.none() | st.integers(1, 5) for key in RUBRIC.keys})


def test_a_review_is_the_weighted_mean_on_the_scale_and_on_0_to_100() -> None:
    scores = {"uniqueness": 5, "continuity": 4, "team": 3, "fit": 2}
    assert score_review(RUBRIC, scores) == ReviewScore(
        complete=True, exact=Fraction(285, 4), hundredths=385, missing=()
    )


def test_half_of_the_weight_is_enough_and_less_is_incomplete() -> None:
    even = equal_rubric(("a", "b"))
    assert score_review(even, {"a": 5}) == ReviewScore(
        complete=True, exact=Fraction(100), hundredths=500, missing=("b",)
    )
    assert score_review(RUBRIC, {"uniqueness": 5, "team": None}) == ReviewScore(
        complete=False, exact=None, hundredths=None, missing=("continuity", "team", "fit")
    )


def test_a_criterion_where_lower_is_better_is_flipped() -> None:
    rubric = Rubric((Criterion("worth", 1), Criterion("risk", 1, 0, 10, lower_is_better=True)))
    assert score_review(rubric, {"worth": 5, "risk": 0}).hundredths == 500
    assert score_review(rubric, {"worth": 5, "risk": 10}).hundredths == 300


@pytest.mark.parametrize("score", [0, 6, True, 3.0, "3"])
def test_a_score_off_the_scale_is_refused(score: object) -> None:
    with pytest.raises(ScoringError, match=r"uniqueness: .* must be a whole number from 1 to 5"):
        score_review(RUBRIC, {"uniqueness": score})  # type: ignore[dict-item]


def test_an_unknown_criterion_is_refused() -> None:
    with pytest.raises(ScoringError, match="no such criterion: beauty"):
        score_review(RUBRIC, {"beauty": 3})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Criterion(""), "needs a key"),
        (lambda: Criterion("a", 0), "must be 1 or more"),
        (lambda: Criterion("a", 1, 5, 5), "no length"),
        (lambda: Rubric(()), "at least one criterion"),
        (lambda: Rubric((Criterion("a"), Criterion("a"))), "twice"),
        (lambda: Rubric((Criterion("a"),), 3, 3), "no length"),
    ],
)
def test_a_rubric_that_cannot_be_computed_with_is_refused(make: object, words: str) -> None:
    with pytest.raises(ScoringError, match=words):
        make()  # type: ignore[operator]


def test_a_summary_of_nothing_has_no_figures() -> None:
    assert summarise(equal_rubric("ab"), []) == Summary(0, 0, None, None, {"a": None, "b": None})


def test_one_review_has_no_spread_and_incomplete_ones_stay_out() -> None:
    rubric = equal_rubric("abc")
    assert summarise(rubric, [{"a": 4, "b": 5}, {"a": 1}]) == Summary(
        reviews=1, incomplete=1, total=450, spread=None, means={"a": 400, "b": 500, "c": None}
    )


def test_a_summary_rounds_once_and_half_to_even() -> None:
    # 8 reviews, means 3.125 -> 3.12 and 3.375 -> 3.38
    rubric = equal_rubric("a")
    low = [{"a": 3}] * 7 + [{"a": 4}]
    high = [{"a": 3}] * 5 + [{"a": 4}] * 3
    assert (summarise(rubric, low).total, summarise(rubric, high).total) == (312, 338)


def test_equal_weights_give_the_mean_of_the_three_criteria_means() -> None:
    rows = [{"a": 4, "b": 4, "c": 4}, {"a": 4, "b": 3, "c": 3}, {"a": 3, "b": 4, "c": 5}]
    assert summarise(equal_rubric("abc"), rows) == Summary(
        reviews=3, incomplete=0, total=378, spread=38, means={"a": 367, "b": 367, "c": 400}
    )


@given(st.lists(SCORES, min_size=2, max_size=8))
def test_the_spread_is_the_sample_standard_deviation(reviews: list[dict[str, int]]) -> None:
    totals = [sum(c.weight * review[c.key] for c in RUBRIC.criteria) / 100 for review in reviews]
    spread = summarise(RUBRIC, reviews).spread
    assert spread is not None
    assert abs(spread - 100 * stdev(totals)) <= 0.5000001


@given(st.lists(PARTIAL, max_size=6), st.randoms())
def test_the_order_of_the_reviews_makes_no_difference(reviews: list[dict[str, int | None]], rnd: object) -> None:
    shuffled = list(reviews)
    rnd.shuffle(shuffled)  # type: ignore[attr-defined]
    assert summarise(RUBRIC, shuffled) == summarise(RUBRIC, reviews)


@given(SCORES)
def test_a_total_lies_between_the_lowest_and_the_highest_score(scores: dict[str, int]) -> None:
    shown = score_review(RUBRIC, scores).hundredths
    assert shown is not None
    assert 100 * min(scores.values()) <= shown <= 100 * max(scores.values())


@pytest.mark.parametrize(
    ("square", "root"),
    [(Fraction(0), 0), (Fraction(1, 4), 0), (Fraction(9, 4), 2), (Fraction(2), 1), (Fraction(3), 2), (Fraction(49), 7)],
)
def test_a_root_is_rounded_half_to_even(square: Fraction, root: int) -> None:
    assert rounded_root(square) == root


@given(st.integers(0, 10**30))
def test_a_root_is_the_nearest_whole_number(square: int) -> None:
    root = rounded_root(Fraction(square))
    assert (2 * root - 1) ** 2 <= 4 * square <= (2 * root + 1) ** 2 or (root, square) == (0, 0)


def test_hundredths_round_half_to_even() -> None:
    assert [hundredths(Fraction(n, 1000)) for n in (2345, 2355, 2346, -5)] == [234, 236, 235, 0]
