"""The cost of grants by period: IFRS 2's own examples, the graded example of the design, leavers."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.equity.engines.expense import (
    Estimate,
    ExpenseError,
    Forfeiture,
    Period,
    Tranche,
    by_period,
    months,
    months_between,
    recognised,
    served,
    years,
)

GRANTED = dt.date(2026, 1, 1)
GRADED = [Tranche(300, GRANTED, dt.date(year, 1, 1)) for year in (2027, 2028, 2029, 2030)]
FOUR = years(GRANTED, dt.date(2029, 12, 31))


def figures(*args: Any, **kwargs: Any) -> list[int]:
    return [period.minor for period in by_period(*args, **kwargs)]


def test_graded_vesting_costs_most_at_first() -> None:
    """1,200 options at 10.00, four yearly instalments: 6,250 / 3,250 / 1,750 / 750 (in minor units x 100)."""
    assert figures(GRADED, FOUR, value=Fraction(1_000)) == [625_000, 325_000, 175_000, 75_000]


def test_a_cliff_costs_the_same_every_year() -> None:
    assert figures([Tranche(1_200, GRANTED, dt.date(2030, 1, 1))], FOUR, value=Fraction(1_000)) == [300_000] * 4


def test_the_standards_example_of_leavers() -> None:
    """IFRS 2, IG11, example 1, scenario 2: 50,000 options at 15; 15 %, then 12 % expected to leave, 57 of 500 left:
    212,500, 227,500, 224,500."""
    gone = (Forfeiture(dt.date(2028, 12, 31), 5_700),)
    tranche = Tranche(50_000, GRANTED, dt.date(2029, 1, 1), gone)
    estimates = [Estimate(GRANTED, 1_500), Estimate(dt.date(2027, 1, 1), 1_200)]
    assert figures([tranche], FOUR[:3], value=Fraction(15), estimates=estimates) == [212_500, 227_500, 224_500]


def test_a_leaver_gives_back_what_had_been_recognised_on_units_that_never_vest() -> None:
    """By hand: half of instalment two is served at the end of 2026 (150,000); the leaver of 2027 gives it back."""
    left = dt.date(2027, 6, 30)
    rows = [GRADED[0], *[Tranche(t.units, t.serves_from, t.vests_on, (Forfeiture(left, 300),)) for t in GRADED[1:]]]
    assert figures(rows, FOUR, value=Fraction(1_000)) == [625_000, -325_000, 0, 0]


def test_a_grant_cancelled_by_the_company_is_recognised_at_once() -> None:
    """IFRS 2, 28 (a)."""
    ended = Tranche(1_200, GRANTED, dt.date(2030, 1, 1), ended_on=dt.date(2027, 3, 1))
    assert figures([ended], FOUR, value=Fraction(1_000)) == [300_000, 900_000, 0, 0]


def test_service_that_has_not_begun_costs_nothing() -> None:
    later = Tranche(100, dt.date(2027, 1, 1), dt.date(2027, 1, 1))
    assert recognised([later], dt.date(2026, 12, 31), value=Fraction(10)) == 0
    assert served(later, dt.date(2026, 12, 31)) == 0
    assert recognised([later], dt.date(2027, 1, 1), value=Fraction(10)) == 1_000


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ((2026, 1, 1), (2027, 1, 1), Fraction(12)),
        ((2026, 1, 31), (2026, 2, 28), Fraction(1)),
        ((2026, 1, 31), (2026, 3, 15), 1 + Fraction(15, 31)),
        ((2026, 3, 1), (2026, 3, 1), Fraction(0)),
        ((2026, 3, 1), (2026, 2, 1), Fraction(0)),
    ],
)
def test_months_and_days_of_a_month(start: tuple[int, int, int], end: tuple[int, int, int], expected: Fraction) -> None:
    assert months_between(dt.date(*start), dt.date(*end)) == expected


def test_periods_are_years_or_months() -> None:
    assert FOUR[0] == (dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert months(dt.date(2026, 1, 15), dt.date(2026, 3, 1)) == [
        (dt.date(2026, 1, 1), dt.date(2026, 1, 31)),
        (dt.date(2026, 2, 1), dt.date(2026, 2, 28)),
        (dt.date(2026, 3, 1), dt.date(2026, 3, 31)),
    ]
    (only,) = by_period(GRADED, FOUR[:1], value=Fraction(1_000))
    assert only == Period(dt.date(2026, 1, 1), dt.date(2026, 12, 31), 625_000)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ExpenseError, match="without a gap"):
        by_period(GRADED, [FOUR[0], FOUR[2]], value=Fraction(1))
    with pytest.raises(ExpenseError, match="without a gap"):
        by_period(GRADED, [(FOUR[0][1], FOUR[0][0])], value=Fraction(1))
    with pytest.raises(ExpenseError, match="at least 0"):
        by_period(GRADED, FOUR, value=Fraction(-1))
    with pytest.raises(ExpenseError, match="basis points"):
        Estimate(GRANTED, 10_001)
    for units, gone in ((-1, 0), (1, 2), (1, -1)):
        with pytest.raises(ExpenseError, match="units"):
            Tranche(units, GRANTED, GRANTED, (Forfeiture(GRANTED, gone),))


tranches = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 700), st.integers(0, 1_500)), min_size=1, max_size=8
).map(lambda rows: [Tranche(n, GRANTED + dt.timedelta(days=s), GRANTED + dt.timedelta(days=s + d)) for n, s, d in rows])


@given(tranches, st.integers(0, 10**6), st.integers(0, 10_000))
def test_periods_sum_to_what_vests_and_never_fall(rows: list[Tranche], value: int, points: int) -> None:
    periods = months(GRANTED, dt.date(2033, 12, 31))
    found = figures(rows, periods, value=Fraction(value), estimates=[Estimate(GRANTED, points)])
    assert sum(found) == sum(tranche.units for tranche in rows) * value
    assert min(found) >= 0
    assert all(0 <= served(tranche, GRANTED) <= 1 for tranche in rows)
