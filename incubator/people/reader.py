"""Statements that depend on who reads, built once: the reader's id and scopes are filled in when they run.

Building the conditions of "what may this person see" costs more than asking the database. So a function that builds a
statement for a person is marked `@for_reader`: for the person who reads this page the statement is built once a set of
roles, with parameters in place of the person, and kept. For anybody else (a job, a test) it is built as it says.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Date,
    DateTime,
    Row,
    Select,
    String,
    any_,
    bindparam,
    event,
    literal,
)
from sqlalchemy.dialects.postgresql import ARRAY

from incubator.core import clock
from incubator.core.db import db
from incubator.people.models import Person, Role
from incubator.people.predicates import in_force

P = ParamSpec("P")
R = TypeVar("R")

BELOW, ROLE_BREAK = "below_", "__"
MOST_KEPT = 200
"""Statements kept of one function: a set of roles and arguments each."""
IDS: Any = ARRAY(BigInteger)
NOW: BindParameter[dt.datetime] = bindparam("reading_now", type_=DateTime(timezone=True), callable_=clock.now)
"""The moment a statement runs."""
TODAY: BindParameter[dt.date] = bindparam("reading_today", type_=Date, callable_=clock.today)
"""The day a statement runs, in the group's zone."""


@dataclass(frozen=True)
class Reading:
    """Who reads the page of this request: taken down at its start, so that filling a statement in asks nobody.

    manager_id: the reader's own id where nobody manages them, since nothing equals NULL. companies_above: ids of the
    reader's company and of all above it.
    """

    person: Person
    id: int
    company_id: int
    manager_id: int
    scopes: tuple[tuple[Role, str], ...]
    companies_above: tuple[int, ...]

    @property
    def roles(self) -> frozenset[Role]:
        """The roles in force."""
        return frozenset(role for role, _path in self.scopes)


_reading: ContextVar[Reading | None] = ContextVar("reading", default=None)


def begin(person: Person) -> None:
    """From now on, until the end of the request, this person reads."""
    held = tuple((grant.role, grant.company.path) for grant in person.roles if in_force(grant))
    manager_id = person.manager_id if person.manager_id is not None else person.id
    _reading.set(Reading(person, person.id, person.company_id, manager_id, held, person.company.and_above))


@contextmanager
def nobody_yet() -> Iterator[None]:
    """A request begins with nobody and leaves nobody behind."""
    token = _reading.set(None)
    try:
        yield
    finally:
        _reading.reset(token)


def _now_reading() -> Reading:
    reading = _reading.get()
    if reading is None:
        raise LookupError("a reader's statement ran after its request")
    return reading


class Reader:
    """Stands for the person who reads while a statement is built: all that it may ask of a person."""

    id: BindParameter[int] = bindparam("reader_id", type_=BigInteger, callable_=lambda: _now_reading().id)
    company_id: BindParameter[int] = bindparam(
        "reader_company_id", type_=BigInteger, callable_=lambda: _now_reading().company_id
    )
    manager_id: BindParameter[int] = bindparam(
        "reader_manager_id", type_=BigInteger, callable_=lambda: _now_reading().manager_id
    )

    companies_above: BindParameter[Any] = bindparam(
        "reader_companies_above", type_=IDS, callable_=lambda: list(_now_reading().companies_above)
    )

    def __init__(self, roles: frozenset[Role]) -> None:
        self.held = roles

    def below(self, roles: tuple[Role, ...]) -> BindParameter[Any] | None:
        """LIKE patterns of the companies below which one of the roles is held; None where none is held at all."""
        if not self.held & set(roles):
            return None
        name = BELOW + ROLE_BREAK.join(sorted(role.value for role in roles))
        patterns: Any = ARRAY(String)
        return bindparam(name, type_=patterns, callable_=lambda: _patterns(roles))


FILLED_IN = {
    bind.key: bind for bind in (NOW, TODAY, Reader.id, Reader.company_id, Reader.manager_id, Reader.companies_above)
}
"""What a statement is filled in with when it runs, beside the patterns of `below`."""


