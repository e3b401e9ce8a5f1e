"""The Open Cap Format: the shipped schemas, the samples in and out, our objects checked one by one."""

import datetime as dt
import io
import json
import zipfile
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.equity.engines.ocf import (
    Book,
    Holder,
    Left,
    Listed,
    Moved,
    OcfFileError,
    Plan,
    Promise,
    StockClass,
    canonical,
    errors_of,
    money,
    number,
    objects_of,
    pack,
    read,
    terms_of,
    units_of,
    unpack,
)
from incubator.equity.engines.ocf.files import FILES, LARGEST, MOST_FILES
from incubator.equity.engines.ocf.reading import decimals_of
from incubator.equity.engines.ocf.validation import MOST
from incubator.equity.engines.vesting import (
    After,
    Allocation,
    Condition,
    Event,
    Graph,
    On,
    Period,
    Portion,
    Start,
    Terms,
    timeline,
)
from incubator.equity.engines.vesting import read as read_graph

OCF = Path(__file__).parents[4] / "shared" / "data" / "ocf"
DAY = dt.date(2026, 1, 15)


def samples() -> list[dict[str, Any]]:
    """Every object of the format's samples."""
    if not OCF.is_dir():
        pytest.skip("the samples of the format are not beside this checkout (../shared/data/ocf)")
    return [item for path in sorted((OCF / "samples").glob("*.ocf.json")) for item in unpack(path.read_bytes())]


def test_the_schemas_are_those_of_the_format() -> None:
    if not OCF.is_dir():
        pytest.skip("the schemas of the format are not beside this checkout (../shared/data/ocf)")
    from incubator.equity.engines.ocf.validation import SCHEMAS

    shipped = {schema["$id"]: schema for schema in json.loads(SCHEMAS.read_text(encoding="utf-8"))}
    theirs = [json.loads(path.read_text(encoding="utf-8")) for path in (OCF / "schema").rglob("*.json")]
    assert shipped == {schema["$id"]: schema for schema in theirs}
    assert all("Open Cap Table Coalition" in schema["$comment"] for schema in shipped.values())


def test_every_sample_is_valid_and_comes_out_equal_in_meaning() -> None:
    found = samples()
    assert errors_of(found) == []
    issuer, items = found[0], [item for item in found if item["object_type"] != "ISSUER"]
    issuer = next(item for item in found if item["object_type"] == "ISSUER")
    out = unpack(pack(issuer, items, as_of="2026-01-15", generated_at="2026-01-15T00:00:00Z"))
    assert errors_of(out) == []
    by = {json.dumps(canonical(item), sort_keys=True) for item in out}
    assert by == {json.dumps(canonical(item), sort_keys=True) for item in found}


def test_what_of_the_samples_the_register_holds() -> None:
    reading = read([item for item in samples() if item["object_type"] != "ISSUER"])
    assert (len(reading.stakeholders), len(reading.classes), len(reading.plans)) == (4, 1, 0)
    assert (reading.moves, reading.securities, reading.terms) == ([], {}, set())
    why = Counter(reading.kept.values())
    assert why["its units were split: bring in the state after the split"] == 1
    assert why["no security in the register follows it"] == 7
    assert why["the register has no TX_CONVERTIBLE_ISSUANCE"] == 2


def test_faults_name_the_object_the_place_and_the_rule() -> None:
    holder = {"object_type": "STAKEHOLDER", "id": "a", "name": {"legal_name": "A"}, "stakeholder_type": "ROBOT"}
    moved = {"object_type": "TX_STOCK_CANCELLATION", "id": "b", "security_id": "s", "date": "2026-02-30",
             "quantity": "1e5", "reason_text": "x"}  # fmt: skip
    found = errors_of([holder, moved, {"object_type": "NOTHING", "id": "c"}, "text"])
    assert found == [
        "a: stakeholder_type: 'ROBOT' is not one of ['INDIVIDUAL', 'INSTITUTION']",
        "b: date: '2026-02-30' is not a 'date'",
        "b: quantity: '1e5' does not match '^[+-]?[0-9]+(\\\\.[0-9]{1,10})?$'",
        "c: no such object_type: NOTHING",
        "?: not an object",
    ]
    assert len(errors_of(["text"] * 500)) == MOST


def share(key: str, kind: str, units: int, **details: Any) -> Moved:
    return Moved(key, f"sec-{key}", "h1", "c1", kind, "share", units, DAY, **details)


