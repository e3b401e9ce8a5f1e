"""Scales place values where they belong, whatever the values are."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from incubator.web.charts import GAP, Scale, path, shares, stairs, ticks

VALUES = st.integers(min_value=-(10**12), max_value=10**12)


@given(low=VALUES, high=VALUES, share=st.integers(min_value=0, max_value=100))
def test_the_ends_of_a_scale_are_its_ends_and_it_never_turns_back(low: int, high: int, share: int) -> None:
    assume(low != high)
    scale = Scale(low, high, 2, 98)
    value = low + (high - low) * share // 100
    assert (scale(low), scale(high)) == (2, 98)
    assert 2 <= scale(value) <= 98


@given(low=VALUES, high=VALUES, value=VALUES)
def test_a_turned_scale_mirrors(low: int, high: int, value: int) -> None:
    assume(abs(high - low) > 10**6)
    assert Scale(low, high, 0, 100)(value) + Scale(low, high, 100, 0)(value) == pytest.approx(100)


@given(value=VALUES)
def test_a_scale_without_length_puts_everything_in_the_middle(value: int) -> None:
    assert Scale(value, value)(value) == 50


def test_places_are_written_for_svg() -> None:
    scale = Scale(1, 5, 2, 98)
    assert (scale.pct(3), scale.px(Decimal("4.5"), -2), scale.span(2, 3), scale.span(3, 3, 0.7)) == (
        "50.00%",
        "84.0",
        "24.00%",
        "0.70%",
    )


def test_a_path_goes_through_its_points() -> None:
    x, y = Scale(0, 4), Scale(0, 2, 100, 0)
    assert path([(0, 0), (2, 1), (4, 2)], x, y) == "M0.00 100.00L50.00 50.00L100.00 0.00"
    assert path([(0, 0), (4, 0)], x, y, closed=True) == "M0.00 100.00L100.00 100.00Z"


def test_a_staircase_holds_until_the_next_step() -> None:
    assert stairs([(0, 0), (1, 6), (3, 9)]) == [(0, 0), (1, 0), (1, 6), (3, 6), (3, 9)]
    assert stairs([]) == []


@pytest.mark.parametrize(
    ("high", "expected"),
    [
        (28, [10, 20, 30]),
        (100, [25, 50, 75, 100]),
        (2_400_000, [1_000_000, 2_000_000, 3_000_000]),
        (Decimal("0.6"), [Decimal("0.2"), Decimal("0.4"), Decimal("0.6")]),
        (0, [1]),
    ],
)
def test_ticks_are_round(high: int, expected: list[int]) -> None:
    assert ticks(high) == expected


@given(high=st.integers(min_value=1, max_value=10**15), count=st.integers(min_value=2, max_value=8))
def test_ticks_reach_the_highest_value_in_even_steps(high: int, count: int) -> None:
    found = ticks(high, count)
    assert found[-1] >= high
    assert len(found) <= count
    assert found == [found[0] * (i + 1) for i in range(len(found))]


@given(values=st.lists(st.integers(min_value=0, max_value=10**12), max_size=12))
def test_shares_fill_the_bar_and_stay_in_it(values: list[int]) -> None:
    found = shares([(str(i), value, "1") for i, value in enumerate(values)])
    assert len(found) == sum(value > 0 for value in values)
    ends = [(float(start[:-1]), float(start[:-1]) + float(width[:-1])) for start, width, _ in found]
    assert all(0 <= start < end <= 100 + GAP for start, end in ends)


def test_shares_leave_a_gap() -> None:
    assert shares([("a", 3, "1"), ("none", 0, "2"), ("b", 1, "3")]) == [
        ("0.00%", "74.65%", "1"),
        ("75.00%", "24.65%", "3"),
    ]
