"""Bills in FOCUS: read exactly whatever their order, refused by row, column and reason, settled by differences."""

import csv
import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.cloud.engines import focus
from incubator.cloud.engines.focus import (
    DayCost,
    Declared,
    Doubt,
    Fault,
    HeaderError,
    Kind,
    Line,
    Posting,
    Unit,
    reading,
)
from incubator.cloud.engines.focus.columns import NEEDED
from incubator.cloud.engines.focus.reading import MOST, ONE

SAMPLE = Path(__file__).parents[4] / "shared" / "data" / "focus" / "focus_sample.csv"
HEADER = [*NEEDED, "ChargeClass", "Tags"]
MONEY = {"CNY": 2, "USD": 2, "JPY": 0}
SEPTEMBER = Unit("Cloud One", "B-1", dt.date(2026, 9, 1))
ROW = {
    "ProviderName": "Cloud One", "BillingAccountId": "B-1", "BillingPeriodStart": "2026-09-01T00:00:00Z",
    "BillingPeriodEnd": "2026-10-01T00:00:00Z", "ChargePeriodStart": "2026-09-03T10:00:00Z",
    "ChargePeriodEnd": "2026-09-03T11:00:00Z", "SubAccountId": "s-1", "ServiceName": "Database",
    "ChargeCategory": "Usage", "BillingCurrency": "CNY", "BilledCost": "1.5", "ChargeClass": "", "Tags": "{}",
}  # fmt: skip


def row(**changes: str) -> list[str]:
    return list((ROW | changes).values())


def read(*rows: list[str], header: list[str] | None = None) -> focus.Reading:
    return focus.read(rows, focus.columns_of(header or HEADER), MONEY)


def line(day: int = 3, **changes: Any) -> Line:
    values = {
        "unit": SEPTEMBER, "sub_account": "s-1", "day": dt.date(2026, 9, day), "service": "Database",
        "currency": "CNY", "kind": Kind.USAGE, "is_correction": False,
    }  # fmt: skip
    return Line(**(values | changes))


