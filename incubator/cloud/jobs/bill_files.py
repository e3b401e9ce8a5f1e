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
MOST_GROUPS = 2_000_000
"""Periods, or sums of a day, that a bill may have: what Python holds at a time."""
PLAIN = r"\s*[+-]?[0-9]{0,15}(\.[0-9]{0,18})?\s*"
"""A cost that DuckDB reads exactly."""
SPACES = " || ".join(f"chr({number})" for number in range(0x3001) if chr(number).isspace())
"""What the engine strips from a name: all of Unicode, the last of it the ideographic one."""
NULLS = ", ".join(f"'{one}'" for one in sorted(focus.NULLS))
HEADS = ("seller", "account", "month", "month_ends", "sub_account", "service", "category", "class", "currency")
"""The columns of focus.HEAD, in their order, as our statements name them."""
PERIOD = ("begins", "ends")


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
    """A file's columns by number, and what DuckDB reads them from. is_quick: to read some of them again is cheap."""

    is_quick = False
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

    is_quick = True
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
    """The file, added up by DuckDB where rows agree in all texts that count; None where one is not as plain as they
    mostly are. DuckDB reads; what a period or a name says is judged once by the engine, as for a file read by rows."""
    connection = source.connection
    table, given = _prepared(source)
    names = ", ".join(PERIOD)
    pairs = _all(connection.execute(f"SELECT DISTINCT {names} FROM {table}", given))  # noqa: S608 - our own names
    spans = focus.spans(pairs)
    services = connection.execute(f"SELECT DISTINCT service FROM {table}", given)  # noqa: S608 - our own names
    if spans is None or any(name.strip() in focus.NULLS for (name,) in _all(services)):
        return None
    slots = list({span.slot: None for span in spans})
    numbers = {slot: number for number, slot in enumerate(slots)}
    connection.execute(
        "CREATE TEMP TABLE period AS SELECT unnest(?::VARCHAR[]) AS begins, unnest(?::VARCHAR[]) AS ends, "
        "unnest(?::BIGINT[]) AS slot, unnest(?::DOUBLE[]) AS moment",
        [[pair[0] for pair in pairs], [pair[1] for pair in pairs], [numbers[span.slot] for span in spans],
         [span.start.timestamp() for span in spans]],
    )  # fmt: skip
    groups = _all(connection.execute(_statement(table), given))
    if any(group[-2] for group in groups):
        return None
    plain = ((*texts, _units(cost), count) for *texts, cost, _odd, count in groups)
    return focus.gather(plain, slots, MINOR_DIGITS)


def _all(found: "DuckDBPyConnection") -> list[tuple[Any, ...]]:
    """What a statement finds. Raises UnreadableError for more than a bill has."""
    rows = found.fetchmany(MOST_GROUPS + 1)
    if len(rows) > MOST_GROUPS:
        raise UnreadableError("large", f"{MOST_GROUPS}+")
    return rows


def _units(cost: Decimal) -> int:
    return int(cost.scaleb(18, WIDE))


def _prepared(source: _Source) -> tuple[str, Sequence[Any]]:
    """(what to select from, its parameters): the columns that count as texts, units, whether they are odd, and how many
    rows they are of. A file that is costly to read again is grouped in its one reading."""
    named = dict(zip(focus.HEAD, source.columns.head, strict=True))
    texts = {key: source.text(named[name]) for name, key in zip(focus.HEAD, HEADS, strict=True)}
    if not source.is_quick:  # of many services only whether there is one
        texts["service"] = f"CASE WHEN trim({texts['service']}, {SPACES}) IN ({NULLS}) THEN '' ELSE '-' END"
    columns = [f"{text} AS {key}" for key, text in texts.items()]
    columns += [f"{source.text(place)} AS {key}" for place, key in zip(source.columns.span, PERIOD, strict=True)]
    rows = (
        f"SELECT *, TRY_CAST(cost AS DECIMAL(38, 18)) AS units FROM (SELECT {', '.join(columns)}, "  # noqa: S608
        f"{source.text(source.columns.cost)} AS cost FROM {source.table})"
    )
    odd = f"units IS NULL OR NOT regexp_full_match(cost, '{PLAIN}')"
    if source.is_quick:
        return f"(SELECT *, {odd} AS odd, 1 AS rows FROM ({rows}))", source.given  # noqa: S608 - our own names
    keys = ", ".join((*HEADS, *PERIOD))
    source.connection.execute(
        f"CREATE TEMP TABLE grouped AS SELECT {keys}, sum(units) AS units, bool_or({odd}) AS odd, "  # noqa: S608
        f"count(*) AS rows FROM ({rows}) GROUP BY {keys}", source.given
    )  # fmt: skip
    return "grouped", []


def _statement(table: str) -> str:
    """Groups of rows: the texts of HEAD (of the service none: it was looked at), the slot, when the last of them
    begins, the sum of their costs, whether one of these is not plain, and how many they are."""
    keys = ", ".join(key for key in HEADS if key != "service")
    texts = ", ".join("'-'" if key == "service" else key for key in HEADS)
    return (
        f"SELECT {texts}, slot, max(moment), sum(units), bool_or(odd), sum(rows)::BIGINT "  # noqa: S608 - our own names
        f"FROM {table} JOIN period USING ({', '.join(PERIOD)}) GROUP BY {keys}, slot"
    )


def _row_by_row(source: _Source) -> focus.Reading:
    try:
        return focus.read(_few(source.rows()), source.columns, MINOR_DIGITS, most=MOST_FAULTS)
    except focus.TooLargeError as error:
        raise UnreadableError("large", "kinds of rows") from error


def _few(rows: Iterator[Sequence[str]]) -> Iterator[Sequence[str]]:
    """The rows, as long as they are no more than a bill may have."""
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise UnreadableError("large", str(number))
        yield row
