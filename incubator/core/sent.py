"""Statements of plain columns, sent again as they were sent before.

What SQLAlchemy does to run a statement that it has compiled already costs several times what PostgreSQL takes to answer
a page's small ones. So of a statement that is kept (a constant, or one built once a set of roles) its text is kept too,
with what is filled in when it runs; its rows are the same.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, WeakSet

import psycopg
from sqlalchemy import BindParameter, Connection, CursorResult, event

from incubator.core.db import db, is_reading

Processor = Callable[[Any], Any]


class Filled(NamedTuple):
    """A parameter that is filled in when the statement runs; process: what makes of its value what psycopg is given."""

    name: str
    bind: BindParameter[Any]
    process: Processor | None


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
            value = _value(bind, name, given or {})
            values[name] = value if process is None else process(value)
        connection = db.session.connection()
        try:
            return self.named(_by_driver(connection, self.text, values))
        except psycopg.Error:  # that one SQLAlchemy is to see, which lets go of a connection that is lost
            return self.named(_answer(connection.exec_driver_sql(self.text, values)))

    def named(self, found: Sequence[Any]) -> list[Any]:
        """Rows of the driver, typed and named."""
        if self.columns:
            found = [self._typed(list(row)) for row in found]
        return [self.row(*row) for row in found]

    def _typed(self, row: list[Any]) -> list[Any]:
        for place, process in self.columns:
            row[place] = process(row[place])
        return row


def _by_driver(connection: Connection, text: str, values: Mapping[str, Any]) -> Sequence[Any]:
    """The rows without what SQLAlchemy makes of a result, which is known; whoever listens to statements hears of it."""
    cursor = connection.connection.cursor()
    for listener in connection.dispatch.before_cursor_execute:
        listener(connection, cursor, text, values, None, False)
    cursor.execute(text, values)
    for listener in connection.dispatch.after_cursor_execute:
        listener(connection, cursor, text, values, None, False)
    found: Sequence[Any] = cursor.fetchall()
    cursor.close()
    return found


def _answer(result: CursorResult[Any]) -> Sequence[Any]:
    found: Sequence[Any] = result.cursor.fetchall()
    result.close()
    return found


def _value(bind: BindParameter[Any], name: str, given: Mapping[str, Any]) -> Any:
    if name in given:
        return given[name]
    if bind.required:
        raise KeyError(name)
    return bind.effective_value


_kept: WeakKeyDictionary[Any, Sent | None] = WeakKeyDictionary()
"""None where the session runs it: what was run once alone, and what can't be sent so."""
_left: WeakSet[Any] = WeakSet()
"""What can't be sent so: it gives entities, or is given lists that its text spells out."""


def rows_of(statement: Any, given: Mapping[str, Any] | None = None) -> Sequence[Any]:
    """The rows of a statement with the values it is given, as the session gives them; columns are to be labelled.

    Where the request only reads, a statement of plain columns that is run again is sent by its text. The session runs
    the others: what is run the first time, for it may be built anew each time, and what gives entities.
    """
    if is_reading.get() and statement not in _left:
        sent = _kept.get(statement)
        if sent is not None:
            return sent.run(given)
        if statement in _kept:
            return _first_sent(statement, given)
        _kept[statement] = None
    return db.session.execute(statement, given or {}).all()


def _first_sent(statement: Any, given: Mapping[str, Any] | None) -> Sequence[Any]:
    if _gives_entities(statement):
        _left.add(statement)
        return db.session.execute(statement, given or {}).all()
    sent, found = send(statement, given)
    if sent is None:
        _left.add(statement)
    else:
        _kept[statement] = sent
    return found


def _gives_entities(statement: Any) -> bool:
    told = getattr(statement, "column_descriptions", ())
    return any(one["entity"] is not None and one["expr"] is one["entity"] for one in told)


def send(statement: Any, given: Mapping[str, Any] | None = None) -> tuple[Sent | None, list[Any]]:
    """Run a statement and take down how it was sent; its rows.

    None where a list is filled in that its text spells out.
    """
    told: list[tuple[str, dict[str, Any], Any]] = []

    def look(*said: Any) -> None:
        _connection, _cursor, text, values, context, _many = said
        if context is not None:  # what is looked up to fill it in is sent by the driver alone
            told.append((text, values, context.compiled))

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", look)
    try:
        answer = connection.execute(statement, given or {}, execution_options={"compiled_cache": None})
    finally:
        event.remove(connection, "before_cursor_execute", look)
    text, values, compiled = told[-1]
    filled = _filled(compiled)
    named = {one.name for one in filled}
    constant = {name: value for name, value in values.items() if name not in named}
    sent = Sent(text, constant, filled, *_answered(compiled, answer.cursor.description))
    return None if any(one.bind.expanding for one in filled) else sent, sent.named(_answer(answer))


def _filled(compiled: Any) -> tuple[Filled, ...]:
    """What has a name of its own, or is told by somebody when it runs; the others are literals of the statement."""
    processors = compiled._bind_processors
    return tuple(
        Filled(name, bind, processors.get(name))
        for bind, name in compiled.bind_names.items()
        if not bind.unique or bind.callable is not None
    )


def _answered(compiled: Any, described: Sequence[Any]) -> tuple[Callable[..., Any], tuple[tuple[int, Processor], ...]]:
    columns = compiled._result_columns
    named: Any = namedtuple("Row", [one.keyname for one in columns], rename=True)  # type: ignore[misc]
    processors = (
        one.type._cached_result_processor(compiled.dialect, told[1])
        for one, told in zip(columns, described, strict=True)
    )
    return named, tuple((place, process) for place, process in enumerate(processors) if process is not None)
