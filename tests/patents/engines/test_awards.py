"""Inventor awards: the version of the day, the split to the fen, and what is refused."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.patents.engines.awards import (
    Award,
    AwardError,
    AwardRule,
    Part,
    Share,
    award,
    rule_in_force,
    split,
)
from incubator.patents.engines.deadlines import award_due
from incubator.patents.engines.numbers import PatentKind
from incubator.rules.packs import PACK

RULES = [
    AwardRule.from_data(rule.code, rule.valid_from, rule.valid_to, rule.parameters)
    for rule in PACK
    if rule.code == "cn.patent.award"
]
DAY = dt.date(2024, 1, 20)
SHARES = st.lists(st.integers(1, 9_999), max_size=7, unique=True).map(
    lambda cuts: [
        Share(f"p{place}", high - low)
        for place, (low, high) in enumerate(zip([0, *sorted(cuts)], [*sorted(cuts), 10_000], strict=True))
    ]
)


@pytest.mark.parametrize(
    ("kind", "announced", "minor"),
    [
        (PatentKind.INVENTION, "2024-01-20", 400_000),
        (PatentKind.UTILITY_MODEL, "2024-01-20", 150_000),
        (PatentKind.DESIGN, "2026-11-22", 150_000),
        (PatentKind.INVENTION, "2024-01-19", 300_000),
        (PatentKind.UTILITY_MODEL, "2010-02-01", 100_000),
        (PatentKind.DESIGN, "2023-12-29", 100_000),
    ],
)
def test_the_rule_of_the_day_of_the_announcement_counts(kind: PatentKind, announced: str, minor: int) -> None:
    day = dt.date.fromisoformat(announced)
    assert award(RULES, kind=kind, announced_on=day, shares=[Share("p", 10_000)]).minor == minor


def test_the_law_speaks_of_patents_granted_in_china_and_a_rule_may_name_other_offices() -> None:
    assert {rule.offices for rule in RULES} == {frozenset({"CNIPA"})}
    given = {"currency": "CNY", "minor": {"invention": 1}, "months": 3}
    named = [AwardRule.from_data("own", DAY, None, given | more).offices for more in ({}, {"offices": ["EPO"]})]
    assert named == [frozenset({"CNIPA"}), frozenset({"EPO"})]


def test_an_award_carries_all_it_was_computed_from() -> None:
    shares = [Share("lead", 3_334), Share("second", 3_333), Share("third", 3_333)]
    result = award(RULES, kind=PatentKind.INVENTION, announced_on=DAY, shares=shares)
    assert result == Award(
        rule=rule_in_force(RULES, kind=PatentKind.INVENTION, day=DAY),
        kind=PatentKind.INVENTION,
        announced_on=DAY,
        minor=400_000,
        parts=(Part("lead", 3_334, 133_360), Part("second", 3_333, 133_320), Part("third", 3_333, 133_320)),
        due=award_due(DAY),
    )
    assert (result.currency, result.rule.valid_from) == ("CNY", DAY)


def test_left_over_minor_units_go_to_the_largest_remainders_and_then_by_place() -> None:
    parts = split(100, [Share("a", 3_330), Share("b", 3_335), Share("c", 3_335)])
    assert [part.minor for part in parts] == [33, 34, 33]


@pytest.mark.parametrize("day", ["2009-12-31", "2010-01-31"])
def test_a_day_without_a_rule_is_refused(day: str) -> None:
    with pytest.raises(AwardError, match=r"must be in force on .* found: none"):
        rule_in_force(RULES, kind=PatentKind.DESIGN, day=dt.date.fromisoformat(day))


def test_two_rules_in_force_at_once_are_refused() -> None:
    with pytest.raises(
        AwardError, match=r"found: cn\.patent\.award from 2024-01-20, cn\.patent\.award from 2024-01-20"
    ):
        rule_in_force([*RULES, *RULES], kind=PatentKind.DESIGN, day=DAY)


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ([], "sum to 0 basis points; they must sum to 10000"),
        ([Share("a", 9_999)], "sum to 9999"),
        ([Share("a", 5_000), Share("a", 5_000)], "stands twice"),
        ([Share("a", 10_000), Share("b", 0)], "at least 1 basis point"),
    ],
)
def test_shares_that_are_not_the_whole_are_refused(shares: list[Share], words: str) -> None:
    with pytest.raises(AwardError, match=words):
        split(100, shares)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"currency": "CNY", "months": 3, "minor": {"plant": 1}},
        {"currency": "CNY", "months": 3, "minor": 5},
        {"currency": "CNY", "months": None, "minor": {}},
    ],
)
def test_parameters_of_another_rule_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(AwardError, match="rule x: its parameters are not those of an award rule"):
        AwardRule.from_data("x", DAY, None, parameters)


def test_a_rule_must_not_end_before_it_begins_nor_take_money() -> None:
    with pytest.raises(AwardError, match="ends before it begins"):
        AwardRule("x", DAY, dt.date(2024, 1, 19), "CNY", {}, 3)
    with pytest.raises(AwardError, match="an amount is below 0"):
        AwardRule("x", DAY, None, "CNY", {PatentKind.DESIGN: -1}, 3)


@given(st.integers(0, 10**12), SHARES)
def test_a_split_is_exact_and_nobody_is_a_minor_unit_away_from_their_part(minor: int, shares: list[Share]) -> None:
    parts = split(minor, shares)
    assert sum(part.minor for part in parts) == minor
    assert [(part.key, part.points) for part in parts] == [(share.key, share.points) for share in shares]
    assert all(abs(part.minor * 10_000 - minor * part.points) < 10_000 for part in parts)
