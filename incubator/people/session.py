"""Who is signed in: sessions live on the server, so that sign-out ends a copied cookie."""

import datetime as dt
import hashlib
from functools import cache
from typing import Any, TypeVar, cast

from flask import Request, current_app, g
from flask_login import current_user
from sqlalchemy import Select, bindparam, delete, func, select, update
from sqlalchemy.orm.attributes import set_committed_value

from incubator.core import clock
from incubator.core.db import Model, as_read, db
from incubator.core.errors import NotAllowed
from incubator.core.sent import rows_of
from incubator.people import reader
from incubator.people.models import Company, LoginSession, Person, PersonCounts, Role, RoleGrant
from incubator.web import browser

M = TypeVar("M", bound=Model)
SEEN_EVERY = dt.timedelta(minutes=1)


class SignInFirst(NotAllowed):
    """Nobody is signed in (401)."""

    status = 401
    code = "sign_in"


def me() -> Person:
    """The signed-in person, or answer 401."""
    person = whoever()
    if not isinstance(person, Person):
        raise SignInFirst("")
    return person


def whoever() -> Any:
    """The signed-in person, or Flask-Login's nobody."""
    known = g.get("_login_user")  # where Flask-Login keeps whom it has loaded
    return known if known is not None else current_user._get_current_object()


@cache
def _of_browser() -> Select[Any]:
    """Session, person, company, roles with their companies, and menu numbers, in one row."""
    grants = (
        select(func.jsonb_agg(func.jsonb_build_array(
            RoleGrant.id, RoleGrant.company_id, RoleGrant.role, RoleGrant.from_on, RoleGrant.until_on, Company.path,
            Company.name,
        )))
        .join(Company, Company.id == RoleGrant.company_id)
        .where(RoleGrant.person_id == LoginSession.person_id)
        .correlate(LoginSession)
    )  # fmt: skip
    found: Any = (
        select(
            LoginSession.id, LoginSession.seen_at, LoginSession.person_id, Person.public_id, Person.name,
            Person.language, Person.left_on, Person.company_id, Person.manager_id, Person.cost_center,
            Company.path, Company.name.label("company"),
            PersonCounts.counts, grants.scalar_subquery().label("grants"),
        )
        .join(Person, Person.id == LoginSession.person_id)
        .join(Company, Company.id == Person.company_id)
        .outerjoin(PersonCounts, PersonCounts.person_id == LoginSession.person_id)
        .where(LoginSession.id_hash == bindparam("id_hash"), LoginSession.ends_at > bindparam("now"))
    )  # fmt: skip
    return cast(Select[Any], found)


def load_person(_request: Request) -> Person | None:
    """Flask-Login's loader: one query for session, person, company, roles and menu numbers."""
    now = clock.now()
    found = next(iter(rows_of(_of_browser(), {"id_hash": _hash(browser.token()), "now": now})), None)
    if found is None:
        return None
    idle = dt.timedelta(minutes=current_app.config["SESSION_IDLE_MINUTES"])
    if found.seen_at + idle < now or found.left_on is not None:
        return None
    person = _person(found)
    reader.begin(person)
    g.login_session_id, g.login_seen_at, g.counts = found.id, found.seen_at, found.counts or {}
    return person


def _person(found: Any) -> Person:
    """The person with company and roles, as entities of the session that know what every page asks of them; anything
    else is read when somebody asks. An entity read as a whole costs several times what these columns do."""
    companies: dict[int, Company] = {}
    person = _known(Person, found.person_id, public_id=found.public_id, name=found.name, language=found.language,
                    left_on=found.left_on, company_id=found.company_id, manager_id=found.manager_id,
                    cost_center=found.cost_center)  # fmt: skip
    set_committed_value(person, "company", _company(companies, found.company_id, found.path, found.company))
    roles = [_role(companies, person.id, *grant) for grant in found.grants or ()]
    set_committed_value(person, "roles", roles)
    db.session.add(person)  # and all that hangs on it
    return person


def _role(  # noqa: PLR0917
    companies: dict[int, Company], person_id: int, key: int, company_id: int, role: str, from_on: str,
    until_on: str | None, path: str, name: Any,
) -> RoleGrant:  # fmt: skip
    grant = _known(
        RoleGrant, key, person_id=person_id, company_id=company_id, role=Role(role),
        from_on=dt.date.fromisoformat(from_on), until_on=dt.date.fromisoformat(until_on) if until_on else None,
    )  # fmt: skip
    set_committed_value(grant, "company", _company(companies, company_id, path, name))
    return grant


def _company(companies: dict[int, Company], key: int, path: str, name: Any) -> Company:
    if key not in companies:
        companies[key] = _known(Company, key, path=path, name=name)
    return companies[key]


def _known(model: type[M], key: int, **columns: Any) -> M:
    """The session's entity of this key; if it has none yet, one that knows these columns, to be added."""
    row: M | None = db.session.identity_map.get(db.session.identity_key(model, key))
    return as_read(model, id=key, **columns) if row is None else row


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


def leave_unseen() -> None:
    """The page asks this by itself: that it is open keeps nobody signed in."""
    g.login_seen_at = None


def is_seen_due() -> bool:
    """Tell whether the last-seen time is more than a minute old."""
    seen = g.get("login_seen_at")
    return seen is not None and seen + SEEN_EVERY < clock.now()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


__all__ = ["end", "end_all", "is_seen_due", "leave_unseen", "load_person", "me", "note_seen", "start", "whoever"]
