"""The secret address of a person's calendar."""

import secrets

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.notifications import queries
from incubator.notifications.models import CalendarFeed
from incubator.people.models import Person


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
