"""Severity taken out: against a plain dense computation, published tables, and what must not change a thing."""

import math
from fractions import Fraction

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incubator.reviews.engines.calibration import (
    Contest,
    Finding,
    Scores,
    agreement,
    alpha,
    calibrate,
    extra_reviews,
    fitting,
    intraclass,
    stand,
)
from incubator.reviews.engines.calibration.mixed import Iterative, Mixed
from incubator.reviews.engines.calibration.ranking import Position
from incubator.reviews.engines.calibration.variances import Variances, criterion, gradient, moments, restricted
from incubator.reviews.engines.lottery import lottery_order

SHROUT_FLEISS = ((9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7))
"""Shrout and Fleiss, Intraclass correlations (1979), table 2: six targets, four judges."""
TEXTBOOK = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)
"""Krippendorff, Content Analysis: four observers, twelve units."""
Rows = list[tuple[str, str, float]]


def table(
    proposals: int, reviewers: int, each: int, *, seed: int = 0, severity: float = 0.8, rest: float = 1.3
) -> Rows:
    """Invented reviews: quality of sd 1, and reviewers who differ."""
    rng = np.random.default_rng(seed)
    quality, kind = rng.normal(0, 1, proposals), rng.normal(0, severity, reviewers)
    return [
        (f"p{i:05}", f"r{j:05}", float(3 + quality[i] + kind[j] + rng.normal(0, rest)))
        for i in range(proposals)
        for j in rng.choice(reviewers, each, replace=False)
    ]


def plain(scores: Scores, g_a: float, g_b: float) -> tuple[float, np.ndarray, np.ndarray]:
    """The criterion, the proposals' and the reviewers' effects by whole n x n matrices."""
    z_a, z_b = np.eye(len(scores.proposals))[scores.of], np.eye(len(scores.reviewers))[scores.by]
    x = np.eye(int(scores.panel.max()) + 1)[scores.panel]
    h = np.eye(scores.n) + g_a * z_a @ z_a.T + g_b * z_b @ z_b.T
    inverse = np.linalg.inv(h)
    xhx = x.T @ inverse @ x
    p = inverse - inverse @ x @ np.linalg.inv(xhx) @ x.T @ inverse
    y = scores.values
    value = np.linalg.slogdet(h)[1] + np.linalg.slogdet(xhx)[1] + (scores.n - x.shape[1]) * math.log(y @ p @ y)
    return float(value), g_a * z_a.T @ p @ y, g_b * z_b.T @ p @ y


@pytest.mark.parametrize(("proposals", "reviewers", "each"), [(40, 12, 3), (8, 30, 12), (30, 30, 2), (60, 90, 2)])
def test_the_elimination_is_the_plain_computation(proposals, reviewers, each):
    rows = table(proposals, reviewers, each)
    scores = Scores.from_rows(rows, [i % 2 for i in range(len(rows))])
    model = Mixed(scores)
    ratios = (0.3, 0.7) if model.swapped else (0.7, 0.3)
    fit, step = model.at(*ratios), 1e-6
    value, a, b = plain(scores, 0.7, 0.3)

    effects = fit.effects()[::-1] if model.swapped else fit.effects()
    assert criterion(fit) == pytest.approx(value, rel=1e-12)
    assert np.allclose(effects[0], a)
    assert np.allclose(effects[1], b)
    slopes = [
        (plain(scores, 0.7 + step, 0.3)[0] - plain(scores, 0.7 - step, 0.3)[0]) / (2 * step),
        (plain(scores, 0.7, 0.3 + step)[0] - plain(scores, 0.7, 0.3 - step)[0]) / (2 * step),
    ]
    assert gradient(fit) == pytest.approx(slopes[::-1] if model.swapped else slopes, rel=1e-4, abs=1e-3)


