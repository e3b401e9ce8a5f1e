"""How a person wants to be told."""

from collections.abc import Mapping

from sqlalchemy.dialects.postgresql import insert

from incubator.core.db import db
from incubator.notifications.models import Delivery, NoticeChoice
from incubator.people.models import Person


def choose(person: Person, choices: Mapping[str, Delivery]) -> None:
    """Keep a person's choices, by group."""
    rows = [{"person_id": person.id, "topic": group, "delivery": delivery} for group, delivery in choices.items()]
    made = insert(NoticeChoice).values(rows)
    changed = {"delivery": made.excluded.delivery}
    db.session.execute(made.on_conflict_do_update(index_elements=["person_id", "topic"], set_=changed))
