"""Growth without what is none, pools and their payments, worked by hand."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.equity.engines.growth import (
    Clawback,
    Growth,
    GrowthError,
    Happening,
    Payment,
    Stripped,
    by_points,
    cash_right,
    claw_back,
    growth_of,
    is_expired,
    payments,
    pool_of,
    units_after_splits,
    units_for_growth,
    valid_to,
    whole,
)

BASE, VALUE = dt.date(2024, 12, 31), dt.date(2026, 12, 31)
BETWEEN = dt.date(2025, 6, 30)


def grown(*happenings: Happening, value: int = 160_000_000, hurdle: int = 0) -> Growth:
    return growth_of(base=100_000_000, base_on=BASE, value=value, value_on=VALUE, happenings=happenings, hurdle=hurdle)


def test_growth_without_capital_dividends_and_hurdle() -> None:
    """By hand: 160 - 100 - 20 paid in + 5 repaid - 3 declared and still inside - 2 hurdle = 40 (millions)."""
    found = grown(
        Happening(BETWEEN, Stripped.CAPITAL_IN, 20_000_000),
        Happening(BETWEEN, Stripped.CAPITAL_OUT, 5_000_000),
        Happening(BETWEEN, Stripped.DIVIDEND, 3_000_000),
        Happening(BETWEEN, Stripped.DIVIDEND, 7_000_000, paid_on=dt.date(2026, 1, 1)),
        Happening(BETWEEN, Stripped.DIVIDEND, 1_000, paid_on=dt.date(2027, 1, 1)),
        Happening(BASE, Stripped.CAPITAL_IN, 9_000_000),
        Happening(dt.date(2027, 1, 1), Stripped.CAPITAL_IN, 9_000_000),
        Happening(BETWEEN, Stripped.SPLIT, ratio=Fraction(2)),
        hurdle=2_000_000,
    )
    assert (found.capital_in, found.capital_out, found.dividends) == (20_000_000, 5_000_000, 3_001_000)
    assert (found.stripped, found.raw, found.grown) == (18_001_000, 39_999_000, 39_999_000)


def test_a_loss_is_no_growth() -> None:
    found = grown(value=90_000_000)
    assert (found.raw, found.grown) == (-10_000_000, 0)


@pytest.mark.parametrize(
    "changes", [{"base": -1}, {"value": -1}, {"hurdle": -1}, {"value_on": dt.date(2024, 1, 1)},
                {"happenings": [Happening(BETWEEN, Stripped.CAPITAL_IN, -1)]},
                {"happenings": [Happening(BETWEEN, Stripped.SPLIT, ratio=Fraction(0))]}]
)  # fmt: skip
def test_impossible_figures_are_refused(changes: dict[str, Any]) -> None:
    terms = {"base": 1, "base_on": BASE, "value": 2, "value_on": VALUE, "happenings": []} | changes
    with pytest.raises(GrowthError):
        growth_of(**terms)


def test_an_appraisal_is_good_for_a_year() -> None:
    assert valid_to(dt.date(2025, 12, 31)) == dt.date(2026, 12, 30)
    assert not is_expired(dt.date(2025, 12, 31), dt.date(2026, 12, 30))
    assert is_expired(dt.date(2025, 12, 31), dt.date(2026, 12, 31))
    assert is_expired(dt.date(2026, 1, 31), dt.date(2026, 7, 31), months=6)


def test_a_cash_right_pays_its_part_of_the_growth() -> None:
    """By hand: 60,000,000 of growth over 10,000,000 units at the base is 6 each; capped at 5."""
    growth = grown()
    assert cash_right(growth, units=1_000, base_units=Fraction(10_000_000)) == 6_000
    assert cash_right(growth, units=1_000, base_units=Fraction(10_000_000), cap=5) == 5_000
    assert cash_right(growth, units=1, base_units=Fraction(7)) == 8_571_428
    for changes in ({"units": -1}, {"base_units": Fraction(0)}, {"cap": -1}):
        with pytest.raises(GrowthError):
            cash_right(growth, **({"units": 1, "base_units": Fraction(1)} | changes))


def test_a_split_changes_units_and_nothing_else() -> None:
    """Two for one, then three for two: 100 become 300, and each is worth a third: the right is worth the same."""
    splits = [Happening(BETWEEN, Stripped.SPLIT, ratio=Fraction(2)),
              Happening(VALUE, Stripped.SPLIT, ratio=Fraction(3, 2)),
              Happening(dt.date(2027, 1, 1), Stripped.SPLIT, ratio=Fraction(5)),
              Happening(BETWEEN, Stripped.CAPITAL_IN, 1)]  # fmt: skip
    assert units_after_splits(100, BASE, VALUE, splits) == 300
    growth = grown()
    before = cash_right(growth, units=1_000, base_units=Fraction(10_000))
    assert cash_right(growth, units=3_000, base_units=units_after_splits(10_000, BASE, VALUE, splits)) == before


def test_a_pool_is_shared_by_points_and_paid_over_three_years() -> None:
    """By hand: 10 % of 60,000,000 is 6,000,000; 3:2:2 is 2,571,428 4/7, 1,714,285 5/7 twice."""
    pool = pool_of(grown(), rate=1_000)
    assert pool == 6_000_000
    assert by_points(pool, [3, 2, 2]) == [2_571_428, 1_714_286, 1_714_286]
    assert payments(100, dt.date(2024, 2, 29)) == [
        Payment(dt.date(2024, 2, 29), 34),
        Payment(dt.date(2025, 2, 28), 33),
        Payment(dt.date(2026, 2, 28), 33),
    ]
    assert pool_of(grown(), rate=1_000, cap=5_000_000) == 5_000_000
    for rate, cap in ((-1, None), (10_001, None), (1, -1)):
        with pytest.raises(GrowthError):
            pool_of(grown(), rate=rate, cap=cap)
    for pool, points in ((-1, [1]), (1, [0]), (1, [2, -1])):
        with pytest.raises(GrowthError):
            by_points(pool, points)


def test_what_is_not_paid_falls_away_before_anything_is_paid_back() -> None:
    assert claw_back(award=90, paid=30, revised=50) == Clawback(cancelled=40, repaid=0)
    assert claw_back(award=90, paid=60, revised=20) == Clawback(cancelled=30, repaid=40)
    assert claw_back(award=90, paid=60, revised=90) == Clawback(0, 0)
    for paid, revised in ((91, 0), (0, 91), (-1, 0), (0, -1)):
        with pytest.raises(GrowthError):
            claw_back(award=90, paid=paid, revised=revised)


def test_a_milestone_becomes_units_at_the_appraised_value() -> None:
    """By hand: 10 % of 60 m is 6 m; one of 10 m units is worth 16: 375,000 units."""
    growth = grown()
    assert units_for_growth(growth, milestone=50_000_000, rate=1_000, units=10_000_000) == 375_000
    assert units_for_growth(growth, milestone=60_000_001, rate=1_000, units=10_000_000) == 0
    for rate, units, milestone in ((-1, 1, 0), (10_001, 1, 0), (1, 0, 0), (1, 1, -1)):
        with pytest.raises(GrowthError):
            units_for_growth(growth, milestone=milestone, rate=rate, units=units)


money = st.integers(0, 10**14)


@given(money, money, money)
def test_capital_paid_in_is_never_growth(base: int, more: int, injected: int) -> None:
    happened = [Happening(BETWEEN, Stripped.CAPITAL_IN, injected)]
    with_capital = growth_of(base=base, base_on=BASE, value=base + more + injected, value_on=VALUE, happenings=happened)
    assert with_capital.grown == more


@given(money, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_points_and_payments_keep_the_sum(pool: int, points: list[int]) -> None:
    parts = by_points(pool, points)
    assert sum(parts) == pool
    assert all(sum(payment.minor for payment in payments(part, BASE)) == part for part in parts)


@given(money, money, money)
def test_clawback_leaves_exactly_the_revised_award(award: int, paid: int, revised: int) -> None:
    paid, revised = min(paid, award), min(revised, award)
    found = claw_back(award=award, paid=paid, revised=revised)
    assert award - found.cancelled - found.repaid == revised
    assert found.repaid == 0 or found.cancelled == award - paid


def test_points_become_whole_numbers_in_the_same_proportions() -> None:
    assert whole([Fraction(1, 2), Fraction(1, 3), Fraction(2)]) == [3, 2, 12]