def test_on_a_complete_table_reml_moments_and_fractions_agree():
    """A balanced two-way table by exact mean squares: v_a = (MS_a - MS_e)/k, v_b = (MS_b - MS_e)/n."""
    values = [[Fraction(v) for v in row] for row in SHROUT_FLEISS]
    n, k = 6, 4
    grand = sum(map(sum, values)) / (n * k)
    rows, columns = [sum(r) / k for r in values], [sum(r[j] for r in values) / n for j in range(k)]
    ms_a = k * sum((r - grand) ** 2 for r in rows) / (n - 1)
    ms_b = n * sum((c - grand) ** 2 for c in columns) / (k - 1)
    cells = [(values[i][j] - rows[i] - columns[j] + grand) ** 2 for i in range(n) for j in range(k)]
    ms_e = sum(cells) / ((n - 1) * (k - 1))
    exact = [float(v) for v in ((ms_a - ms_e) / k, (ms_b - ms_e) / n, ms_e)]
    scores = Scores.from_rows([(str(i), str(j), float(values[i][j])) for i in range(n) for j in range(k)])
    found, model = moments(scores), Mixed(scores)
    fit = model.at(*restricted(model, Variances(1, 1, 1)))

    assert [found.proposal, found.reviewer, found.residual] == pytest.approx(exact, rel=1e-9)
    assert [fit.g_a * fit.residual, fit.g_b * fit.residual, fit.residual] == pytest.approx(exact, rel=1e-4)


def test_planted_variances_come_back():
    found = calibrate(Scores.from_rows(table(400, 60, 3)))

    assert found.findings == (Finding.LENIENCY,)
    assert [round(math.sqrt(v), 1) for v in vars(found.variances).values()] == [1.0, 0.8, 1.3]


def test_conjugate_gradients_solve_what_the_factors_solve():
    fit = Mixed(Scores.from_rows(table(60, 20, 3))).at(0.7, 0.4)
    other, right = Iterative(fit), np.random.default_rng(1).normal(size=(20, 3))
    right[:, 2] = 0

    assert np.allclose(other.solve(right), fit.solver.solve(right), atol=1e-8)
    for solver in (other, fit.solver):
        noise = solver.noise(np.random.default_rng(2), 40_000)
        assert np.allclose(np.cov(noise), fit.solver.solve(np.eye(20)), atol=0.02)


def test_a_graph_too_large_for_factors_is_calibrated_by_moments():
    scores = Scores.from_rows(table(3_600, 3_300, 3))
    found = calibrate(scores)

    assert found.findings[0] is Finding.BY_MOMENTS
    assert found.draws(np.random.default_rng(0), 3).shape == (3, 3_600)
    assert math.sqrt(found.variances.proposal) == pytest.approx(1, abs=0.1)
    assert np.corrcoef(found.shown, scores.means)[0, 1] > 0.9


@pytest.mark.parametrize("reviewers", [12, 70])
def test_draws_have_the_mean_and_the_spread_of_what_is_known(reviewers):
    """The variance of mu + a is the plain posterior's: the generalised least squares of a flat mu."""
    scores = Scores.from_rows(table(25, reviewers, 4, seed=3))
    found = calibrate(scores)
    drawn = found.draws(np.random.default_rng(1), 60_000)
    v = found.variances
    z_a, z_b = np.eye(25)[scores.of], np.eye(len(scores.reviewers))[scores.by]
    design = np.column_stack([np.ones(scores.n), z_a, z_b])
    prior = np.diag([0.0] + [1 / v.proposal] * 25 + [1 / max(v.reviewer, 1e-12)] * len(scores.reviewers))
    posterior = np.linalg.inv(design.T @ design / v.residual + prior)
    pick = np.column_stack([np.ones(25), np.eye(25), np.zeros((25, len(scores.reviewers)))])

    assert np.allclose(drawn.mean(axis=0), found.shown, atol=0.02)
    assert np.allclose(np.cov(drawn.T), pick @ posterior @ pick.T, atol=0.02)


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(random):
    rows = table(20, 8, 3)
    shuffled = rows.copy()
    random.shuffle(shuffled)
    one, other = calibrate(Scores.from_rows(rows)), calibrate(Scores.from_rows(shuffled))

    assert (one.scores.proposals, one.shown.tolist()) == (other.scores.proposals, other.shown.tolist())


