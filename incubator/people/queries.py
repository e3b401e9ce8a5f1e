"""Reading people and companies."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import defer

from incubator.core import clock
from incubator.core.db import db
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


def by_hr_number(hr_number: str) -> Person | None:
    """The person with this HR number."""
    return db.session.scalar(select(Person).where(Person.hr_number == hr_number.strip()))


def colleagues(text: str, limit: int = 10) -> Select[Person]:
    """People whose name, pinyin (with or without spaces) or HR number begins with the text, for a picker.

    Leavers are left out. Each condition is a prefix of an indexed expression.
    """
    return (
        select(Person)
        .where(Person.left_on.is_(None), is_called(text))
        .order_by(Person.name_latin, Person.id)
        .limit(limit)
    )


def is_called(text: str) -> ColumnElement[bool]:
    """A condition: the person's name, pinyin (with or without spaces) or HR number begins with the text."""
    text = text.strip().lower()
    together = "".join(text.split())
    return or_(
        Person.name_latin.startswith(text, autoescape=True),
        LATIN_TOGETHER.startswith(together, autoescape=True),
        Person.name.startswith(text, autoescape=True),
        Person.hr_number.startswith(text.upper(), autoescape=True),
        Person.hr_number.startswith(text, autoescape=True),
    )


def saved_views(person: Person, page: str) -> Sequence[SavedView]:
    """A person's own views of a list, by name."""
    mine = select(SavedView).where(SavedView.person_id == person.id, SavedView.page == page)
    return db.session.scalars(mine.order_by(SavedView.name)).all()


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
