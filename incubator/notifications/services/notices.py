"""Messages in the app, and the mail that each may become."""

from typing import Any

from sqlalchemy import func, select, update

from incubator.core import clock
from incubator.core.db import db
from incubator.notifications import queries
from incubator.notifications.models import Delivery, Notice
from incubator.notifications.services.mails import mail_soon
from incubator.people.models import Person
from incubator.people.services import lock_counts, set_count


def notify(person_id: int, kind: str, address: str, **values: Any) -> Notice:
    """Leave a message of a kind (a key of notifications.words) that leads to an address; mail it if so chosen.

    Of a kind that a person has turned off the message is kept, and neither counted nor mailed.
    """
    notice = Notice(person_id=person_id, kind=kind, address=address, values=values)
    delivery = queries.delivery_of(person_id, kind)
    if delivery is Delivery.OFF:
        notice.read_at = clock.now()
    db.session.add(notice)
    db.session.flush()
    if delivery is Delivery.MAIL:
        mail_soon(person_id, [notice], f"notice:{notice.public_id}")
    _recount(person_id)
    return notice


def read_all(person: Person) -> None:
    """Mark a person's messages as read."""
    db.session.execute(
        update(Notice).where(Notice.person_id == person.id, Notice.read_at.is_(None)).values(read_at=clock.now())
    )
    _recount(person.id)


def _recount(person_id: int) -> None:
    """Count under the lock of the person's numbers, so that two notices at once are both counted."""
    lock_counts(person_id)
    unread = select(func.count(Notice.id)).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    set_count(person_id, "notices", db.session.scalar(unread) or 0)
