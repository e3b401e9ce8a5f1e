"""What can be done with people: sign in, and be given a role."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _
from sqlalchemy import ScalarSelect, Table, func, or_, select
from sqlalchemy.dialects.postgresql import Insert, insert

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.audit import Actor, AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.outbox import publish
from incubator.people import queries
from incubator.people.events import RoleGiven
from incubator.people.models import Company, Credential, Installation, Person, PersonCounts, Role, RoleGrant, SavedView
from incubator.people.predicates import SYSTEM

hasher = PasswordHasher()
SIGN_IN_REFUSED = "sign_in.refuse"
AGAIN = dt.timedelta(minutes=10)
"""How long a sign-in that fails under one name is told once."""


@cache
def nobody() -> str:
    """What a password is compared with where no such person is: made before the first one asks, for it takes as long as
    the comparison."""
    return hasher.hash("nobody has this password")


def authenticate(login: str, password: str) -> Person:
    """The person with this HR number (or e-mail) and password.

    Raises Invalid with the same words, after the same work, whether the name is unknown, the password wrong or the
    person has left.
    """
    name = login.strip()
    found = db.session.execute(
        select(Person, Credential.password_hash)
        .outerjoin(Credential, Credential.person_id == Person.id)
        .where(or_(Person.hr_number == name, func.lower(Person.email) == name.lower()))
    ).first()
    person, password_hash = found if found else (None, None)
    matches = _verify(password_hash or nobody(), password)
    if person is None or password_hash is None or not matches or not person.is_active:
        words = _("The name or the password is not right.")
        raise Invalid(words, field="login", code="sign_in_failed", about=person)
    return person


def note_refused_sign_in(person_id: int | None) -> None:
    """Somebody tried to sign in in vain: an event of the person whose name it was, else of the group, once in ten
    minutes; by the same statements, so that the time tells nothing."""
    group_id = db.session.scalar(select(Company.id).where(Company.parent_id.is_(None)).order_by(Company.id).limit(1))
    if group_id is None:
        return
    of: Person | Company = Person(id=person_id) if person_id else Company(id=group_id)
    told = select(AuditEvent.id).where(
        AuditEvent.subject_type == of.__tablename__, AuditEvent.subject_id == of.id,
        AuditEvent.name == SIGN_IN_REFUSED, AuditEvent.at > clock.now() - AGAIN,
    )  # fmt: skip
    if db.session.scalar(told.limit(1)) is None:
        with audit.because(SYSTEM, SIGN_IN_REFUSED):
            audit.record(SIGN_IN_REFUSED, of)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def set_password(person: Person, password: str) -> None:
    """Give a person a local password (at least 12 characters)."""
    if len(password) < 12:
        raise Invalid(_("A password has at least 12 characters."), field="password")
    credential = db.session.scalar(select(Credential).where(Credential.person_id == person.id))
    if credential is None:
        credential = Credential(person_id=person.id)
        db.session.add(credential)
    credential.password_hash = hasher.hash(password)


def add_company(actor: Actor, parent: Company | None, *, name: dict[str, str], industry: str | None = None) -> Company:
    """Add a company or department below its parent (None: the group itself)."""
    company = Company(name=name, industry=industry, parent=parent, path=f"new-{name['en'][:150]}/")
    db.session.add(company)
    db.session.flush()
    company.path = f"{parent.path if parent else ''}{company.id}/"
    with audit.because(actor, "company.create"):
        audit.record("company.create", company, {"path": company.path})
    return company


def add_person(
    actor: Actor,
    company: Company,
    *,
    hr_number: str,
    name: str,
    email: str,
    title: str = "",
    language: str = "en",
    manager: Person | None = None,
    cost_center: str | None = None,
) -> Person:
    """Add an employee; the Latin form of a Chinese name is its pinyin."""
    person = Person(
        hr_number=hr_number,
        name=name,
        name_latin=latin(name),
        email=email,
        title=title,
        company_id=company.id,
        language=language,
        manager_id=manager.id if manager else None,
        cost_center=cost_center,
    )
    db.session.add(person)
    db.session.flush()
    with audit.because(actor, "person.create"):
        audit.record("person.create", person, {"company": company.public_id})
    return person


def latin(name: str) -> str:
    """The Latin form of a name in lower case: its pinyin where it is Chinese."""
    if name.isascii():
        return name.lower()
    from pypinyin import lazy_pinyin  # 50 MB of tables: only who enters a Chinese name pays for them

    return " ".join(lazy_pinyin(name)).lower()


@action("role.give")
def give_role(
    actor: Actor, company: Company, *, person: Person, role: Role, until_on: dt.date | None = None
) -> RoleGrant:
    """Trust a person with a role over a company and all below it, from today."""
    grant = RoleGrant(person=person, company=company, role=role, from_on=clock.today(), until_on=until_on)
    db.session.add(grant)
    audit.record("role.give", grant, {"role": role.value, "company": company.public_id, "person": person.public_id})
    publish(RoleGiven(person.id, company.id))
    return grant


def lock_counts(person_id: int) -> PersonCounts:
    """The numbers beside a person's menu, locked until the transaction ends; made at the first call."""
    db.session.execute(insert(PersonCounts).values(person_id=person_id, counts={}).on_conflict_do_nothing())
    mine = select(PersonCounts).where(PersonCounts.person_id == person_id).with_for_update()
    return db.session.scalars(mine.execution_options(populate_existing=True)).one()


