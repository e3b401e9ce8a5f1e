"""The solvers: assignment against a raw OR-Tools solve of the same arcs, calibration against truth that was planted.

Times are of alternated runs in one process, so that a busy machine slows both alike; memory is that of a process of its
own. The real round is read from shared/data/funding_round beside the checkout, where it is.
"""

import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from benchmarks.figures import Figure
from incubator.reviews.engines.assignment import assign_call
from incubator.reviews.engines.assignment.certificate import check
from incubator.reviews.engines.assignment.flow import assign
from incubator.reviews.engines.assignment.problem import ABSENT, Problem
from incubator.reviews.engines.calibration import DRAWS, Contest, Scores, calibrate, stand
from incubator.reviews.engines.rounds import read_round

SIZES = ((500, 200, 1.5), (2000, 600, 0.5), (5000, 1000, None))
"""Proposals, reviewers, and the most that the product may take of the raw solve's time."""
EACH = 3
MIB = 1 << 20
REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "funding_round"
Rows = list[tuple[str, str, float]]


def measure(quick: bool) -> list[Figure]:
    """Everything; quick: the small sizes, once."""
    times = 1 if quick else 5
    sizes = SIZES[:1] if quick else SIZES
    figures = [figure for size in sizes for figure in _assignment(*size, times)]
    return figures + (_real_round() if REAL.is_dir() else []) + _calibration(quick, times)


def problem(proposals: int, reviewers: int) -> Problem:
    """Topic mixtures, 5 % conflicts, loads from half the mean to a twentieth above it."""
    rng = np.random.default_rng(proposals)
    a, b = rng.dirichlet(np.full(12, 0.3), proposals), rng.dirichlet(np.full(12, 0.3), reviewers)
    cosine = (a @ b.T) / np.sqrt(np.outer((a * a).sum(1), (b * b).sum(1)))
    scores = np.where(rng.random(cosine.shape) < 0.05, ABSENT, np.rint(1e6 * cosine)).astype(np.int32)
    mean = proposals * EACH / reviewers
    return Problem(
        tuple(f"p{i:05}" for i in range(proposals)), tuple(f"r{i:05}" for i in range(reviewers)), scores,
        np.full(proposals, EACH), np.full(reviewers, int(mean / 2)), np.full(reviewers, int(np.ceil(1.05 * mean))), "s",
    )  # fmt: skip


def raw(given: Problem) -> int:
    """The same arcs and loads handed to OR-Tools as they are; the total in 1e-6."""
    p, r = np.nonzero(given.scores >= 0)
    n, m = given.scores.shape
    flow = SimpleMinCostFlow()
    room = given.high - given.low
    flow.add_arcs_with_capacity_and_unit_cost(np.full(m, n + m), n + np.arange(m), room, np.zeros(m, np.int64))
    costs = -given.scores[p, r].astype(np.int64)
    flow.add_arcs_with_capacity_and_unit_cost(n + r, p, np.ones(len(p), np.int64), costs)
    free = given.seats - int(given.low.sum())
    flow.set_nodes_supplies(np.arange(n + m + 1), np.concatenate([-given.demand, given.low, [free]]))
    flow.solve()
    return -int(flow.optimal_cost())


def timed(call: Callable[[], object]) -> tuple[float, object]:
    """Seconds, and what the call answered."""
    start = time.perf_counter()
    found = call()
    return time.perf_counter() - start, found


def _assignment(proposals: int, reviewers: int, goal: float | None, times: int) -> list[Figure]:
    section, given = f"Assignment, {proposals:,} × {reviewers:,}, {EACH} reviews each", problem(proposals, reviewers)
    ours, theirs = [], []
    for _ in range(times):
        ours.append(timed(lambda: assign(given)))
        theirs.append(timed(lambda: raw(given)))
    found, total = ours[-1][1], theirs[-1][1]
    proof = check(given, found.pairs, found.certificate)  # type: ignore[attr-defined]
    seconds = statistics.median(one for one, _ in ours), statistics.median(one for one, _ in theirs)
    return [
        Figure(section, "whole solve with its certificate", seconds[0], "s"),
        Figure(section, "of a raw OR-Tools solve", seconds[0] / seconds[1], "×", goal, note="alternated, medians"),
        Figure(section, "gap of the certificate, 1e-6", float(proof.gap), "", 0.0),
        Figure(section, "rules broken", float(len(proof.faults)), "", 0.0),
        Figure(section, "total against the raw solve's, 1e-6", float(abs(proof.total - total)), "", 0.0),  # type: ignore[operator]
        _memory(section, proposals, reviewers),
    ]


