"""Last days that were still to come when the directory said so."""

from sqlalchemy import or_, select

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.people.models import LoginSession, Person, RoleGrant
from incubator.people.predicates import SYSTEM
from incubator.people.services.importing import end_grants


def end_last_days(limit: int) -> int:
    """Let those leave whose last day has passed: they can't sign in, and their roles end with that day, each with an
    event; answers how many. Called by a job; a second run finds nothing."""
    due = select(Person).where(Person.leaves_on < clock.today()).order_by(Person.id).limit(limit)
    leavers = db.session.scalars(due.with_for_update(of=Person, skip_locked=True)).all()
    for person in leavers:
        _leave(person)
    db.session.flush()
    return len(leavers)


def _leave(person: Person) -> None:
    person.left_on, person.leaves_on = person.leaves_on, None
    held = select(RoleGrant).where(
        RoleGrant.person_id == person.id, or_(RoleGrant.until_on.is_(None), RoleGrant.until_on > person.left_on)
    )
    with audit.because(SYSTEM, "person.leave"):
        event = audit.record("person.leave", person, {"left_on": str(person.left_on)})
        end_grants(db.session.scalars(held).all(), event.id)
    for session in db.session.scalars(select(LoginSession).where(LoginSession.person_id == person.id)):
        db.session.delete(session)
