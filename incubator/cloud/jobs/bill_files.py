"""Reading a delivered file with DuckDB: it adds up what agrees, the engine checks what is left. For jobs alone.

DuckDB sees one path that we made (never a name that somebody gave), may load nothing, and has a limit of memory. Where
anything is not plain, the file is read again row by row, so that each fault has its row, column and reason.
"""

import csv
import gzip
import tempfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Context, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incubator.cloud.bill_states import BillKind
from incubator.cloud.engines import focus
from incubator.core.money import MINOR_DIGITS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "800MB"
THREADS = 2
PIECE = 1 << 20
UNPACKED = 8 * 10**9
"""Bytes that a packed file may become."""
MOST_ROWS = 20_000_000
MOST_FAULTS = 100_000
LONGEST_HEADER = 1 << 18
LONGEST_FIELD = 1 << 20
CHUNK = 50_000
WIDE = Context(prec=60)
PLAIN = r"-?[0-9]{1,15}(\.[0-9]{1,18})?"


class UnreadableError(ValueError):
    """A file that cannot be read as a bill at all. trouble: damaged, header, empty, large; detail: what of it."""

    def __init__(self, trouble: str, detail: str = "") -> None:
        super().__init__(f"{trouble}: {detail}")
        self.trouble = trouble
        self.detail = detail


@dataclass(frozen=True)
class Bill:
    """What a file says, and the version of FOCUS that its columns are of."""

    reading: focus.Reading
    version: str


def read(path: Path, kind: BillKind, folder: Path) -> Bill:
    """Read a delivered file. folder: for what is written meanwhile. Raises UnreadableError."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="bill-", dir=folder) as own:
        plain = _unpacked(path, Path(own)) if kind is BillKind.CSV_GZ else path
        with _opened(plain, Path(own)) as connection:
            try:
                source = _Parquet(plain, connection) if kind is BillKind.PARQUET else _Csv(plain, connection)
            except duckdb.Error as error:
                raise UnreadableError("damaged", _first_line(error)) from error
            try:
                reading = _added_up(source)
            except duckdb.Error:
                reading = None
            if reading is None or reading.wrong:
                reading = _row_by_row(source)
    if not reading.rows:
        raise UnreadableError("empty")
    if reading.rows > MOST_ROWS:
        raise UnreadableError("large", str(reading.rows))
    return Bill(reading, source.version)


@contextmanager
def _opened(path: Path, folder: Path) -> Iterator["DuckDBPyConnection"]:
    import duckdb

    limits: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "threads": THREADS,
        "temp_directory": str(folder),
        "max_temp_directory_size": "8GB",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "true",
    }
    connection = duckdb.connect(":memory:", config=limits)
    try:
        connection.execute("SET allowed_paths = ['" + str(path).replace("'", "''") + "']")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]


def _unpacked(path: Path, folder: Path) -> Path:
    """The file as it was before it was packed. Raises UnreadableError for one cut short, or larger than it may be."""
    target = folder / "unpacked"
    size = 0
    try:
        with gzip.open(path) as packed, target.open("wb") as file:
            while piece := packed.read(PIECE):
                size += len(piece)
                if size > UNPACKED:
                    raise UnreadableError("large", str(size))
                file.write(piece)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableError("damaged", _first_line(error)) from error
    return target


class _Source(ABC):
    """A file's columns by number, and what DuckDB reads them from."""

    table: str
    given: Sequence[Any]
    names: Sequence[str]

    def __init__(self, connection: "DuckDBPyConnection", header: Sequence[str]) -> None:
        self.connection = connection
        self.header = list(header)
        self.version = focus.version_of(header)
        try:
            self.columns = focus.columns_of(header)
        except focus.HeaderError as error:
            raise UnreadableError("header", ", ".join([*error.missing, *error.doubled])) from error

    def text(self, place: int | None) -> str:
        """A column as text; '' where the file has none or nothing."""
        return "''" if place is None else f"coalesce(CAST({self.names[place]} AS VARCHAR), '')"

    @abstractmethod
    def rows(self) -> Iterator[Sequence[str]]:
        """Every row after the header, as texts."""


class _Csv(_Source):
    """Comma-separated text; the columns are named by us, so that a header says nothing to DuckDB."""

    def __init__(self, path: Path, connection: "DuckDBPyConnection") -> None:
        self.path = path
        super().__init__(connection, self._header())
        self.names = [f"c{place}" for place in range(self.columns.width)]
        typed = ", ".join(f"'{name}': 'VARCHAR'" for name in self.names)
        self.table = (
            f"read_csv(?, columns = {{{typed}}}, header = true, auto_detect = false, delim = ',', quote = '\"', "
            f"escape = '\"', max_line_size = {4 * LONGEST_FIELD}, compression = 'none')"
        )
        self.given = [str(path)]

    def _header(self) -> list[str]:
        with self.path.open("rb") as file:
            start = file.read(LONGEST_HEADER)
        text = start.decode("utf-8-sig", errors="replace")
        if "\x00" in text:
            raise UnreadableError("damaged", "NUL")
        try:
            return next(csv.reader(text.splitlines(keepends=True)), [])
        except csv.Error as error:
            raise UnreadableError("damaged", _first_line(error)) from error

    def rows(self) -> Iterator[Sequence[str]]:
        """As Python's own reader finds them; empty lines are none."""
        csv.field_size_limit(LONGEST_FIELD)
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                lines = csv.reader(file)
                next(lines, None)
                yield from (row for row in lines if row)
        except (csv.Error, UnicodeDecodeError) as error:
            raise UnreadableError("damaged", _first_line(error)) from error


