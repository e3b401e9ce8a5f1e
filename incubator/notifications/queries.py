"""Reading notices."""

from sqlalchemy import BigInteger, Select, cast, extract, select

from incubator.notifications.models import Notice
from incubator.people.models import Person

MOMENT = cast(extract("epoch", Notice.created_at) * 1_000_000, BigInteger)


def of(person: Person) -> Select[Notice, int]:
    """A person's notices with their page key (the moment in microseconds)."""
    return select(Notice, MOMENT).where(Notice.person_id == person.id)
