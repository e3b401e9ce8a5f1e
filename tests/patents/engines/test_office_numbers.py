"""Numbers of all offices: what is accepted, its one writing, what only warns, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.patents.engines.numbers import (
    NumberError,
    OfficeNumber,
    PatentKind,
    ep_check_digit,
    office_number,
    publication_number,
)


@pytest.mark.parametrize(
    ("office", "raw", "canonical", "year", "kind"),
    [
        ("CNIPA", "ZL 2017 1 0601862 3", "201710601862.3", 2017, PatentKind.INVENTION),
        ("WIPO", "PCT/CN2023/123456", "PCT/CN2023/123456", 2023, None),
        ("WIPO", "pct cn2023 123456", "PCT/CN2023/123456", 2023, None),
        ("WIPO", "PCT/CN98/00123", "PCT/CN98/00123", 1998, None),
        ("WIPO", "PCT/EP03/01234", "PCT/EP03/01234", 2003, None),
        ("EPO", "99403122.7", "EP99403122.7", 1999, None),
        ("EPO", "ＥＰ１６８３９０７８．９", "EP16839078.9", 2016, None),
        ("EPO", "EP 16839078", "EP16839078.9", 2016, None),
        ("USPTO", "16/123,456", "US16/123456", None, None),
        ("USPTO", "US 29/123456", "US29/123456", None, PatentKind.DESIGN),
        ("JPO", "2020-123456", "2020-123456", None, None),
    ],
)
def test_a_number_is_read_however_people_write_it(
    office: str, raw: str, canonical: str, year: int | None, kind: PatentKind | None
) -> None:
    assert office_number(office, raw) == OfficeNumber(raw, canonical, year, kind)


def test_a_wrong_check_digit_of_the_epo_only_warns() -> None:
    assert office_number("EPO", "EP16839078.8") == OfficeNumber(
        "EP16839078.8", "EP16839078.8", 2016, None, (("check_digit", "8", "9"),)
    )


@pytest.mark.parametrize(
    ("office", "raw"),
    [("CNIPA", "201710601862.4"), ("WIPO", "PCT/2023"), ("EPO", "EP123"), ("USPTO", "16-123"), ("JPO", "  ")],
)
def test_another_form_is_refused(office: str, raw: str) -> None:
    with pytest.raises(NumberError):
        office_number(office, raw)


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("WO 2024/012345 A1", "WO2024/012345A1"),
        ("WO98/12345", "WO98/12345"),
        ("CN 116000000 A", "CN116000000A"),
        ("US 10,123,456 B2", "US10123456B2"),
        ("US2020/0123456A1", "US2020/0123456A1"),
        ("EP 3 123 456 B1", "EP3123456B1"),
        ("USD900000S", "USD900000S"),
        ("Receipt 12", None),
    ],
)
def test_publications_have_one_writing(raw: str, canonical: str | None) -> None:
    assert publication_number(raw) == canonical


@given(st.integers(0, 99_999_999).map("{:08}".format), st.integers(0, 7), st.integers(1, 9))
def test_a_single_wrong_digit_changes_the_check_digit(digits: str, place: int, by: int) -> None:
    other = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert ep_check_digit(other) != ep_check_digit(digits)
