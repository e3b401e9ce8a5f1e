"""Statements of plain columns, sent again as they were sent before.

What SQLAlchemy does to run a statement that it has compiled already costs several times what PostgreSQL takes to answer
a page's small ones. So of a statement that is kept (a constant, or one built once a set of roles) its text is kept too,
with what is filled in when it runs; its rows are the same.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, event
from sqlalchemy.engine.interfaces import DBAPICursor

from incubator.core.db import db, is_reading

Processor = Callable[[Any], Any]
Filled = tuple[str, BindParameter[Any] | None, Processor | None]
"""The name of a parameter, what gives its value when the statement runs (None: whoever runs it), and what makes of the
value what psycopg is given."""


@dataclass(frozen=True)
class Sent:
    """A statement as psycopg is given it: its text and its values, but for those that are filled in anew.

    row: makes a named row; columns: what makes of a value of the answer what the column's type says, by its place.
    """

    text: str
    values: Mapping[str, Any]
    filled: tuple[Filled, ...]
    row: Callable[..., Any]
    columns: tuple[tuple[int, Processor], ...]

    def run(self, given: Mapping[str, Any] | None = None) -> list[Any]:
        """The rows now. Raises KeyError where a value is not given."""
        values = dict(self.values)
        for name, bind, process in self.filled:
            value = (given or {})[name] if bind is None else bind.effective_value
            values[name] = value if process is None else process(value)
        return self.rows(db.session.connection().exec_driver_sql(self.text, values))

    def rows(self, answer: Any) -> list[Any]:
        """An answer of the driver, typed and named."""
        cursor: DBAPICursor = answer.cursor
        found: Sequence[Any] = cursor.fetchall()
        answer.close()
        if self.columns:
            found = [self._typed(list(row)) for row in found]
        return [self.row(*row) for row in found]

    def _typed(self, row: list[Any]) -> list[Any]:
        for place, process in self.columns:
            row[place] = process(row[place])
        return row


_kept: WeakKeyDictionary[Any, Sent | None] = WeakKeyDictionary()
"""None where it is not plain columns that a statement gives."""


def rows_of(statement: Any, given: Mapping[str, Any] | None = None) -> Sequence[Any]:
    """The rows of a statement with the values it is given, as the session gives them.

    Where the request only reads, a statement of plain columns is compiled the first time alone; elsewhere, and where it
    gives entities, the session runs it.
    """
    if is_reading.get():
        sent = _kept.get(statement)
        if sent is not None:
            return sent.run(given)
        if statement not in _kept:
            _kept[statement] = None
            if not _gives_entities(statement):
                _kept[statement], found = send(statement, given)
                return found
    return db.session.execute(statement, given or {}).all()


def _gives_entities(statement: Any) -> bool:
    told = getattr(statement, "column_descriptions", ())
    return any(one["entity"] is not None and one["expr"] is one["entity"] for one in told)


def send(statement: Any, given: Mapping[str, Any] | None = None) -> tuple[Sent, list[Any]]:
    """Run a statement and take down how it was sent; its rows."""
    told: list[tuple[str, dict[str, Any], Any]] = []

    def look(*said: Any) -> None:
        _connection, _cursor, text, values, context, _many = said
        told.append((text, values, context.compiled))

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", look)
    try:
        answer = connection.execute(statement, given or {}, execution_options={"compiled_cache": None})
    finally:
        event.remove(connection, "before_cursor_execute", look)
    text, values, compiled = told[-1]  # after what was looked up to fill it in
    sent = Sent(text, *_filled(values, compiled, given or {}), *_answered(compiled, answer.cursor.description))
    return sent, sent.rows(answer)


def _filled(
    values: Mapping[str, Any], compiled: Any, given: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Filled, ...]]:
    processors = compiled._bind_processors
    filled = tuple(
        (name, None if name in given else bind, processors.get(name))
        for bind, name in compiled.bind_names.items()
        if name in given or bind.callable is not None
    )
    named = {name for name, _bind, _process in filled}
    return {name: value for name, value in values.items() if name not in named}, filled


def _answered(compiled: Any, described: Sequence[Any]) -> tuple[Callable[..., Any], tuple[tuple[int, Processor], ...]]:
    columns = compiled._result_columns
    named: Any = namedtuple("Row", [one.keyname for one in columns], rename=True)  # type: ignore[misc]
    processors = (
        one.type._cached_result_processor(compiled.dialect, told[1])
        for one, told in zip(columns, described, strict=True)
    )
    return named, tuple((place, process) for place, process in enumerate(processors) if process is not None)
