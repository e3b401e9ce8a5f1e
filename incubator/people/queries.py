"""Reading people and companies."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeAlias, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    String,
    UnaryExpression,
    and_,
    bindparam,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import defer
from sqlalchemy.sql.operators import custom_op

from incubator.core import clock
from incubator.core.db import db
from incubator.core.sent import rows_of
from incubator.people.models import (
    LATIN_TOGETHER,
    Company,
    DirectoryImport,
    Installation,
    Person,
    Role,
    RoleGrant,
    SavedView,
)
from incubator.web.keyset import plainly

Beginning: TypeAlias = tuple[SQLColumnExpression[str], str]
LAST = "\U0010ffff"
"""Nothing comes after it, in UTF-8 as bytes."""


def by_hr_number(hr_number: str) -> Person | None:
    """The person with this HR number."""
    return db.session.scalar(select(Person).where(Person.hr_number == hr_number.strip()))


def colleagues(text: str, limit: int = 10) -> Select[Person]:
    """People whose name, pinyin (with or without spaces) or HR number begins with the text, for a picker; at most
    `limit`, by their pinyin.

    Leavers are left out. Of each index the first `limit` are read, however many begin so.
    """
    found = union_all(*(_first(column, given, limit) for column, given in _beginnings(text)))
    order = (_by_bytes(LATIN_TOGETHER), Person.id)
    return select(Person).where(Person.id.in_(found)).order_by(*order).limit(plainly(limit))


def _first(column: SQLColumnExpression[str], given: str, limit: int) -> Any:
    """The ids of the first who have not left, along the index over a column."""
    rows = select(Person.id).where(Person.left_on.is_(None), _begins(column, given))
    return select(rows.order_by(_by_bytes(column)).limit(plainly(limit)).subquery().c.id)


def is_called(text: str) -> ColumnElement[bool]:
    """A condition: the person's name, pinyin (with or without spaces) or HR number begins with the text."""
    return or_(*(_begins(column, given) for column, given in _beginnings(text)))


def _beginnings(text: str) -> list[Beginning]:
    """Columns that have an index for it, with what they begin with: whose pinyin does, does so without spaces too."""
    text = text.strip().lower()
    numbers = sorted({text, text.upper()})
    named: list[Beginning] = [(LATIN_TOGETHER, "".join(text.split())), (Person.name, text)]
    return named + [(Person.hr_number, number) for number in numbers]


def _begins(column: SQLColumnExpression[str], given: str) -> ColumnElement[bool]:
    """As LIKE with a pattern that is a parameter, of which the kept plan does not know that it is a beginning."""
    return and_(column.bool_op("~>=~")(given), column.bool_op("~<~")(given + LAST))


def _by_bytes(column: SQLColumnExpression[str]) -> ColumnElement[str]:
    """The order of an index with text_pattern_ops."""
    return UnaryExpression(cast(ColumnElement[str], column), modifier=custom_op("USING ~<~"))


def saved_views(person: Person, page: str) -> Sequence[SavedView]:
    """A person's own views of a list, by name."""
    mine = select(SavedView).where(SavedView.person_id == person.id, SavedView.page == page)
    return db.session.scalars(mine.order_by(SavedView.name)).all()


def views_shown(person: Person, page: str) -> Sequence[Any]:
    """Public id, name, query and whether it is the one to begin with, of a person's own views of a list, by name."""
    return rows_of(_views_shown(), {"person": person.id, "page": page})


@cache
def _views_shown() -> Select[*tuple[Any, ...]]:
    columns = (SavedView.public_id, SavedView.name, SavedView.query, SavedView.is_default)
    person, page = bindparam("person", type_=BigInteger), bindparam("page", type_=String)
    return select(*columns).where(SavedView.person_id == person, SavedView.page == page).order_by(SavedView.name)


def saved_views_of(person: Person) -> Select[SavedView]:
    """All views that a person saved."""
    return select(SavedView).where(SavedView.person_id == person.id)


def holders_of(role: Role, company: Company) -> Select[Person]:
    """People who hold a role over a company (there or above) today."""
    today = clock.today()
    return (
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == role, RoleGrant.company_id.in_(company.and_above), Person.left_on.is_(None))
        .where(RoleGrant.from_on <= today, or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= today))
        .order_by(Person.id)
        .distinct()
    )


def imports_of(person: Person) -> Select[DirectoryImport]:
    """The tables of the directory that this person handed in."""
    return select(DirectoryImport).where(DirectoryImport.actor_id == person.id).options(defer(DirectoryImport.data))


def locked_import(found: DirectoryImport) -> DirectoryImport:
    """The same, held until the transaction ends, as it is now."""
    rows = select(DirectoryImport).where(DirectoryImport.id == found.id).with_for_update(of=DirectoryImport)
    return db.session.scalars(rows.execution_options(populate_existing=True)).one()


def group_of(company: Company) -> Company:
    """The group that a company belongs to: the root of its tree."""
    return db.session.get_one(Company, int(company.path.split("/", 1)[0]))


def visible_to(_person: Person) -> Select[Person]:
    """Every employee may look a colleague up by name; there is no list of all."""
    return select(Person)


def is_demo() -> bool:
    """This database was marked for demonstration data when its first people came in."""
    return bool(db.session.scalar(select(Installation.demo)))


def is_empty() -> bool:
    """Nobody is in this database yet."""
    return db.session.scalar(select(Person.id).limit(1)) is None
