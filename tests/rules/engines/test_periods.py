"""Periods: corresponding day or last day, and the working day after days off."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.rules.engines.periods import Rolled, add_months, is_working_day, published_to, roll

DAYS = st.dates(dt.date(2001, 1, 1), dt.date(2040, 12, 31))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("base", "months", "result"),
    [
        ("2026-01-30", 1, "2026-02-28"),
        ("2026-01-30", 2, "2026-03-30"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-12-15", 0, "2026-12-15"),
        ("2026-12-15", -12, "2025-12-15"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last_of_the_month(base: str, months: int, result: str) -> None:
    assert add_months(day(base), months) == day(result)


def test_another_day_of_the_month_can_be_asked_for() -> None:
    assert [add_months(day("2026-01-15"), n, day=31) for n in (1, 2, 3)] == [
        day("2026-02-28"),
        day("2026-03-31"),
        day("2026-04-30"),
    ]


@pytest.mark.parametrize("months", [-30_000, 100_000])
def test_months_past_the_calendar_are_refused(months: int) -> None:
    with pytest.raises(ValueError, match="outside the calendar"):
        add_months(day("2026-01-30"), months)


@given(DAYS, st.integers(-240, 240))
def test_months_never_drift(base: dt.date, months: int) -> None:
    result = add_months(base, months)
    assert (result.year * 12 + result.month) - (base.year * 12 + base.month) == months
    assert result.day == base.day or (result + dt.timedelta(days=1)).day == 1
    assert result.day <= base.day


def test_make_up_saturdays_are_working_days_and_days_off_are_not() -> None:
    assert [is_working_day(day(text)) for text in ("2026-02-14", "2026-02-16", "2026-02-21", "2026-02-24")] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("last", "rolled"),
    [
        ("2026-02-16", Rolled(day("2026-02-24"), moved=True, provisional=False)),
        ("2026-02-14", Rolled(day("2026-02-14"), moved=False, provisional=False)),
        ("2025-10-01", Rolled(day("2025-10-09"), moved=True, provisional=False)),
        ("2026-11-22", Rolled(day("2026-11-23"), moved=True, provisional=False)),
    ],
)
def test_a_last_day_on_a_day_off_moves_to_the_first_working_day(last: str, rolled: Rolled) -> None:
    assert roll(day(last)) == rolled


def test_what_rests_on_a_calendar_not_yet_published_is_provisional() -> None:
    assert published_to() >= 2026
    assert not roll(dt.date(published_to(), 12, 20)).provisional
    assert roll(dt.date(published_to(), 12, 28)).provisional
    assert roll(dt.date(published_to() + 1, 3, 1)).provisional


@given(DAYS)
def test_rolling_is_the_first_working_day_at_or_after(last: dt.date) -> None:
    rolled = roll(last)
    between = [last + dt.timedelta(days=n) for n in range((rolled.day - last).days)]
    assert is_working_day(rolled.day)
    assert not any(is_working_day(off) for off in between)
    assert rolled.moved is bool(between)
    assert roll(rolled.day).day == rolled.day
