"""Prices, exchanges, positions, forecasts and scorecards: hand-worked figures, and what holds for any."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incubator.cloud.engines import credits as purse
from incubator.cloud.engines import forecast, fx, prices, scores
from incubator.cloud.engines.credits import Position

AMOUNTS = st.integers(1, 10**12)
RATES = st.integers(10**4, 10**12)


@pytest.mark.parametrize(
    ("price", "is_hour", "hour"),
    [("58", True, "58"), ("18000", False, "24.6575342466"), ("0", False, "0E-10")],
)
def test_a_month_is_730_hours(price: str, is_hour: bool, hour: str) -> None:
    assert str(prices.hourly(Decimal(price), is_hour=is_hour)) == hour


def test_an_estimate_counts_hours_or_months_and_the_preference() -> None:
    # 0.58 yuan an hour, 2 for 3 months: 58 fen * 2 * 3 * 730 = 254,040; 15 % off: 215,934
    assert prices.estimate(Decimal(58), is_hour=True, quantity=2, months=3) == 254_040
    assert prices.estimate(Decimal(58), is_hour=True, quantity=2, months=3, lower_bp=1500) == 215_934
    assert prices.estimate(Decimal(18_000), is_hour=False, quantity=12, months=6) == 1_296_000
    assert prices.lowered(Decimal(58), 1500) == Decimal("49.3")


def test_days_of_several_cost_so_many_times_those_of_one() -> None:
    # 25.50 yuan a seat and month = 3.4931506849 fen an hour; ten days of one: 838.356164376, rounded 838; of twelve
    assert prices.for_days(Decimal("3.4931506849"), quantity=1, days=10) == 838
    assert prices.for_days(Decimal("3.4931506849"), quantity=12, days=10) == 10_056


def test_credits_are_changed_up_and_back_in_full() -> None:
    # 100.00 dollars at 7.12345678: 712.345678 yuan, held as 712.35; 1,000 yen at 0.05: 50.00 yuan
    assert fx.cost_of(10_000, 712_345_678, from_digits=2, to_digits=2) == 71_235
    assert fx.cost_of(1_000, 5_000_000, from_digits=2, to_digits=0) == 5_000
    assert fx.given_back(changed=(71_235, 10_000), returned=(0, 0), now=4_000) == 28_494
    assert fx.given_back(changed=(71_235, 10_000), returned=(28_494, 4_000), now=6_000) == 42_741
    with pytest.raises(ValueError, match="no more comes back"):
        fx.given_back(changed=(71_235, 10_000), returned=(0, 9_000), now=1_001)


@given(AMOUNTS, RATES)
def test_what_is_held_covers_what_was_asked_for(amount: int, rate: int) -> None:
    paid = fx.cost_of(amount, rate, from_digits=2, to_digits=2)
    assert (paid - 1) * fx.E8 < amount * rate <= paid * fx.E8


@given(st.integers(0, 10**12), st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_returns_in_any_parts_sum_to_what_was_changed(own: int, parts: list[int]) -> None:
    foreign, back, own_back = sum(parts), 0, 0
    for part in parts:
        now = fx.given_back(changed=(own, foreign), returned=(own_back, back), now=part)
        assert now >= 0
        back, own_back = back + part, own_back + now
    assert own_back == own


def test_alerts_follow_what_is_spent_and_not_what_is_set_aside() -> None:
    position = Position("CNY", granted=1_000, left=100, held=100, reserve=150)
    assert (position.spent, position.share_bp, purse.reached(position)) == (800, 8_000, [50, 80])
    assert not position.is_used_up
    assert Position("CNY", 1_000, 0, 150, 150).is_used_up
    nothing = Position("CNY", 0, 0, 0)
    assert (nothing.share_bp, purse.reached(nothing), nothing.is_used_up) == (0, [], False)


def test_credits_go_back_to_the_last_who_gave() -> None:
    assert purse.spread_back(700, [500, 300, 100]) == [300, 300, 100]
    assert purse.spread_back(100, [500, -20]) == [100, 0]
    with pytest.raises(ValueError, match="more comes back"):
        purse.spread_back(901, [500, 300, 100])


def test_an_amount_in_another_currency_is_exact_until_it_is_posted() -> None:
    # 100.00 at 7.8 into one at 7.2: 108.33…; 0.03 at 2.5: 0.075; 1.50 of the own into one without decimals at 0.05: 30
    assert fx.exact(10_000, rate_e8=780_000_000, to_rate_e8=720_000_000, from_digits=2, to_digits=2) == Fraction(
        65_000, 6
    )
    assert fx.exact(3, rate_e8=250_000_000, to_rate_e8=fx.E8, from_digits=2, to_digits=2) == Fraction(15, 2)
    assert fx.exact(150, rate_e8=fx.E8, to_rate_e8=5_000_000, from_digits=2, to_digits=0) == 30


def test_a_forecast_by_hand() -> None:
    # 4 days of 80, 120, 80, 120: mean 100, s = sqrt(4 * 20² / 3) = 23.094; 2,000 left: 20 days;
    # early: sqrt(n) = (-29.597 + sqrt(29.597² + 800,000)) / 200 = 4.3266 -> 19; late: 4.6226 -> 22
    found = forecast.forecast(2_000, [80, 120, 80, 120])
    assert (found.rate, found.earliest, found.likely, found.latest) == (100, 19, 20, 22)
    assert found.left_after(2_000, 10) == 1_000
    assert found.left_after(2_000, 30) == 0
    assert found.left_after(2_000, 10, forecast.Z80) > 1_000 > found.left_after(2_000, 10, -forecast.Z80)


def test_nothing_spent_runs_out_never_and_a_trickle_later_than_is_said() -> None:
    assert forecast.forecast(100, [0, 0]).likely is None
    assert forecast.forecast(100, []).likely is None
    assert forecast.forecast(10**9, [1]) == forecast.Forecast(Decimal(1), Decimal(0), None, None, None)


def test_with_nothing_left_it_has_run_out_today() -> None:
    found = forecast.forecast(0, [0, 0, 394, 6_433_729])
    assert (found.earliest, found.likely, found.latest, found.left_after(0, 30)) == (0, 0, 0, 0)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), max_size=60))
@example(0, [0, 0, 394, 6_433_729])
def test_the_range_holds_the_likely_day(left: int, daily: list[int]) -> None:
    found = forecast.forecast(left, daily)
    if found.likely is not None and found.earliest is not None:
        assert found.earliest <= found.likely
        assert found.latest is None or found.likely <= found.latest
    assert 0 <= found.left_after(left, 30) <= left


def test_a_scorecard_by_hand() -> None:
    month = scores.Measured(
        ready=[3, 1, 2, 40], asked=8, failed=1, lags=[11, 12], corrections=0, expected=1_000, spent=1_015, findings=2
    )
    assert scores.figures(month) == {
        "ready": 4, "ready_p50": 2, "ready_p95": 40, "asked": 8, "failed": 1, "failed_bp": 1_250, "lag_p95": 12,
        "corrections": 0, "expected": 1_000, "spent": 1_015, "deviation_bp": 150, "findings": 2,
    }  # fmt: skip
    empty = scores.figures(scores.Measured([], 0, 0, [], 0, 0, 0, 0))
    assert (empty["ready_p95"], empty["failed_bp"], empty["deviation_bp"]) == (None, None, None)
