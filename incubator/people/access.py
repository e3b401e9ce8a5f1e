"""Who sees a row: roles over the company subtree, and the table `access`, where deny wins."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
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
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import InstrumentedAttribute

from incubator.core import audit, clock
from incubator.core.db import Model, db
from incubator.people.models import Access, Company, Effect, Person, Role
from incubator.people.predicates import scopes
from incubator.people.reader import NOW, Reader

Hiding: TypeAlias = Callable[[Person], Select[int] | None]
_hiding: dict[str, list[Hiding]] = defaultdict(list)


def hides(model: type[Model]) -> Callable[[Hiding], Hiding]:
    """Register what the records hide of a model before anybody writes it down: the ids of rows that a person is not to
    see, None for people whom it never concerns. The package that can tell is above the one whose rows they are."""

    def decorate(function: Hiding) -> Hiding:
        _hiding[model.__tablename__].append(function)
        return function

    return decorate


def within(company_id: InstrumentedAttribute[int], person: Person | Reader, *roles: Role) -> ColumnElement[bool]:
    """A condition: the row's company lies in the subtree where the person holds one of the roles."""
    if isinstance(person, Reader):
        patterns = person.below(roles)
        if patterns is None:
            return false()
        return company_id.in_(select(Company.id).where(Company.path.like(any_(patterns))))
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


def denied(model: type[Model], person: Person, *, walking: bool = False) -> ColumnElement[bool]:
    """A condition: the model's row is hidden from the person, by a deny row or by what the records tell (`hides`).

    walking: for a list that walks along an index until its page is full: what the records tell is then gathered as an
    array, for of a subquery PostgreSQL expects that it hides half of the rows, and would sort all of them instead.
    """
    told = _told(model, person)
    if walking:
        arrays = (func.array(ids.scalar_subquery(), type_=ARRAY(BigInteger)) for ids in told)
        hidden = [model.id == any_(ids) for ids in arrays]
    else:
        hidden = [model.id.in_(ids) for ids in told]
    return or_(row_access(model, person, Effect.DENY), *hidden)


def _told(model: type[Model], person: Person) -> list[Select[int]]:
    return [ids for hidden in _hiding[model.__tablename__] if (ids := hidden(person)) is not None]


def denied_ids(model: type[Model], person: Person) -> CompoundSelect[int]:
    """The ids of what is so hidden, for figures over all rows."""
    written = select(Access.subject_id).where(
        Access.person_id == person.id,
        Access.subject_type == model.__tablename__,
        Access.effect == Effect.DENY,
        or_(Access.until_at.is_(None), Access.until_at > NOW),
    )
    return union_all(written, *_told(model, person))


def visible(
    model: type[Model], person: Person, *allowed: ColumnElement[bool], walking: bool = False
) -> ColumnElement[bool]:
    """The one filter of a person's view on a table: any of `allowed` or an allow row, and nothing that denies it.

    walking: as in `denied`.
    """
    return and_(or_(row_access(model, person, Effect.ALLOW), *allowed), ~denied(model, person, walking=walking))


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
