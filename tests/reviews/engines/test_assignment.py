"""Assignments against every possible one, their certificates, what blocks them, repairs and explanations."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incubator.reviews.engines.assignment import assign_call, crossing, flow, inputs_hash
from incubator.reviews.engines.assignment.affinity import affinities
from incubator.reviews.engines.assignment.certificate import Certificate, check
from incubator.reviews.engines.assignment.crossing import Rules, bound_of, fair, keep_rules, worst_of
from incubator.reviews.engines.assignment.explaining import Passed, Seats, Why, explain
from incubator.reviews.engines.assignment.flow import assign
from incubator.reviews.engines.assignment.problem import ABSENT, UNIT, AssignmentError, Problem
from incubator.reviews.engines.assignment.repair import repair
from incubator.reviews.engines.assignment.shortfall import fullest, shortfall


def problem(scores, demand, low, high, *, seed="s", **details) -> Problem:
    """A problem whose proposals are a, b, … and reviewers v, w, …"""
    table = np.array(scores, dtype=np.int32)
    names = tuple("abcdefgh"[: table.shape[0]]), tuple("stuvwxyz"[: table.shape[1]])
    whole = [np.array(values, dtype=np.int64) for values in (demand, low, high)]
    return Problem(*names, table, *whole, seed, **details)


def every(p: Problem):
    """Every assignment that keeps demand, loads and pins, as (total, pairs)."""
    choices = [itertools.combinations(range(len(p.reviewers)), int(d)) for d in p.demand]
    for combination in itertools.product(*choices):
        pairs = [(a, r) for a, chosen in enumerate(combination) for r in chosen]
        load = np.bincount([r for _, r in pairs], minlength=len(p.reviewers))
        allowed = all(p.scores[pair] >= 0 or pair in p.pins for pair in pairs)
        if allowed and p.pins <= set(pairs) and np.all(load >= p.low) and np.all(load <= p.high):
            yield sum(max(int(p.scores[pair]), 0) for pair in pairs), pairs


def synthetic(proposals: int, reviewers: int, *, seed: int = 0, each: int = 3) -> Problem:
    """Topic mixtures, 5 % conflicts, loads from half the mean to a twentieth above it."""
    rng = np.random.default_rng(seed)
    a, b = rng.dirichlet(np.full(12, 0.3), proposals), rng.dirichlet(np.full(12, 0.3), reviewers)
    scores = np.rint(1e6 * (a @ b.T) / np.sqrt(np.outer((a * a).sum(1), (b * b).sum(1)))).astype(np.int32)
    scores[rng.random(scores.shape) < 0.05] = ABSENT
    mean = proposals * each / reviewers
    return Problem(
        tuple(f"p{i:05}" for i in range(proposals)), tuple(f"r{i:05}" for i in range(reviewers)), scores,
        np.full(proposals, each), np.full(reviewers, int(mean / 2)), np.full(reviewers, int(np.ceil(1.05 * mean))), "s",
    )  # fmt: skip


small = st.builds(
    lambda scores, demand, low, extra: problem(scores, demand, low, [a + b for a, b in zip(low, extra, strict=True)]),
    st.lists(st.lists(st.integers(-1, 4), min_size=4, max_size=4), min_size=3, max_size=3),
    st.lists(st.integers(0, 2), min_size=3, max_size=3),
    st.lists(st.integers(0, 1), min_size=4, max_size=4),
    st.lists(st.integers(0, 2), min_size=4, max_size=4),
)


@settings(max_examples=150)
@given(small)
def test_it_is_the_best_of_all_and_proven_or_there_is_none_and_the_block_is_named(p):
    best = max((total for total, _ in every(p)), default=None)
    found, block = assign(p), shortfall(p)
    if best is None:
        assert found is None
        assert block is not None
        assert block.needed - block.available == block.missing > 0
        return
    assert block is None
    proof = check(p, found.pairs, found.certificate)
    assert (proof.total, proof.gap, proof.faults) == (best, 0, ())


@settings(max_examples=60)
@given(small)
def test_the_fullest_fills_as_many_seats_as_can_be_and_then_the_best(p):
    rest = replace(p, low=np.zeros_like(p.low))
    demands = itertools.product(*(range(int(d) + 1) for d in p.demand))
    filled = [
        (sum(given), total)
        for given in demands
        for total, _ in every(replace(rest, demand=np.array(given, dtype=np.int64)))
    ]
    pairs = fullest(p)
    assert (len(pairs), sum(int(p.scores[pair]) for pair in pairs)) == max(filled)


@settings(max_examples=40)
@given(small, st.integers(0, 5))
def test_a_spoiled_assignment_or_certificate_is_rejected(p, which):
    found = assign(p)
    if found is None or not found.pairs:
        return
    pairs, certificate = found.pairs, found.certificate
    spoiled = [*pairs[1:], pairs[0], pairs[0]] if which % 2 else pairs[1:]
    assert not check(p, spoiled, certificate).holds
    other = Certificate(certificate.alpha + 1, certificate.beta)
    assert check(p, pairs, other).gap > 0


def test_the_order_of_the_rows_changes_nothing_even_among_equals():
    p = problem([[1, 1, 1, 1]] * 4, [2] * 4, [0] * 4, [3] * 4)
    turned = replace(
        p, proposals=p.proposals[::-1], reviewers=p.reviewers[::-1], scores=np.ascontiguousarray(p.scores[::-1, ::-1])
    )
    names = [sorted((one.proposals[a], one.reviewers[r]) for a, r in assign(one).pairs) for one in (p, turned)]
    assert names[0] == names[1]
    assert names[0] != sorted((p.proposals[a], p.reviewers[r]) for a, r in assign(replace(p, seed="other")).pairs)


def test_few_arcs_give_what_all_give(monkeypatch):
    p = synthetic(300, 200)
    assert np.count_nonzero(p.scores >= 0) > flow.SPARSE_ABOVE
    few = assign(p)
    monkeypatch.setattr(flow, "SPARSE_ABOVE", 10**9)
    whole = assign(p)
    assert few.pairs == whole.pairs
    assert few.arcs < whole.arcs / 3
    assert check(p, few.pairs, few.certificate).holds


def test_arcs_that_were_left_out_come_in_by_their_price(monkeypatch):
    monkeypatch.setattr(flow, "BEST", 1)
    monkeypatch.setattr(flow, "SPARSE_ABOVE", 0)
    p = problem([[9, 8, 7], [9, 8, 1], [9, 2, 1]], [1, 1, 1], [0, 0, 0], [3, 1, 1])
    p = replace(p, high=np.array([1, 1, 1], dtype=np.int64))
    found = assign(p)
    assert check(p, found.pairs, found.certificate).holds
    assert sum(int(p.scores[pair]) for pair in found.pairs) == max(total for total, _ in every(p))
    rounds = []
    for seed in range(12):
        scores = np.random.default_rng(seed).integers(0, 9, (8, 8)) + 10 * np.arange(8)
        crowded = problem(scores, [1] * 8, [0] * 8, [1] * 8)
        found = assign(crowded)
        assert check(crowded, found.pairs, found.certificate).holds
        rounds.append(found.rounds)
    assert max(rounds) > 1


def test_one_pair_alone_is_proven_too():
    p = problem([[5]], [1], [0], [1])
    found = assign(p)
    assert found.pairs == [(0, 0)]
    stored = found.certificate.data
    again = Certificate(np.array(stored["alpha"]), np.array(stored["beta"]))
    assert check(p, found.pairs, again).holds


def test_few_arcs_that_do_not_suffice_give_way_to_all(monkeypatch):
    monkeypatch.setattr(flow, "BEST", 1)
    monkeypatch.setattr(flow, "SPARSE_ABOVE", 0)
    p = problem([[9, 1, 0, 0]] * 4, [1] * 4, [0] * 4, [1] * 4)
    assert check(p, assign(p).pairs, assign(p).certificate).holds


def test_a_pin_stands_and_too_many_are_refused():
    p = problem([[9, 1], [9, 1]], [1, 1], [0, 0], [1, 1], pins=frozenset({(0, 1)}))
    assert assign(p).pairs == [(0, 1), (1, 0)]
    assert check(p, [(0, 0), (1, 1)], assign(p).certificate).faults == ("pin",)
    with pytest.raises(AssignmentError, match="pinned"):
        assign(replace(p, pins=frozenset({(0, 0), (0, 1)})))


def test_a_problem_that_contradicts_itself_is_refused():
    with pytest.raises(AssignmentError, match="do not belong"):
        problem([[1]], [1, 1], [0], [1])
    with pytest.raises(AssignmentError, match="least is above"):
        problem([[1]], [1], [2], [1])


def test_a_least_load_out_of_reach_is_cut_and_told():
    p = problem([[5, ABSENT], [5, 5]], [1, 1], [0, 2], [2, 2])
    reached, cut = p.reachable()
    assert (cut, reached.low.tolist()) == ([1], [0, 1])
    assert assign(p) is None
    assert assign(reached).pairs == [(0, 0), (1, 1)]


def test_least_loads_that_exceed_all_demand_are_what_blocks():
    p = problem([[5, 5], [5, 5]], [1, 0], [1, 1], [1, 1])
    block = shortfall(p)
    assert assign(p) is None
    assert (block.is_minimum, block.missing, block.reviewers, block.needed, block.available) == (True, 1, (0, 1), 2, 1)


def test_the_blocking_set_names_the_proposals_and_all_who_may_review_them():
    p = problem([[5, ABSENT, ABSENT], [5, ABSENT, ABSENT], [5, 5, 5]], [1, 1, 1], [0] * 3, [1] * 3)
    block = shortfall(p)
    assert (block.missing, block.proposals, block.reviewers, block.needed, block.available) == (1, (0, 1), (0,), 2, 1)
    assert len(fullest(p)) == 2


def roles(*names: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(name.split()) for name in names)


def test_seats_by_role_are_held_by_different_people():
    """One who holds both roles fills one seat."""
    p = problem([[9, 8, 1]], [2], [0] * 3, [1] * 3)
    rules = Rules(seats=("technology", "finance"), roles=roles("technology finance", "", "technology"))
    assert rules.are_any
    assert keep_rules(p, rules, []).pairs == [(0, 0), (0, 2)]
    assert keep_rules(p, replace(rules, roles=roles("technology finance", "", "")), []) is None
    assert keep_rules(replace(p, demand=np.array([0])), rules, []).pairs == []


def test_at_most_one_of_the_proposers_company_and_somebody_senior():
    p = problem([[9, 8, 3, 1]], [2], [0] * 4, [1] * 4)
    rules = Rules(reviewer_groups=("x", "x", "y", "y"), proposal_groups=("x",), per_group=1)
    assert keep_rules(p, rules, []).pairs == [(0, 0), (0, 2)]
    senior = replace(rules, senior=(False, False, False, True), needs_senior=True)
    answer = keep_rules(p, senior, [])
    assert (answer.pairs, answer.total, answer.gap) == ([(0, 0), (0, 3)], 10, 0.0)
    pinned = keep_rules(replace(p, pins=frozenset({(0, 1)})), senior, [])
    assert pinned.pairs == [(0, 1), (0, 3)]


def test_fairness_raises_the_worst_sum_to_its_bound():
    p = problem([[900_000, 800_000], [850_000, 100_000]], [1, 1], [0, 0], [1, 1])
    even = problem([[900_000, 500_000], [500_000, 100_000]], [1, 1], [0, 0], [1, 1])
    best = assign(even).pairs
    found = fair(even, Rules(), best, delta=0.2)
    assert (bound_of(even), worst_of(even, best), found.worst) == (
        500_000,
        100_000 if best[0] == (0, 0) else 500_000,
        500_000,
    )
    assert fair(p, Rules(), assign(p).pairs).worst == bound_of(p) - 50_000


def test_fairness_that_costs_too_much_is_refused_and_one_that_is_there_stays():
    p = problem([[1_000_000, 200_000], [150_000, 0]], [1, 1], [0, 0], [1, 1])
    start = assign(p).pairs
    found = fair(p, Rules(), start)
    assert start == [(0, 0), (1, 1)]
    assert (found.answer, found.worst, round(found.refused, 2)) == (None, 150_000, 0.65)
    flat = problem([[5, 5], [5, 5]], [1, 1], [0, 0], [1, 1])
    already = fair(flat, Rules(), assign(flat).pairs)
    assert (already.answer, already.worst, already.bound, already.refused) == (None, 5, 5, None)


def test_fairness_finds_by_bisection_what_lies_below_the_bound():
    """Both want the same one: the bound is 0.9, the best worst sum 0.4."""
    p = problem([[900_000, 300_000, 0], [900_000, 400_000, 100_000]], [1, 1], [0] * 3, [1] * 3)
    found = fair(p, Rules(), [(0, 0), (1, 2)], delta=1.0)
    assert (found.bound, found.worst, found.answer.pairs) == (900_000, 400_000, [(0, 0), (1, 1)])


def test_nothing_asked_is_nothing_worse():
    none = problem([[5]], [0], [0], [1])
    assert (bound_of(none), worst_of(none, []), fair(none, Rules(), []).worst) == (0, 0, 0)
    assert not Rules().are_any


def test_a_decline_moves_no_other_pair_where_it_can():
    p = synthetic(60, 25)
    before = assign(p).pairs
    after = repair(p, before, [before[0]])
    assert len(set(before) - set(after.pairs)) == 1
    assert before[0] not in after.pairs
    assert len(after.pairs) == len(before)


def test_a_decline_that_must_move_another_moves_the_fewest():
    """Only w can replace v at a, and w is full with b, which x can take."""
    p = problem([[9, 9, ABSENT, ABSENT], [ABSENT, 9, 1, 5], [ABSENT, ABSENT, 9, 9]], [1, 1, 1], [0] * 4, [1] * 4)
    after = repair(p, [(0, 0), (1, 1), (2, 2)], [(0, 0)])
    assert after.pairs == [(0, 1), (1, 3), (2, 2)]
    assert repair(p, [(0, 0)], [(0, 0), (0, 1)]) is None


def test_why_this_one_and_why_not_each_better_one():
    scores = [[ABSENT, 900, 800, 700, 500, 100], [0, 950, 0, 0, 0, 0]]
    p = problem(scores, [2, 1], [0] * 6, [1, 1, 1, 2, 2, 2], pins=frozenset({(0, 4)}))
    seats = Seats.given([(0, 4), (0, 3), (1, 1)])
    barred = {0: [(0, 990, Why.CONFLICT), (5, 3, Why.CONFLICT)], 1: [(0, 5, Why.DECLINED)]}
    found = explain(p, seats, barred, (0, 4))
    assert (found.score, found.rank, found.is_pinned) == (500, 4, True)
    assert found.better == (
        Passed(0, 990, Why.CONFLICT), Passed(1, 900, Why.FULL, (1,)), Passed(2, 800, Why.BALANCE, ()),
    )  # fmt: skip
    ruled = explain(p, seats, {}, (0, 3), has_rules=True)
    assert [(passed.reviewer, passed.why) for passed in ruled.better] == [(1, Why.FULL), (2, Why.RULE)]
    assert not ruled.is_pinned


def test_the_time_limit_gives_nothing_rather_than_something_wrong():
    p = synthetic(40, 20)
    answer = keep_rules(p, Rules(), assign(p).pairs, seconds=0.0)
    assert answer is None or answer.gap >= 0
    assert crossing.CANDIDATES * len(p.proposals) >= len(crossing.programme(p, Rules()).p)


def test_a_full_score_of_everybody_keeps_within_whole_numbers():
    p = synthetic(50, 20)
    p = replace(p, scores=np.where(p.scores >= 0, UNIT, ABSENT).astype(np.int32))
    found = assign(p)
    assert check(p, found.pairs, found.certificate) == check(p, sorted(found.pairs), found.certificate)
    assert check(p, found.pairs, found.certificate).total == 150 * UNIT


def a_call(**values):
    """Two energy proposals and one on water; three reviewers with a past and one without."""
    proposals = {
        "a": {"text": "membrane electrolyser for hydrogen", "theme": "energy", "company": "x", "demand": 1},
        "b": {"text": "制氢电解槽膜材料", "theme": "energy", "company": "y", "demand": 1},
        "c": {"text": "leak detection in water pipes", "theme": "water", "company": "x", "demand": 1},
    }
    person = {"company": "z", "low": 0, "high": 1, "roles": [], "senior": False}
    reviewers = {
        "h": person | {"texts": ["hydrogen electrolyser stacks and their membrane"], "themes": {"energy": 2}},
        "k": person | {"texts": ["电解槽与制氢系统"], "themes": {"energy": 1}, "roles": ["finance"]},
        "n": person | {"texts": [], "themes": {}, "senior": True},
        "w": person | {"texts": ["water pipes, sensors for a leak"], "themes": {"water": 1}, "company": "x"},
    }
    given = {
        "proposals": proposals, "reviewers": reviewers, "barred": [], "held": [], "unknown": 10, "per_company": None,
        "seats": [], "needs_senior": False, "fair": False, "partial": False,
    }  # fmt: skip
    return given | values


def who(rows) -> dict[str, str]:
    return {row["proposal"]: row["reviewer"] for row in rows}


def test_a_call_goes_to_those_who_know_it_in_either_language():
    told = []
    result, rows = assign_call(a_call(), "s", told.append)
    assert who(rows) == {"a": "h", "b": "k", "c": "w"}
    assert (result["status"], result["filled"], result["proof"]["gap"], result["proof"]["faults"]) == ("done", 3, 0, [])
    assert told == [40, 60, 90]
    assert result["proof"]["total"] == result["total"] == sum(row["score"] for row in rows)
    assert (result, rows) == assign_call(a_call(), "s")
    assert len(inputs_hash(a_call())) == 64


def test_who_is_not_known_to_read_the_language_counts_half():
    call = a_call()
    plain = {(row["proposal"], row["reviewer"]): row["score"] for row in assign_call(call, "s")[1]}
    for key, lang in (("a", "en"), ("b", "zh"), ("c", "en")):
        call["proposals"][key] |= {"lang": lang}
    for key, reads in (("h", ["en"]), ("k", ["en"]), ("n", []), ("w", ["en", "zh"])):
        call["reviewers"][key] |= {"reads": reads}
    rows = {(row["proposal"], row["reviewer"]): row["score"] for row in assign_call(call, "s")[1]}
    assert rows == plain | {("b", "k"): plain["b", "k"] // 2}
    stranger = call | {"barred": [["c", "w", "conflict"], ["c", "h", "conflict"], ["c", "k", "conflict"]]}
    assert {row["score"] for row in assign_call(stranger, "s")[1] if row["reviewer"] == "n"} == {50_000}


def test_a_conflict_takes_the_best_out_and_the_explanation_says_so():
    rows = assign_call(a_call(barred=[["a", "h", "conflict"]], held=[["c", "w"]]), "s")[1]
    (row,) = [row for row in rows if row["proposal"] == "a"]
    assert row["reviewer"] != "h"
    assert row["why"]["better"][0]["why"] == "conflict"
    assert who(rows)["c"] != "w"


def test_unknown_is_not_zero_and_absent_without_a_default():
    result, rows = assign_call(a_call(unknown=None), "s")
    assert (result["barred_everywhere"], "n" in who(rows).values()) == (["n"], False)


def test_a_blocked_call_names_the_set_and_gives_the_fullest_on_request():
    barred = [[p, r, "conflict"] for p in "ab" for r in "kwn"]
    result, rows = assign_call(a_call(barred=barred), "s")
    assert (result["status"], rows) == ("blocked", [])
    assert result["block"] == {
        "missing": 1, "is_minimum": False, "proposals": ["a", "b"], "reviewers": ["h"], "needed": 2, "available": 1,
    }  # fmt: skip
    partial, rows = assign_call(a_call(barred=barred, partial=True), "s")
    assert (partial["filled"], len(rows)) == (2, 2)


def test_rules_that_cross_are_kept_or_said_to_be_out_of_reach():
    result, rows = assign_call(a_call(per_company=0), "s")
    assert who(rows)["c"] != "w"
    assert result["rules"]["gap"] == 0
    for partial, filled in ((False, 0), (True, 3)):
        result, rows = assign_call(a_call(seats=["technology"], partial=partial), "s")
        assert (result["status"], len(rows)) == ("rules", filled)


def test_fairness_is_told_and_refused_where_it_costs_too_much():
    result, rows = assign_call(a_call(fair=True), "s")
    assert len(rows) == 3
    assert result["fair"]["worst"] <= result["fair"]["bound"]
    assert result["worst"] == result["fair"]["worst"] or result["fair"]["refused"] is not None
    pair = {"text": "hydrogen", "theme": "energy", "company": "x", "demand": 1}
    even = a_call(proposals={"a": pair, "b": pair}, fair=True)
    assert assign_call(even, "s")[0]["status"] == "done"


def test_nothing_to_read_is_no_affinity():
    scores = affinities(["", ""], ["t", "u"], [[""], []], [{}, {}])
    assert scores.tolist() == [[0, ABSENT], [0, ABSENT]]
    assert affinities([], [], [], []).shape == (0, 0)
