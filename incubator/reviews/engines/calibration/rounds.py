"""A whole round calibrated and ranked, theme by theme, as plain data: what a run stores is what this answers."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import rfc8785

from incubator.reviews.engines.calibration.agreement import agreement
from incubator.reviews.engines.calibration.fitting import Calibration, calibrate
from incubator.reviews.engines.calibration.ranking import (
    DRAWS,
    Contest,
    Position,
    Standing,
    extra_reviews,
    stand,
)
from incubator.reviews.engines.calibration.scores import Floats, Scores, Whole

MANY = 5_000
"""Above so many proposals a quarter of the draws has to do."""
NOTABLE = 25
"""A severity of so many hundredths of a point is named."""
NAMED = 20
KEPT = 256
"""So many of the draws are kept with each proposal, for questions that change no score (another budget)."""


def inputs_hash(inputs: Mapping[str, Any]) -> str:
    """SHA-256 of the inputs as canonical JSON (RFC 8785), in hex."""
    return hashlib.sha256(rfc8785.dumps(dict(inputs))).hexdigest()


def draws_for(proposals: int) -> int:
    """How many draws a round of so many proposals gets."""
    return DRAWS if proposals <= MANY else DRAWS // 4


def rank_round(
    inputs: Mapping[str, Any], seed: str, report: Callable[[int], None] = lambda _percent: None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(what is said of the round, a row a ranked proposal), the same for the same inputs and seed.

    inputs: reviews [[proposal, reviewer, hundredths]], proposals {key: [theme, asked]}, budgets {theme: minor units},
    minimum (hundredths or None), stops, by_score (the rule goes by the total: chances of money can be given), spare
    (reviews that the committee could still take on), settled (as of Contest; not of runs from before it counted). seed:
    hex. report: is told the percentage done.
    """
    scores = Scores.from_rows([(p, r, v / 100) for p, r, v in inputs["reviews"]])
    calibration = calibrate(scores)
    report(50)
    rng = np.random.Generator(np.random.PCG64(int(seed, 16)))
    count = draws_for(len(scores.proposals))
    drawn = calibration.draws(rng, count) if calibration.has_chances else calibration.shown[None, :]
    report(75)
    themes, rows = {}, []
    for theme, members in _by_theme(inputs, scores).items():
        contest = _contest(inputs, scores, theme, members)
        standings = stand(calibration, contest, drawn)
        plain = _places(scores.means[members])
        before = {scores.proposals[m]: int(place) for m, place in zip(members, plain, strict=True)}
        themes[theme] = _of_theme(inputs, calibration, contest, standings)
        rows += [_row(standing, before, calibration, bool(inputs["by_score"])) for standing in standings]
    _keep_draws(rows, scores, drawn if calibration.has_chances else None)
    _mark_extra(rows, int(inputs["spare"]))
    return _of_round(calibration, count) | {"themes": themes}, rows


def _by_theme(inputs: Mapping[str, Any], scores: Scores) -> dict[str, Whole]:
    found: dict[str, list[int]] = {}
    for place, key in enumerate(scores.proposals):
        found.setdefault(inputs["proposals"][key][0], []).append(place)
    return {theme: np.array(found[theme], dtype=np.int64) for theme in sorted(found)}


def _contest(inputs: Mapping[str, Any], scores: Scores, theme: str, members: Whole) -> Contest:
    costs = np.array([inputs["proposals"][scores.proposals[m]][1] for m in members], dtype=np.int64)
    minimum = inputs["minimum"]
    return Contest(
        members, costs, inputs["budgets"][theme], inputs["stops"], None if minimum is None else minimum / 100,
        is_settled=bool(inputs.get("settled")),
    )  # fmt: skip


def _places(values: Floats) -> Whole:
    """1 + how many are higher."""
    rising = np.sort(values)
    places: Whole = 1 + len(values) - np.searchsorted(rising, values + 1e-12, side="right")
    return places


def _funded(contest: Contest, values: Floats, scores: Scores) -> set[str]:
    order = np.argsort(-values, kind="stable")[None, :]
    times = contest.funded(values[None, :], order)[1]
    return {scores.proposals[m] for m, won in zip(contest.members, times, strict=True) if won}


