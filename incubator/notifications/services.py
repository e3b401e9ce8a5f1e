"""Telling people."""

import secrets
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.notifications import queries
from incubator.notifications.models import CalendarFeed, Notice
from incubator.people.models import Person
from incubator.people.services import lock_counts, set_count


def notify(person_id: int, kind: str, address: str, **values: Any) -> Notice:
    """Leave a message of a kind (a key of notifications.words) that leads to an address."""
    notice = Notice(person_id=person_id, kind=kind, address=address, values=values)
    db.session.add(notice)
    db.session.flush()
    _recount(person_id)
    return notice


def read_all(person: Person) -> None:
    """Mark a person's messages as read."""
    db.session.execute(
        update(Notice).where(Notice.person_id == person.id, Notice.read_at.is_(None)).values(read_at=clock.now())
    )
    _recount(person.id)


@action("calendar.make")
def make_calendar(actor: Person, person: Person) -> str:
    """A new secret address for the person's calendar; the former one ends. Answers the token, which is not kept."""
    token = secrets.token_urlsafe(32)
    values = {"token_hash": queries.hash_of(token), "created_at": clock.now()}
    made = insert(CalendarFeed).values(person_id=person.id, **values)
    db.session.execute(made.on_conflict_do_update(index_elements=["person_id"], set_=values))
    audit.record("calendar.make", person)
    return token


@action("calendar.end")
def end_calendar(actor: Person, person: Person) -> None:
    """The secret address opens nothing any more."""
    db.session.execute(delete(CalendarFeed).where(CalendarFeed.person_id == person.id))
    audit.record("calendar.end", person)


def _recount(person_id: int) -> None:
    """Count under the lock of the person's numbers, so that two notices at once are both counted."""
    lock_counts(person_id)
    unread = select(func.count(Notice.id)).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    set_count(person_id, "notices", db.session.scalar(unread) or 0)
