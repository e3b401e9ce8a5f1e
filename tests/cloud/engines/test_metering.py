"""What usage costs, and that roundings never add up."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.cloud.engines import metering as engine
from incubator.cloud.engines.metering import Prices

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
PRICES = st.builds(
    Prices,
    st.decimals(0, 10_000, places=10, allow_nan=False),
    st.decimals(0, 100, places=10, allow_nan=False),
)
READINGS = st.lists(
    st.tuples(st.decimals(0, 86_400, places=6, allow_nan=False), st.integers(0, 2**45)), min_size=1, max_size=60
)


def test_an_hour_costs_its_price_and_its_gigabytes() -> None:
    prices = Prices(Decimal(58), Decimal("0.02"))
    assert engine.cost(prices, Decimal(3600), 5 * 10**9) == Decimal("58.1000000000")


def test_a_tenth_of_a_second_is_not_lost() -> None:
    assert engine.cost(Prices(Decimal(58), Decimal(0)), Decimal("0.1"), 0) == Decimal("0.0016111111")


@pytest.mark.parametrize(
    ("end", "seconds"),
    [
        (NOON + dt.timedelta(seconds=1, microseconds=1), Decimal("1.000001")),
        (NOON, Decimal(0)),
        (NOON - dt.timedelta(hours=1), Decimal(0)),
    ],
)
def test_seconds_are_exact_and_a_clock_that_goes_back_costs_nothing(end: dt.datetime, seconds: Decimal) -> None:
    assert engine.seconds_between(NOON, end) == seconds


@pytest.mark.parametrize(
    ("total", "posted", "held", "due"),
    [("10.4", 0, 100, 10), ("10.5", 10, 100, 0), ("11.5", 10, 100, 2), ("11.5", 10, 1, 1), ("5", 7, 100, 0)],
)
def test_what_is_due_is_the_difference_within_the_hold(total: str, posted: int, held: int, due: int) -> None:
    assert engine.due(Decimal(total), posted, held) == due


@given(PRICES, READINGS, st.integers(1, 100_000), st.integers(1, 10**6))
def test_several_cost_and_keep_back_exactly_so_many_times_what_one_does(
    prices: Prices, readings: list[tuple[Decimal, int]], quantity: int, lag: int
) -> None:
    one, many = Prices(prices.hour, Decimal(0)), Prices(prices.hour, Decimal(0), quantity)
    costs = [(engine.cost(one, seconds, size), engine.cost(many, seconds, size)) for seconds, size in readings]
    assert sum(each for _, each in costs) == quantity * sum(each for each, _ in costs)
    assert engine.hourly(many, 0) == quantity * engine.hourly(one, 0)
    kept = engine.reserve(prices.hour, lag, quantity)
    assert kept == quantity * engine.reserve(prices.hour, lag)
    assert kept * 3600 >= prices.hour * quantity * lag


@given(PRICES, READINGS)
def test_postings_sum_to_the_rounded_total_however_often_it_is_read(
    prices: Prices, readings: list[tuple[Decimal, int]]
) -> None:
    total, posted = Decimal(0), 0
    for seconds, size in readings:
        total += engine.cost(prices, seconds, size)
        posted += engine.due(total, posted, 10**18)
        assert posted == engine.rounded(total)
    assert engine.overrun(total, posted) == 0


@given(PRICES, READINGS, st.integers(0, 100_000))
def test_never_more_than_the_hold_is_posted_and_the_rest_is_the_overrun(
    prices: Prices, readings: list[tuple[Decimal, int]], limit: int
) -> None:
    total, posted = Decimal(0), 0
    for seconds, size in readings:
        total += engine.cost(prices, seconds, size)
        posted += engine.due(total, posted, limit - posted)
        assert posted == min(engine.rounded(total), limit)
        assert posted + engine.overrun(total, posted) == engine.rounded(total)


@given(st.decimals("0.0000000001", 10**6, places=10, allow_nan=False), st.integers(1, 100_000))
def test_the_reserve_covers_the_dearest_time_that_goes_unseen(max_cost_hour: Decimal, lag: int) -> None:
    kept = engine.reserve(max_cost_hour, lag)
    assert max_cost_hour * lag / 3600 <= kept < max_cost_hour * lag / 3600 + 1 or kept == 1


@given(st.decimals(1, 10**5, places=4, allow_nan=False), st.integers(1, 3600), st.integers(100, 10**6), st.data())
def test_frozen_within_the_lag_the_limit_is_never_passed(
    max_cost_hour: Decimal, lag: int, more: int, data: st.DataObject
) -> None:
    reserve = engine.reserve(max_cost_hour, lag)
    limit = reserve + more
    seen = data.draw(st.decimals(0, more, places=4, allow_nan=False, allow_infinity=False))
    unseen = max_cost_hour * lag / 3600
    assert engine.is_used_up(Decimal(more), limit - reserve)
    assert seen + unseen <= limit


@pytest.mark.parametrize(
    ("total", "reached"), [("49.99", []), ("50", [50]), ("95", [50, 80, 95]), ("100", [50, 80, 95, 100])]
)
def test_alerts_are_shares_of_what_may_be_spent(total: str, reached: list[int]) -> None:
    assert engine.alerts_reached(Decimal(total), 100) == reached


@pytest.mark.parametrize(
    ("before", "after", "quiet"),
    [
        ("3.1", "3.6", True),
        ("49.8", "49.9", True),
        ("49.9", "50.1", False),
        ("50.1", "50.2", True),
        ("99.9", "100", False),
        ("100.1", "100.2", False),
    ],
)
def test_a_reading_is_quiet_when_no_share_of_the_limit_is_newly_reached(before: str, after: str, quiet: bool) -> None:
    assert engine.is_quiet(Decimal(before), Decimal(after), 100) is quiet


def test_the_time_left_follows_from_the_price() -> None:
    prices = Prices(Decimal(360), Decimal(0))
    assert engine.runs_out_in(Decimal(40), 100, prices, 0) == 600
    assert engine.runs_out_in(Decimal(140), 100, prices, 0) == 0
    assert engine.runs_out_in(Decimal(40), 100, Prices(Decimal(0), Decimal(0)), 0) is None


def test_in_a_year_whose_usage_is_seen_a_day_late_no_overrun_passes_the_reserve() -> None:
    """Sandboxes one after the other for 8,760 hours at any rate up to the dearest; each hour's usage is a day old when
    the next reading counts it."""
    dice, overruns, hour = random.Random(24), [], 0
    lag, limit = 24, 200_000
    while hour < 8_760:
        dearest = Decimal(dice.randint(1, 2_000))
        kept = engine.reserve(dearest, lag * 3_600)
        used = [Decimal(0)]
        while not engine.is_used_up(used[max(len(used) - lag, 0)], limit - kept) and hour < 8_760:
            share = dice.choice((0, 1, dice.randint(0, 100) / 100))
            used.append(used[-1] + dearest * Decimal(str(share)))
            hour += 1
        overruns.append((used[-1] - (limit - kept), kept))
    assert len(overruns) > 10
    assert max(over for over, _kept in overruns) > 0
    assert all(over <= kept for over, kept in overruns)
