"""Vesting: the worked examples, the calendar, and what holds for every schedule."""

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.equity.engines.vesting import (
    DAY_RULES,
    Allocation,
    Balance,
    Facts,
    Instalment,
    Quantity,
    Terms,
    Vesting,
    VestingError,
    allocate,
    balance_on,
    next_vesting,
    schedule,
    vested_on,
)

START = dt.date(2026, 1, 30)
EXAMPLES: list[tuple[Allocation, tuple[Quantity, ...]]] = [
    (Allocation.CUMULATIVE_ROUNDING, (5, 4, 5, 4)),
    (Allocation.CUMULATIVE_ROUND_DOWN, (4, 5, 4, 5)),
    (Allocation.FRONT_LOADED, (5, 5, 4, 4)),
    (Allocation.BACK_LOADED, (4, 4, 5, 5)),
    (Allocation.FRONT_LOADED_TO_SINGLE_TRANCHE, (6, 4, 4, 4)),
    (Allocation.BACK_LOADED_TO_SINGLE_TRANCHE, (4, 4, 4, 6)),
    (Allocation.FRACTIONAL, (Fraction(9, 2),) * 4),
]


def days(*texts: str) -> list[dt.date]:
    return [dt.date.fromisoformat(text) for text in texts]


@pytest.mark.parametrize(("allocation", "parts"), EXAMPLES)
def test_18_units_over_4_instalments_are_spread_as_the_format_says(
    allocation: Allocation, parts: tuple[Quantity, ...]
) -> None:
    assert allocate(18, 4, allocation) == parts
    assert len(EXAMPLES) == len(Allocation)


@pytest.mark.parametrize(
    ("allocation", "paid"),
    [
        (Allocation.CUMULATIVE_ROUNDING, [9, 5, 4]),
        (Allocation.CUMULATIVE_ROUND_DOWN, [9, 4, 5]),
        (Allocation.FRONT_LOADED, [10, 4, 4]),
        (Allocation.BACK_LOADED, [8, 5, 5]),
        (Allocation.FRACTIONAL, [9, Fraction(9, 2), Fraction(9, 2)]),
    ],
)
def test_a_cliff_at_the_second_instalment_pays_the_sum_of_the_first_two(
    allocation: Allocation, paid: list[Quantity]
) -> None:
    plan = schedule(Terms(4, 12, allocation, cliff=2), units=18, starts_on=START)
    assert [vesting.units for vesting in plan.vestings] == paid
    assert [vesting.numbers for vesting in plan.vestings] == [(1, 2), (3,), (4,)]


def test_dates_are_counted_from_the_start_and_do_not_drift() -> None:
    plan = schedule(Terms(4, 1), units=4, starts_on=START)
    assert [row.due_on for row in plan.instalments] == days("2026-02-28", "2026-03-30", "2026-04-30", "2026-05-30")


@pytest.mark.parametrize(
    ("day_rule", "due"),
    [
        ("VESTING_START_DAY_OR_LAST_DAY_OF_MONTH", days("2026-02-28", "2026-03-30")),
        ("01", days("2026-02-01", "2026-03-01")),
        ("28", days("2026-02-28", "2026-03-28")),
        ("29_OR_LAST_DAY_OF_MONTH", days("2026-02-28", "2026-03-29")),
        ("30_OR_LAST_DAY_OF_MONTH", days("2026-02-28", "2026-03-30")),
        ("31_OR_LAST_DAY_OF_MONTH", days("2026-02-28", "2026-03-31")),
    ],
)
def test_every_day_rule_of_the_format_is_kept(day_rule: str, due: list[dt.date]) -> None:
    plan = schedule(Terms(2, 1, day_rule=day_rule), units=2, starts_on=START)
    assert [row.due_on for row in plan.instalments] == due
    assert len(DAY_RULES) == 32


def test_a_grant_after_its_vesting_start_pays_the_arrears_on_its_day() -> None:
    granted = dt.date(2026, 4, 1)
    plan = schedule(Terms(4, 1, Allocation.FRONT_LOADED), units=18, starts_on=START, granted_on=granted)
    assert plan.vestings == (
        Vesting(granted, 10, 10, (1, 2)),
        Vesting(dt.date(2026, 4, 30), 4, 14, (3,)),
        Vesting(dt.date(2026, 5, 30), 4, 18, (4,)),
    )
    assert plan.instalments[0] == Instalment(1, dt.date(2026, 2, 28), granted, 5)


def test_arrears_wait_for_the_cliff_and_a_cliff_waits_for_the_grant() -> None:
    terms = Terms(4, 1, cliff=3)
    before = schedule(terms, units=4, starts_on=START, granted_on=dt.date(2026, 4, 1))
    after = schedule(terms, units=4, starts_on=START, granted_on=dt.date(2026, 5, 1))
    assert [(v.on, v.units) for v in before.vestings] == [(dt.date(2026, 4, 30), 3), (dt.date(2026, 5, 30), 1)]
    assert [(v.on, v.units) for v in after.vestings] == [(dt.date(2026, 5, 1), 3), (dt.date(2026, 5, 30), 1)]


def test_a_day_on_which_nothing_vests_is_not_shown() -> None:
    plan = schedule(Terms(4, 1, Allocation.CUMULATIVE_ROUND_DOWN), units=2, starts_on=START)
    assert [row.units for row in plan.instalments] == [0, 1, 0, 1]
    assert [(vesting.numbers, vesting.cumulative) for vesting in plan.vestings] == [((2,), 1), ((4,), 2)]