def _memory(section: str, proposals: int, reviewers: int) -> Figure:
    """The most that a process of its own takes to make the matrix and to solve and prove it, libraries among it; the
    goal counts the matrix of suitabilities at 8 bytes a pair."""
    with multiprocessing.get_context("spawn").Pool(1) as alone:
        peak = alone.apply(_peak, (proposals, reviewers))
    goal = 5 * proposals * reviewers * 8 / MIB + 150
    return Figure(section, "peak memory of the process", peak, "MiB", goal, note="5 x the matrix + 150 MiB")


def _peak(proposals: int, reviewers: int) -> float:
    """MiB: the high-water mark of this process, of which its parent is no part (as it is of getrusage)."""
    given = problem(proposals, reviewers)
    found = assign(given)
    check(given, found.pairs, found.certificate)  # type: ignore[union-attr]
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def _real_round() -> list[Figure]:
    """The proposals of the real round given out afresh to its assessors: three each, six or seven to every assessor."""
    inputs = real_inputs()
    found: list[Any] = []
    seconds, _none = timed(lambda: found.extend(assign_call(inputs, "0")))
    told, rows = found
    section = f"The real round assigned afresh, {told['proposals']} × {told['reviewers']}"
    loads = Counter(row["reviewer"] for row in rows)
    lacking = told["seats"] - told["filled"]
    return [
        Figure(section, "suitability, solve, certificate and reasons", seconds, "s"),
        Figure(section, "reviews that could not be given out", float(lacking), "", 0.0, note=f"of {told['seats']}"),
        Figure(section, "gap of the certificate, 1e-6", float(told["proof"]["gap"]), "", 0.0),
        Figure(section, "rules broken", float(len(told["proof"]["faults"])), "", 0.0),
        Figure(section, "most reviews of an assessor", float(max(loads.values())), "", 7.0),
        Figure(section, "least reviews of an assessor", float(min(loads.values())), "", 6.0, at_least=True),
    ]


def real_inputs() -> dict[str, Any]:
    """The round as the office tries it afresh: who judged a theme knows it, and all who judged take part."""
    data = read_round(REAL)
    themes = {one.number: one.theme for one in data.proposals} | dict.fromkeys(
        data.not_put_to_vote, data.themes[0].number
    )
    judged: dict[int, Counter[str]] = {one.assessor: Counter() for one in data.assessments}
    for one in data.assessments:
        judged[one.assessor][str(themes[one.proposal])] += one.valid
    ours = {
        f"p{key:04}": {"text": "", "theme": str(theme), "company": "", "demand": EACH} for key, theme in themes.items()
    }
    plain: dict[str, Any] = {"texts": [], "company": "", "low": 6, "high": 7, "roles": [], "senior": False}
    return {
        "proposals": ours,
        "reviewers": {f"r{key:04}": plain | {"themes": dict(count)} for key, count in judged.items()},
        "barred": [], "held": [], "unknown": 20, "per_company": None, "seats": [], "needs_senior": False, "fair": False,
        "partial": False,
    }  # fmt: skip


def reviews(proposals: int, reviewers: int, *, seed: int, severity: float) -> tuple[Rows, np.ndarray]:
    """Invented reviews with noise of 1.3 times the quality's spread, and the quality planted in them."""
    rng = np.random.default_rng(seed)
    quality, kind = rng.normal(0, 1, proposals), rng.normal(0, severity, reviewers)
    rows = [
        (f"p{i:05}", f"r{j:05}", float(quality[i] + kind[j] + rng.normal(0, 1.3)))
        for i in range(proposals)
        for j in rng.choice(reviewers, EACH, replace=False)
    ]
    return rows, quality


