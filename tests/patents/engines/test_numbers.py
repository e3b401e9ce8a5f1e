"""Chinese application numbers: what is accepted, what is refused and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.patents.engines.numbers import (
    WEIGHTS,
    ApplicationNumber,
    NumberError,
    PatentKind,
    application_number,
    check_digit,
)

BODIES = st.one_of(
    st.builds("{}{}{:07}".format, st.integers(2003, 2999), st.sampled_from("12389"), st.integers(0, 9_999_999)),
    st.builds("{:02}{}{:05}".format, st.integers(85, 99), st.sampled_from("12389"), st.integers(0, 99_999)),
)


@pytest.mark.parametrize(
    "raw",
    [
        "201710601862.3",
        "2017106018623",
        "ZL201710601862.3",
        "zl 2017 1 0601862.3",
        "CN201710601862.3",
        "ＺＬ　２０１７１０６０１８６２．３",
        " 201710601862.3\n",
    ],
)
def test_a_number_is_read_however_people_write_it(raw: str) -> None:
    assert application_number(raw) == ApplicationNumber(raw, "201710601862.3", 2017, PatentKind.INVENTION, is_pct=False)


@pytest.mark.parametrize("raw", ["95115608.X", "ZL 95115608.x", "95115608X"])
def test_the_older_form_is_read_too(raw: str) -> None:
    assert application_number(raw) == ApplicationNumber(raw, "95115608.X", 1995, PatentKind.INVENTION, is_pct=False)


@pytest.mark.parametrize(
    ("body", "year", "kind", "is_pct"),
    [
        ("202030123456", 2020, PatentKind.DESIGN, False),
        ("202020123456", 2020, PatentKind.UTILITY_MODEL, False),
        ("201280012345", 2012, PatentKind.INVENTION, True),
        ("201290000123", 2012, PatentKind.UTILITY_MODEL, True),
        ("03212345", 2003, PatentKind.UTILITY_MODEL, False),
        ("85100001", 1985, PatentKind.INVENTION, False),
    ],
)
def test_year_and_kind_stand_in_the_number(body: str, year: int, kind: PatentKind, is_pct: bool) -> None:
    number = f"{body}.{check_digit(body)}"
    assert application_number(number) == ApplicationNumber(number, number, year, kind, is_pct)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("201710601862.4", "the check digit is 4; the number asks for 3"),
        ("201710601826.3", "a digit is wrong"),
        ("201750601862.3", "the kind is 5; it must be one of 1, 2, 3, 8, 9"),
        ("199910601862.3", "the year is 1999; numbers have 12 digits from 2003"),
        ("04100001.1", "the year is 2004; numbers have 8 digits from 1985 to 2003"),
        ("20171060186.3", "write it like 201710601862.3"),
        ("EP201710601862.3", "write it like"),
        ("", "write it like"),
    ],
)
def test_a_wrong_number_is_refused_with_the_reason(raw: str, words: str) -> None:
    with pytest.raises(NumberError, match=words):
        application_number(raw)


@given(BODIES)
def test_the_canonical_writing_reads_back_as_itself(body: str) -> None:
    canonical = application_number(body + check_digit(body)).canonical
    assert application_number(canonical).canonical == canonical == f"{body}.{check_digit(body)}"


@given(BODIES, st.data())
def test_one_wrong_digit_is_always_found(body: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != body[place]]))
    with pytest.raises(NumberError):
        application_number(body[:place] + wrong + body[place + 1 :] + check_digit(body))


def test_the_weights_are_those_of_the_standard() -> None:
    assert WEIGHTS == (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
