import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.calls.templates import VENTURE
from incubator.proposals.engines import answers
from incubator.proposals.engines.answers import Fault, Problem

FIELDS = VENTURE.fields


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("summary", None, None),
        ("summary", "x" * 1500, None),
        ("summary", "x" * 1501, Fault.TOO_LONG),
        ("summary", 1, Fault.WRONG_KIND),
        ("customer", "字" * 120, None),
        ("customer", "字" * 121, Fault.TOO_LONG),
        ("readiness", "lab", None),
        ("readiness", "moon", Fault.NO_CHOICE),
        ("readiness", 3, Fault.WRONG_KIND),
        ("revenue", 0, None),
        ("revenue", 10**13, None),
        ("revenue", 10**13 + 1, Fault.OUT_OF_RANGE),
        ("revenue", -1, Fault.OUT_OF_RANGE),
        ("revenue", True, Fault.WRONG_KIND),
        ("months", "12", Fault.WRONG_KIND),
        ("months", 12.0, Fault.WRONG_KIND),
    ],
)
def test_an_answer_keeps_to_its_question(key, value, fault):
    assert answers.fault_of(FIELDS[key], value) == fault


def test_all_faults_of_a_draft_are_found():
    found = list(answers.check(VENTURE, "x" * 201, {"summary": "x" * 1501, "nothing": "x", "team": "fine"}))
    assert found == [
        Problem("title", Fault.TOO_LONG, 200),
        Problem("summary", Fault.TOO_LONG, 1500),
        Problem("nothing", Fault.UNKNOWN),
    ]


def test_missing_are_the_required_questions_without_an_answer():
    given_answers = {key: "x" for key in FIELDS if key not in {"team", "customer", "revenue"}}
    assert [spec.key for spec in answers.missing(VENTURE, given_answers)] == ["team"]
    assert answers.missing(VENTURE, given_answers | {"team": "x"}) == []


@given(st.text())
def test_cleaning_is_done_once_and_leaves_what_the_database_takes(text):
    cleaned = answers.clean(text)
    assert answers.clean(cleaned) == cleaned
    assert cleaned is None or ("\x00" not in cleaned and cleaned == cleaned.strip() != "")


def test_numbers_are_left_as_they_are():
    assert answers.clean(5) == 5
