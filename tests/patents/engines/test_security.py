"""The periods of the security review, by Rules 8 and 9."""

import datetime as dt

import pytest

from incubator.patents.engines.numbers import PatentKind
from incubator.patents.engines.security import Timetable, is_needed, silence_clears_from, timetable

K = PatentKind


@pytest.mark.parametrize(
    ("office", "kind", "made_in_china", "needed"),
    [
        ("EPO", K.INVENTION, True, True),
        ("WIPO", K.UTILITY_MODEL, True, True),
        ("EPO", K.DESIGN, True, False),
        ("CNIPA", K.INVENTION, True, False),
        ("USPTO", K.INVENTION, False, False),
    ],
)
def test_inventions_and_utility_models_made_in_china_need_it_abroad(
    office: str, kind: PatentKind, made_in_china: bool, needed: bool
) -> None:
    assert is_needed(office=office, kind=kind, made_in_china=made_in_china) is needed


def test_two_and_four_months_each_with_two_more() -> None:
    """From 12 January 2026: 12 March, 12 May, 12 May and 12 July, a Sunday, so Monday the 13th."""
    assert timetable(dt.date(2026, 1, 12)) == Timetable(
        dt.date(2026, 1, 12), dt.date(2026, 3, 12), dt.date(2026, 5, 12), dt.date(2026, 5, 12), dt.date(2026, 7, 13),
        provisional=False,
    )  # fmt: skip
    assert timetable(dt.date(2060, 1, 12)).provisional is True


def test_silence_clears_the_day_after_the_notice_was_due() -> None:
    assert silence_clears_from(dt.date(2026, 1, 12), extended=False) == dt.date(2026, 3, 13)
    assert silence_clears_from(dt.date(2026, 1, 12), extended=True) == dt.date(2026, 5, 13)