def _calibration(quick: bool, times: int) -> list[Figure]:
    section = "Calibration and ranking"
    points = [_points(section, reviewers, times) for reviewers in (6_000, 2_000)] if not quick else []
    figures = [_whole(section, times), *points] if not quick else []
    for severity, goal in ((0.8, 0.02), (0.0, -0.005)):
        gain = statistics.mean(_gain(seed, severity) for seed in range(10 if quick else 150))
        name = f"utility gained over the mean, reviewers' sd {severity:g} of proposals'"
        figures.append(Figure(section, name, gain, "", goal, at_least=True, note="60 of 300, 10 reviews a reviewer"))
    return figures + ([] if quick else _statsmodels(section))


def _whole(section: str, times: int) -> Figure:
    scores = Scores.from_rows(reviews(2_000, 600, seed=1, severity=0.8)[0])

    def rank() -> object:
        found = calibrate(scores)
        drawn = found.draws(np.random.default_rng(0), DRAWS)
        return stand(found, Contest(np.arange(2_000), np.full(2_000, 10), 4_000), drawn)

    seconds = statistics.median(timed(rank)[0] for _ in range(times))
    return Figure(section, f"2,000 × 3 by 600 reviewers, {DRAWS:,} draws", seconds, "s", 3.0)


def _points(section: str, reviewers: int, times: int) -> Figure:
    scores = Scores.from_rows(reviews(20_000, reviewers, seed=1, severity=0.8)[0])
    seconds = statistics.median(timed(lambda: calibrate(scores))[0] for _ in range(times))
    return Figure(section, f"20,000 × 3 by {reviewers:,} reviewers, point estimates", seconds, "s", 1.0)


def _gain(seed: int, severity: float) -> float:
    rows, quality = reviews(300, 90, seed=seed, severity=severity)
    found = calibrate(Scores.from_rows(rows))
    best = np.sort(quality)[-60:].sum()
    chosen = (quality[np.argsort(-order)[:60]].sum() for order in (found.shown, found.scores.means))
    return float((next(chosen) - next(chosen)) / best)


def _statsmodels(section: str) -> list[Figure]:
    """Against MixedLM on the same table."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    scores = Scores.from_rows(reviews(400, 100, seed=1, severity=0.8)[0])
    matrices = {key: [np.eye(int(of.max()) + 1)[of]] for key, of in (("a", scores.of), ("b", scores.by))}
    names = [[f"{key}{i}" for i in range(one.shape[1])] for key, (one,) in matrices.items()]

    def theirs() -> object:
        kinds = _components(MixedLM, matrices, names)
        return MixedLM(scores.values, np.ones((scores.n, 1)), np.zeros(scores.n), exog_vc=kinds).fit(reml=True)

    slow, model = timed(theirs)
    runs = [timed(lambda: calibrate(scores)) for _ in range(5)]
    fast, ours = statistics.median(seconds for seconds, _ in runs), runs[-1][1]
    found = ours.variances  # type: ignore[attr-defined]
    pairs = zip((*model.vcomp, model.scale), (found.proposal, found.reviewer, found.residual), strict=True)  # type: ignore[attr-defined]
    worst = max(abs(other - own) / own for other, own in pairs)
    effects = np.asarray(model.random_effects[0])  # type: ignore[attr-defined]
    shown = model.fe_params[0] + effects[: len(ours.shown)]  # type: ignore[attr-defined]
    apart = max(
        float(np.abs(shown - ours.shown).max()),  # type: ignore[attr-defined]
        float(np.abs(effects[len(ours.shown) :] - ours.severity).max()),  # type: ignore[attr-defined]
    )
    return [
        Figure(section, "statsmodels' time at 400 × 3 over ours", slow / fast, "×", 100.0, at_least=True),
        Figure(section, "largest relative difference of a variance", worst, "", 1e-3),
        Figure(section, "largest difference of an effect, residual sd", apart / found.residual**0.5, "", 2e-3),
    ]


def _components(kind: object, matrices: dict[str, list[np.ndarray]], names: list[list[str]]) -> object:
    from statsmodels.regression.mixed_linear_model import VCSpec

    return VCSpec(list(matrices), [[one] for one in names], [matrices[key] for key in matrices])
