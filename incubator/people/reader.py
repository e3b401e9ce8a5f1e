"""Statements that depend on who reads, built once: the reader's id and scopes are filled in when they run.

Building the conditions of "what may this person see" costs more than asking the database. So a function that builds a
statement for a person is marked `@for_reader`: for the person who reads this page the statement is built once a set of
roles, with parameters in place of the person, and kept. For anybody else (a job, a test) it is built as it says.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeGuard, TypeVar, cast

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Date,
    DateTime,
    Select,
    String,
    any_,
    bindparam,
    literal,
)
from sqlalchemy.dialects.postgresql import ARRAY

from incubator.core import clock
from incubator.core.db import db, is_reading
from incubator.core.sent import Sent, send
from incubator.people.models import Person, Role
from incubator.people.predicates import in_force

P = ParamSpec("P")
R = TypeVar("R")

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
    reader's company and of all above it. known: what was asked of the reader already (asked_once).
    """

    person: Person
    id: int
    company_id: int
    manager_id: int
    scopes: tuple[tuple[Role, str], ...]
    companies_above: tuple[int, ...]
    known: dict[Any, Any] = field(default_factory=dict)

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

    def __init__(self, roles: frozenset[Role], *, looks_up: bool) -> None:
        self.held = roles
        self.looks_up = looks_up

    def below(self, roles: tuple[Role, ...]) -> BindParameter[Any] | None:
        """LIKE patterns of the companies below which one of the roles is held; None where none is held at all."""
        if not self.held & set(roles):
            return None
        name = "__".join(("below", *sorted(role.value for role in roles)))
        patterns: Any = ARRAY(String)
        return bindparam(name, type_=patterns, callable_=lambda: _patterns(roles))

    def ids(self, name: str) -> BindParameter[Any]:
        """An array of ids that is looked up (`looked_up`) when a statement of the page first asks for it."""
        return _arrays[name]


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


def looks_up(person: Person | Reader) -> TypeGuard[Reader]:
    """Whether what is asked of the person is looked up once: of the reader of a page, in a request that only reads."""
    return isinstance(person, Reader) and person.looks_up


def _stand_in(reading: Reading) -> Reader:
    return Reader(reading.roles, looks_up=is_reading.get())


def for_reader(build: Callable[Concatenate[Person, P], R]) -> Callable[Concatenate[Person, P], R]:
    """Mark a function that builds a condition or a statement from a person and what else it is given (hashable).

    It may use the person's id, company_id and manager_id, ask roles_of, is_above and what is looked up (`Reader.ids`),
    give the person on to other such functions and to people.access, and take the time from NOW and TODAY; nothing else.
    """
    kept: dict[Any, R] = {}

    @wraps(build)
    def built(person: Person, /, *args: P.args, **kwargs: P.kwargs) -> R:
        reading = _reading.get()
        if reading is None or person is not reading.person:
            return build(person, *args, **kwargs)
        key = (reading.roles, is_reading.get(), args, tuple(kwargs.items()))
        found = kept.get(key)
        if found is None:
            if len(kept) >= MOST_KEPT:  # what stands in an address may be anything
                kept.clear()
            found = kept[key] = build(cast(Person, _stand_in(reading)), *args, **kwargs)
        return found

    return built


def sent_to(
    build: Callable[Concatenate[Person, P], Select[*tuple[Any, ...]]],
) -> Callable[Concatenate[Person, P], Sequence[Any]]:
    """Mark a function as `for_reader` does, and give its rows: of a statement so long that its tree and what SQLAlchemy
    makes of it would take megabytes for each set of roles, its text alone is kept."""
    kept: dict[Any, Sent] = {}

    @wraps(build)
    def rows(person: Person, /, *args: P.args, **kwargs: P.kwargs) -> Sequence[Any]:
        reading = _reading.get()
        if reading is None or person is not reading.person:
            return db.session.execute(build(person, *args, **kwargs)).all()
        key = (reading.roles, is_reading.get(), args, tuple(kwargs.items()))
        found = kept.get(key)
        if found is not None:
            return found.run()
        if len(kept) >= MOST_KEPT:
            kept.clear()
        sent, told = send(build(cast(Person, _stand_in(reading)), *args, **kwargs))
        if sent is not None:
            kept[key] = sent
        return told

    return rows


Arrays: TypeAlias = Callable[[Person], Select[*tuple[Any, ...]]]
_arrays: dict[str, BindParameter[Any]] = {}
_lookups: dict[str, tuple[tuple[str, ...], Callable[[Person], Sequence[Any]]]] = {}


def looked_up(*names: str) -> Callable[[Arrays], Arrays]:
    """Mark a function that builds, as with `for_reader`, a statement of one row with an array of ids for each name.

    What many statements of a page ask of its reader is asked once: each array is a parameter of theirs (`Reader.ids`),
    and the page knows it to its end. A request that writes may change it: there it stands in each statement (looks_up).
    """

    def decorate(build: Arrays) -> Arrays:
        rows = sent_to(build)
        for name in names:
            _lookups[name] = names, rows
            _arrays[name] = bindparam(name, type_=IDS, callable_=partial(_ids, name))
        return build

    return decorate


def _ids(name: str) -> list[int]:
    person = _now_reading().person
    names, rows = _lookups[name]
    found = asked_once(person, names, lambda: rows(person)[0])
    return cast(list[int], found[names.index(name)])


def ids_known_of(person: Person, *names: str) -> set[int] | None:
    """What is looked up under these names, together, for the reader of a page that only reads; None for others."""
    reading = _reading.get()
    if reading is None or person is not reading.person or not is_reading.get():
        return None
    return {one for name in names for one in _ids(name)}


def asked_once(person: Person, key: Any, ask: Callable[[], R]) -> R:
    """What `ask` answers of a person, remembered under the key until the end of a request that only reads, where it is
    its reader: of anybody else, and where something may have been changed since, it is asked anew."""
    reading = _reading.get()
    if reading is None or person is not reading.person or not is_reading.get():
        return ask()
    if key not in reading.known:
        reading.known[key] = ask()
    found: R = reading.known[key]
    return found
