"""Cap tables by hand, rounds checked against their identities, and what holds for any register."""

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.equity.engines.capital import (
    CapitalError,
    Entry,
    PoolFrom,
    Stake,
    at_month_ends,
    basis_points,
    cap_table,
    last_month_end,
    month_ends,
    positions,
    what_if,
)

JAN = dt.date(2026, 1, 15)
REGISTER = [
    Entry(JAN, 1, 1, 6_000),
    Entry(JAN, 2, 1, 4_000),
    Entry(dt.date(2026, 2, 28), 1, 1, -1_000),
    Entry(dt.date(2026, 2, 28), 3, 1, 1_000),
    Entry(dt.date(2026, 4, 1), 2, 1, -4_000),
    Entry(dt.date(2026, 4, 1), 3, 1, 4_000),
]


def test_positions_stand_at_the_end_of_a_day() -> None:
    assert positions(REGISTER, dt.date(2026, 1, 14)) == {}
    assert positions(REGISTER, dt.date(2026, 2, 27)) == {(1, 1): 6_000, (2, 1): 4_000}
    assert positions(REGISTER, dt.date(2026, 2, 28)) == {(1, 1): 5_000, (2, 1): 4_000, (3, 1): 1_000}
    assert positions(REGISTER) == {(1, 1): 5_000, (3, 1): 5_000}


def test_nobody_holds_less_than_nothing() -> None:
    with pytest.raises(CapitalError, match="holder 1 would hold -1 of class 2"):
        positions([Entry(JAN, 1, 2, -1)])


def test_month_ends_are_the_last_days_of_months() -> None:
    assert list(month_ends(JAN, dt.date(2026, 3, 30))) == [dt.date(2026, 1, 31), dt.date(2026, 2, 28)]
    assert [last_month_end(day) for day in (dt.date(2026, 2, 28), dt.date(2026, 3, 1), dt.date(2024, 3, 31))] == [
        dt.date(2026, 2, 28),
        dt.date(2026, 2, 28),
        dt.date(2024, 3, 31),
    ]
    assert list(at_month_ends([], JAN)) == []
    assert list(at_month_ends(REGISTER, dt.date(2026, 4, 30))) == [
        (dt.date(2026, 1, 31), {(1, 1): 6_000, (2, 1): 4_000}),
        (dt.date(2026, 2, 28), {(1, 1): 5_000, (2, 1): 4_000, (3, 1): 1_000}),
        (dt.date(2026, 3, 31), {(1, 1): 5_000, (2, 1): 4_000, (3, 1): 1_000}),
        (dt.date(2026, 4, 30), {(1, 1): 5_000, (3, 1): 5_000}),
    ]


def test_basis_points_sum_to_the_whole() -> None:
    assert basis_points([1, 1, 1]) == [3_334, 3_333, 3_333]
    assert basis_points([]) == []
    assert basis_points([0, 0]) == [0, 0]
    with pytest.raises(CapitalError, match="below 0"):
        basis_points([1, -1])


def test_a_table_with_promises_and_a_pool() -> None:
    """By hand: 6,000 + 3,000 issued, 500 promised, 500 free: 60 / 30 / 5 / 5 % of 10,000."""
    table = cap_table({(1, 1): 6_000, (2, 1): 3_000}, promised={(3, 1): 500}, free={1: 500, 2: 0})
    assert table.stakes == (
        Stake(1, 1, 6_000, 0, 6_667, 6_000),
        Stake(2, 1, 3_000, 0, 3_333, 3_000),
        Stake(3, 1, 0, 500, 0, 500),
        Stake(None, 1, 0, 500, 0, 500),
    )
    assert (table.issued, table.diluted) == (9_000, 10_000)


def test_classes_add_up_as_converted() -> None:
    """A class of 1/1000 units (three decimals) beside whole ones that convert to two each."""
    table = cap_table({(1, 1): 5_000, (2, 2): 10}, weights={1: Fraction(1, 1_000), 2: Fraction(2)})
    assert [(stake.holder, stake.points) for stake in table.stakes] == [(2, 8_000), (1, 2_000)]
    assert table.issued == 25