def _of_theme(
    inputs: Mapping[str, Any], calibration: Calibration, contest: Contest, standings: list[Standing]
) -> dict[str, Any]:
    """How many stand where, and who is above the line only with or only without calibration."""
    counts = {position.value: sum(s.position is position for s in standings) for position in Position}
    if not (inputs["by_score"] and calibration.has_chances):
        return {"counts": None, "funded": None, "enters": [], "leaves": []}
    after = _funded(contest, calibration.shown[contest.members], calibration.scores)
    before = _funded(contest, calibration.scores.means[contest.members], calibration.scores)
    return {
        "counts": counts,
        "funded": len(after),
        "enters": sorted(after - before),
        "leaves": sorted(before - after),
    }


def _row(standing: Standing, before: Mapping[str, int], calibration: Calibration, by_score: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "key": standing.key, "shown": round(100 * standing.shown), "place": standing.place,
        "plain_place": before[standing.key], "low": None, "high": None, "expected": None, "inner": None,
        "outer": None, "top": None, "funded": None, "position": None, "extra": None,
    }  # fmt: skip
    if calibration.has_chances:
        row |= {
            "low": round(100 * standing.low), "high": round(100 * standing.high),
            "expected": round(100 * standing.expected), "inner": list(standing.inner), "outer": list(standing.outer),
        }  # fmt: skip
    if calibration.has_chances and by_score:
        chances = {"top": round(10_000 * standing.top), "funded": round(10_000 * standing.funded)}
        row |= chances | {"position": standing.position.value}
    return row


def _keep_draws(rows: list[dict[str, Any]], scores: Scores, drawn: Floats | None) -> None:
    """Write to each proposal its first draws: hundredths, two bytes each (signed, little-endian), as hex."""
    if drawn is None:
        for row in rows:
            row["draws"] = None
        return
    whole = np.clip(np.rint(100 * drawn[:KEPT]), -32_768, 32_767).astype("<i2")
    place = {key: at for at, key in enumerate(scores.proposals)}
    for row in rows:
        row["draws"] = np.ascontiguousarray(whole[:, place[row["key"]]]).tobytes().hex()


def _mark_extra(rows: list[dict[str, Any]], spare: int) -> None:
    """Write its turn to each proposal where one more review pays; one that is all but settled gets none."""
    chances = {row["key"]: row["top"] / 10_000 for row in rows if row["top"] is not None}
    open_ones = {key: chance for key, chance in chances.items() if 0.05 < chance < 0.95}
    turns = {key: turn for turn, key in enumerate(extra_reviews(open_ones, spare), 1)}
    for row in rows:
        row["extra"] = turns.get(row["key"])


def _of_round(calibration: Calibration, count: int) -> dict[str, Any]:
    scores, variances, agreed = calibration.scores, calibration.variances, agreement(calibration.scores)
    sizes = np.bincount(scores.components).tolist() if scores.n else []
    return {
        "findings": [finding.value for finding in calibration.findings],
        "reviews": scores.n,
        "proposals": len(scores.proposals),
        "reviewers": len(scores.reviewers),
        "draws": count if calibration.has_chances else 0,
        "sd": None if variances is None else {k: round(100 * v**0.5) for k, v in vars(variances).items()},
        "agreement": {k: None if v is None else round(1_000 * v) for k, v in vars(agreed).items()},
        "components": sorted(sizes, reverse=True),
        "single": [p for p, n in zip(scores.proposals, scores.per_proposal, strict=True) if n == 1],
        "severity": _severity(calibration),
    }


def _severity(calibration: Calibration) -> list[list[Any]]:
    """[reviewer, hundredths above the others, reviews] of those who differ notably, the most severe first."""
    if calibration.severity is None:
        return []
    of = zip(calibration.scores.reviewers, calibration.severity, calibration.scores.per_reviewer, strict=True)
    found: list[list[Any]] = [[key, round(100 * float(value)), int(n)] for key, value, n in of if n > 1]
    found.sort(key=lambda one: (-abs(one[1]), one[0]))
    return sorted((one for one in found[:NAMED] if abs(one[1]) >= NOTABLE), key=lambda one: (one[1], one[0]))
