"""The decision rule: what each of its words does, and what holds for every input."""

import hashlib
import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.reviews.engines.deciding import (
    Decided,
    DecidingError,
    Leftovers,
    Order,
    Reason,
    Row,
    Rule,
    Threshold,
    Verdict,
    evaluate,
    inputs,
    replay,
)

DATA: dict[str, Any] = {
    "order": "total",
    "threshold": {"kind": "minimum_total", "hundredths": 350},
    "quorum": 2,
    "budget": "theme",
    "leftovers": "skip",
    "ties": ["criterion:uniqueness", "requested", "key"],
    "below_threshold": "rejected",
    "over_budget": "shelved",
}
RULE = Rule.from_data(DATA)
FLAGGED = replace(
    RULE, order=Order.GIVEN, threshold=Threshold.FLAG, minimum=None, quorum=0, over_budget=Verdict.REJECTED
)


def row(key: str, total: float | None = 400, requested: int = 100, **rest: Any) -> Row:
    values: dict[str, Any] = {"key": key, "theme": "t", "reviews": 3, "requested": requested, "total": total}
    return Row(**(values | rest))


def told(rule: Rule, rows: list[Row], budget: int) -> list[tuple[str, int | None, Verdict, Reason, int]]:
    outcome = evaluate(rule, rows, {"t": budget})
    return [(d.key, d.rank, d.verdict, d.reason, d.budget_after) for d in outcome.rows]


def test_the_highest_totals_are_accepted_until_the_budget_is_used() -> None:
    rows = [row("c", 380), row("a", 450), row("b", 349), row("d", 350, 50)]
    assert told(RULE, rows, 160) == [
        ("a", 1, Verdict.ACCEPTED, Reason.WITHIN_BUDGET, 60),
        ("c", 2, Verdict.SHELVED, Reason.OVER_BUDGET, 60),
        ("d", 3, Verdict.ACCEPTED, Reason.WITHIN_BUDGET, 10),
        ("b", 4, Verdict.REJECTED, Reason.BELOW_MINIMUM, 10),
    ]


def test_a_rule_that_stops_accepts_nothing_after_the_first_that_does_not_fit() -> None:
    rows = [row("a", 450), row("c", 380), row("d", 350, 50), row("e", 300, 1)]
    assert told(replace(RULE, leftovers=Leftovers.STOP), rows, 160) == [
        ("a", 1, Verdict.ACCEPTED, Reason.WITHIN_BUDGET, 60),
        ("c", 2, Verdict.SHELVED, Reason.OVER_BUDGET, 60),
        ("d", 3, Verdict.SHELVED, Reason.AFTER_THE_LINE, 60),
        ("e", 4, Verdict.REJECTED, Reason.BELOW_MINIMUM, 60),
    ]


def test_a_given_order_and_flag_need_no_score() -> None:
    rows = [
        row("a", None, given_order=2, given_flag=True),
        row("b", None, given_order=1, given_flag=False),
        row("c", None, given_order=3, given_flag=True),
    ]
    assert told(FLAGGED, rows, 100) == [
        ("b", 1, Verdict.REJECTED, Reason.NOT_FLAGGED, 100),
        ("a", 2, Verdict.ACCEPTED, Reason.WITHIN_BUDGET, 0),
        ("c", 3, Verdict.REJECTED, Reason.OVER_BUDGET, 0),
    ]


def test_below_the_quorum_nothing_is_decided_and_no_money_is_held() -> None:
    outcome = evaluate(RULE, [row("a", None, reviews=1), row("b", 400)], {"t": 100, "u": 7})
    assert [(d.key, d.rank, d.verdict, d.reason) for d in outcome.rows] == [
        ("b", 1, Verdict.ACCEPTED, Reason.WITHIN_BUDGET),
        ("a", None, Verdict.NOT_DECIDABLE, Reason.BELOW_QUORUM),
    ]
    assert [d.key for d in outcome.errors] == ["a"]
    assert outcome.remaining == {"t": 0, "u": 7}


