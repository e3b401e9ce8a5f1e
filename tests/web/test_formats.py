"""Dates, money and figures read as the interface guide says, in both languages."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from incubator.core import clock
from incubator.core.money import Money
from incubator.web import formats

LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
NOW = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)  # noon in Shanghai
SUBMITTED = dt.datetime(2026, 11, 2, 1, 14, 7, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _in_the_application(parts_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with parts_app.test_request_context("/"):
        yield


def both(function: object, *args: object, **kwargs: object) -> tuple[str, str]:
    """The answer in English and in Chinese."""
    answers = []
    for locale in LOCALES.values():
        with force_locale(locale):
            answers.append(function(*args, **kwargs))  # type: ignore[operator]
    return answers[0], answers[1]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (241_234_560, "¥2,412,345.60"),
        (0, "¥0.00"),
        (5, "¥0.05"),
        (-1_205, "-¥12.05"),
        (Money("USD", 100), "US$1.00"),
        (Money("JPY", 1_500), "JP¥1,500"),
        (Money("EUR", 123_456), "€1,234.56"),
        (Money("HKD", 100), "HK$1.00"),
        (None, "–"),
    ],
)
def test_money_is_exact_with_our_own_sign(value: Money | int | None, expected: str) -> None:
    assert both(formats.money, value) == (expected, expected)


def test_a_whole_amount_may_leave_its_decimals_out() -> None:
    assert both(formats.money, 91_240_000, trim=True) == ("¥912,400", "¥912,400")
    assert both(formats.money, 91_240_050, trim=True) == ("¥912,400.50", "¥912,400.50")


@pytest.mark.parametrize(
    ("minor", "english", "chinese"),
    [
        (241_234_560, "¥2.41 m", "¥241.23万"),
        (1_200_000_000, "¥12.0 m", "¥1,200万"),
        (64_000_000, "¥640 k", "¥64万"),
        (1_234_567_890_123, "¥12.3 bn", "¥123.46亿"),
        (999_900, "¥9,999", "¥9,999"),
        (999_950, "¥9,999.50", "¥9,999.50"),
        (-241_234_560, "-¥2.41 m", "-¥241.23万"),
        (0, "¥0", "¥0"),
    ],
)
def test_headline_money_is_short(minor: int, english: str, chinese: str) -> None:
    assert both(formats.money_short, minor) == (english, chinese)


@pytest.mark.parametrize(
    ("function", "value", "english", "chinese"),
    [
        (formats.day, dt.date(2026, 11, 24), "Tue 24 Nov", "11月24日周二"),
        (formats.day, dt.date(2027, 11, 24), "Wed 24 Nov 2027", "2027年11月24日周三"),
        (formats.day, dt.datetime(2026, 11, 23, 16, 30, tzinfo=dt.UTC), "Tue 24 Nov", "11月24日周二"),
        (formats.day_long, dt.date(2026, 11, 24), "24 Nov 2026", "2026年11月24日"),
        (formats.month, dt.date(2026, 11, 24), "Nov 2026", "2026年11月"),
        (formats.month_name, dt.date(2026, 11, 24), "Nov", "11月"),
        (formats.iso, dt.date(2026, 11, 24), "2026-11-24", "2026-11-24"),
        (formats.iso, dt.datetime(2026, 11, 23, 16, 30, tzinfo=dt.UTC), "2026-11-24", "2026-11-24"),
        (formats.time, SUBMITTED, "09:14", "09:14"),
        (formats.datetime, SUBMITTED, "Mon 2 Nov, 09:14", "11月2日周一 09:14"),
    ],
)
def test_dates_and_times(function: object, value: object, english: str, chinese: str) -> None:
    assert both(function, value) == (english, chinese)


def test_a_log_shows_seconds() -> None:
    assert both(formats.time, SUBMITTED, seconds=True) == ("09:14:07", "09:14:07")
    assert both(formats.datetime, SUBMITTED, seconds=True)[0] == "Mon 2 Nov, 09:14:07"


def test_machines_read_iso_with_the_zone() -> None:
    assert formats.machine(SUBMITTED) == "2026-11-02T09:14:07+08:00"
    assert formats.machine(dt.date(2026, 11, 2)) == "2026-11-02"


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (dt.date(2026, 11, 27), "6 days left", "还有 6 天"),
        (NOW + dt.timedelta(days=1), "1 day left", "还有 1 天"),
        (dt.date(2026, 11, 21), "12 hours left", "还有 12 小时"),
        (NOW + dt.timedelta(hours=1, minutes=59), "1 hour left", "还有 1 小时"),
        (NOW + dt.timedelta(minutes=12), "12 minutes left", "还有 12 分钟"),
        (NOW + dt.timedelta(seconds=59), "less than a minute left", "不足 1 分钟"),
        (NOW - dt.timedelta(minutes=5), "just passed", "刚刚到期"),
        (NOW - dt.timedelta(hours=2), "2 hours late", "已逾期 2 小时"),
        (NOW - dt.timedelta(days=9), "9 days late", "已逾期 9 天"),
    ],
)
def test_time_left_counts_days_and_never_weeks(value: dt.date, english: str, chinese: str) -> None:
    assert both(formats.time_left, value) == (english, chinese)


@pytest.mark.parametrize(
    ("value", "options", "expected"),
    [
        (5_350, {}, "53.5%"),
        (5_100, {}, "51%"),
        (5_100, {"fixed": True}, "51.0%"),
        (3_334, {"places": 2}, "33.34%"),
        (5, {}, "0%"),
        (15, {}, "0.2%"),
        (10_000, {"places": 2}, "100%"),
        (None, {}, "–"),
    ],
)
def test_percentages_come_from_basis_points(value: int | None, options: dict[str, object], expected: str) -> None:
    assert both(formats.percent, value, **options) == (expected, expected)


def test_counts_and_scores() -> None:
    assert both(formats.number, 240_000) == ("240,000", "240,000")
    assert formats.number(Decimal("2.54"), 1) == "2.5"
    assert formats.number(None) == "–"
    assert formats.number(Decimal("1234.500"), 3) == "1,234.5"
    assert [formats.units(*given) for given in ((12_505, 1), (-1_250_000, 3), (7, 2), (48_000, 0), (None,))] == [
        "1,250.5", "-1,250", "0.07", "48,000", "–",
    ]  # fmt: skip
    assert both(formats.score, Decimal("3.885"), of=5) == ("3.88 / 5", "3.88 / 5")
    assert formats.score(Decimal("3.895")) == "3.90"
    assert formats.score(4) == "4.00"
    assert formats.score(None, of=5) == "– / 5"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(2_100_000, "2.1 MB"), (184_000, "184 kB"), (999, "999 B"), (5_000_000_000, "5 GB"), (None, "–")],
)
def test_the_size_of_a_file(value: int | None, expected: str) -> None:
    assert formats.size(value) == expected


@pytest.mark.parametrize("name", sorted(formats.FILTERS.keys() - {"machine"}))
def test_nothing_reads_as_a_dash(name: str) -> None:
    assert both(formats.FILTERS[name], None) == ("–", "–")


def test_a_machine_reads_nothing_as_nothing() -> None:
    assert formats.machine(None) == ""


@given(minor=st.integers(min_value=-(10**15), max_value=10**15))
def test_money_loses_no_fen(parts_app: Flask, minor: int) -> None:
    with parts_app.test_request_context("/"):
        digits = formats.money(minor).replace("¥", "").replace(",", "")
    assert Decimal(digits) * 100 == minor