def _patterns(roles: tuple[Role, ...]) -> list[str]:
    """Paths are digits and slashes: nothing in them means anything to LIKE."""
    return [path + "%" for role, path in _now_reading().scopes if role in roles]


def is_above(company_id: Any, person: Person | Reader) -> ColumnElement[bool]:
    """A condition: the person's company, or one above it."""
    found = person.companies_above if isinstance(person, Reader) else literal(list(person.company.and_above), IDS)
    return cast(ColumnElement[bool], company_id == any_(found))


def roles_of(person: Person | Reader) -> frozenset[Role]:
    """The roles in force of a person, or of the set of roles that a statement is built for."""
    if isinstance(person, Reader):
        return person.held
    return frozenset(grant.role for grant in person.roles if in_force(grant))


def for_reader(build: Callable[Concatenate[Person, P], R]) -> Callable[Concatenate[Person, P], R]:
    """Mark a function that builds a condition or a statement from a person and what else it is given (hashable).

    It may use the person's id, company_id and manager_id, ask roles_of and is_above, give the person on to other such
    functions and to people.access, and take the time from NOW and TODAY; nothing else.
    """
    kept: dict[Any, R] = {}

    @wraps(build)
    def built(person: Person, /, *args: P.args, **kwargs: P.kwargs) -> R:
        reading = _reading.get()
        if reading is None or person is not reading.person:
            return build(person, *args, **kwargs)
        key = (reading.roles, args, tuple(kwargs.items()))
        found = kept.get(key)
        if found is None:
            if len(kept) >= MOST_KEPT:  # what stands in an address may be anything
                kept.clear()
            found = kept[key] = build(cast(Person, Reader(reading.roles)), *args, **kwargs)
        return found

    return built


@dataclass(frozen=True)
class Sent:
    """A statement as psycopg is given it: its text, its values, and the names of those that are filled in anew."""

    text: str
    values: Mapping[str, Any]
    reading: tuple[str, ...]

    def run(self) -> Sequence[Row[*tuple[Any, ...]]]:
        """The rows for whoever reads now."""
        values = {**self.values, **{name: _value(name) for name in self.reading}}
        return db.session.connection().exec_driver_sql(self.text, values).all()


def _value(name: str) -> Any:
    fixed = FILLED_IN.get(name)
    if fixed is not None:
        return fixed.effective_value
    return _patterns(tuple(Role(value) for value in name.removeprefix(BELOW).split(ROLE_BREAK)))


def sent_to(
    build: Callable[Concatenate[Person, P], Select[*tuple[Any, ...]]],
) -> Callable[Concatenate[Person, P], Sequence[Row[*tuple[Any, ...]]]]:
    """Mark a function as `for_reader` does, and give its rows: of a statement so long that its tree and what SQLAlchemy
    makes of it would take megabytes for each set of roles, its text alone is kept. Its columns come as psycopg reads
    them: texts, numbers and moments."""
    kept: dict[Any, Sent] = {}

    @wraps(build)
    def rows(person: Person, /, *args: P.args, **kwargs: P.kwargs) -> Sequence[Row[*tuple[Any, ...]]]:
        reading = _reading.get()
        if reading is None or person is not reading.person:
            return db.session.execute(build(person, *args, **kwargs)).all()
        key = (reading.roles, args, tuple(kwargs.items()))
        found = kept.get(key)
        if found is None:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            found = kept[key] = _as_sent(build(cast(Person, Reader(reading.roles)), *args, **kwargs))
        return found.run()

    return rows


def _as_sent(statement: Select[*tuple[Any, ...]]) -> Sent:
    """What psycopg is given when the statement runs, which it does once for that."""
    found: list[Sent] = []

    def look(*said: Any) -> None:
        _connection, _cursor, text, values, _context, _many = said
        reading = tuple(name for name in values if name in FILLED_IN or name.startswith(BELOW))
        found.append(Sent(text, {name: value for name, value in values.items() if name not in reading}, reading))

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", look)
    try:
        connection.execute(statement, execution_options={"compiled_cache": None})
    finally:
        event.remove(connection, "before_cursor_execute", look)
    return found[0]
