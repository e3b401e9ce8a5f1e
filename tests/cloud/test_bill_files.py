"""Files of bills as DuckDB reads them: the same as the engine reads row by row, but only what is odd by rows."""

import csv
import random
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from incubator.cloud.bill_states import BillKind
from incubator.cloud.engines import focus
from incubator.cloud.engines.focus import reading
from incubator.cloud.jobs import bill_files
from incubator.core.money import MINOR_DIGITS
from tests.cloud.engines.test_focus import HEADER, ROW

PERIODS = [
    ("2026-09-03T10:00:00Z", "2026-09-03T11:00:00Z"), ("2026-09-03 10:00:00", "2026-09-04"),
    ("2026-09-01", "2026-10-01"), ("2026-09-04T07:30:00+08:00", "2026-09-04T08:30:00+08:00"),
]  # fmt: skip
PLAIN = ["1.5", "-0.000000000000000001", ".5", "+2", " 7 ", "999999999999.9", "000000000000001"]
ODD = ["1E-7", "2e3", "0000000000000000001"]
FAULTY = [
    {"BilledCost": "1,5"}, {"BilledCost": ""}, {"BilledCost": "0.0000000000000000001"}, {"BilledCost": "."},
    {"ServiceName": " NULL "}, {"ServiceName": "\t"}, {"ServiceName": "\u3000"}, {"ServiceName": "\xa0null\x85"},
    {"ChargeCategory": "Fine"}, {"ChargePeriodEnd": "2026-09-01"},
    {"ChargePeriodStart": "2026-10-01", "ChargePeriodEnd": "2026-10-02"}, {"BillingCurrency": "yuan"},
]  # fmt: skip


def file(folder: Path, kind: BillKind, rows: list[list[str]]) -> Path:
    import duckdb

    plain = folder / "bill.csv"
    with plain.open("w", encoding="utf-8", newline="") as made:
        csv.writer(made).writerows([HEADER, *rows])
    if kind is BillKind.CSV:
        return plain
    packed = folder / "bill.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_csv('{plain}', all_varchar = true, header = true, delim = ',')) "
            f"TO '{packed}' (FORMAT parquet)"
        )
    return packed


def rows(costs: list[str], seed: int = 1) -> list[list[str]]:
    chance = random.Random(seed)
    made = []
    for cost in costs:
        begins, ends = chance.choice(PERIODS)
        told = ROW | {
            "SubAccountId": chance.choice(["s-1", "s-2", "", "NULL"]), "ServiceName": chance.choice(["Search", "Logs"]),
            "ChargeCategory": chance.choice(["Usage", "Credit", "Tax"]), "ChargePeriodStart": begins,
            "ChargePeriodEnd": ends, "ChargeClass": chance.choice(["", "Correction"]), "BilledCost": cost,
        }  # fmt: skip
        made.append(list(told.values()))
    return made


def without_service(reading: focus.Reading) -> dict[focus.Line, int]:
    found: dict[focus.Line, int] = defaultdict(int)
    for line, cost in reading.costs.items():
        found[line._replace(service="-")] += cost
    return dict(found)


def both(folder: Path, kind: BillKind, made: list[list[str]]) -> tuple[focus.Reading, focus.Reading]:
    found = bill_files.read(file(folder, kind, made), kind, folder).reading
    return found, focus.read(made, focus.columns_of(HEADER), MINOR_DIGITS)


@pytest.mark.parametrize("kind", [BillKind.CSV, BillKind.PARQUET])
def test_what_is_plain_is_added_up_by_duckdb_alone_as_the_engine_does(
    kind: BillKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = rows(PLAIN * 20)
    wanted = focus.read(made, focus.columns_of(HEADER), MINOR_DIGITS)
    monkeypatch.setattr(focus, "read", None)
    found = bill_files.read(file(tmp_path, kind, made), kind, tmp_path).reading
    assert (without_service(found), found.counts) == (without_service(wanted), wanted.counts)
    assert (found.rows, found.wrong) == (140, 0)
    assert {line.until is None for line in found.costs} == {True, False}


@pytest.mark.parametrize("kind", [BillKind.CSV, BillKind.PARQUET])
def test_odd_costs_are_read_as_the_engine_does_and_each_fault_has_its_row(kind: BillKind, tmp_path: Path) -> None:
    found, wanted = both(tmp_path, kind, rows(PLAIN + ODD))
    assert (without_service(found), found.wrong) == (without_service(wanted), 0)
    for number, changes in enumerate(FAULTY):
        made = rows(PLAIN)
        made[4] = list((ROW | changes).values())
        found, wanted = both(tmp_path, kind, made)
        assert (found.faults, found.wrong, found.costs) == (wanted.faults, 1, wanted.costs), FAULTY[number]
        assert found.faults[0].row == 6


def test_duckdb_strips_what_the_engine_strips() -> None:
    import duckdb

    spaces = [chr(number) for number in range(sys.maxunicode + 1) if chr(number).isspace()]
    texts = [*spaces, "".join(spaces), *(f"{one}x{one}" for one in spaces), "\u200b", "\ufeff", "\u180e", "搜索\u3000"]
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT trim(unnest(?::VARCHAR[]), {bill_files.SPACES})", [texts]).fetchall()
    assert [text for (text,) in found] == [text.strip() for text in texts]


def test_a_bill_of_more_periods_or_sums_than_are_held_at_a_time_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bill_files, "MOST_GROUPS", 2)
    with pytest.raises(bill_files.UnreadableError, match="large"):
        bill_files.read(file(tmp_path, BillKind.CSV, rows(PLAIN * 5)), BillKind.CSV, tmp_path)
    monkeypatch.setattr(reading, "LOOK", 2)
    monkeypatch.setattr(reading, "MOST_LINES", 2)
    monkeypatch.setattr(bill_files, "MOST_GROUPS", 2_000)
    with pytest.raises(bill_files.UnreadableError, match="kinds of rows"):
        bill_files.read(file(tmp_path, BillKind.CSV, rows(PLAIN * 5 + ODD)), BillKind.CSV, tmp_path)