@settings(max_examples=10)
@given(st.floats(-2, 2))
def test_a_constant_for_a_reviewer_of_every_proposal_changes_no_order(constant):
    """All proposals have this reviewer: the shown scores move together."""
    rows = [(p, r, v) for p, r, v in table(12, 6, 6)]
    moved = [(p, r, v + constant * (r == "r00002")) for p, r, v in rows]
    one, other = calibrate(Scores.from_rows(rows)), calibrate(Scores.from_rows(moved))

    assert np.argsort(one.shown).tolist() == np.argsort(other.shown).tolist()
    assert np.ptp(other.shown - one.shown) < 0.02


def contest(size: int, *, budget: int = 2, **details) -> Contest:
    """Proposals that ask for 1 each."""
    return Contest(np.arange(size), np.ones(size, dtype=np.int64), budget, **details)


def ranked(rows: Rows, budget: int = 2, **details):
    found = calibrate(Scores.from_rows(rows))
    drawn = found.draws(np.random.default_rng(0), 4_000)
    return found, stand(found, contest(len(found.scores.proposals), budget=budget, **details), drawn)


def test_equal_scores_give_everybody_the_same_chance():
    found, standings = ranked([(p, r, 3.0) for p in "abcd" for r in "xyz"], budget=1)

    assert found.findings == (Finding.ALL_EQUAL,)
    assert {(s.top, s.expected, s.shown) for s in standings} == {(0.25, 2.5, 3.0)}
    assert sum(s.funded for s in standings) == pytest.approx(1)
    assert vars(agreement(found.scores)) == {"alpha": None, "single": None, "mean": None}


def test_scores_that_do_not_separate_proposals_say_so():
    rng = np.random.default_rng(5)
    rows = [(f"p{i:02}", f"r{j}", float(rng.normal())) for i in range(20) for j in range(6)]
    found, standings = ranked(rows, budget=5)

    assert Finding.NOT_SEPARATED in found.findings
    assert np.ptp(found.shown) < 1e-9
    assert {(s.top, s.expected) for s in standings} == {(0.25, 10.5)}


def test_reviewers_who_do_not_differ_leave_the_order_of_the_means():
    rows = table(30, 10, 4, severity=0.0, rest=0.4, seed=0)
    found = calibrate(Scores.from_rows(rows))

    assert Finding.NO_LENIENCY in found.findings
    assert np.argsort(found.shown).tolist() == np.argsort(found.scores.means).tolist()
    assert np.all(np.abs(found.shown - found.shown.mean()) < np.abs(found.scores.means - found.shown.mean()) + 1e-9)


def test_one_review_each_gives_an_order_and_no_chances():
    found = calibrate(Scores.from_rows([("a", "x", 1.0), ("b", "y", 4.0)]))

    assert found.findings == (Finding.NOT_IDENTIFIABLE, Finding.DISCONNECTED, Finding.SINGLE_REVIEWS)
    assert (found.has_chances, found.shown.tolist()) == (False, [1.0, 4.0])
    assert agreement(found.scores).single is None


def test_few_reviews_keep_their_plain_means_and_are_flagged():
    found, standings = ranked([("a", "x", 5.0), ("a", "y", 4.0), ("b", "x", 2.0), ("b", "y", 3.0)], budget=1)

    assert found.findings == (Finding.NOT_CALIBRATED,)
    assert (found.shown.tolist(), found.variances.residual, found.severity) == ([4.5, 2.5], 0.5, None)
    assert [(s.key, s.place) for s in standings] == [("a", 1), ("b", 2)]
    assert standings[0].top > 0.99 > 0.9 > standings[1].top