def set_count(person_id: int, key: str, number: int | ScalarSelect[int]) -> None:
    """Keep a number beside the menu (such as 'reviews': 3); whoever changes what it counts says so.

    number: or a select that counts it, in the same statement.
    """
    db.session.execute(count_set(person_id, key, number))


def count_set(person_id: Any, key: str, number: int | ScalarSelect[int]) -> Insert:
    """The statement of set_count; person_id: a number or a parameter."""
    table = cast(Table, PersonCounts.__table__)
    fresh = insert(table).values(person_id=person_id, counts=func.jsonb_build_object(key, number))
    merged = table.c.counts.op("||")(fresh.excluded.counts)
    return fresh.on_conflict_do_update(index_elements=["person_id"], set_={"counts": merged})


MOST_VIEWS = 20
"""Views of one list that a person saves."""


@action("saved_view.save")
def save_view(actor: Person, page: str, *, name: str, query: str, is_default: bool = False) -> SavedView:
    """Keep a list as it is narrowed now under a name of one's own; a name that stands already is given the new query.

    is_default: what the list opens with from now on. Raises Invalid at name.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= 60:
        raise Invalid(_("Give it a name of at most %(n)s characters.", n=60), field="name")
    if len(query) > 1_000:
        raise Invalid(_("This view is narrowed by more than can be kept."), field="name")
    mine = {view.name: view for view in queries.saved_views(actor, page)}
    view = mine.get(name)
    if view is None and len(mine) >= MOST_VIEWS:
        raise Invalid(_("You have %(n)s views of this list. Remove one first.", n=MOST_VIEWS), field="name")
    if view is None:
        view = SavedView(person_id=actor.id, page=page, name=name)
        db.session.add(view)
    view.query = query
    db.session.flush()
    if is_default:
        _choose_default([*mine.values(), view], view)
    return view


def _choose_default(views: Sequence[SavedView], chosen: SavedView | None) -> None:
    """One of them at most is the default; the former one is let go of first, as the index demands."""
    for view in views:
        view.is_default = False
    db.session.flush()
    if chosen is not None:
        chosen.is_default = True
    db.session.flush()


@action("saved_view.set_default")
def set_default_view(actor: Person, view: SavedView, *, is_default: bool) -> SavedView:
    """Let the list open with this view from now on, or as it is without one."""
    _choose_default(queries.saved_views(actor, view.page), view if is_default else None)
    return view


@action("saved_view.remove")
def remove_view(actor: Person, view: SavedView) -> None:
    """Take a view away."""
    db.session.delete(view)
    db.session.flush()


def mark_demo() -> None:
    """Say, before the first person comes in, that this database holds demonstration data; it never becomes another."""
    if not queries.is_empty():
        raise WrongState(_("There are people in this database already: it can't become a demonstration."))
    db.session.add(Installation(id=1, demo=True))
    db.session.flush()
