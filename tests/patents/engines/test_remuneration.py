"""Remuneration by both regimes, in worked figures, and what is refused."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.patents.engines.awards import AwardError, Part, Share
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.engines.remuneration import Mode, RemunerationRule, Use, UseError, remuneration
from incubator.rules.packs import PACK
from tests.patents.engines.test_awards import SHARES

RULES = [
    RemunerationRule.from_data(rule.code, rule.number, rule.valid_from, rule.valid_to, rule.parameters)
    for rule in PACK
    if rule.code == "cn.patent.remuneration"
]
TWO = [Share("lead", 6_000), Share("mate", 4_000)]
YEAR = Use(
    Mode.OWN_USE, PatentKind.INVENTION, dt.date(2024, 6, 1), dt.date(2025, 1, 1), dt.date(2025, 12, 31), 100_000_000
)
OLD = replace(YEAR, announced_on=dt.date(2020, 5, 1), from_on=dt.date(2022, 1, 1), to_on=dt.date(2022, 12, 31))


@pytest.mark.parametrize(
    ("use", "amount"),
    [
        # Rule 94 with Art. 45 (3): not below 5 % of the operating profit: of 1,000,000 yuan 50,000
        (YEAR, 5_000_000),
        # Art. 45 (1): not below 50 % of the net income: of 300,000.01 yuan 150,000.005, rounded up to the fen
        (replace(YEAR, mode=Mode.LICENCE, base=30_000_001), 15_000_001),
        (replace(YEAR, mode=Mode.TRANSFER, base=30_000_000), 15_000_000),
        # Art. 45 (2): not below 50 % of the shares formed
        (replace(YEAR, mode=Mode.CONTRIBUTION, base=1_000), 500),
        # Rule 78 of 2010: 2 % of the profit, 0.2 % for a design, 10 % of the licence fee
        (OLD, 2_000_000),
        (replace(OLD, kind=PatentKind.DESIGN), 200_000),
        (replace(OLD, kind=PatentKind.UTILITY_MODEL), 2_000_000),
        (replace(OLD, mode=Mode.LICENCE, base=50_000_000), 5_000_000),
        # a loss gives nothing
        (replace(YEAR, base=-1), 0),
    ],
)
def test_the_part_of_the_inventors_by_the_rule_of_the_time(use: Use, amount: int) -> None:
    made = remuneration(RULES, use, TWO)
    assert (made.amount, sum(part.minor for part in made.parts), made.ask_counsel) == (amount, amount, False)


def test_it_carries_all_it_was_computed_from() -> None:
    made = remuneration(RULES, YEAR, TWO)
    assert (made.rule.number, made.points, made.ended, made.parts) == (
        2, 500, False, (Part("lead", 6_000, 3_000_000), Part("mate", 4_000, 2_000_000)),
    )  # fmt: skip


def test_the_fifth_year_of_own_production_is_the_last() -> None:
    assert remuneration(RULES, replace(YEAR, year=5), TWO).amount == 5_000_000
    sixth = remuneration(RULES, replace(YEAR, year=6), TWO)
    assert (sixth.amount, sixth.ended) == (0, True)
    assert remuneration(RULES, replace(OLD, year=9), TWO).ended is False  # 2010: as long as the patent is used


def test_a_patent_announced_under_the_rule_before_needs_counsel() -> None:
    use = replace(YEAR, announced_on=dt.date(2023, 12, 1))
    assert remuneration(RULES, use, TWO).ask_counsel is True
    chosen = remuneration(RULES, use, TWO, number=1)
    assert (chosen.ask_counsel, chosen.rule.number, chosen.amount) == (False, 1, 2_000_000)
    assert remuneration(RULES, use, TWO, number=99).rule.number == 2


@pytest.mark.parametrize(
    ("use", "code", "day"),
    [
        (replace(YEAR, to_on=dt.date(2024, 12, 1)), "order", None),
        (replace(YEAR, announced_on=dt.date(2025, 2, 1)), "before_grant", dt.date(2025, 2, 1)),
        (
            replace(OLD, from_on=dt.date(2023, 7, 1), to_on=dt.date(2024, 6, 30)), "two_rules", dt.date(2024, 1, 20),
        ),
        (replace(YEAR, to_on=dt.date(2026, 1, 1)), "too_long", dt.date(2026, 1, 1)),
        (replace(YEAR, year=0), "year", None),
        (replace(OLD, mode=Mode.TRANSFER), "no_part", None),
        (
            replace(
                OLD, announced_on=dt.date(2008, 1, 1), from_on=dt.date(2009, 1, 1), to_on=dt.date(2009, 12, 31)
            ),
            "no_rule", dt.date(2009, 1, 1),
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_says_why(use: Use, code: str, day: dt.date | None) -> None:
    with pytest.raises(UseError) as caught:
        remuneration(RULES, use, TWO)
    assert (caught.value.code, caught.value.day) == (code, day)


def test_two_rules_in_force_at_once_are_refused() -> None:
    with pytest.raises(UseError, match=r"found: cn\.patent\.remuneration 2, cn\.patent\.remuneration 2"):
        remuneration([*RULES, RULES[1]], YEAR, TWO)


@pytest.mark.parametrize("parameters", [{}, {"licence_income_bps": 10}, {"operating_profit_bps": "many"}])
def test_parameters_of_neither_shape_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(AwardError, match="are not those of a remuneration rule"):
        RemunerationRule.from_data("x", 1, dt.date(2020, 1, 1), None, parameters)


def test_a_rate_above_the_whole_is_refused() -> None:
    parameters = {"operating_profit_bps": {"invention": 10_001}, "licence_income_bps": 0}
    with pytest.raises(AwardError, match="not between 0 and 100 %"):
        RemunerationRule.from_data("x", 1, dt.date(2020, 1, 1), None, parameters)


@given(st.integers(-(10**12), 10**14), SHARES, st.sampled_from(Mode), st.sampled_from(PatentKind))
def test_every_fen_is_given_and_never_less_than_the_law_s_part(
    base: int, shares: list[Share], mode: Mode, kind: PatentKind
) -> None:
    made = remuneration(RULES, replace(YEAR, mode=mode, kind=kind, base=base), shares)
    assert sum(part.minor for part in made.parts) == made.amount
    assert all(part.minor >= 0 for part in made.parts)
    due = max(base, 0) * made.points
    assert due <= made.amount * 10_000 < due + 10_000
