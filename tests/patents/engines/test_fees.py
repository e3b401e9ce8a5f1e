"""Fees from an office's list, and what a reduction leaves of them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.patents.engines.fees import Fee, fee, is_reduced, reduced
from incubator.rules.fees import FEES

TABLES = {one.code: one.parameters for one in FEES}
ANNUAL = TABLES["cn.patent.fee.annual"]


@pytest.mark.parametrize(
    ("kind", "year", "full"),
    [("invention", 1, 90_000), ("invention", 4, 120_000), ("invention", 20, 800_000), ("design", 15, 300_000)],
)
def test_the_year_s_fee_is_the_list_s(kind: str, year: int, full: int) -> None:
    assert fee(ANNUAL, kind=kind, year=year) == Fee(full, full, "CNY")


def test_a_reduction_is_taken_off() -> None:
    assert fee(ANNUAL, kind="invention", year=4, reduction_bp=8_500) == Fee(18_000, 120_000, "CNY")


def test_a_fee_without_a_year_and_one_by_what_it_is_about() -> None:
    assert fee(TABLES["cn.patent.fee.examination"], kind="invention") == Fee(250_000, 250_000, "CNY")
    maintenance = TABLES["us.patent.fee.maintenance"]
    assert fee(maintenance, kind="invention", about="7.5") == Fee(404_000, 404_000, "USD")
    assert fee(maintenance, kind="invention", about="5") is None


def test_what_is_not_listed_has_no_fee() -> None:
    assert fee(ANNUAL, kind="invention", year=21) is None
    assert fee(ANNUAL, kind="plant", year=1) is None


@pytest.mark.parametrize(("due", "kept"), [("2033-12-31", True), ("2034-01-01", False)])
def test_a_reduction_ends_ten_years_from_the_grant(due: str, kept: bool) -> None:
    limit = TABLES["cn.patent.fee.reduction"]
    assert is_reduced(limit, granted_on=dt.date(2024, 5, 5), due_on=dt.date.fromisoformat(due)) is kept
    assert is_reduced(limit, granted_on=None, due_on=dt.date.fromisoformat(due))


@given(st.integers(0, 10**9), st.integers(0, 10_000))
def test_what_is_left_lies_between_nothing_and_all(full: int, points: int) -> None:
    assert 0 <= reduced(full, points) <= full
    assert reduced(full, 0) == full
