"""Reading notices."""

import hashlib

from sqlalchemy import BigInteger, Select, cast, extract, select

from incubator.core.db import db
from incubator.notifications.models import CalendarFeed, Notice
from incubator.people.models import Person

MOMENT = cast(extract("epoch", Notice.created_at) * 1_000_000, BigInteger)


def of(person: Person) -> Select[Notice, int]:
    """A person's notices with their page key (the moment in microseconds)."""
    return select(Notice, MOMENT).where(Notice.person_id == person.id)


def calendar_feed(person: Person) -> CalendarFeed | None:
    """The person's secret address, if they have made one."""
    return db.session.scalar(select(CalendarFeed).where(CalendarFeed.person_id == person.id))


def reader_of_calendar(token: str) -> Person | None:
    """Whose calendar a secret address opens; None for an unknown or revoked one, and for a leaver."""
    feed = db.session.scalar(select(CalendarFeed).where(CalendarFeed.token_hash == hash_of(token)))
    return feed.person if feed is not None and feed.person.is_active else None


def hash_of(token: str) -> bytes:
    """SHA-256 of a token (256 random bits need no salt); 32 bytes."""
    return hashlib.sha256(token.encode()).digest()