def award(key: str, kind: str, units: int, **details: Any) -> Moved:
    return Moved(key, f"sec-{key}", "h1", "c1", kind, "award", units, DAY, **({"award": "OPTION"} | details))


TERMS = terms_of("vt", "Yearly", Terms.over_months(48, months_between=12, cliff_months=24).graph, 3) or {}
BOOK = Book(
    key="issuer", name="Quanta Ltd", formed_on=DAY, code="91110000600037341L", currency="CNY", digits=2,
    is_limited=False,
    holders=(Holder("h1", "Zhao Min", is_person=True, number="E1"), Holder("h2", "Vehicle", False, code="X")),
    classes=(StockClass("c1", "ordinary", 3, 10_000_000, 1), StockClass("c2", "preferred-a", 0, 500, 2)),
    plans=(Plan("p1", "Founders' plan", "c1", 600_000), Plan("p2", "Other", "c2", 5, returns=False)),
    terms=(TERMS,),
    moves=(
        share("1", "issuance", 1_250, price_minor=120),
        share("2", "transfer", -1_000, balance="b", resulting=("r",)),
        share("3", "balance", -250), share("4", "balance", 250), share("5", "transfer", 1_000),
        share("6", "repurchase", -5, balance="x"), share("7", "cancellation", -5),
        share("8", "correction", -7, reverses_issuance=True), share("9", "correction", 7), share("a", "start", 0),
        award("b", "issuance", 48_000, price_minor=100, plan="p1"), award("c", "acceptance", 0),
        award("d", "cancellation", -8_000, balance="e"), award("f", "exercise", -100, resulting=("g",)),
        award("h", "return", -1, reason="declined"), award("i", "issuance", 5, award="RSU"),
        award("j", "start", 0), award("k", "issuance", 5, award=""),
        award("m", "issuance", 4, promise=Promise(DAY, "vt", ("start", "again"))),
        share("n", "issuance", 4, promise=Promise(DAY, vestings=((DAY, 1_500), (DAY, 500))), plan="p1"),
        award("o", "event", 0, condition="sale"), award("p", "acceleration", 1_500), award("q", "acceleration", 0),
        award("r", "release", -4, resulting=("s",)), award("t", "leave", 0),
        Moved("l", "s", "h1", "c1", "issuance", "cash_award", 5, DAY),
    ),
    appraisals=("ap",), locked=True, transfers=("tr",),
)  # fmt: skip


def test_our_objects_are_valid_each_by_its_schema() -> None:
    issuer, items, left = objects_of(BOOK)
    assert errors_of([issuer, *items]) == []
    assert Counter(item["object_type"] for item in items) == {
        "STAKEHOLDER": 2, "STOCK_CLASS": 2, "STOCK_PLAN": 2, "TX_STOCK_ISSUANCE": 4, "TX_STOCK_TRANSFER": 1,
        "TX_STOCK_REPURCHASE": 1, "TX_STOCK_CANCELLATION": 1, "TX_STOCK_RETRACTION": 1,
        "VESTING_TERMS": 1, "TX_VESTING_START": 2, "TX_VESTING_EVENT": 1, "TX_VESTING_ACCELERATION": 1,
        "TX_EQUITY_COMPENSATION_RELEASE": 1, "TX_EQUITY_COMPENSATION_ISSUANCE": 3,
        "TX_EQUITY_COMPENSATION_ACCEPTANCE": 1,
        "TX_EQUITY_COMPENSATION_CANCELLATION": 2, "TX_EQUITY_COMPENSATION_EXERCISE": 1,
    }  # fmt: skip
    first = next(item for item in items if item["object_type"] == "TX_STOCK_ISSUANCE")
    assert (first["quantity"], first["share_price"]) == ("1.25", {"amount": "1.2", "currency": "CNY"})
    by_id = {item["id"]: item for item in items}
    assert (by_id["m"]["vesting_terms_id"], by_id["m-start-2"]["vesting_condition_id"]) == ("vt", "again")
    assert by_id["n"]["vestings"] == [{"date": "2026-01-15", "amount": "1.5"}, {"date": "2026-01-15", "amount": "0.5"}]
    assert [by_id[key]["default_cancellation_behavior"] for key in ("p1", "p2")] == ["RETURN_TO_POOL", "RETIRE"]
    assert left == [
        Listed(Left.APPRAISAL, "ap"), Listed(Left.LOCK, "issuer"), Listed(Left.FIRST_REFUSAL, "tr"),
        Listed(Left.CORRECTION, "9"), Listed(Left.MOVEMENT, "k"), Listed(Left.MOVEMENT, "q"),
        Listed(Left.MOVEMENT, "t"), Listed(Left.CASH_AWARD, "l"),
    ]  # fmt: skip


