"""The generator of bills makes what the importer has to bear: late, corrected, sent twice, cut short."""

from pathlib import Path

from benchmarks.bills import settle, write
from incubator.cloud.bill_states import BillKind
from incubator.cloud.engines import focus
from incubator.cloud.engines.focus import Declared, Doubt
from incubator.cloud.jobs import bill_files

ROWS = 3_000


def delivery(folder: Path, name: str, **changes: int) -> tuple[focus.Reading, int]:
    path = folder / name
    told = write(path, ROWS, **changes)
    return bill_files.read(path, BillKind.CSV, folder).reading, told


def charged(found: focus.Reading) -> dict[tuple[str, str, object], int]:
    (unit,) = found.counts
    return focus.shares(found.costs, unit, lambda key: key, {"CNY": 2})  # type: ignore[return-value]


def test_the_same_arguments_give_the_same_bytes_and_the_same_delivery_posts_nothing(tmp_path: Path) -> None:
    for name in ("a", "b", "c.parquet"):
        write(tmp_path / name, ROWS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    _seconds, first, again, _peak = settle(tmp_path / "a")
    assert (first > 1_000, again) == (True, 0)
    assert settle(tmp_path / "c.parquet")[1:3] == (first, 0)


def test_late_rows_are_posted_when_they_come_and_a_correction_by_its_account_alone(tmp_path: Path) -> None:
    whole, _rows = delivery(tmp_path, "whole")
    late, told = delivery(tmp_path, "late", late=3)
    (unit,) = whole.counts
    assert ROWS * 0.95 < told < ROWS
    posted = charged(late)
    for one in focus.differences(charged(whole), posted):
        key = (one.whom, one.currency, one.day)
        posted[key] = posted.get(key, 0) + one.minor
    assert {key: minor for key, minor in posted.items() if minor} == {k: m for k, m in charged(whole).items() if m}
    corrected, _rows = delivery(tmp_path, "corrected", corrected=7)
    moved = focus.differences(charged(corrected), charged(whole))
    assert {one.whom for one in moved} <= {"sub-00007", ""}
    assert corrected.total(unit, "CNY") < whole.total(unit, "CNY")


def test_a_delivery_cut_short_is_held(tmp_path: Path) -> None:
    whole, told = delivery(tmp_path, "whole")
    short, _rows = delivery(tmp_path, "short", cut=400_000)
    (unit,) = whole.counts
    before = {unit: {"CNY": whole.days(unit, "CNY")}}
    found = focus.doubts(short, Declared(rows=told), before)
    assert (Doubt.ROWS, None) in found
    assert focus.doubts(whole, Declared(rows=told), before) == []
