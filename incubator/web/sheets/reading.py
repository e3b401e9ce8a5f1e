"""Tables in: a CSV or XLSX file read line by line into a model, with every fault named by line and column."""

import csv as csv_module
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from incubator.core.errors import Invalid
from incubator.web.sheets.columns import Column
from incubator.web.sheets.writing import LEADS

LARGEST_FILE = 25 * 1024 * 1024
LARGEST_UNPACKED = 400 * 1024 * 1024
MOST_ENTRIES = 1_000
MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_ERRORS = 200
ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
LOCALES = ("en_GB", "zh_Hans_CN")
Raw = tuple[int, list[str]]


class Row(BaseModel):
    """Base of what a line is read into: unknown columns are refused, white space around a value is dropped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


@dataclass(frozen=True)
class Heading:
    """What a field's column is called, beside the field's own name: `Annotated[str, Heading(_l('HR number'))]`."""

    label: object


@dataclass(frozen=True)
class RowError:
    """One fault: the line of the file (1 is the header), the column's heading ('' for a whole line), the words."""

    line: int
    column: str
    message: str


M = TypeVar("M", bound=BaseModel)


@dataclass
class Sheet(Generic[M]):
    """The lines that could be read, each with its number in the file, and the faults of the others.

    more_errors: how many faults there are beyond those listed.
    """

    rows: list[tuple[int, M]] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    more_errors: int = 0

    def add(self, error: RowError) -> None:
        """Keep a fault, or count it when there are too many to list."""
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(error)
        else:
            self.more_errors += 1


def read(data: bytes, name: str, model: type[M]) -> Sheet[M]:
    """Read a whole file. Raises Invalid (field 'file') for what is no table, too large or packed to do harm.

    The first line names the columns: a field's name, or its heading in English or Chinese, in any order and case.
    Empty lines are passed over; an empty cell counts as not given.
    """
    sheet: Sheet[M] = Sheet()
    for found in read_rows(data, name, model):
        if isinstance(found, RowError):
            sheet.add(found)
        else:
            sheet.rows.append(found)
    return sheet


def read_rows(data: bytes, name: str, model: type[M]) -> Iterator[tuple[int, M] | RowError]:
    """As `read`, one line after the other, for files too long to hold at once."""
    lines = _lines(data, name)
    header = next(lines, None)
    if header is None:
        raise Invalid(_("This file is empty. Its first line names the columns."), field="file")
    keys, faults = _keys(header[1], model)
    if faults:
        yield from faults
        return
    headings = dict(zip(keys, header[1], strict=True))
    for count, (line, cells) in enumerate(lines, 1):
        if count > MOST_ROWS:
            raise Invalid(_("This table has more than %(n)s lines. Divide it.", n=f"{MOST_ROWS:,}"), field="file")
        yield from _read_line(line, cells, keys, headings, model)


def given_columns(data: bytes, name: str, model: type[BaseModel]) -> set[str]:
    """The fields that a file's first line names; unknown headings are passed over (reading names them)."""
    header = next(_lines(data, name), None)
    known = _known(model)
    return {known[key] for key in (_plain(heading) for heading in (header[1] if header else [])) if key in known}


def columns_of(model: type[BaseModel]) -> list[Column]:
    """The columns of an empty table that people fill in: one a field, with its heading."""
    return [Column(key, _label(model, key)) for key in model.model_fields]


# ---- the header


def _label(model: type[BaseModel], key: str) -> object:
    return next((found.label for found in model.model_fields[key].metadata if isinstance(found, Heading)), key)


def _known(model: type[BaseModel]) -> dict[str, str]:
    """Every spelling of a column, and its field."""
    known = {_plain(key): key for key in model.model_fields}
    for locale in LOCALES:
        with force_locale(locale):
            known |= {_plain(str(_label(model, key))): key for key in model.model_fields}
    return known


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").split()).casefold()


def _keys(header: list[str], model: type[BaseModel]) -> tuple[list[str], list[RowError]]:
    """The field of each column, and what is wrong with the header."""
    known, faults, keys = _known(model), [], []
    labels = ", ".join(str(_label(model, key)) for key in model.model_fields)
    unknown = _("There is no such column. Known columns: %(columns)s", columns=labels)
    for heading in header:
        key = known.get(_plain(heading), "")
        if not key:
            faults.append(RowError(1, heading, unknown))
        elif key in keys:
            faults.append(RowError(1, heading, _("This column stands twice. Leave one out.")))
        keys.append(key)
    required = (key for key, field_ in model.model_fields.items() if field_.is_required())
    for key in required:
        if key not in keys:
            faults.append(RowError(1, str(_label(model, key)), _("This column is missing. Add it.")))
    return keys, faults


# ---- a line


