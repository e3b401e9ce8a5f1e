"""Who is signed in: sessions live on the server, so that sign-out ends a copied cookie."""

import datetime as dt
import hashlib

from flask import Request, current_app, g
from flask_login import current_user
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import joinedload

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import NotAllowed
from incubator.people import reader
from incubator.people.models import LoginSession, Person, PersonCounts, RoleGrant
from incubator.web import browser

SEEN_EVERY = dt.timedelta(minutes=1)


class SignInFirst(NotAllowed):
    """Nobody is signed in (401)."""

    status = 401
    code = "sign_in"


def me() -> Person:
    """The signed-in person, or answer 401."""
    person = current_user._get_current_object()
    if not isinstance(person, Person):
        raise SignInFirst("")
    return person


_OF_BROWSER = (
    select(Person, LoginSession.id, LoginSession.seen_at, PersonCounts.counts)
    .join(LoginSession, LoginSession.person_id == Person.id)
    .outerjoin(PersonCounts, PersonCounts.person_id == Person.id)
    .options(joinedload(Person.roles).joinedload(RoleGrant.company))
    .where(LoginSession.id_hash == bindparam("id_hash"), LoginSession.ends_at > bindparam("now"))
)


def load_person(_request: Request) -> Person | None:
    """Flask-Login's loader: one query for session, person, company, roles and menu numbers."""
    now = clock.now()
    found = db.session.execute(_OF_BROWSER, {"id_hash": _hash(browser.token()), "now": now}).unique().first()
    if found is None:
        return None
    person, session_id, seen_at, counts = found
    idle = dt.timedelta(minutes=current_app.config["SESSION_IDLE_MINUTES"])
    if seen_at + idle < now or not person.is_active:
        return None
    reader.begin(person)
    g.login_session_id, g.login_seen_at, g.counts = session_id, seen_at, counts or {}
    return person


def start(person: Person) -> None:
    """Open a session under a new id."""
    now = clock.now()
    hours = current_app.config["SESSION_HOURS"]
    db.session.add(
        LoginSession(
            id_hash=_hash(browser.renew()), person_id=person.id, seen_at=now, ends_at=now + dt.timedelta(hours=hours)
        )
    )


def end() -> None:
    """End this browser's session."""
    db.session.execute(delete(LoginSession).where(LoginSession.id_hash == _hash(browser.token())))
    browser.renew()


def end_all(person: Person) -> None:
    """End every session of a person (a leaver, a lost telephone)."""
    db.session.execute(delete(LoginSession).where(LoginSession.person_id == person.id))


def note_seen() -> None:
    """Move the session's last-seen time, at most once a minute; runs in the edge's own small transaction."""
    db.session.execute(update(LoginSession).where(LoginSession.id == g.login_session_id).values(seen_at=clock.now()))


def is_seen_due() -> bool:
    """Tell whether the last-seen time is more than a minute old."""
    seen = g.get("login_seen_at")
    return seen is not None and seen + SEEN_EVERY < clock.now()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


__all__ = ["end", "end_all", "is_seen_due", "load_person", "me", "note_seen", "start"]
