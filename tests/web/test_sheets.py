"""Tables out and in."""

import csv
import datetime as dt
import io
import time
import zipfile
from decimal import Decimal
from typing import Annotated, Literal

import openpyxl
import pytest
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field

from incubator.core.errors import Invalid
from incubator.core.money import Money
from incubator.web import sheets
from incubator.web.sheets import Amount, Column, Day, Heading, Points, Row, RowError, reading

COLUMNS = [
    Column("title", "Title"),
    Column("team", "Team", sheets.INT),
    Column("asked", "Asked for", sheets.MONEY),
    Column("share", "Share", sheets.PERCENT),
    Column("on", "Handed in", sheets.DAY),
    Column("at", "Seen", sheets.MOMENT),
]
ROW = {
    "title": "=1+1", "team": 3, "asked": 120_050, "share": 3_334, "on": dt.date(2026, 11, 24),
    "at": dt.datetime(2026, 11, 24, 6, 5, 9, tzinfo=dt.UTC),
}  # fmt: skip
EMPTY = dict.fromkeys(ROW)


class Line(Row):
    hr_number: Annotated[str, Heading(_l("HR number")), Field(max_length=6)]
    team: Annotated[int | None, Heading(_l("Team"))] = None
    joined: Day | None = None
    share: Points | None = None
    pay: Amount | None = None
    kind: Literal["full", "part"] | None = None


def naive(*parts: int) -> dt.datetime:
    """A moment as a workbook knows it: without a zone."""
    return dt.datetime(*parts, tzinfo=dt.UTC).replace(tzinfo=None)


def workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def packed(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"), data)
    return file.getvalue()


# ---- out


def test_csv_is_exact(app):
    assert sheets.csv(COLUMNS, [ROW, EMPTY]).decode("utf-8") == (
        "\ufeffTitle,Team,Asked for,Share,Handed in,Seen\r\n"
        "'=1+1,3,1200.50,33.34,2026-11-24,2026-11-24 14:05\r\n"
        ",,,,,\r\n"
    )  # fmt: skip


def test_xlsx_is_typed_and_no_text_is_a_formula(app):
    sheet = openpyxl.load_workbook(io.BytesIO(sheets.xlsx("Ideas: [2026]", COLUMNS, [ROW, EMPTY]))).active

    assert sheet.title == "Ideas   2026"
    assert [cell.value for cell in sheet[2]] == [
        "=1+1", 3, 1200.5, 0.3334, naive(2026, 11, 24), naive(2026, 11, 24, 14, 5, 9),
    ]  # fmt: skip
    assert [cell.number_format for cell in sheet[2]][1:] == [
        "#,##0", '#,##0.00 "CNY"', "0.00%", "yyyy-mm-dd", "yyyy-mm-dd hh:mm",
    ]  # fmt: skip
    assert (sheet["A2"].data_type, sheet["A2"].quotePrefix) == ("s", True)
    assert [cell.value for cell in sheet[3]] == [None] * 6
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:F3")
    raw = zipfile.ZipFile(io.BytesIO(sheets.xlsx("x", COLUMNS, [ROW]))).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in raw


def test_the_same_rows_give_the_same_bytes(app):
    first = sheets.xlsx("Ideas", COLUMNS, [ROW])
    time.sleep(2.1)  # a ZIP file counts in steps of two seconds

    assert sheets.xlsx("Ideas", COLUMNS, [ROW]) == first
    assert b"1980-01-01T00:00:00Z" in zipfile.ZipFile(io.BytesIO(first)).read("docProps/core.xml")


def test_money_of_any_currency_and_numbers_too_long_for_a_spreadsheet(app):
    columns = [Column("a", "A", sheets.MONEY), Column("b", "B", sheets.INT)]
    row = {"a": Money("JPY", 1200), "b": 10**15}

    assert sheets.csv(columns, [row]).decode("utf-8-sig") == f"A,B\r\n1200,{10**15}\r\n"
    cells = openpyxl.load_workbook(io.BytesIO(sheets.xlsx("x", columns, [row]))).active[2]
    assert [(cell.value, cell.number_format) for cell in cells] == [(1200, '#,##0 "JPY"'), (str(10**15), "General")]


def test_rows_may_be_objects_and_many_columns_have_letters(app):
    class Thing:
        def __getattr__(self, name: str) -> str:
            return name.upper()

    columns = [Column(f"c{n}", f"C{n}") for n in range(30)]
    sheet = openpyxl.load_workbook(io.BytesIO(sheets.xlsx("", columns, [Thing()]))).active

    assert (sheet.title, sheet["AD2"].value) == ("1", "C29")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_any_text_survives_csv_and_xlsx_and_never_runs(app, texts):
    columns = [Column("text", "Text")]
    rows = [{"text": text} for text in texts]
    lines = list(csv.reader(io.StringIO(sheets.csv(columns, rows).decode("utf-8-sig"), newline="")))[1:]
    clean = [sheets.columns.NOT_TEXT.sub("", text) for text in texts]

    found = [line[0] if line else "" for line in lines]
    assert [text for text in found if text.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert [reading._unquoted(text) if text != clean[i] else text for i, text in enumerate(found)] == clean
    cells = openpyxl.load_workbook(io.BytesIO(sheets.xlsx("x", columns, rows))).active["A"][1:]
    assert [cell.data_type for cell in cells if cell.value is not None] == ["s"] * sum(map(bool, clean))


def test_download_names_and_types_the_file(app):
    answer = sheets.download(b"x", "提案 2026.xlsx")

    assert answer.headers["Content-Type"] == sheets.writing.XLSX
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"___2026.xlsx\"; filename*=UTF-8''%E6%8F%90%E6%A1%88%202026.xlsx"
    )
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert sheets.download(b"x", "a.csv").headers["Content-Type"] == "text/csv; charset=utf-8"
    assert sheets.download(b"x", "a.none").headers["Content-Type"] == "application/octet-stream"


# ---- in


FULL = Line(hr_number="000123", team=3, joined=dt.date(2026, 11, 24), share=3334, pay=120050, kind="part")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_file_is_read(app, encoding, delimiter):
    lines = [
        ["hr_number", "Team", "joined", "share", "pay", "kind"],
        ["000123", "3", "2026年11月24日", "33.34%", '"1,200.50"', " part "],
        [],
        ["七"],
    ]
    data = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)

    assert sheets.read(data, "a.csv", Line) == sheets.Sheet([(2, FULL), (4, Line(hr_number="七"))], [])


