"""Locks and notices on the days the Civil Code gives, and shares among takers that sum exactly."""

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.equity.engines.transfers import (
    Answer,
    Articles,
    Lot,
    Outcome,
    Taker,
    TransferError,
    answer_by,
    check_lock,
    lock_of,
    lots_left,
    outcome,
    share_out,
)


@pytest.mark.parametrize(
    ("acquired", "months", "nominal", "last"),
    [
        # Civil Code 202: the corresponding day; 2027-01-29 is a Friday and works
        ((2024, 1, 29), 36, (2027, 1, 29), (2027, 1, 29)),
        # 202: February has no 29th in 2026; 203: the 28th is a make-up Saturday, which works (State Council, 2025)
        ((2024, 2, 29), 24, (2026, 2, 28), (2026, 2, 28)),
        # 203: 1 October is the National Day; the holiday of 2026 ends on the 7th
        ((2025, 10, 1), 12, (2026, 10, 1), (2026, 10, 8)),
        # 203: a plain Saturday moves to Monday
        ((2026, 3, 14), 2, (2026, 5, 14), (2026, 5, 14)),
        ((2026, 3, 13), 3, (2026, 6, 13), (2026, 6, 15)),
    ],
)
def test_a_lock_ends_on_the_day_of_the_code(
    acquired: tuple[int, int, int], months: int, nominal: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    lock = lock_of(dt.date(*acquired), months)
    assert lock is not None
    assert (lock.nominal, lock.last) == (dt.date(*nominal), dt.date(*last))
    assert lock.free_from == lock.last + dt.timedelta(days=1)
    assert lock.moved == (nominal != last)


def test_no_lock_is_no_period_and_a_far_one_is_provisional() -> None:
    assert lock_of(dt.date(2026, 1, 1), 0) is None
    far = lock_of(dt.date(2026, 1, 5), 60)
    assert far is not None
    assert far.provisional
    with pytest.raises(TransferError, match="less than no time"):
        lock_of(dt.date(2026, 1, 1), -1)


def test_thirty_days_do_not_count_the_first() -> None:
    """Civil Code 201, 203: received on 2 November 2026, the thirtieth day is Wednesday 2 December."""
    period = answer_by(dt.date(2026, 11, 2))
    assert (period.nominal, period.last) == (dt.date(2026, 12, 2), dt.date(2026, 12, 2))
    sunday = answer_by(dt.date(2026, 11, 6))
    assert (sunday.nominal, sunday.last) == (dt.date(2026, 12, 6), dt.date(2026, 12, 7))
    with pytest.raises(TransferError, match="at least a day"):
        answer_by(dt.date(2026, 11, 2), 0)


def test_lots_leave_in_the_order_they_came() -> None:
    one, two, three = dt.date(2025, 1, 1), dt.date(2025, 6, 1), dt.date(2025, 9, 1)
    assert lots_left([Lot(one, 100), Lot(two, 50), Lot(three, -120)]) == [Lot(two, 30)]
    assert lots_left([Lot(one, 100), Lot(one, -100)]) == []
    with pytest.raises(TransferError, match="more units leave"):
        lots_left([Lot(one, 1), Lot(two, -2)])


def test_a_lock_holds_each_lot_from_its_own_day() -> None:
    lots = [Lot(dt.date(2023, 6, 1), 100), Lot(dt.date(2025, 6, 2), 40), Lot(dt.date(2025, 3, 3), 10)]
    lots.append(Lot(dt.date(2025, 9, 1), 7))
    found = check_lock(lots, months=24, on=dt.date(2026, 6, 1))
    assert (found.free, found.locked) == (100, 57)
    assert found.next_free is not None
    assert found.next_free.begins == dt.date(2025, 3, 3)
    assert check_lock(lots, months=0, on=dt.date(2026, 6, 1)).next_free is None


def test_a_lot_is_free_the_day_after_its_lock_and_not_on_its_last() -> None:
    lot = [Lot(dt.date(2024, 1, 29), 5)]
    assert check_lock(lot, months=36, on=dt.date(2027, 1, 29)).free == 0
    assert check_lock(lot, months=36, on=dt.date(2027, 1, 30)).free == 5


def test_takers_share_in_proportion_and_the_rest_by_largest_remainder() -> None:
    """By hand: 100 over 3:2:2 is 42 6/7, 28 4/7, 28 4/7: 43, then 29 to the earlier of the equal ones."""
    takers = [Taker(1, 3, 100), Taker(2, 2, 100), Taker(3, 2, 100)]
    assert share_out(100, takers) == {1: 43, 2: 29, 3: 28}


def test_what_one_does_not_want_goes_to_the_others() -> None:
    assert share_out(100, [Taker(1, 50, 10), Taker(2, 30, 90), Taker(3, 20, 90)]) == {1: 10, 2: 54, 3: 36}
    assert share_out(100, [Taker(1, 50, 10), Taker(2, 30, 20)]) == {1: 10, 2: 20}


def test_takers_who_hold_nothing_come_last() -> None:
    assert share_out(10, [Taker(1, 0, 10), Taker(2, 1, 6)]) == {1: 4, 2: 6}


def test_impossible_answers_are_refused() -> None:
    for takers in ([Taker(1, 1, 0)], [Taker(1, -1, 1)]):
        with pytest.raises(TransferError, match="at least"):
            share_out(1, takers)
    with pytest.raises(TransferError, match="twice"):
        share_out(1, [Taker(1, 1, 1), Taker(1, 1, 1)])
    with pytest.raises(TransferError, match="at least"):
        share_out(0, [])
    for changes, words in (({"lock_months": 601}, "lock"), ({"notice_days": 0}, "notice")):
        with pytest.raises(TransferError, match=words):
            Articles(**changes)


def test_silence_waives_after_the_last_day_and_not_on_it() -> None:
    given_on = dt.date(2026, 11, 2)
    answers = [Answer(1, 60, given_on), Answer(2, 40, given_on, 0)]
    on_last = outcome(50, answers, articles=Articles(), on=dt.date(2026, 12, 2))
    assert on_last == Outcome(open=(1,), waived=(2,), taken={}, to_buyer=50)
    assert not on_last.is_settled
    after = outcome(50, answers, articles=Articles(), on=dt.date(2026, 12, 3))
    assert after == Outcome(open=(), waived=(1, 2), taken={}, to_buyer=50)
    assert after.is_settled


def test_takers_must_take_the_whole_unless_the_articles_say_otherwise() -> None:
    given_on, day = dt.date(2026, 11, 2), dt.date(2026, 11, 10)
    answers = [Answer(1, 60, given_on, 20), Answer(2, 40, given_on, 0)]
    assert outcome(50, answers, articles=Articles(), on=day) == Outcome((), (2,), {}, 50)
    assert outcome(50, answers, articles=Articles(whole=False), on=day) == Outcome((), (2,), {1: 20}, 30)
    full = [Answer(1, 60, given_on, 50), Answer(2, 40, given_on, 50)]
    assert outcome(50, full, articles=Articles(), on=day) == Outcome((), (), {1: 30, 2: 20}, 0)


takers = st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 10**9)), min_size=1, max_size=12).map(
    lambda rows: [Taker(n, holding, wanted) for n, (holding, wanted) in enumerate(rows)]
)


@given(st.integers(1, 10**9), takers)
def test_shares_sum_exactly_and_nobody_gets_more_than_they_want(offered: int, some: list[Taker]) -> None:
    got = share_out(offered, some)
    assert sum(got.values()) == min(offered, sum(taker.wanted for taker in some))
    assert all(0 <= got[taker.key] <= taker.wanted for taker in some)
    filled = [t for t in some if t.holding and got[t.key] < t.wanted]
    rates = [Fraction(got[t.key] + 1, t.holding) for t in filled]
    assert all(Fraction(got[t.key] - 1, t.holding) <= min(rates) for t in some if t.holding and rates)


@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=10), st.integers(0, 10_000))
def test_lots_keep_the_sum(units: list[int], leaving: int) -> None:
    start = dt.date(2020, 1, 1)
    lots = [Lot(start + dt.timedelta(days=n), more) for n, more in enumerate(units)]
    leaving = min(leaving, sum(units))
    left = lots_left([*lots, Lot(dt.date(2021, 1, 1), -leaving)] if leaving else lots)
    assert sum(lot.units for lot in left) == sum(units) - leaving