def _read_line(
    line: int, cells: list[str], keys: list[str], headings: dict[str, str], model: type[M]
) -> Iterator[tuple[int, M] | RowError]:
    given = dict(zip(keys, cells, strict=False))
    if any(cell.strip() for cell in cells[len(keys) :]):
        yield RowError(line, "", _("This line has more cells than the header has columns."))
        return
    formulas = [key for key, value in given.items() if value.startswith("=")]
    for key in formulas:
        yield RowError(line, headings[key], _("A formula stands here. Put its value in its place."))
    if formulas:
        return
    try:
        yield line, model.model_validate({key: _unquoted(value) for key, value in given.items() if value.strip()})
    except ValidationError as refusal:
        for error in refusal.errors(include_url=False):
            key = str(error["loc"][0]) if error["loc"] else ""
            column = headings.get(key) or (str(_label(model, key)) if key in model.model_fields else "")
            yield RowError(line, column, words_of(error))


def _unquoted(value: str) -> str:
    """Our own exports mark a text that a spreadsheet would run with an apostrophe."""
    return value[1:] if value[:1] == "'" and value[1:].startswith(LEADS) else value.strip()


WORDS: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("value_error",), "%(error)s"),
    (("missing",), _l("A value is missing here.")),
    (("int_",), _l("Enter a whole number, such as 1,200")),
    (("decimal_", "float_"), _l("Enter a number, such as 12.5")),
    (("date_", "datetime_"), _l("Enter a day such as 2026-11-24")),
    (("string_too_long",), _l("At most %(max_length)s characters")),
    (("literal_error", "enum"), _l("Choose one of: %(expected)s")),
    (("greater_than", "less_than"), _l("This number is out of range.")),
    (("",), _l("This value does not fit here.")),
)
"""How the types of pydantic's errors begin, and their words."""


def words_of(error: ErrorDetails) -> str:
    """What is wrong with a value and what would be right, in the reader's language."""
    details = {name: str(value) for name, value in error.get("ctx", {}).items()}
    words = next(words for kinds, words in WORDS if error["type"].startswith(kinds))
    return str(words) % (details | {"expected": details.get("expected", "").replace("'", "")})


# ---- the file


def _lines(data: bytes, name: str) -> Iterator[Raw]:
    """The lines that hold something, with their numbers; every cell as text."""
    if len(data) > LARGEST_FILE:
        raise Invalid(_("This file is larger than %(size)s MB. Choose a smaller one.", size=25), field="file")
    if data.startswith(OLD_OFFICE) or name.lower().endswith(".xls"):
        raise Invalid(_("This is an old Excel file, or one with a password. Save it as .xlsx or .csv."), field="file")
    found = _of_workbook(data) if data.startswith(ZIP) else _of_text(data)
    return ((line, cells) for line, cells in found if any(cell.strip() for cell in cells))


def _of_text(data: bytes) -> Iterator[Raw]:
    text = _decoded(data)
    if "\x00" in text:
        raise Invalid(_("This is neither a CSV nor an Excel file (.xlsx)."), field="file")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=lambda mark: (first.count(mark), mark == ","))
    reader = csv_module.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            yield line, _narrow(cells)
            line = reader.line_num + 1
    except csv_module.Error as error:
        message = _("Line %(line)s is no CSV: a quotation mark is left open, or a cell is too long.", line=line)
        raise Invalid(message, field="file") from error


def _decoded(data: bytes) -> str:
    """UTF-8, or GB 18030, in which Chinese Excel writes CSV."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(_("The characters of this file cannot be read. Save it as CSV UTF-8, or as .xlsx."), field="file")


def _narrow(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise Invalid(_("This table has more than %(n)s columns.", n=MOST_COLUMNS), field="file")
    return cells


def _of_workbook(data: bytes) -> Iterator[Raw]:
    """The first sheet's lines. The archive is measured before anything in it is opened."""
    _guard(data)
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=MOST_COLUMNS + 1, max_row=MOST_ROWS + 2)
        for line, cells in enumerate(rows, 1):
            yield line, _narrow([_text(cell) for cell in cells])
    except Invalid:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise
        raise Invalid(_("This Excel file is damaged or holds what no table needs."), field="file") from error


def _guard(data: bytes) -> None:
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Invalid(_("This Excel file is damaged or holds what no table needs."), field="file") from error
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise Invalid(_("This is neither a CSV nor an Excel file (.xlsx)."), field="file")
    if any(name.endswith("vbaProject.bin") for name in names):
        raise Invalid(_("This workbook holds macros. Save it as .xlsx without them."), field="file")
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise Invalid(_("This file unpacks to far more than a table needs."), field="file")


def _text(cell: Any) -> str:
    """A cell's value as a person would type it; what is no formula never begins with an equals sign."""
    value = cell.value
    if cell.data_type == "f":
        return f"={value}"
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith("=") else text
