"""Who sees a row: roles over the company subtree, and the table `access`, where deny wins."""

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    any_,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from incubator.core import audit, clock
from incubator.core.db import Model, db
from incubator.people.models import Access, Company, Effect, Person, Role
from incubator.people.predicates import scopes
from incubator.people.reader import IDS, NOW, Reader, looks_up

Hiding: TypeAlias = Callable[[Person], Select[int]]
Names: TypeAlias = Callable[[Reader], tuple[str, ...]]
_hiding: dict[str, tuple[Hiding, Names]] = {}


def hides(model: type[Model], looked_up: Names) -> Callable[[Hiding], Hiding]:
    """Register what the records hide of a model before anybody writes it down: the ids of rows that a person is not to
    see. The package that can tell is above the one whose rows they are.

    looked_up: the names of the arrays (people.reader) that together hold, for the reader of a page, all that is hidden,
    what is written down too; none where a reader sees so little that it is asked in the statement.
    """

    def decorate(function: Hiding) -> Hiding:
        if model.__tablename__ in _hiding:
            raise LookupError(f"what hides a {model.__tablename__} is told in one place")
        _hiding[model.__tablename__] = function, looked_up
        return function

    return decorate


def within(company_id: InstrumentedAttribute[int], person: Person | Reader, *roles: Role) -> ColumnElement[bool]:
    """A condition: the row's company lies in the subtree where the person holds one of the roles."""
    if isinstance(person, Reader):
        patterns = person.below(roles)
        if patterns is None:
            return false()
        companies = select(Company.id).where(Company.path.like(any_(patterns)))
        return _among(company_id, as_array(companies))
    paths = scopes(person, *roles)
    if not paths:
        return false()
    below = or_(*(Company.path.startswith(path, autoescape=True) for path in paths))
    return company_id.in_(select(Company.id).where(below))


def row_access(model: type[Model], person: Person, effect: Effect, field: str | None = None) -> ColumnElement[bool]:
    """A condition: the table `access` has a row of this effect, in force now, for the person and the model's row.

    field: only a row that opens this field; one that names no fields opens all.
    """
    opened = or_(Access.fields.is_(None), Access.fields.contains([field])) if field else true()
    return exists().where(
        Access.person_id == person.id,
        Access.subject_type == model.__tablename__,
        Access.subject_id == model.id,
        Access.effect == effect,
        or_(Access.until_at.is_(None), Access.until_at > NOW),
        opened,
    )


def denied(
    model: type[Model], person: Person | Reader, of: InstrumentedAttribute[int] | None = None
) -> ColumnElement[bool]:
    """A condition: the model's row is hidden from the person, by a deny row or by what the records tell (`hides`).

    of: the column that names the model's row where another table is asked.
    """
    key = model.id if of is None else of
    if model.__tablename__ not in _hiding:
        return key.in_(denied_ids(model, person))
    told, names = _hiding[model.__tablename__]
    if looks_up(person) and (known := names(person)):
        return or_(*(_among(key, person.ids(name)) for name in known))
    return _among(key, as_array(union_all(denied_ids(model, person), told(cast(Person, person)))))


def _among(key: InstrumentedAttribute[int], ids: ColumnElement[Any]) -> ColumnElement[bool]:
    return key == any_(ids)


def as_array(ids: Select[int] | CompoundSelect[int]) -> ColumnElement[Any]:
    """What a subquery gives, gathered once before the rows are read, to ask whether a key is among it.

    Of a subquery itself PostgreSQL expects that half of the rows are in it, or joins it: a list would sort all rows
    rather than walk along an index until its page is full; or, where it expects many, it runs it for each row.
    """
    return func.array(ids.scalar_subquery(), type_=IDS)


def denied_ids(model: type[Model], person: Person | Reader) -> Select[int]:
    """The ids of the model's rows that a deny row hides from the person."""
    return select(Access.subject_id).where(
        Access.person_id == person.id,
        Access.subject_type == model.__tablename__,
        Access.effect == Effect.DENY,
        or_(Access.until_at.is_(None), Access.until_at > NOW),
    )


def visible(model: type[Model], person: Person, *allowed: ColumnElement[bool]) -> ColumnElement[bool]:
    """The one filter of a person's view on a table: any of `allowed` or an allow row, and nothing that denies it.

    The allow row is looked up last: only of what none of the others allows.
    """
    return and_(or_(*allowed, row_access(model, person, Effect.ALLOW)), ~denied(model, person))


def _write(effect: Effect, person_id: int, thing: Model, source: str, **details: Any) -> None:
    cause = audit.current().latest_parent
    if cause is None:
        raise RuntimeError("access is given because of something: write the event first")
    values = {
        "person_id": person_id,
        "subject_type": thing.__tablename__,
        "subject_id": thing.id,
        "effect": effect,
        "source": source,
        "cause_id": cause,
        "created_at": clock.now(),
    } | details
    key = ["person_id", "subject_type", "subject_id", "effect", "source"]
    statement = insert(Access).values(**values)
    db.session.execute(statement.on_conflict_do_update(index_elements=key, set_=details | {"cause_id": cause}))


def allow(
    person_id: int,
    thing: Model,
    source: str,
    *,
    fields: list[str] | None = None,
    until_at: dt.datetime | None = None,
) -> None:
    """Let a person see a thing, because of `source` (such as 'team' or 'assignment'); repeatable."""
    _write(Effect.ALLOW, person_id, thing, source, fields=fields, until_at=until_at)


def deny(person_id: int, thing: Model, source: str) -> None:
    """Hide a thing from a person (a conflict), whatever else would show it; repeatable."""
    _write(Effect.DENY, person_id, thing, source)


def withdraw(person_id: int, thing: Model, source: str) -> None:
    """Take back what `source` gave."""
    db.session.execute(
        delete(Access).where(
            Access.person_id == person_id,
            Access.subject_type == thing.__tablename__,
            Access.subject_id == thing.id,
            Access.source == source,
        )
    )
