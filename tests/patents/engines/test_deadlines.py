"""Deadlines: the award's three months, with each step told."""

import datetime as dt

import pytest

from incubator.patents.engines.deadlines import Deadline, add_months, award_due, deadline


@pytest.mark.parametrize(
    ("announced", "corresponding", "due"),
    [
        ("2026-01-06", "2026-04-06", "2026-04-07"),  # Tomb-Sweeping Day, observed
        ("2025-11-14", "2026-02-14", "2026-02-14"),  # a Saturday, and a working day
        ("2025-11-30", "2026-02-28", "2026-02-28"),  # no 30 February; a make-up Saturday
        ("2026-07-01", "2026-10-01", "2026-10-08"),  # the National Day's week
    ],
)
def test_an_award_is_due_three_months_on_and_never_on_a_day_off(announced: str, corresponding: str, due: str) -> None:
    base, middle, end = map(dt.date.fromisoformat, (announced, corresponding, due))
    assert award_due(base) == Deadline(base, 3, middle, end, moved=middle != end, provisional=False)


def test_a_deadline_keeps_its_own_period() -> None:
    base = dt.date(2024, 2, 29)
    assert deadline(base, 12) == Deadline(
        base, 12, dt.date(2025, 2, 28), dt.date(2025, 2, 28), moved=False, provisional=False
    )
    assert add_months(base, 12) == dt.date(2025, 2, 28)


def test_a_deadline_in_an_unpublished_year_is_provisional() -> None:
    assert award_due(dt.date(2035, 1, 10)).provisional