def test_the_rest_of_an_exercise_stays_in_its_security() -> None:
    """Of 0.100 units 0.040 are exercised and 0.060 lapse: the rest is not issued again under another name."""
    moves = (
        award("1", "issuance", 100), replace(award("2", "exercise", -40, balance="sec-3"), security="sec-1"),
        award("3", "balance", 60), replace(award("4", "cancellation", -60), security="sec-3"),
    )  # fmt: skip
    _issuer, items, _left = objects_of(replace(BOOK, moves=moves))
    assert [(item["object_type"], item["security_id"], item["quantity"]) for item in items if "quantity" in item] == [
        ("TX_EQUITY_COMPENSATION_ISSUANCE", "sec-1", "0.1"), ("TX_EQUITY_COMPENSATION_EXERCISE", "sec-1", "0.04"),
        ("TX_EQUITY_COMPENSATION_CANCELLATION", "sec-1", "0.06"),
    ]  # fmt: skip


def test_interests_of_a_limited_company_stay_here() -> None:
    limited = replace(BOOK, is_limited=True, code=None, appraisals=(), locked=False, transfers=())
    issuer, items, left = objects_of(limited)
    assert errors_of([issuer, *items]) == []
    assert [item["object_type"] for item in items] == ["STAKEHOLDER"] * 2
    assert left == [Listed(Left.INTEREST, "c1"), Listed(Left.INTEREST, "c2")]


def test_the_same_content_is_the_same_bytes() -> None:
    issuer, items, _left = objects_of(BOOK)
    made = [pack(issuer, items, as_of="2026-01-15", generated_at="2026-01-15T00:00:00Z") for _ in range(2)]
    assert made[0] == made[1]
    assert len(zipfile.ZipFile(io.BytesIO(made[0])).namelist()) == len(FILES) + 1


def zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return made.getvalue()


def test_files_that_are_none_are_refused_with_the_reason() -> None:
    manifest = b'{"file_type": "OCF_MANIFEST_FILE", "stock_plans_files": [{"filepath": "./a.json", "md5": "0"}]}'
    for data, words in (
        (b"PK\x03\x04rubbish", "damaged"),
        (zipped(a__json=b"{}"), "manifest is missing"),
        (zipped(Manifest__ocf__json=manifest), "a file that is missing: a.json"),
        (zipped(Manifest__ocf__json=manifest, a__json=b"{}"), "is not the file of the manifest"),
        (zipped(**{f"f{n}": b"" for n in range(MOST_FILES + 1)}), "more than a cap table"),
        (zipped(big=b"0" * (LARGEST + 1)), "more than a cap table"),
        (b"[]", "no file of the Open Cap Format"),
        (b"{}", "no list of items"),
        (b"\xff", "no JSON"),
        (b'{"items": NaN}', "no JSON"),
    ):
        with pytest.raises(OcfFileError, match=words):
            unpack(data)
    assert unpack(b'{"file_type": "OCF_MANIFEST_FILE", "issuer": {"id": "i"}}') == [{"id": "i"}]
    assert unpack(zipped(Manifest__ocf__json=b"{}")) == []


def issuance(key: str, **changes: Any) -> dict[str, Any]:
    return {
        "object_type": "TX_STOCK_ISSUANCE", "id": key, "security_id": f"s-{key}", "date": "2026-01-15",
        "custom_id": key, "stakeholder_id": "h", "stock_class_id": "c", "quantity": "1.50",
        "share_price": {"amount": "1", "currency": "CNY"}, "stock_legend_ids": [], "security_law_exemptions": [],
    } | changes  # fmt: skip


