"""Chances of at most one in m: the parts are proven the best, and the drawn pairs keep demand, loads and chances."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incubator.reviews.engines.assignment.affinity import with_wishes
from incubator.reviews.engines.assignment.calls import assign_call
from incubator.reviews.engines.assignment.chances import draw_pairs, rounded
from incubator.reviews.engines.assignment.problem import Problem


def problem(proposals: int, reviewers: int, seed: int, each: int = 2) -> Problem:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 1_000_001, (proposals, reviewers)).astype(np.int32)
    scores[rng.random(scores.shape) < 0.1] = -1
    most = int(np.ceil(proposals * each / reviewers)) + 1
    return Problem(
        tuple(f"p{i}" for i in range(proposals)), tuple(f"r{i}" for i in range(reviewers)), scores,
        np.full(proposals, each), np.full(reviewers, 1), np.full(reviewers, most), f"seed-{seed}",
    )  # fmt: skip


@settings(max_examples=25)
@given(st.integers(1, 12), st.integers(8, 14), st.integers(1, 4), st.integers(0, 10_000))
def test_what_is_drawn_keeps_demand_and_loads(proposals: int, reviewers: int, m: int, seed: int) -> None:
    given = problem(proposals, reviewers, seed)
    given, _cut = given.reachable()
    found = draw_pairs(given, m)
    if found is None:
        return
    assert (found.proof.gap, found.proof.faults) == (0, ())
    assert Counter(p for p, _ in found.pairs) == dict.fromkeys(range(proposals), 2)
    load = Counter(r for _, r in found.pairs)
    lowest = found.parts.low // m
    assert all(lowest[r] <= load[r] <= given.high[r] for r in range(reviewers))
    assert all(given.scores[pair] >= 0 for pair in found.pairs)
    assert found.pairs == (draw_pairs(given, m) or pytest.fail("drawn once, drawn again")).pairs


def test_every_pair_is_drawn_as_often_as_its_chance_says() -> None:
    """Two proposals that each want one of two reviewers: each pair has one part of two."""
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1)]
    drawn = Counter(pair for n in range(400) for pair in rounded(pairs, 2, f"s{n}"))
    assert set(drawn) == set(pairs)
    assert all(140 <= drawn[pair] <= 260 for pair in pairs)  # 200 expected, six standard deviations


def test_nothing_is_surer_than_it_may_be_and_too_few_reviewers_are_told() -> None:
    text = {"text": "heat", "theme": "t", "company": "c"}
    reader = {"texts": ["heat"], "themes": {}, "company": "d", "low": 0, "high": 2, "roles": [], "senior": False}
    inputs = {
        "proposals": {f"p{i}": text | {"demand": 1} for i in range(2)},
        "reviewers": {f"r{i}": reader for i in range(2)}, "barred": [], "held": [], "unknown": None,
        "per_company": None, "seats": [], "needs_senior": False, "fair": False, "partial": False, "parts": 2,
    }  # fmt: skip
    told, rows = assign_call(inputs, "s")
    assert (told["status"], told["chance"]["parts"], told["proof"]["gap"], len(rows)) == ("done", 2, 0, 2)
    blocked, none = assign_call(inputs | {"parts": 3}, "s")
    assert (blocked["status"], blocked["block"] is not None, none) == ("blocked", True, [])
    some, rows = assign_call(inputs | {"parts": 3, "partial": True}, "s")
    assert (some["status"], len(rows)) == ("blocked", 2)


def test_under_rules_that_cross_one_of_m_assignments_that_share_no_pair_is_drawn() -> None:
    """Four reviewers, two of whom know finance; each proposal has two, one of them for finance."""
    text = {"text": "heat", "theme": "t", "company": "c", "demand": 2}
    reader = {"texts": ["heat"], "themes": {}, "company": "d", "low": 0, "high": 2, "senior": False}
    inputs: dict[str, Any] = {
        "proposals": {f"p{i}": text for i in range(2)},
        "reviewers": {f"r{i}": reader | {"roles": ["finance"] if i < 2 else []} for i in range(4)}, "barred": [],
        "held": [], "unknown": None, "per_company": None, "seats": ["finance"], "needs_senior": False, "fair": False,
        "partial": False, "parts": 2,
    }  # fmt: skip
    drawn = {}
    for n in range(30):
        told, rows = assign_call(inputs, f"s{n}")
        assert (told["status"], told["chance"]["parts"], told["chance"]["gap"]) == ("done", 2, 0)
        assert told["chance"]["expected"] <= told["chance"]["bound"]
        pairs = frozenset((row["proposal"], row["reviewer"]) for row in rows)
        assert Counter(p for p, _ in pairs) == {"p0": 2, "p1": 2}
        assert all({(p, "r0"), (p, "r1")} & pairs for p in ("p0", "p1"))
        drawn[n] = pairs
    assert drawn[3] == frozenset((row["proposal"], row["reviewer"]) for row in assign_call(inputs, "s3")[1])
    one, other = set(drawn.values())
    assert not one & other
    assert 2 <= sum(pairs == one for pairs in drawn.values()) <= 28  # 15 expected, 4.7 standard deviations
    short, none = assign_call(inputs | {"parts": 3}, "s")
    assert (short["status"], none) == ("rules", [])
    some, rows = assign_call(inputs | {"parts": 3, "partial": True}, "s")
    assert (some["status"], len(rows)) == ("rules", 4)


def test_wishes_count_for_half_and_alone_where_nothing_is_known() -> None:
    scores = np.array([[400_000, -1, 400_000, 7]], dtype=np.int32)
    mixed = with_wishes(scores, [(0, 0, "want"), (0, 1, "can"), (0, 2, "rather_not")])
    assert mixed.tolist() == [[700_000, 500_000, 200_000, 7]]
    assert with_wishes(np.array([[-1]], dtype=np.int32), [(0, 0, "rather_not")]).tolist() == [[0]]