def test_a_round_without_reviews_is_not_ranked():
    found = calibrate(Scores.from_rows([]))

    assert (found.findings, found.has_chances) == ((Finding.NO_REVIEWS,), False)
    assert alpha(found.scores) is None


def test_a_graph_in_two_parts_is_computed_and_said():
    rows = table(20, 6, 3) + [(f"q{p}", f"s{r}", v) for p, r, v in table(20, 6, 3, seed=9)]
    found = calibrate(Scores.from_rows(rows))

    assert Finding.DISCONNECTED in found.findings
    assert found.scores.components.tolist() == [0] * 20 + [1] * 20


def test_a_search_that_begins_at_rest_goes_on_while_the_likelihood_rises():
    model = Mixed(Scores.from_rows(table(60, 12, 3)))
    far = restricted(model, Variances(0, 0, 0))

    assert far == pytest.approx(restricted(model, moments(Scores.from_rows(table(60, 12, 3)))), rel=1e-3)


def test_the_budget_passes_over_or_stops_and_the_minimum_holds():
    draws = np.array([[4.0, 3.0, 2.0], [2.0, 3.0, 4.0]])
    order = np.argsort(-draws, axis=1)
    given = {"members": np.arange(3), "costs": np.array([2, 5, 1]), "budget": 3}

    assert [r.tolist() for r in Contest(**given).funded(draws, order)] == [[2, 2], [2, 0, 2]]
    assert [r.tolist() for r in Contest(**given, stops=True).funded(draws, order)] == [[1, 1], [1, 0, 1]]
    assert [r.tolist() for r in Contest(**given, minimum=2.5).funded(draws, order)] == [[1, 1], [1, 0, 1]]
    late = Contest(**given, stops=True, minimum=3.5)
    assert [r.tolist() for r in late.funded(draws, order)] == [[1, 1], [1, 0, 1]]


def test_positions_against_the_line():
    rows = table(30, 8, 6, seed=2, rest=0.6)
    everything = [s.position for s in ranked(rows, budget=30)[1]]
    nothing = [s.position for s in ranked(rows, budget=0)[1]]
    some = ranked(rows, budget=10)[1]

    assert (set(everything), set(nothing)) == ({Position.ABOVE}, {Position.BELOW})
    assert next(s.position for s in some) is Position.ABOVE
    assert [s.position for s in some][-1] is Position.BELOW
    assert {s.position for s in some} == set(Position)
    assert sum(s.top for s in some) == pytest.approx(10, abs=1e-9)
    assert sum(s.expected for s in some) == pytest.approx(30 * 31 / 2)
    for s in some:
        assert s.outer[0] <= s.inner[0] <= s.inner[1] <= s.outer[1]
        assert s.low <= s.shown <= s.high


def test_who_is_sure_of_a_rank_is_not_too_close_to_call():
    rows = [(f"p{i:02}", f"r{j}", 1.0 + i / 10 + j / 100) for i in range(20) for j in range(8)]
    found = calibrate(Scores.from_rows(rows))
    drawn = found.draws(np.random.default_rng(1), 200)
    told = {}
    for is_settled in (False, True):
        contest = Contest(np.arange(20), np.ones(20, dtype=np.int64), 5, is_settled=is_settled)
        told[is_settled] = [s.position for s in stand(found, contest, drawn)]
    assert told[True] == [Position.ABOVE] * 5 + [Position.BELOW] * 15
    assert told[False] == [*[Position.ABOVE] * 4, Position.CLOSE, *[Position.BELOW] * 15]


