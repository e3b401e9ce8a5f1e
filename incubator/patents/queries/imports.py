"""Reading the files that were handed in."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.files.models import File
from incubator.patents.models import Disclosure, PatentImport
from incubator.patents.queries.inventions import visible_to
from incubator.people.access import visible
from incubator.people.models import Person


def imports_visible_to(person: Person) -> Select[PatentImport]:
    """The files that the person handed in: they hold what only counsel may read."""
    return (
        select(PatentImport)
        .where(visible(PatentImport, person, PatentImport.author_id == person.id))
        .options(
            joinedload(PatentImport.file),
            joinedload(PatentImport.author),
            joinedload(PatentImport.disclosure).selectinload(Disclosure.shares),
        )
    )


def imports_of(person: Person) -> list[Any]:
    """The latest files of the person: public id, kind, name, when they came and were applied."""
    return list(
        db.session.execute(
            select(
                PatentImport.public_id, PatentImport.kind, File.name, PatentImport.created_at, PatentImport.applied_at
            )
            .join(File, File.id == PatentImport.file_id)
            .where(PatentImport.author_id == person.id)
            .order_by(PatentImport.id.desc())
            .limit(50)
        )
    )


def by_number(person: Person, number: str) -> Disclosure:
    """The invention of a number that the person may read. Raises Invalid at invention when there is none."""
    rows = visible_to(person).where(Disclosure.number == number.strip().upper())
    found = db.session.scalar(rows.options(selectinload(Disclosure.shares)))
    if found is None:
        raise Invalid(_("Enter the number of an invention in your care, such as I-7K3M2Q."), field="invention")
    return found