def test_ties_are_broken_in_the_order_the_rule_names() -> None:
    rows = [
        row("late", means={"uniqueness": 400}),
        row("best", means={"uniqueness": 500}, requested=900),
        row("cheap", means={"uniqueness": 400}, requested=50),
        row("early", means={"uniqueness": 400}),
        row("unscored", means={"uniqueness": None}),
        row("below", 399),
    ]
    outcome = evaluate(RULE, rows, {"t": 0})
    assert [(d.key, d.tie) for d in outcome.rows] == [
        ("best", None),
        ("cheap", "criterion:uniqueness"),
        ("early", "requested"),
        ("late", "key"),
        ("unscored", "criterion:uniqueness"),
        ("below", None),
    ]


def test_a_decided_row_carries_the_figures_of_its_sentence() -> None:
    outcome = evaluate(RULE, [row("a", 450, 70), row("b", 400, 50)], {"t": 100})
    assert outcome.by_key["b"] == Decided(
        row=row("b", 400, 50),
        verdict=Verdict.SHELVED,
        reason=Reason.OVER_BUDGET,
        rank=2,
        budget_before=30,
        budget_after=30,
        tie=None,
        minimum=350,
        quorum=2,
    )
    assert outcome.by_key["b"].values() == {
        "theme": "t",
        "rank": 2,
        "total": 400,
        "minimum": 350,
        "reviews": 3,
        "quorum": 2,
        "requested": 50,
        "budget_before": 30,
        "budget_after": 30,
        "short_by": 20,
        "tie": None,
    }


def test_the_stored_inputs_replay_to_the_same_outcome() -> None:
    rows = [row("a", means={"uniqueness": 410}), row("b", 300)]
    outcome = evaluate(RULE, rows, {"t": 100})
    stored = json.loads(json.dumps(inputs(RULE, rows, {"t": 100})))
    assert replay(stored) == outcome
    with pytest.raises(DecidingError, match="belong to deciding/0"):
        replay(stored | {"engine": "deciding/0"})


def test_the_hash_is_the_sha256_of_the_canonical_json_of_the_inputs() -> None:
    written = (
        '{"budgets":{"t":100},"engine":"deciding/1","rows":[{"given_flag":null,"given_order":null,"key":"a",'
        '"means":{"uniqueness":410},"requested":100,"reviews":3,"theme":"t","total":400}],"rule":'
        '{"below_threshold":"rejected","budget":"theme","leftovers":"skip","order":"total","over_budget":"shelved",'
        '"quorum":2,"threshold":{"hundredths":350,"kind":"minimum_total"},'
        '"ties":["criterion:uniqueness","requested","key"]}}'
    )
    outcome = evaluate(RULE, [row("a", means={"uniqueness": 410})], {"t": 100})
    assert outcome.inputs_hash == hashlib.sha256(written.encode()).hexdigest()


@pytest.mark.parametrize(
    "changed",
    [
        inputs(replace(RULE, minimum=351), [row("a")], {"t": 1}),
        inputs(RULE, [row("a", 401)], {"t": 1}),
        inputs(RULE, [row("a")], {"t": 2}),
    ],
)
def test_any_changed_input_changes_the_hash(changed: dict[str, Any]) -> None:
    assert replay(changed).inputs_hash != evaluate(RULE, [row("a")], {"t": 1}).inputs_hash