def test_a_workbook_is_read_and_numbers_are_read_as_typed(app):
    data = workbook(
        ["HR NUMBER", "team", "joined", "share", "pay", "kind"],
        [123, 3.0, naive(2026, 11, 24), 33.34, 1200.5, "part"],
        [None, None],
        ["'=x", None],
    )

    sheet = sheets.read(data, "a.xlsx", Line)
    assert sheet.errors == []
    assert sheet.rows == [(2, FULL.model_copy(update={"hr_number": "123"})), (4, Line(hr_number="=x"))]


def test_headings_are_known_in_both_languages(app):
    with force_locale("zh_Hans_CN"):
        chinese = str(_l("HR number"))
    assert chinese != "HR number"
    data = f"{chinese}\n1".encode()

    assert sheets.read(data, "a.csv", Line).rows == [(2, Line(hr_number="1"))]


def test_each_fault_names_its_line_and_column_and_what_would_be_right(app):
    data = (
        b"HR number,Team,joined,share,pay,kind\n"
        b"1234567,x,2026-02-30,101,1.234,whole\n"
        b",1,,,,\n"
        b"1,=2+2,,,,\n"
        b"1,1,,,,,more\n"
        b'2,2,2026-11-24,,"1,20",\n'
        b"3,3,1800-01-01,x,NaN,\n"
    )
    sheet = sheets.read(data, "a.csv", Line)
    amount = "Enter an amount with at most 2 decimals, such as 1,200.50"
    share = "Enter a percentage between 0 and 100 with at most two decimals, such as 33.34"

    assert sheet.rows == []
    assert sheet.errors == [
        RowError(2, "HR number", "At most 6 characters"),
        RowError(2, "Team", "Enter a whole number, such as 1,200"),
        RowError(2, "joined", "Enter a day such as 2026-11-24"),
        RowError(2, "share", share),
        RowError(2, "pay", amount),
        RowError(2, "kind", "Choose one of: full or part"),
        RowError(3, "HR number", "A value is missing here."),
        RowError(4, "Team", "A formula stands here. Put its value in its place."),
        RowError(5, "", "This line has more cells than the header has columns."),
        RowError(6, "pay", amount),
        RowError(7, "joined", "Enter a day such as 2026-11-24"),
        RowError(7, "share", share),
        RowError(7, "pay", amount),
    ]


def test_formulas_of_a_workbook_are_refused(app):
    sheet = sheets.read(workbook(["hr_number"], ["=1+1"]), "a.xlsx", Line)

    assert sheet.rows == []
    assert sheet.errors == [RowError(2, "hr_number", "A formula stands here. Put its value in its place.")]


