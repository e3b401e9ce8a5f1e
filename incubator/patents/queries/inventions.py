"""Reading inventions: who may read the text, and who may know that there is one."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased, joinedload, selectinload

from incubator.core.db import Model, db
from incubator.core.errors import Invalid, NotFound
from incubator.files.models import File
from incubator.patents.models import Disclosure, DisclosureFile, InventorShare, Matter, ShareChange, ShareChangePart
from incubator.patents.states import ShareChangeState
from incubator.people import queries as people
from incubator.people.access import row_access, visible, within
from incubator.people.models import Access, Effect, Person, Role
from incubator.people.reader import NOW, for_reader
from incubator.ventures.models import Venture, VentureMember

KNOWING = (Role.IP_COUNSEL, Role.OFFICE, Role.HR)
"""Roles that may know that a disclosure exists; of them only counsel reads it, and before the filing only the counsel
who has taken it up."""
CARE = "care"
"""The source of a counsel's row in the table of who may see what."""


@for_reader
def takes_part(person: Person) -> ColumnElement[bool]:
    """A condition on Disclosure: a share in it, or asked to take one by a change that is open."""
    asked = (
        exists()
        .where(ShareChangePart.share_change_id == ShareChange.id, ShareChangePart.person_id == person.id)
        .where(ShareChange.disclosure_id == Disclosure.id, ShareChange.state == ShareChangeState.PROPOSED)
    )
    mine_ = exists().where(InventorShare.disclosure_id == Disclosure.id, InventorShare.person_id == person.id)
    return or_(mine_, asked)


def is_filed() -> ColumnElement[bool]:
    """A condition on Disclosure: an application for it was filed somewhere.

    The first one is looked up by its index; EXISTS would be answered for a page by hashing all applications.
    """
    first = aliased(Matter)
    filed = select(first.id).where(first.disclosure_id == Disclosure.id, first.filed_on.is_not(None)).limit(1)
    return filed.correlate(Disclosure).scalar_subquery().is_not(None)


@for_reader
def may_read(person: Person) -> ColumnElement[bool]:
    """A condition on Disclosure: its author and inventors, and whom the table of who may see what lets in (the counsel
    who took it up, a case); once it is filed, IP counsel of the company."""
    counsel = and_(within(Disclosure.company_id, person, Role.IP_COUNSEL), is_filed())
    return visible(Disclosure, person, Disclosure.author_id == person.id, takes_part(person), counsel)


def is_taken_up() -> ColumnElement[bool]:
    """A condition on Disclosure: some counsel looks after it today."""
    return exists().where(
        Access.subject_type == Disclosure.__tablename__, Access.subject_id == Disclosure.id, Access.source == CARE,
        Access.effect == Effect.ALLOW, Access.until_at > NOW,
    )  # fmt: skip


@for_reader
def may_know(person: Person) -> ColumnElement[bool]:
    """A condition on Disclosure: those who may read it, and the office and HR, who see that there is one."""
    return or_(may_read(person), and_(within(Disclosure.company_id, person, *KNOWING), ~denied(Disclosure, person)))


def denied(model: type[Model], person: Person) -> ColumnElement[bool]:
    return row_access(model, person, Effect.DENY)


def is_public() -> ColumnElement[bool]:
    """A condition on Matter: the office has published the application or the grant."""
    return or_(Matter.published_on.is_not(None), Matter.granted_on.is_not(None))


def visible_to(person: Person) -> Select[Disclosure]:
    """Disclosures whose text the person may read."""
    return select(Disclosure).where(may_read(person))


def of_page(person: Person) -> Select[Disclosure]:
    """Like visible_to, with all that a disclosure's page shows."""
    return visible_to(person).options(
        joinedload(Disclosure.venture),
        joinedload(Disclosure.company),
        joinedload(Disclosure.author),
        selectinload(Disclosure.shares).joinedload(InventorShare.person),
        selectinload(Disclosure.shares).joinedload(InventorShare.company),
    )


def known_to(person: Person) -> Select[Disclosure]:
    """Disclosures that the person may know of; only number, company and state may be shown."""
    return select(Disclosure).where(may_know(person))


def changes_of(disclosure: Disclosure) -> list[ShareChange]:
    """The changes of its shares that were proposed, newest first, with whom they concern."""
    found = select(ShareChange).where(ShareChange.disclosure_id == disclosure.id).order_by(ShareChange.id.desc())
    loaded = found.options(
        joinedload(ShareChange.proposer), joinedload(ShareChange.parts).joinedload(ShareChangePart.person)
    )  # fmt: skip
    return list(db.session.scalars(loaded).unique())