def test_rows_of_one_account_day_and_service_are_added_exactly() -> None:
    found = read(
        row(), row(BilledCost="0.000000000000000001"),
        row(ChargePeriodStart="2026-09-03 23:00:00", ChargePeriodEnd="2026-09-04"),
        row(ChargePeriodStart="2026-09-04T07:30:00+08:00", ChargePeriodEnd="2026-09-04T08:30:00+08:00"),
        row(SubAccountId="NULL", BilledCost="-2"), row(ChargeCategory="Credit", BilledCost="-1E1"),
        row(ChargeClass="Correction", BilledCost="+0.5"), row(ServiceName="Storage", BilledCost="7"),
    )  # fmt: skip
    assert found.costs == {
        line(): 4_500_000_000_000_000_001,
        line(sub_account=""): -2 * ONE, line(kind=Kind.CREDIT): -10 * ONE, line(is_correction=True): ONE // 2,
        line(service="Storage"): 7 * ONE,
    }  # fmt: skip
    assert (found.rows, found.wrong, found.counts) == (8, 0, {SEPTEMBER: 8})
    assert (found.total(SEPTEMBER, "CNY"), found.total(SEPTEMBER, "USD")) == (10 * ONE + 1, 0)
    assert found.currencies(SEPTEMBER) == ["CNY"]


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"ProviderName": ""}, "ProviderName", "missing"),
        ({"ServiceName": "NULL"}, "ServiceName", "missing"),
        ({"ProviderName": "x" * 201}, "ProviderName", "long"),
        ({"BillingAccountId": "x" * 201}, "BillingAccountId", "long"),
        ({"SubAccountId": "a\x00b"}, "SubAccountId", "sign"),
        ({"ChargePeriodStart": "1776-07-04"}, "ChargePeriodStart", "time"),
        ({"BilledCost": ""}, "BilledCost", "missing"),
        ({"BilledCost": "1,5"}, "BilledCost", "number"),
        ({"BilledCost": "NaN"}, "BilledCost", "number"),
        ({"BilledCost": "1e999999"}, "BilledCost", "number"),
        ({"BilledCost": "9999999999999999"}, "BilledCost", "number"),
        ({"BilledCost": "0.0000000000000000001"}, "BilledCost", "decimals"),
        ({"ChargeCategory": "Fine"}, "ChargeCategory", "category"),
        ({"ChargeClass": "Mistake"}, "ChargeClass", "class"),
        ({"BillingCurrency": "yuan"}, "BillingCurrency", "currency"),
        ({"BillingPeriodStart": "2026-09-31"}, "BillingPeriodStart", "time"),
        ({"BillingPeriodEnd": "2026-09-01T00:00:00Z"}, "BillingPeriodEnd", "order"),
        ({"ChargePeriodStart": ""}, "ChargePeriodStart", "missing"),
        ({"ChargePeriodStart": "0001-01-01T00:00:00+14:00"}, "ChargePeriodStart", "time"),
        ({"ChargePeriodEnd": "2026-09-03T09:00:00Z"}, "ChargePeriodEnd", "order"),
        (
            {"ChargePeriodStart": "2026-10-01T00:00:00Z", "ChargePeriodEnd": "2026-10-01T01:00:00Z"},
            "ChargePeriodStart", "outside",
        ),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_taken_is_named(changes: dict[str, str], column: str, reason: str) -> None:
    found = read(row(), row(**changes))
    (fault,) = found.faults
    assert (fault.row, fault.column, fault.reason, found.rows, found.wrong) == (3, column, reason, 2, 1)
    assert found.costs == {line(): 3 * ONE // 2}


def test_a_charge_period_longer_than_a_day_is_told_with_its_last_day_and_what_is_no_usage_apart() -> None:
    month = {"ChargePeriodStart": "2026-09-01", "ChargePeriodEnd": "2026-10-01"}
    autumn = {"ChargePeriodStart": "2026-09-02T00:00:00Z", "ChargePeriodEnd": "2026-09-03T01:00:00Z"}
    found = read(row(**month), row(**month, ChargeCategory="Purchase"), row(**autumn), row(ChargeCategory="Tax"))
    assert found.costs == {
        line(1, until=dt.date(2026, 9, 30)): 3 * ONE // 2,
        line(1, until=dt.date(2026, 9, 30), kind=Kind.CHARGE): 3 * ONE // 2,
        line(2): 3 * ONE // 2, line(kind=Kind.CHARGE): 3 * ONE // 2,
    }  # fmt: skip
    assert found.total(SEPTEMBER, "CNY") == 6 * ONE


def test_of_more_kinds_of_rows_than_are_held_at_a_time_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LOOK", 2)
    monkeypatch.setattr(reading, "MOST_LINES", 3)
    few = row(), row(), row(SubAccountId="s-2", ServiceName="")
    assert read(*few).wrong == 1
    with pytest.raises(focus.TooLargeError):
        read(*few, row(SubAccountId="s-3"), row())


def test_what_somebody_else_added_up_is_judged_as_rows_are() -> None:
    begins, ends = ROW["ChargePeriodStart"], ROW["ChargePeriodEnd"]
    assert focus.spans([(begins, ends), (ends, begins)]) is None
    (span,) = focus.spans([(begins, ends)]) or []
    texts = [ROW[name] for name in focus.HEAD]
    good = (*texts, 0, span.start.timestamp(), ONE, 2)
    wrong = (*["Fine" if one == "Usage" else one for one in texts], 0, span.start.timestamp(), ONE, 3)
    late = (*texts, 0, dt.datetime(2026, 10, 1, tzinfo=dt.UTC).timestamp(), ONE, 4)
    found = focus.gather([good, wrong, late, good], [span.slot], MONEY)
    assert (found.costs, found.counts) == ({line(): 2 * ONE}, {SEPTEMBER: 4})
    assert (found.rows, found.wrong, found.faults) == (11, 7, [])


def test_costs_that_come_to_more_than_the_books_hold_are_left_out_whatever_their_signs() -> None:
    most = "999999999999999"
    found = read(row(), row(BilledCost=most, SubAccountId="s-2"), row(BilledCost=f"-{most}", SubAccountId="s-3"))
    assert (found.faults, found.wrong) == ([Fault(1, "BilledCost", "sum")] * 2, 2)
    assert found.costs == {line(): 3 * ONE // 2}


def test_a_row_cut_short_is_named_and_of_many_faults_the_first_are_told() -> None:
    found = read(*[row()[:-1]] * (MOST + 5))
    assert (found.wrong, len(found.faults), found.faults[0]) == (MOST + 5, MOST, Fault(2, "", "width", "12"))
    assert (found.costs, found.counts) == ({}, {})


def test_columns_are_found_by_their_names_in_each_version_or_by_a_map() -> None:
    newer = ["ServiceProviderName" if name == "ProviderName" else name for name in HEADER]
    both = [*newer, "ProviderName"]
    assert read(row(), header=newer).costs == read(row()).costs
    assert read([*row(), "Reseller"], header=both).costs == read(row()).costs
    own = ["\ufeff账单金额" if name == "BilledCost" else name for name in HEADER]
    assert focus.columns_of(own, {"BilledCost": "账单金额"}) == focus.columns_of(HEADER)
    without = [name for name in HEADER if name != "ChargeClass"]
    short = [text for name, text in zip(HEADER, row(), strict=True) if name != "ChargeClass"]
    assert read(short, header=without).costs == read(row()).costs


def test_the_version_is_that_of_the_newest_column() -> None:
    assert [focus.version_of([*HEADER, name]) for name in ("x", "SkuMeter", "\ufeffInvoiceId", "HostProviderName")] == [
        "1.0", "1.1", "1.2", "1.3",
    ]  # fmt: skip


def test_a_file_without_a_needed_column_or_with_one_twice_is_refused() -> None:
    with pytest.raises(HeaderError) as caught:
        focus.columns_of([*HEADER[2:], "BilledCost"])
    assert (caught.value.missing, caught.value.doubled) == (("ProviderName", "BillingAccountId"), ("BilledCost",))


def test_what_is_charged_sums_to_the_rounded_total_and_goes_to_suspense_where_nobody_is_known() -> None:
    third = ONE // 3
    costs = {line(day): third for day in (1, 2, 3)} | {
        line(sub_account="s-9"): ONE, line(sub_account=""): 2 * ONE, line(kind=Kind.CREDIT): -ONE,
        line(currency="JPY"): ONE // 2, line(4, currency="JPY"): ONE, line(unit=Unit("Two", "B", dt.date.min)): ONE,
    }  # fmt: skip
    costs[line(5)] = ONE // 100 * 3 // 2  # 0.99999… + 0.015 = 1.01499…
    day = lambda n: dt.date(2026, 9, n)  # noqa: E731
    assert focus.shares(costs, SEPTEMBER, {"s-1": "SB-1"}.get, MONEY) == {
        ("SB-1", "CNY", day(1)): 33, ("SB-1", "CNY", day(2)): 34, ("SB-1", "CNY", day(3)): 33,
        ("SB-1", "CNY", day(5)): 1, ("", "CNY", day(3)): 300, ("SB-1", "JPY", day(3)): 0, ("SB-1", "JPY", day(4)): 2,
    }  # fmt: skip


def test_only_differences_are_posted_and_those_of_a_closed_period_are_new_entries() -> None:
    first, second = dt.date(2026, 9, 1), dt.date(2026, 9, 2)
    charged = {("A", "CNY", first): 5, ("A", "CNY", second): 7, ("", "CNY", first): 1}
    posted = {("A", "CNY", first): 5, ("A", "CNY", second): 9, ("B", "CNY", first): 2}
    assert focus.differences(charged, posted) == [
        Posting("", "CNY", first, 1, first), Posting("A", "CNY", second, -2, second),
        Posting("B", "CNY", first, -2, first),
    ]  # fmt: skip
    today = dt.date(2026, 11, 27)
    assert {one.on for one in focus.differences(charged, posted, closed_on=today)} == {today}
    assert focus.differences(charged, charged) == []


def test_a_delivery_that_does_not_hold_what_it_says_or_jumps_waits_for_a_person() -> None:
    found = read(row(), row(BilledCost="x"))
    said = Declared(rows=3, total=ONE)
    assert focus.doubts(found, said, {}) == [(Doubt.FAULTS, None), (Doubt.ROWS, None), (Doubt.TOTAL, None)]
    good, total = read(row()), 3 * ONE // 2
    third = dt.date(2026, 9, 3)
    assert focus.doubts(good, Declared(rows=1, total=total), {SEPTEMBER: {"CNY": {third: total}}}) == []
    assert focus.doubts(good, Declared(), {SEPTEMBER: {"CNY": {third: ONE - 1}}}) == [(Doubt.JUMP, SEPTEMBER)]
    more = {"CNY": {third: total}, "USD": {third: 9 * ONE}}
    assert focus.doubts(good, Declared(), {SEPTEMBER: more}) == [(Doubt.DROP, SEPTEMBER)]
    assert focus.doubts(good, Declared(), {SEPTEMBER: {"CNY": {third: ONE}, "USD": {}}}) == []
    assert focus.doubts(good, Declared(), {SEPTEMBER: {}}) == []


def by_days(*costs: str) -> list[list[str]]:
    """Rows of the first days of the month."""
    return [
        row(ChargePeriodStart=f"2026-09-{day:02}T00:00:00Z", ChargePeriodEnd=f"2026-09-{day:02}T12:00:00Z",
            BilledCost=cost)
        for day, cost in enumerate(costs, 1) if cost
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "now", "wanted"),
    [
        (["4"], ["10", "3"], []),  # the first day was not over
        (["10", "4"], ["10", "11", "2"], []),  # a month that grows by a day at a time
        (["10", "10", "1"], ["10", "10", "12", "9", "11", "3"], []),  # by several
        (["10", "10", "1"], ["16", "15", "10", "1"], [Doubt.JUMP]),  # the same days
        (["10", "10", "1"], ["10", "10", "90", "1"], [Doubt.JUMP]),  # the new ones
        (["10", "10", "1"], ["10", "", "10", "1"], [Doubt.DROP]),
        (["10", "10", "1"], ["10", "10"], []),
        (["10", "10", "1"], [], [Doubt.DROP]),
        (["-10", "-10", "1"], ["-10", "-20", "1"], [Doubt.JUMP]),
        (["10"] * 10, ["10"] * 10 + [""] * 19 + ["10000000"], [Doubt.JUMP]),  # the newest day
        (["10"] * 10, ["10"] * 11 + ["2"], []),  # which may be too little so far
        (["1000000"], ["100", *[""] * 26, "1"], [Doubt.DROP]),  # one day alone is a delivery too
        (["4"], ["96", "90"], []),  # of which there may have been an hour
        (["4"], ["145", "3"], [Doubt.JUMP]),
        (["4"], ["10", "21", "3"], [Doubt.JUMP]),
        (["4"], ["10", "", "10000000"], [Doubt.JUMP]),
        (["", "", "4"], ["1", "1", "10", "", "10000000"], [Doubt.JUMP]),  # that came first is no day before it
        (["0", "4"], ["0", "10", "10000000"], [Doubt.JUMP]),
        (["10", "0.1"], ["10"], []),
    ],
)
def test_a_month_that_grows_is_compared_with_the_same_days_and_with_as_many(
    before: list[str], now: list[str], wanted: list[Doubt]
) -> None:
    old = read(*by_days(*before)).days(SEPTEMBER, "CNY")
    found = read(*by_days(*now), row(BilledCost="5", BillingCurrency="USD"))
    assert focus.doubts(found, Declared(), {SEPTEMBER: {"CNY": old}}) == [(one, SEPTEMBER) for one in wanted]


def test_what_a_day_is_billed_is_usage_of_the_day_usage_of_longer_or_neither() -> None:
    week = {"ChargePeriodStart": "2026-09-03", "ChargePeriodEnd": "2026-09-10", "BilledCost": "14"}
    more = {"ChargePeriodStart": "2026-09-03", "ChargePeriodEnd": "2026-09-13", "BilledCost": "5"}
    found = read(row(), row(), row(ChargeCategory="Tax", BilledCost="1"), row(**week), row(**more),
                 row(ChargeCategory="Credit", BilledCost="-2"))  # fmt: skip
    third, currency = dt.date(2026, 9, 3), "CNY"
    assert focus.by_day(found.costs) == {SEPTEMBER: {
        ("s-1", third, currency, False): DayCost(23 * ONE, 3 * ONE, 2 * ONE + ONE // 2, dt.date(2026, 9, 12)),
        ("s-1", third, currency, True): DayCost(-2 * ONE),
    }}  # fmt: skip


COSTS = st.lists(
    st.tuples(st.integers(1, 30), st.sampled_from(["s-1", "s-2", ""]), st.decimals(-50, 900, places=9)), max_size=30
)


@given(COSTS, st.randoms(use_true_random=False))
def test_no_order_of_the_rows_changes_anything_and_every_part_is_posted_once(
    costs: list[Any], chance: random.Random
) -> None:
    rows = [
        row(ChargePeriodStart=f"2026-09-{day:02}", ChargePeriodEnd=f"2026-10-{day:02}", SubAccountId=sub,
            BilledCost=str(cost))
        for day, sub, cost in costs
    ]  # fmt: skip
    found = read(*rows)
    chance.shuffle(rows)
    assert read(*rows).costs == found.costs
    charged = focus.shares(found.costs, SEPTEMBER, lambda key: key, MONEY)
    for sub in ("s-1", "s-2", ""):
        exact = sum(cost for one, cost in found.costs.items() if one.sub_account == sub)
        assert abs(sum(m for key, m in charged.items() if key[0] == sub) * (ONE // 100) - exact) <= ONE // 200
    posted = {(one.whom, one.currency, one.day): one.minor for one in focus.differences(charged, {})}
    assert focus.differences(charged, posted) == []


def test_the_real_bills_of_three_providers_are_read_whole() -> None:
    if not SAMPLE.exists():
        pytest.skip("the real bills are not beside this checkout (../shared/data/focus)")
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        found = focus.read(rows, focus.columns_of(next(rows)), MONEY)
    assert (found.rows, found.wrong) == (1_000, 0)
    assert {(unit.provider, unit.period.month): count for unit, count in found.counts.items()} == {
        ("AWS", 9): 942, ("Microsoft", 9): 51, ("Oracle", 9): 6, ("Oracle", 10): 1,
    }  # fmt: skip
    for unit in found.counts:
        charged = focus.shares(found.costs, unit, lambda _key: None, MONEY)
        assert {whom for whom, _currency, _day in charged} == {""}
        assert abs(sum(charged.values()) * (ONE // 100) - found.total(unit, "USD")) <= ONE // 200