def test_a_rule_comes_back_from_its_stored_form() -> None:
    assert RULE.to_data() == DATA
    assert Rule.from_data(FLAGGED.to_data()) == FLAGGED


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"order": "votes"}, "order: 'votes' must be one of total, given"),
        ({"order": 1}, "order: 1 must be one of"),
        ({"threshold": "none"}, "threshold: must be an object"),
        ({"threshold": {}}, "threshold kind: None must be one of"),
        ({"threshold": {"kind": "minimum_total"}}, "threshold: missing hundredths"),
        ({"threshold": {"kind": "given_flag", "hundredths": 1}}, "threshold: does not know hundredths"),
        ({"threshold": {"kind": "minimum_total", "hundredths": "350"}}, "must be a whole number"),
        ({"threshold": {"kind": "minimum_total", "hundredths": 10_001}}, "from 0 to 10000"),
        ({"quorum": True}, "quorum: True must be a whole number"),
        ({"quorum": 101}, "quorum: 101 must be from 0 to 100"),
        ({"quorum": 0}, "at least 1 review"),
        ({"budget": "call"}, "budget: 'call' must be one of theme"),
        ({"leftovers": "share"}, "leftovers: 'share' must be one of skip, stop"),
        ({"ties": "key"}, "ties: must be a list of words"),
        ({"ties": [1, "key"]}, "ties: must be a list of words"),
        ({"ties": []}, "the last one must be 'key'"),
        ({"ties": ["requested"]}, "the last one must be 'key'"),
        ({"ties": ["key", "key"]}, "only once"),
        ({"ties": ["votes", "key"]}, "ties: 'votes' must be"),
        ({"ties": ["criterion:", "key"]}, "ties: 'criterion:' must be"),
        ({"below_threshold": "shelved"}, "below_threshold: 'shelved' must be one of rejected"),
        ({"over_budget": "accepted"}, "over_budget: 'accepted' must be one of shelved, rejected"),
        ({"lots": True}, "the rule: does not know lots"),
    ],
)
def test_a_wrong_rule_is_refused_by_the_name_of_its_field(change: dict[str, Any], words: str) -> None:
    with pytest.raises(DecidingError, match=words):
        Rule.from_data(DATA | change)


def test_a_rule_with_a_field_missing_is_refused() -> None:
    with pytest.raises(DecidingError, match="the rule: missing over_budget, quorum"):
        Rule.from_data({key: DATA[key] for key in DATA if key not in ("quorum", "over_budget")})


def test_a_rule_made_in_code_is_checked_too() -> None:
    with pytest.raises(DecidingError, match="a given flag has no minimum"):
        replace(FLAGGED, minimum=350)
    with pytest.raises(DecidingError, match="over_budget"):
        replace(RULE, over_budget=Verdict.ACCEPTED)


@pytest.mark.parametrize(
    ("rule", "rows", "words"),
    [
        (RULE, [row("a"), row("a")], "row a: stands twice"),
        (RULE, [row("a", theme="x")], "row a: theme x has no budget"),
        (RULE, [row("a", requested=-1)], "row a: requested: -1 must be from 0"),
        (RULE, [row("a", requested=2**53)], "row a: requested"),
        (RULE, [row("a", reviews=-1)], "row a: reviews: -1"),
        (RULE, [row("a", total=3.5)], "row a: total: 3.5 must be a whole number"),
        (RULE, [row("a", means={"team": -1})], "row a: team: -1 must be from 0"),
        (FLAGGED, [row("a", given_flag=True, given_order=-5)], "row a: given_order: -5 must be from 0"),
        (RULE, [row("a", None)], "row a: the rule needs its total"),
        (FLAGGED, [row("a", given_flag=True)], "row a: the rule needs its given_order"),
        (FLAGGED, [row("a", given_order=1)], "row a: the rule needs its given_flag"),
        (replace(RULE, order=Order.GIVEN), [row("a", None, given_order=1)], "row a: the rule needs its total"),
    ],
)
def test_a_row_the_rule_cannot_read_is_refused(rule: Rule, rows: list[Row], words: str) -> None:
    with pytest.raises(DecidingError, match=words):
        evaluate(rule, rows, {"t": 100})


def test_a_negative_budget_is_refused() -> None:
    with pytest.raises(DecidingError, match="budget of theme t: -1"):
        evaluate(RULE, [], {"t": -1})