def open_change(disclosure: Disclosure) -> ShareChange:
    """The change of its shares that waits for answers. Raises NotFound when there is none."""
    for change in changes_of(disclosure):
        if change.state == ShareChangeState.PROPOSED:
            return change
    raise NotFound(_("There is no such page, or it is not for you to see."))


def files_of(disclosure: Disclosure) -> list[Any]:
    """The files of a disclosure: public id, name, size in bytes, when they came."""
    return list(
        db.session.execute(
            select(File.public_id, File.name, File.size, DisclosureFile.created_at)
            .join(DisclosureFile, DisclosureFile.file_id == File.id)
            .where(DisclosureFile.disclosure_id == disclosure.id)
            .order_by(DisclosureFile.id)
        )
    )


def file_in(disclosure: Disclosure, file_id: str) -> File:
    """One file of a disclosure. Raises NotFound when there is none such."""
    found = db.session.scalar(
        select(File)
        .join(DisclosureFile, DisclosureFile.file_id == File.id)
        .where(DisclosureFile.disclosure_id == disclosure.id, File.public_id == file_id)
    )
    if found is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return found


def share_in(disclosure: Disclosure, person: Person) -> InventorShare:
    """The person's share in an invention. Raises NotFound when they have none."""
    share = db.session.scalar(
        select(InventorShare).where(InventorShare.disclosure_id == disclosure.id, InventorShare.person_id == person.id)
    )
    if share is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return share


def of_venture(person: Person, venture: Venture) -> list[Any]:
    """What the reader may see of a venture's inventions; a published one is seen by all who see the venture."""
    readable = may_read(person)
    return list(
        db.session.execute(
            select(
                Disclosure.number,
                case((or_(readable, is_public()), Disclosure.title)).label("title"),
                Disclosure.lang,
                case((readable, Disclosure.public_id)).label("disclosure_id"),
                Disclosure.state,
                Matter.number.label("matter_number"),
                Matter.state.label("matter_state"),
            )
            .outerjoin(Matter, Matter.disclosure_id == Disclosure.id)
            .where(Disclosure.venture_id == venture.id, or_(may_know(person), is_public()))
            .order_by(Disclosure.id)
        )
    )


def mine(person: Person) -> list[Any]:
    """The inventions the person has a share in, newest first, each with its first application."""
    one = aliased(Matter)
    first = select(func.min(one.id)).where(one.disclosure_id == Disclosure.id).correlate(Disclosure).scalar_subquery()
    return list(
        db.session.execute(
            select(
                Disclosure.public_id,
                Disclosure.number,
                Disclosure.title,
                Disclosure.lang,
                Disclosure.state,
                Disclosure.created_at,
                InventorShare.share_bp,
                InventorShare.consent,
                Matter.state.label("matter_state"),
                Matter.application_number,
            )
            .join(InventorShare, InventorShare.disclosure_id == Disclosure.id)
            .outerjoin(Matter, Matter.id == first)
            .where(InventorShare.person_id == person.id, ~denied(Disclosure, person))
            .order_by(Disclosure.id.desc())
        )
    )


def ventures_of(person: Person) -> Select[Venture]:
    """The ventures a person works in, from which they may disclose."""
    works = exists().where(VentureMember.venture_id == Venture.id, VentureMember.person_id == person.id)
    return (
        select(Venture)
        .where(visible(Venture, person, works), works)
        .options(selectinload(Venture.members).joinedload(VentureMember.person))
        .order_by(Venture.id)
    )


def venture_names(person: Person) -> list[Any]:
    """The ventures a person works in: their public id, number and name."""
    rows = ventures_of(person).with_only_columns(Venture.public_id, Venture.number, Venture.name)
    return list(db.session.execute(rows))


def named(rows: Sequence[tuple[str, int]]) -> list[tuple[Person, int]]:
    """Persons by HR number with their shares. Raises Invalid at shares for a number that nobody has."""
    found = []
    for hr_number, points in rows:
        person = people.by_hr_number(hr_number)
        if person is None or not person.is_active:
            raise Invalid(_("Nobody here has the HR number %(number)s.", number=hr_number), field="shares")
        found.append((person, points))
    return found