def test_reading_holds_what_it_can_and_says_why_not_the_rest() -> None:
    items: list[dict[str, Any]] = [
        {"object_type": "STAKEHOLDER", "id": "h"},
        {"object_type": "STOCK_CLASS", "id": "c", "initial_shares_authorized": "1000.00"},
        {"object_type": "STOCK_CLASS", "id": "n", "initial_shares_authorized": "NOT APPLICABLE"},
        issuance("1"), issuance("2", stakeholder_id="x"), issuance("3", stock_class_id="n"),
        issuance("4", quantity="0.0000001"), issuance("5"),
        {"object_type": "TX_STOCK_CONVERSION", "id": "6", "security_id": "s-5", "date": "2026-01-16"},
    ]  # fmt: skip
    reading = read(items)
    assert (set(reading.stakeholders), set(reading.classes), set(reading.securities)) == ({"h"}, {"c"}, {"s-1"})
    assert reading.kept == {
        "n": "the register has no STOCK_CLASS",
        "2": "its stakeholder is not in this file",
        "3": "its stock class is not in this file",
        "4": "its quantity does not fit the class's smallest unit",
        "5": "it is of a security that does not come in",
        "6": "the register has no TX_STOCK_CONVERSION",
    }
    assert decimals_of(items[1], [issuance("1")]) == 1
    assert decimals_of(items[2], []) == 0


def test_numbers_of_the_format_are_exact() -> None:
    assert (number(1_250, 3), number(5), number(100, 2)) == ("1.25", "5", "1")
    assert money(120, "JPY", 0) == {"amount": "120", "currency": "JPY"}
    assert units_of("+10000000.00", 0) == 10_000_000
    for text in ("0", "-1", "1.5", "1e5", "9" * 20, "x"):
        assert units_of(text, 0) is None


def test_meaning_is_without_signs_zeros_and_empty_lists() -> None:
    assert canonical({"b": [], "a": ["+1.50", "2020-01-01", "0017", "x"]}) == {"a": ["1.5", "2020-01-01", "0017", "x"]}


@given(st.integers(1, 10**14), st.integers(0, 6))
def test_a_number_goes_out_and_comes_in(units: int, decimals: int) -> None:
    assert units_of(number(units, decimals), decimals) == units


@pytest.mark.parametrize("allocation", list(Allocation))
@pytest.mark.parametrize(("months", "every", "cliff"), [(48, 12, 0), (48, 12, 12), (48, 3, 12), (24, 6, 24), (7, 1, 2)])
def test_terms_in_months_read_back_vest_the_same(allocation: Allocation, months: int, every: int, cliff: int) -> None:
    graph = Terms.over_months(months, months_between=every, cliff_months=cliff, allocation=allocation).graph
    made = terms_of("vt", "Terms", graph, 0)
    loaded = allocation.value.startswith(("FRONT", "BACK"))
    assert (made is None) == (loaded and cliff > every)
    if made:
        assert errors_of([made]) == []
        for units in (18, 1_000, 48_000, 7):
            planned = [timeline(one, units=units, starts_on=dt.date(2026, 1, 30), granted_on=DAY).vestings
                       for one in (graph, read_graph(made))]  # fmt: skip
            days = [[(one.on, one.units, one.cumulative) for one in plan] for plan in planned]
            assert days[0] == days[1]


def test_the_terms_of_the_samples_come_out_with_the_same_meaning() -> None:
    found = [item for item in samples() if item["object_type"] == "VESTING_TERMS"]
    assert len(found) >= 5
    for item in found:
        graph = read_graph(item, decimals=2)
        made = terms_of(item["id"], item["name"], graph, 2)
        assert made is not None
        assert errors_of([made]) == []
        assert read_graph(made, decimals=2) == graph


def test_a_cliff_has_an_id_that_no_other_condition_has() -> None:
    plain = Terms.over_months(48, months_between=12, cliff_months=24).graph
    start, instalments = plain.conditions
    taken = replace(start, id="instalments-after-cliff", following=("start",))
    made = terms_of("vt", "T", Graph(plain.allocation, (taken, start, replace(instalments, amount=5))), 0)
    assert made is not None
    assert [one["id"] for one in made["vesting_conditions"]][-1] == "instalments-after-cliff-"
    assert [one.get("quantity") for one in made["vesting_conditions"]] == ["0", "0", "10", "5"]


def test_every_trigger_has_its_word() -> None:
    """Days, a date and an event, each valid and read back as it was."""
    graph = Graph(
        Allocation.CUMULATIVE_ROUNDING,
        (Condition("start", Start(), 0, ("sale", "day")), Condition("sale", Event(), 5),
         Condition("day", On(DAY), Portion(Fraction(1, 3), of_remainder=True), ("days",)),
         Condition("days", After("day", 90, Period.DAYS, 4), Portion(Fraction(1, 6)))),
    )  # fmt: skip
    made = terms_of("vt", "T", graph, 0)
    assert made is not None
    assert (errors_of([made]), read_graph(made)) == ([], graph)