RULES = st.builds(
    Rule,
    order=st.sampled_from(Order),
    threshold=st.just(Threshold.MINIMUM),
    minimum=st.sampled_from([0, 250, 350]),
    quorum=st.integers(1, 2),
    leftovers=st.sampled_from(Leftovers),
    ties=st.sampled_from([("key",), ("requested", "key"), ("criterion:u", "requested", "key")]),
    over_budget=st.sampled_from([Verdict.SHELVED, Verdict.REJECTED]),
)
ROWS = st.lists(
    st.builds(
        Row,
        key=st.text("abcdefgh", min_size=1, max_size=4),
        theme=st.sampled_from("tu"),
        reviews=st.integers(0, 3),
        requested=st.integers(0, 60),
        total=st.integers(200, 203).map(lambda n: n * 2 - 60),
        means=st.fixed_dictionaries({"u": st.none() | st.sampled_from([300, 400])}),
        given_order=st.integers(1, 4),
    ),
    max_size=12,
    unique_by=lambda row: row.key,
)
BUDGETS = st.fixed_dictionaries({"t": st.integers(0, 200), "u": st.integers(0, 200)})


@given(RULES, ROWS, BUDGETS, st.integers())
def test_the_order_of_the_rows_makes_no_difference(
    rule: Rule, rows: list[Row], budgets: dict[str, int], seed: int
) -> None:
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)
    assert evaluate(rule, shuffled, budgets) == evaluate(rule, rows, budgets)


@given(RULES, ROWS, BUDGETS)
def test_no_budget_is_ever_exceeded(rule: Rule, rows: list[Row], budgets: dict[str, int]) -> None:
    outcome = evaluate(rule, rows, budgets)
    spent = {
        theme: sum(d.row.requested for d in outcome.rows if d.verdict is Verdict.ACCEPTED and d.row.theme == theme)
        for theme in budgets
    }
    assert outcome.remaining == {theme: budgets[theme] - spent[theme] for theme in budgets}
    assert min(outcome.remaining.values()) >= 0
    assert sorted(d.key for d in outcome.rows) == sorted(row.key for row in rows)


@given(RULES, ROWS, BUDGETS)
def test_a_skipping_rule_turns_nobody_away_whom_the_money_left_at_the_end_would_pay(
    rule: Rule, rows: list[Row], budgets: dict[str, int]
) -> None:
    outcome = evaluate(replace(rule, leftovers=Leftovers.SKIP), rows, budgets)
    turned_away = [d for d in outcome.rows if d.reason is Reason.OVER_BUDGET]
    assert all(d.row.requested > outcome.remaining[d.row.theme] for d in turned_away)


# ---- A lottery in the undecided zone

LOTTERY = Rule.from_data(DATA | {"lottery": "close"})


def test_lots_order_the_undecided_between_the_clear_ones() -> None:
    rows = [
        row("a", 480, zone="above"), row("b", 420, zone="close", lot=2), row("c", 400, zone="close", lot=1),
        row("d", 500, zone="below"),
    ]  # fmt: skip
    assert [one[0] for one in told(LOTTERY, rows, 1_000)] == ["a", "c", "b", "d"]
    assert [one[0] for one in told(RULE, rows, 1_000)] == ["d", "a", "b", "c"]
    assert [one[0] for one in told(LOTTERY, [row("x", 400), row("y", 410)], 1_000)] == ["y", "x"]
    assert evaluate(LOTTERY, rows, {"t": 1_000}).by_key["c"].values()["lot"] == 1
    assert replay(inputs(LOTTERY, rows, {"t": 1_000})) == evaluate(LOTTERY, rows, {"t": 1_000})


def test_a_rule_without_a_lottery_is_stored_as_it_always_was() -> None:
    data = inputs(RULE, [row("a")], {"t": 1})
    assert "lottery" not in data["rule"]
    assert not {"zone", "lot"} & set(data["rows"][0])
    assert LOTTERY.to_data() == DATA | {"lottery": "close"}


@pytest.mark.parametrize(
    "more",
    [{"lottery": "all"}, {"lottery": "close", "order": "given", "threshold": {"kind": "given_flag"}}],
)
def test_a_lottery_that_no_engine_knows_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(DecidingError, match="lottery"):
        Rule.from_data(DATA | more)


@pytest.mark.parametrize("wrong", [row("a", zone="close"), row("a", zone="near"), row("a", zone="close", lot=-1)])
def test_a_lot_that_is_missing_or_wrong_is_refused(wrong: Row) -> None:
    with pytest.raises(DecidingError, match=r"lot|zone"):
        evaluate(LOTTERY, [wrong], {"t": 1_000})
