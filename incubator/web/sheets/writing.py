"""Tables out: the same rows give the same bytes, and no text is ever a formula."""

import csv as csv_module
import datetime as dt
import io
import mimetypes
import re
import zipfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from flask import Response

from incubator.web.sheets.columns import MONEY, PERCENT, Cell, Column, Kind, cell, value_of

LEADS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is run by a spreadsheet that opens a CSV file (OWASP, CSV injection)."""
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The first moment a ZIP file can name: a table's bytes do not tell when it was made."""
STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")
NOT_A_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
WIDTHS = {Kind.TEXT: 28, Kind.INT: 12, Kind.MONEY: 18, Kind.PERCENT: 10, Kind.DAY: 12, Kind.MOMENT: 17}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv(columns: Sequence[Column], rows: Iterable[Any]) -> bytes:
    """A table as CSV: UTF-8 with BOM (so that Excel knows), RFC 4180 (comma, CRLF, quotes doubled).

    Numbers, amounts and percentages are bare, with a point; days and moments ISO 8601; a text that a spreadsheet
    would run begins with an apostrophe.
    """
    text = io.StringIO(newline="")
    writer = csv_module.writer(text, lineterminator="\r\n")
    writer.writerow([_harmless(str(column.label)) for column in columns])
    for row in rows:
        writer.writerow([_written(cell(value_of(row, column), column), column) for column in columns])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _written(found: Cell, column: Column) -> str:
    value = found.value
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | Decimal):
        return f"{value * 100:.2f}" if column.kind is PERCENT else format(Decimal(value), "f")
    return value if column.kind in {Kind.INT, MONEY} else _harmless(value)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(LEADS) else text


def xlsx(title: object, columns: Sequence[Column], rows: Iterable[Any]) -> bytes:
    """A table as an Office Open XML workbook of one sheet: typed cells, a fixed header line with a filter.

    title: of the sheet; what a sheet's name cannot hold is left out, and it is cut after 31 characters.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(NOT_A_TITLE.sub(" ", str(title)).strip(" '")[:31] or "1")
    sheet.freeze_panes = "A2"
    for index, column in enumerate(columns):
        sheet.column_dimensions[_letters(index)].width = WIDTHS[column.kind]
    sheet.append([_head(sheet, str(column.label)) for column in columns])
    lines = 1
    for row in rows:
        sheet.append([_typed(sheet, cell(value_of(row, column), column)) for column in columns])
        lines += 1
    sheet.auto_filter.ref = f"A1:{_letters(len(columns) - 1)}{lines}"
    made = io.BytesIO()
    book.save(made)
    return _timeless(made)


def _letters(index: int) -> str:
    """Column 0 is A, 26 is AA."""
    first, last = divmod(index, 26)
    return (_letters(first - 1) if first else "") + chr(65 + last)


def _head(sheet: Any, label: str) -> Any:
    from openpyxl.styles import Font

    made = _typed(sheet, Cell(label))
    made.font = Font(bold=True)
    return made


def _typed(sheet: Any, found: Cell) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if isinstance(found.value, str):
        made = WriteOnlyCell(sheet, found.value)
        made.data_type = "s"  # openpyxl would make a formula of what begins with "=", an error of "#N/A"
        if found.value.startswith(LEADS):
            made.quotePrefix = True
        return made
    made = WriteOnlyCell(sheet, found.value)
    if found.format:
        made.number_format = found.format
    return made


def _timeless(made: io.BytesIO) -> bytes:
    """The same workbook without the moment it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            data = before.read(name)
            if name == "docProps/core.xml":
                data = STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z\2", data)
            after.writestr(entry, data)
    return out.getvalue()


def download(data: bytes, filename: str) -> Response:
    """An answer that the browser saves under this name; its type follows from the name's end."""
    kind = XLSX if filename.endswith(".xlsx") else mimetypes.guess_type(filename)[0] or "application/octet-stream"
    if kind == "text/csv":
        kind = "text/csv; charset=utf-8"
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", filename)
    answer = Response(data, content_type=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename)}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
