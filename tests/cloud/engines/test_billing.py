"""How a bill's difference is split, and the rate it leaves behind."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.cloud.engines import fx
from incubator.cloud.engines.billing import Split, Standing, last_rate, split

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


def test_the_last_rate_is_the_dearer_of_the_last_two_days() -> None:
    days = {dt.date(2026, 11, 1): 4_800, dt.date(2026, 11, 2): 2_400, dt.date(2026, 11, 3): 240}
    assert last_rate(days) == Decimal(100)
    assert last_rate({}) is None
    assert last_rate({dt.date(2026, 11, 1): -4_800, dt.date(2026, 11, 2): -2_400}) == 0


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
    assert fx.converted(minor, **given_) == wanted