def test_vested_next_and_balance_follow_the_days() -> None:
    plan = schedule(Terms(4, 12, cliff=2), units=18, starts_on=dt.date(2024, 2, 29))
    assert [vested_on(plan, day) for day in days("2026-02-27", "2026-02-28", "2028-02-28", "2028-02-29")] == [
        0,
        9,
        13,
        18,
    ]
    assert next_vesting(plan, dt.date(2026, 2, 28)) == Vesting(dt.date(2027, 2, 28), 4, 13, (3,))
    assert next_vesting(plan, dt.date(2028, 2, 29)) is None
    assert balance_on(plan, dt.date(2026, 12, 31)) == Balance(18, 9, 9, 0)


def test_a_cancellation_keeps_what_vested_on_its_day_and_takes_the_rest() -> None:
    ended = dt.date(2028, 1, 1)
    plan = schedule(Terms(4, 12), units=18, starts_on=dt.date(2026, 1, 1), facts=Facts(stopped_on=ended))
    assert balance_on(plan, dt.date(2027, 12, 31)) == Balance(18, 4, 14, 0)
    assert balance_on(plan, ended) == Balance(18, 9, 0, 9)
    assert balance_on(plan, dt.date(2040, 1, 1)) == Balance(18, 9, 0, 9)


def test_terms_can_be_said_in_months() -> None:
    assert Terms.over_months(48, months_between=3, cliff_months=12) == Terms(16, 3, cliff=4)


@pytest.mark.parametrize(("months", "between", "cliff"), [(48, 0, 0), (47, 3, 0), (48, 3, 11)])
def test_months_that_do_not_divide_are_refused(months: int, between: int, cliff: int) -> None:
    with pytest.raises(VestingError, match="must be multiples of"):
        Terms.over_months(months, months_between=between, cliff_months=cliff)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"instalments": 0, "months_between": 1}, "1 or more"),
        ({"instalments": 1, "months_between": 0}, "1 or more"),
        ({"instalments": 1_201, "months_between": 1}, "within 1200 months"),
        ({"instalments": 4, "months_between": 1, "cliff": 5}, "one of the 4 instalments"),
        ({"instalments": 4, "months_between": 1, "day_rule": "29"}, "no such day of the month: 29"),
    ],
)
def test_terms_that_make_no_schedule_are_refused(values: dict[str, int], words: str) -> None:
    with pytest.raises(VestingError, match=words):
        Terms(**values)  # type: ignore[arg-type]


def test_no_units_and_dates_past_the_calendar_are_refused() -> None:
    with pytest.raises(VestingError, match="0 units cannot be granted"):
        schedule(Terms(1, 1), units=0, starts_on=START)
    with pytest.raises(VestingError, match="instalment 12 is outside the calendar"):
        schedule(Terms(12, 1), units=1, starts_on=dt.date(9999, 1, 1))


TERMS = st.builds(
    lambda instalments, between, allocation, day_rule, cliff: Terms(
        instalments, between, allocation, day_rule, cliff % (instalments + 1)
    ),
    st.integers(1, 60),
    st.integers(1, 12),
    st.sampled_from(Allocation),
    st.sampled_from(sorted(DAY_RULES)),
    st.integers(0, 60),
)
DATES = st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31))


@given(TERMS, st.integers(1, 10**12), DATES, DATES)
def test_every_schedule_sums_to_the_grant_and_runs_forward(
    terms: Terms, units: int, starts_on: dt.date, granted_on: dt.date
) -> None:
    plan = schedule(terms, units=units, starts_on=starts_on, granted_on=granted_on)
    assert sum(row.units for row in plan.instalments) == units
    assert [row.number for row in plan.instalments] == list(range(1, terms.instalments + 1))
    assert all(row.units >= 0 and row.vests_on >= max(row.due_on, granted_on) for row in plan.instalments)
    paid_on = [vesting.on for vesting in plan.vestings]
    assert paid_on == sorted(set(paid_on))
    assert plan.vestings[-1].cumulative == units
    whole = terms.allocation is not Allocation.FRACTIONAL
    assert {type(row.units) for row in plan.instalments} == {int if whole else Fraction}


@given(TERMS, st.integers(1, 10**6), DATES, DATES, st.none() | DATES)
def test_vested_unvested_and_cancelled_are_always_the_grant(
    terms: Terms, units: int, starts_on: dt.date, day: dt.date, cancelled_on: dt.date | None
) -> None:
    plan = schedule(terms, units=units, starts_on=starts_on, facts=Facts(stopped_on=cancelled_on))
    balance = balance_on(plan, day)
    assert balance.vested + balance.unvested + balance.cancelled == balance.total == units
    assert min(balance.vested, balance.unvested, balance.cancelled) >= 0


@given(TERMS, st.integers(1, 10**6), DATES)
def test_a_cliff_changes_when_units_vest_and_never_how_they_are_spread(
    terms: Terms, units: int, starts_on: dt.date
) -> None:
    plan = schedule(terms, units=units, starts_on=starts_on)
    assert tuple(row.units for row in plan.instalments) == allocate(units, terms.instalments, terms.allocation)
    assert vested_on(plan, plan.instalments[max(terms.cliff, 1) - 1].due_on - dt.timedelta(days=1)) == 0
