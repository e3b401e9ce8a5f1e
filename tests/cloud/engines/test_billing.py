"""How a bill's difference is split, and the rate it leaves behind."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.cloud.engines import fx
from incubator.cloud.engines.billing import Estimate, Split, Standing, Told, estimate, last_rate, split

AMOUNT = st.integers(-(10**9), 10**9)


@pytest.mark.parametrize(
    ("before", "own", "owed", "convertible", "left", "paid", "wanted"),
    [
        (Standing(), 500, 500, None, 800, 0, Split(500, 0)),
        (Standing(), 500, 500, None, 300, 0, Split(300, 200)),
        (Standing(500, 300, 200), -250, 250, None, 0, 300, Split(-50, -200)),
        (Standing(500, 300, 200), -100, 400, None, 0, 300, Split(0, -100)),
        (Standing(500, 500, 0), -500, 0, None, 9, 120, Split(-120, -380)),
        (Standing(), 710, 100, 100, 355, 0, Split(355, 50)),  # 1 USD at 7.10, half of it covered
        (Standing(), 0, 100, 0, 900, 0, Split(0, 100)),  # no rate of the day: nobody pays it yet
        (Standing(100, 50, 50), -100, 0, 0, 0, 0, Split(0, -50)),
        (Standing(0, 0, 100), 710, 100, 100, 900, 0, Split(710, -100)),
    ],
)
def test_credits_pay_what_they_hold_and_the_rest_is_suspended(
    before: Standing, own: int, owed: int, convertible: int | None, left: int, paid: int, wanted: Split
) -> None:
    assert split(before, own, owed=owed, convertible=convertible, left=left, paid=paid) == wanted


@given(st.lists(st.tuples(AMOUNT, st.integers(0, 10**9)), max_size=8))
def test_in_one_currency_everything_owed_is_spent_or_suspended_and_no_more_is_spent_than_held(
    steps: list[tuple[int, int]],
) -> None:
    standing = Standing()
    for own, left in steps:
        owed = standing.own + own
        made = split(standing, own, owed=owed, convertible=None, left=left, paid=standing.spent)
        assert made.spent <= left
        standing = Standing(owed, standing.spent + made.spent, standing.suspended + made.suspended)
        assert standing.spent >= 0
        assert standing.spent + standing.suspended == standing.own


def day(number: int) -> dt.date:
    return dt.date(2026, 11, number)


def at(number: int, hour: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, number, hour, tzinfo=dt.UTC)


def used(cost: int) -> Told:
    return Told(Decimal(cost), Decimal(cost))


def test_the_last_rate_is_the_dearer_of_the_last_two_days() -> None:
    days = {day(1): Decimal(4_800), day(2): Decimal(2_400), day(3): Decimal(240)}
    assert last_rate(days) == Decimal(100)
    assert last_rate({}) is None
    assert last_rate({day(1): Decimal(-4_800), day(2): Decimal(-2_400)}) == 0


def test_usage_goes_on_as_in_the_last_days_billed_and_nothing_else_does() -> None:
    assert estimate({}, at(9)) == Estimate(Decimal(0), None)
    assert estimate({day(1): Told(Decimal(3_000))}, at(9)) == Estimate(Decimal(3_000), None)  # a purchase
    days = {day(1): used(2_400), day(2): used(4_800), day(3): used(240)}
    assert estimate(days, at(4, 6)) == Estimate(Decimal(7_440 + 6 * 200), Decimal(200))
    assert estimate(days, at(3)) == Estimate(Decimal(7_440), Decimal(200))
    assert estimate(days | {day(4): Told(Decimal(9_000))}, at(4)) == Estimate(Decimal(16_440), Decimal(200))


def test_what_is_paid_for_a_month_is_no_rate_before_the_month_is_over() -> None:
    seat = Told(Decimal(3_000), Decimal(0), Decimal(100), day(28))
    assert estimate({day(1): seat}, at(9)) == Estimate(Decimal(3_000), Decimal(0))
    assert estimate({day(1): seat}, at(29, 12)) == Estimate(Decimal(3_050), Decimal(100) / 24)
    beside = {day(1): seat, day(2): used(240)}
    assert estimate(beside, at(4)) == Estimate(Decimal(3_240 + 240), Decimal(10))
    assert estimate(beside, at(30)) == Estimate(Decimal(3_240 + 27 * 240 + 100), Decimal(100) / 24 + 10)
    assert estimate(beside | {day(29): used(24)}, at(30)) == Estimate(Decimal(3_264), Decimal(10))  # no longer named
    assert estimate({day(1): seat, day(29): Told(Decimal(5))}, at(30)) == Estimate(Decimal(3_005), Decimal(0))
    given_back = seat._replace(pace=Decimal(-100))
    assert estimate({day(1): given_back}, at(30)).rate_hour == 0


@pytest.mark.parametrize(
    ("minor", "rate", "to_rate", "digits", "wanted"),
    [
        (100, 712_340_000, 10**8, (2, 2), 712),
        (25, 10**7, 10**8, (2, 2), 2),  # 2.5: half to even
        (35, 10**7, 10**8, (2, 2), 4),
        (-25, 10**7, 10**8, (2, 2), -2),
        (7_100, 10**8, 710_000_000, (2, 2), 1_000),
        (100, 5_000_000, 10**8, (0, 2), 500),  # 100 yen at 0.05
    ],
)
def test_an_amount_is_converted_half_to_even(
    minor: int, rate: int, to_rate: int, digits: tuple[int, int], wanted: int
) -> None:
    given_ = {"rate_e8": rate, "to_rate_e8": to_rate, "from_digits": digits[0], "to_digits": digits[1]}
    assert round(fx.exact(minor, **given_)) == wanted