def test_a_wrong_header_ends_the_reading(app):
    sheet = sheets.read(b"team,Team,colour\n1,2,3", "a.csv", Line)

    assert sheet.rows == []
    known = "There is no such column. Known columns: HR number, Team, joined, share, pay, kind"
    assert sheet.errors == [
        RowError(1, "Team", "This column stands twice. Leave one out."),
        RowError(1, "colour", known),
        RowError(1, "HR number", "This column is missing. Add it."),
    ]


class Other(Row):
    number: Decimal | None = Field(None, ge=0)
    day: dt.date | None = None
    text: str | None = Field(None, min_length=2, pattern="a+")


def test_every_kind_of_fault_has_words(app):
    sheet = sheets.read(b"number,day,text\nx,x,b\n-1,,", "a.csv", Other)

    assert [error.message for error in sheet.errors] == [
        "Enter a number, such as 12.5", "Enter a day such as 2026-11-24", "This value does not fit here.",
        "This number is out of range.",
    ]  # fmt: skip


OLD = "This is an old Excel file, or one with a password. Save it as .xlsx or .csv."


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"", "a.csv", "This file is empty. Its first line names the columns."),
        (b"\xd0\xcf\x11\xe0\xa1", "a.xlsx", OLD),
        (b"x", "a.xls", OLD),
        (b"hr_number\n\x00", "a.csv", "This is neither a CSV nor an Excel file (.xlsx)."),
        (b"\x89PNG\xff\xff", "a.csv", "The characters of this file cannot be read. Save it as CSV UTF-8, or as .xlsx."),
        (b'hr_number\n"a', "a.csv", "Line 2 is no CSV: a quotation mark is left open, or a cell is too long."),
        (b"," * 300 + b"x", "a.csv", "This table has more than 200 columns."),
        (b"PK\x03\x04xx", "a.xlsx", "This Excel file is damaged or holds what no table needs."),
        (packed(a=b""), "a.xlsx", "This is neither a CSV nor an Excel file (.xlsx)."),
        (packed(xl__workbook_xml=b""), "a.xlsx", "This Excel file is damaged or holds what no table needs."),
        (
            packed(xl__workbook_xml=b"", xl__vbaProject_bin=b""),
            "a.xlsx",
            "This workbook holds macros. Save it as .xlsx without them.",
        ),
        (
            packed(xl__workbook_xml=b"", **{f"e{n}": b"" for n in range(1001)}),
            "a.xlsx",
            "This file unpacks to far more than a table needs.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused(app, data, name, message):
    with pytest.raises(Invalid) as refused:
        sheets.read(data, name, Line)
    assert (refused.value.message, refused.value.field) == (message, "file")


def test_sizes_are_guarded(app, monkeypatch):
    bomb = packed(xl__workbook_xml=b"\0" * 1_000_000)
    monkeypatch.setattr(reading, "LARGEST_UNPACKED", 999_999)
    with pytest.raises(Invalid, match="unpacks to far more"):
        sheets.read(bomb, "a.xlsx", Line)
    monkeypatch.setattr(reading, "LARGEST_FILE", 10)
    with pytest.raises(Invalid, match="larger than 25 MB"):
        sheets.read(b"x" * 11, "a.csv", Line)
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    with pytest.raises(Invalid, match="more than 2 lines"):
        sheets.read(b"team\n1\n2\n3", "a.csv", Row.__class__("Few", (Row,), {"__annotations__": {"team": int}}))


def test_entities_of_a_workbook_are_not_expanded(app):
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["hr_number"], ["1"]))) as good, zipfile.ZipFile(made, "w") as bad:
        for entry in good.namelist():
            data = good.read(entry)
            if entry == "xl/worksheets/sheet1.xml":
                data = b'<!DOCTYPE worksheet [<!ENTITY a "aaaa">]>' + data.replace(b"hr_number", b"&a;")
            bad.writestr(entry, data)
    with pytest.raises(Invalid, match="damaged or holds what no table needs"):
        sheets.read(made.getvalue(), "a.xlsx", Line)


def test_faults_beyond_what_can_be_listed_are_counted(app, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ERRORS", 2)
    sheet = sheets.read(b"hr_number,team\n" + b"1,x\n" * 5, "a.csv", Line)

    assert (len(sheet.errors), sheet.more_errors) == (2, 3)


def test_an_empty_table_to_fill_in_reads_back(app):
    columns = sheets.columns_of(Line)
    data = sheets.csv(columns, [{"hr_number": "-7", **dict.fromkeys(["team", "joined", "share", "pay", "kind"])}])

    assert [str(column.label) for column in columns] == ["HR number", "Team", "joined", "share", "pay", "kind"]
    assert sheets.read(data, "a.csv", Line).rows == [(2, Line(hr_number="-7"))]