def test_calibration_beats_the_mean_where_reviewers_differ_and_loses_nothing_where_not():
    """reviewing.md, planted truth: 60 of 300 funded, 10 reviews a reviewer, 12 rounds."""
    gains = {}
    for severity in (0.0, 0.8):
        total = 0.0
        for seed in range(12):
            rng = np.random.default_rng(seed)
            quality = rng.normal(0, 1, 300)
            kind, best = rng.normal(0, severity, 90), np.sort(quality)[-60:].sum()
            rows = [
                (f"{i:03}", f"{j}", float(quality[i] + kind[j] + rng.normal(0, 1.3)))
                for i in range(300)
                for j in rng.choice(90, 3, replace=False)
            ]
            found = calibrate(Scores.from_rows(rows))
            chosen = [quality[np.argsort(-order)[:60]].sum() for order in (found.shown, found.scores.means)]
            total += (chosen[0] - chosen[1]) / best
        gains[severity] = total / 12
    assert gains[0.8] > 0.02
    assert gains[0.0] > -0.005


def test_extra_reviews_go_where_the_chance_is_nearest_one_half():
    assert extra_reviews({"a": 0.9, "b": 0.4, "c": 0.55, "d": 0.6}, 3) == ["c", "b", "d"]
    assert extra_reviews({"a": 0.9}, -1) == []


def test_the_lottery_is_the_order_of_hashes():
    """sha256 of "s:a" begins 3e, of "s:b" d5, of "s:c" 71 (sha256sum)."""
    import hashlib

    digests = {key: hashlib.sha256(f"s:{key}".encode()).hexdigest() for key in "abc"}
    assert lottery_order("s", "cab") == sorted("abc", key=digests.__getitem__)
    assert lottery_order("s", "cab") == lottery_order("s", "bca")


def test_alpha_is_the_packages_and_the_textbooks():
    rows = [(str(u), str(o), float(v)) for o, values in enumerate(TEXTBOOK) for u, v in enumerate(values) if v]
    ours = alpha(Scores.from_rows(rows))
    data = np.array([[np.nan if v is None else v for v in values] for values in TEXTBOOK], dtype=float)

    assert ours == pytest.approx(krippendorff.alpha(reliability_data=data, level_of_measurement="interval"))
    assert round(ours, 3) == 0.849


def test_intraclass_is_shrout_and_fleiss():
    found = intraclass(np.array(SHROUT_FLEISS, dtype=float))
    assert [round(found[name], 2) for name in ("ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k")] == [
        0.17, 0.29, 0.71, 0.44, 0.62, 0.91,
    ]  # fmt: skip
    scores = Scores.from_rows([(str(i), str(j), v) for i, row in enumerate(SHROUT_FLEISS) for j, v in enumerate(row)])
    one = agreement(scores)
    assert (one.single, one.mean) == pytest.approx((found["ICC1"], found["ICC1k"]))


def test_a_mean_of_reviews_that_contradict_has_no_reliability():
    rows = [("a", "x", 1.0), ("a", "y", 5.0), ("b", "x", 5.0), ("b", "y", 1.0)]
    found = agreement(Scores.from_rows(rows))

    assert (found.single, found.mean) == (-1.0, None)


def test_a_round_too_large_for_the_exact_fit_says_the_same_by_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    quality, kind = rng.normal(0, 1, 150), rng.normal(0, 0.7, 40)
    rows = [
        (f"p{i:03}", f"r{j:02}", float(quality[i] + kind[j] + rng.normal(0, 0.8)))
        for i in range(150)
        for j in rng.choice(40, 3, replace=False)
    ]
    scores = Scores.from_rows(rows)
    exact = calibrate(scores)
    monkeypatch.setattr(fitting, "MOST_EXACT", 100)
    quick = calibrate(scores)
    assert Finding.BY_MOMENTS in quick.findings
    assert Finding.BY_MOMENTS not in exact.findings
    assert np.corrcoef(exact.shown, quick.shown)[0, 1] > 0.999
    drawn = quick.draws(np.random.default_rng(1), 2_000)
    assert np.abs(drawn.mean(axis=0) - quick.shown).max() < 0.1