def test_a_round_with_the_pool_before_the_money() -> None:
    """By hand: 8,000,000 held, 2 of 10 m invested, 10 % free after: all = 8 m / (1 - 1/6 - 1/10) = 10,909,091."""
    found = what_if([5_000_000, 3_000_000], free=0, pre_money=10_000_000, new_money=2_000_000, pool_points=1_000)
    assert (found.pool, found.investor, found.total) == (1_090_910, 1_818_182, 10_909_092)
    assert found.points == (4_583, 2_750, 1_000, 1_667)
    assert found.price == Fraction(10_000_000, 9_090_910)


def test_a_round_with_the_pool_after_the_money() -> None:
    """By hand: 8 m held at 10 m; 2 m buy 1,600,000; a pool of 10 % of all is 9,600,000 / 9, rounded up."""
    found = what_if(
        [8_000_000], free=0, pre_money=10_000_000, new_money=2_000_000, pool_points=1_000, pool_from=PoolFrom.AFTER
    )
    assert (found.investor, found.pool) == (1_600_000, 1_066_667)


def test_a_round_never_takes_from_the_pool() -> None:
    for pool_from in PoolFrom:
        assert what_if([90], free=10, pre_money=100, new_money=0, pool_points=1, pool_from=pool_from).pool == 10
    assert what_if([90], free=10, pre_money=100, new_money=50).points == (6_000, 667, 3_333)


@pytest.mark.parametrize(
    ("holders", "changes", "words"),
    [
        ([-1], {}, "no figure below 0"),
        ([], {}, "needs units"),
        ([1], {"pre_money": 0}, "needs units"),
        ([1], {"pool_points": 10_000}, "leave nothing"),
        ([1], {"new_money": 900, "pool_points": 1_000}, "leave nothing"),
    ],
)
def test_impossible_rounds_are_refused(holders: list[int], changes: dict[str, int], words: str) -> None:
    terms = {"free": 0, "pre_money": 100, "new_money": 0} | changes
    with pytest.raises(CapitalError, match=words):
        what_if(holders, **terms)


units = st.integers(0, 10**12)


@given(st.lists(units, min_size=1, max_size=30))
def test_points_always_sum_and_never_stray(parts: list[int]) -> None:
    points = basis_points(parts)
    total = sum(parts)
    assert sum(points) == (10_000 if total else 0)
    assert all(
        abs(Fraction(part * 10_000, total) - point) < 1 for part, point in zip(parts, points, strict=True) if total
    )


entries = st.lists(
    st.tuples(st.integers(0, 900), st.integers(1, 4), st.integers(1, 2), st.integers(1, 1_000)), max_size=40
).map(lambda rows: [Entry(JAN + dt.timedelta(days=n), holder, security, more) for n, holder, security, more in rows])


@given(entries, st.integers(0, 900))
def test_a_stored_month_end_and_what_follows_are_the_log(register: list[Entry], later: int) -> None:
    day = JAN + dt.timedelta(days=later)
    stored = dict(at_month_ends(register, day))
    end = last_month_end(day)
    since = [entry for entry in register if end < entry.on <= day]
    assert positions(since, start=stored.get(end, {})) == positions(register, day)


@given(st.lists(units, min_size=1, max_size=8), units, st.integers(1, 10**12), units, st.integers(0, 9_000))
def test_a_round_gives_the_investor_their_part_and_the_pool_at_least_its(
    holders: list[int], free: int, pre: int, new: int, points: int
) -> None:
    if not sum(holders) + free or Fraction(points, 10_000) + Fraction(new, pre + new) >= 1:
        return
    found = what_if(holders, free=free, pre_money=pre, new_money=new, pool_points=points)
    assert found.pool * 10_000 >= points * found.total
    assert found.investor <= Fraction(new, pre + new) * found.total < found.investor + 1 or not found.investor
    assert sum(found.points) == 10_000
