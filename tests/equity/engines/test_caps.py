"""Caps: pool, everybody and one person, with what is left."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.equity.engines.caps import CapsError, Check, Held, Limit, Scope, evaluate, limits_of
from incubator.rules.packs import PACK

CAIZI = [rule for rule in PACK if rule.code in ("cn.equity.total", "cn.equity.person")]


def caizi(size: str) -> list[Limit]:
    return [
        limit
        for rule in CAIZI
        for limit in limits_of(rule.parameters, rule=rule.code, source=rule.source, size=size, confirmed=True)
    ]


def test_an_ask_is_checked_against_pool_everybody_and_person() -> None:
    checks = evaluate(
        caizi("medium"),
        capital=10_000_000,
        pool=900_000,
        everybody=Held(granted=500_000, pending=150_000),
        person=Held(granted=200_000, pending=50_000),
        ask=60_000,
    )
    source = CAIZI[0].source
    assert checks == [
        Check("plan.pool", "plan.pool", Scope.EVERYBODY, 900_000, 650_000, 60_000, 250_000, True, True),
        Check("cn.equity.total", source, Scope.EVERYBODY, 1_000_000, 650_000, 60_000, 350_000, True, True),
        Check("cn.equity.person", source, Scope.PERSON, 300_000, 250_000, 60_000, 50_000, False, True),
    ]


@pytest.mark.parametrize(("size", "points"), [("large", 500), ("medium", 1_000), ("small", 3_000), ("micro", 3_000)])
def test_the_limit_on_everybody_goes_by_the_companys_size(size: str, points: int) -> None:
    assert [(limit.scope, limit.points) for limit in caizi(size)] == [
        (Scope.EVERYBODY, points),
        (Scope.PERSON, 300),
    ]


def test_a_limit_is_rounded_down_and_can_be_used_to_the_last_unit() -> None:
    limit = Limit("r", "s", Scope.PERSON, 300, confirmed=False)
    figures: dict[str, Any] = {"capital": 199, "pool": 100, "everybody": Held(), "person": Held()}
    assert [check.ok for check in evaluate([limit], ask=5, **figures)] == [True, True]
    refused = evaluate([limit], ask=6, **figures)[1]
    assert refused == Check("r", "s", Scope.PERSON, 5, 0, 6, 5, ok=False, confirmed=False)


@pytest.mark.parametrize(
    "parameters",
    [{}, {"total_bps": {"medium": 500}}, {"total_bps": {"large": "500"}}, {"person_bps": {"large": 10_001}}],
)
def test_parameters_without_a_limit_for_the_size_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(CapsError, match=r"rule r: "):
        limits_of(parameters, rule="r", source="s", size="large", confirmed=True)


@pytest.mark.parametrize("change", [{"ask": 0}, {"capital": -1}, {"pool": -1}, {"person": Held(pending=-1)}])
def test_figures_that_cannot_be_are_refused(change: dict[str, Any]) -> None:
    figures: dict[str, Any] = {"capital": 1, "pool": 1, "everybody": Held(), "person": Held(), "ask": 1}
    with pytest.raises(CapsError, match="below 0"):
        evaluate([], **(figures | change))


UNITS = st.integers(0, 10**9)


@given(UNITS, UNITS, st.builds(Held, UNITS, UNITS), st.builds(Held, UNITS, UNITS), st.integers(1, 10**9))
def test_an_ask_that_passes_stays_within_every_limit(
    capital: int, pool: int, everybody: Held, person: Held, ask: int
) -> None:
    checks = evaluate(caizi("small"), capital=capital, pool=pool, everybody=everybody, person=person, ask=ask)
    assert [check.ok for check in checks] == [
        everybody.used + ask <= pool,
        (everybody.used + ask) * 10_000 <= capital * 3_000,
        (person.used + ask) * 10_000 <= capital * 300,
    ]
    assert all(check.headroom == check.limit - check.used for check in checks)


@pytest.mark.parametrize(("regime", "total", "person"), [("pilot", 3_000_000, 100_000), ("listed", 1_000_000, 100_000)])
def test_other_regimes_limit_everybody_and_one_person(regime: str, total: int, person: int) -> None:
    """design/incentives.md: pilots 30 % and 1 %, listed companies of central enterprises 10 % and 1 %."""
    rules = [rule for rule in PACK if rule.code in (f"cn.equity.{regime}.total", f"cn.equity.{regime}.person")]
    limits = [
        limit
        for rule in rules
        for limit in limits_of(rule.parameters, rule=rule.code, source=rule.source, size="large", confirmed=False)
    ]
    nobody = Held()
    checks = evaluate(limits, capital=10_000_000, pool=5_000_000, everybody=nobody, person=nobody, ask=100_001)
    assert [(check.limit, check.ok, check.confirmed) for check in checks[1:]] == [
        (total, True, False), (person, False, False),
    ]  # fmt: skip
