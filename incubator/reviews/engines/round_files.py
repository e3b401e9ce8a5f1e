"""The lines of a round's CSV files: each cell read strictly, each fault told with its file and line."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CRITERIA = ("impact", "feasibility", "auditability")
LARGEST = 10**12
"""No figure of a round is larger: whole dollars, votes, numbers of things."""
_WHOLE = re.compile(r"-?[0-9]+")
_SCORE = re.compile(r"([0-9]+)(?:\.([0-9]{1,2}))?")
_STATUS = {"funded": True, "not funded": False}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one line of a file (line 0: the file itself)."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Table:
    """One file as far as it could be read.

    `rows` are (line, values by column) of every line with the right number of cells; a cell that is wrong is
    absent from its row. `complete` says that no line was lost, so that what is not here does not exist.
    """

    name: str
    rows: tuple[tuple[int, dict[str, Any]], ...]
    problems: tuple[Problem, ...]
    complete: bool

    def values(self, column: str) -> set[int]:
        """All values of a column of numbers."""
        return {row[column] for _, row in self.rows if column in row}


def read_table(path: Path) -> Table:
    """Read one of the three files; it never raises, what is wrong stands in the table's `problems`."""
    rows: list[tuple[int, dict[str, Any]]] = []
    problems: list[Problem] = []
    try:
        complete = _read(path, rows, problems)
    except _Fault as fault:
        complete = False
        problems.append(Problem(path.name, fault.line, fault.message))
    return Table(path.name, tuple(rows), tuple(problems), complete)


def _read(path: Path, rows: list[tuple[int, dict[str, Any]]], problems: list[Problem]) -> bool:
    """Fill rows and problems; whether every line could be split into its cells."""
    columns = COLUMNS[path.name]
    lines = _lines(_text(path))
    header = next(lines, (1, []))[1]
    _check_header(header, columns)
    complete = True
    for line, cells in lines:
        if len(cells) == len(header):
            rows.append((line, _values(columns, dict(zip(header, cells, strict=True)), line, path.name, problems)))
        else:
            complete = False
            words = f"has {len(cells)} of the header's {len(header)} cells; write one for each column"
            problems.append(Problem(path.name, line, words))
    if not rows and complete:
        raise _Fault(1, "has no line after the header; there must be at least one")
    return complete


class _Fault(Exception):
    """A fault that ends the reading of a file."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _Fault(0, f"cannot be read ({error.strerror}); a round needs this file") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # the codec has dropped a byte order mark before it counts, and so must we
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise _Fault(line, f"byte {byte:#04x} is not UTF-8; save the file as UTF-8") from error


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every line that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise _Fault(line, f"is no CSV ({error}); check the quotes and the characters of this line") from error


def _check_header(header: list[str], columns: Mapping[str, object]) -> None:
    missing = [column for column in columns if column not in header]
    unknown = [column for column in header if column not in columns]
    twice = sorted({column for column in header if header.count(column) > 1})
    wrong = [
        f"{word} {', '.join(names)}"
        for word, names in (("lacks", missing), ("has the unknown", unknown), ("repeats", twice))
        if names
    ]
    if wrong:
        raise _Fault(1, f"the header {' and '.join(wrong)}; it must name {','.join(columns)}")


def _values(
    columns: Mapping[str, "Reader"], cells: Mapping[str, str], line: int, name: str, problems: list[Problem]
) -> dict[str, Any]:
    """The cells that can be read; a problem for each that cannot."""
    values: dict[str, Any] = {}
    for column, read in columns.items():
        try:
            values[column] = read(cells[column])
        except ValueError as error:
            problems.append(Problem(name, line, f"{column}: {cells[column][:40]!r} {error}"))
    return values


def _number(low: int, high: int = LARGEST) -> Callable[[str], int]:
    """A reader of whole numbers from low to high."""

    def read(cell: str) -> int:
        if not _WHOLE.fullmatch(cell):
            raise ValueError(f"is no whole number; write one from {low} to {high}, in digits only")
        # so many digits are out of range anyway, and Python refuses to read thousands of them
        if len(cell) > 15 or not low <= int(cell) <= high:
            raise ValueError(f"is out of range; it must be from {low} to {high}")
        return int(cell)

    return read


def _or_empty(read: Callable[[str], int]) -> Callable[[str], int | None]:
    return lambda cell: read(cell) if cell else None


def _score(cell: str) -> int:
    """A published score in hundredths."""
    parts = _SCORE.fullmatch(cell)
    if parts is None:
        raise ValueError("is no score; write one from 1 to 5 with at most two decimals, such as 3.89")
    if len(cell) > 4 or not 100 <= (score := int(parts[1]) * 100 + int((parts[2] or "").ljust(2, "0"))) <= 500:
        raise ValueError("is out of range; it must be from 1 to 5")
    return score


def _status(cell: str) -> bool:
    if cell not in _STATUS:
        raise ValueError("is no status; write 'funded' or 'not funded'")
    return _STATUS[cell]


Reader = Callable[[str], int | None]
COLUMNS: Mapping[str, Mapping[str, Reader]] = {
    "themes.csv": {"theme": _number(1), "budget_usd": _number(0)},
    "proposals.csv": {
        "proposal": _number(1),
        "theme": _number(1),
        "order": _number(1),
        "published_score": _or_empty(_score),
        "valid_assessments": _or_empty(_number(1)),
        "net_votes": _number(-LARGEST),
        "meets_threshold": _number(0, 1),
        "requested_usd": _number(0),
        "published_status": _status,
    },
    "assessments.csv": {
        "proposal": _number(1),
        "assessor": _number(1),
        **dict.fromkeys(CRITERIA, _number(1, 5)),
        "valid": _number(0, 1),
    },
}
"""How each column of each file is read; a reader raises ValueError with what is wrong and what would be right."""