class _Parquet(_Source):
    """Columns of any type; each is taken as the text that it is written as."""

    table = "read_parquet(?)"

    def __init__(self, path: Path, connection: "DuckDBPyConnection") -> None:
        self.given = [str(path)]
        counted = connection.execute("SELECT count(*) FROM read_parquet(?)", self.given).fetchone()
        if counted is not None and counted[0] > MOST_ROWS:  # few bytes can say billions of equal rows
            raise UnreadableError("large", str(counted[0]))
        described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", self.given).fetchall()
        super().__init__(connection, [row[0] for row in described])
        self.names = ['"' + row[0].replace('"', '""') + '"' for row in described]

    def rows(self) -> Iterator[Sequence[str]]:
        """In the order of the file; columns that a bill is not read by are left out."""
        import duckdb

        used = {*self.columns.head, *self.columns.span, self.columns.cost}
        wanted = ", ".join(self.text(place if place in used else None) for place in range(self.columns.width))
        try:
            found = self.connection.execute(f"SELECT {wanted} FROM {self.table}", self.given)  # noqa: S608 - our names
            while chunk := found.fetchmany(CHUNK):
                yield from chunk
        except duckdb.Error as error:
            raise UnreadableError("damaged", _first_line(error)) from error


def _added_up(source: _Source) -> focus.Reading | None:
    """The file, added up by DuckDB where rows agree in all texts that count; None where a cost is not plain."""
    found = source.connection.execute(_statement(source), source.given)
    places = len(focus.HEAD)
    columns = focus.Columns(
        tuple(range(places)), (places, places + 1), places + 2, places + 4
    )  # fmt: skip
    state = _Odd()
    reading = focus.gather(state.plain(_chunks(found)), columns, MINOR_DIGITS)
    return None if state.is_odd else reading


def _chunks(found: "DuckDBPyConnection") -> Iterator[Sequence[Any]]:
    while chunk := found.fetchmany(CHUNK):
        yield from chunk


class _Odd:
    """Whether a group has a cost that is not plain: then the rest of the groups does not matter."""

    is_odd = False

    def plain(self, groups: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """The groups with their cost in whole numbers of 10^-18, up to the first odd one."""
        for *texts, cost, odd, count in groups:
            if odd:
                self.is_odd = True
                return
            yield (*texts, _units(cost), count)


def _units(cost: Decimal) -> int:
    return int(cost.scaleb(18, WIDE))


def _statement(source: _Source) -> str:
    """Groups of rows: the texts of HEAD (of the service only whether there is one), of SPAN, the sum of their costs,
    whether one of them is not plain, and how many they are."""
    named = dict(zip(focus.HEAD, source.columns.head, strict=True))
    texts = [source.text(named[name]) for name in focus.HEAD]
    service = focus.HEAD.index("ServiceName")
    texts[service] = f"CASE WHEN trim({texts[service]}) IN ('', 'NULL', 'null', 'Null') THEN '' ELSE '-' END"
    texts += [source.text(place) for place in source.columns.span]
    heads = ", ".join(f"{text} AS g{number}" for number, text in enumerate(texts))
    keys = ", ".join(f"g{number}" for number in range(len(texts)))
    cost = f"trim({source.text(source.columns.cost)})"
    odd = (
        "units IS NULL OR abs(units) >= 1e15 OR contains(cost, 'e') OR contains(cost, 'E') "
        f"OR (length(cost) > 19 AND NOT regexp_full_match(cost, '{PLAIN}'))"
    )
    return (
        f"SELECT {keys}, sum(units), bool_or({odd}), count(*) FROM "  # noqa: S608 - our own names
        f"(SELECT {keys}, cost, TRY_CAST(cost AS DECIMAL(38, 18)) AS units FROM "
        f"(SELECT {heads}, {cost} AS cost FROM {source.table})) GROUP BY {keys}"
    )


def _row_by_row(source: _Source) -> focus.Reading:
    return focus.read(_few(source.rows()), source.columns, MINOR_DIGITS, most=MOST_FAULTS)


def _few(rows: Iterator[Sequence[str]]) -> Iterator[Sequence[str]]:
    """The rows, as long as they are no more than a bill may have."""
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise UnreadableError("large", str(number))
        yield row
