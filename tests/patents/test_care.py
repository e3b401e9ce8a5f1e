"""Before the filing only those in the table of who may see what can see a disclosure: nothing tells the others."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed
from incubator.core.transaction import transaction
from incubator.home import calendar as home_calendar
from incubator.home.queries import waiting_for
from incubator.notifications.models import Notice
from incubator.patents import queries, services
from incubator.patents.services.care import YEAR
from incubator.people.models import Access, Person, Role
from tests.patents.scene import TEXT, Scene

SignIn = Callable[..., FlaskClient]
SECRET_WORDS = (TEXT["title"], TEXT["problem"], TEXT["solution"])


def reads(person: Person) -> list[str]:
    return [found.number for found in db.session.scalars(queries.visible_to(person))]


def test_the_counsel_who_takes_it_up_reads_it_for_a_year_and_the_author_is_told(scene: Scene) -> None:
    disclosure = scene.disclose()
    other = scene.make.person(scene.company, Role.IP_COUNSEL)
    assert (reads(scene.counsel), reads(other)) == ([], [])
    for reason, field in ((" ", "reason"), ("x" * 2001, "reason")):
        with pytest.raises(Invalid) as caught, transaction():
            services.take_up(scene.counsel, disclosure, reason=reason)
        assert caught.value.field == field
    scene.taken_up(disclosure)
    assert (reads(scene.counsel), reads(other)) == ([disclosure.number], [])
    told = db.session.scalars(select(Notice).where(Notice.kind == "disclosure.taken_up")).one()
    assert (told.person_id, told.values["name"], told.values["number"]) == (scene.lead.id, "Gu Lan", disclosure.number)
    row = db.session.scalars(select(Access).where(Access.subject_id == disclosure.id, Access.source == "care")).one()
    assert row.until_at is not None
    assert abs(row.until_at - clock.now() - YEAR) < dt.timedelta(minutes=1)
    with transaction():
        db.session.execute(update(Access).where(Access.id == row.id).values(until_at=clock.now()))
    assert reads(scene.counsel) == []
    scene.taken_up(disclosure)
    assert reads(scene.counsel) == [disclosure.number]


def test_inventors_and_strangers_do_not_take_it_up(scene: Scene) -> None:
    inventor = scene.make.person(scene.company, Role.IP_COUNSEL)
    disclosure = scene.disclose([(scene.lead, 5000), (inventor, 5000)])
    stranger = scene.make.person(scene.make.company(), Role.IP_COUNSEL)
    for person in (inventor, stranger, scene.office, scene.hr_a, scene.lead):
        with pytest.raises(DomainError) as caught, transaction():
            services.take_up(person, disclosure, reason="Curious")
        assert type(caught.value) is NotAllowed


def test_once_it_is_filed_counsel_of_the_company_reads_it(scene: Scene) -> None:
    matter = scene.matter()
    other = scene.make.person(scene.company, Role.IP_COUNSEL)
    assert reads(other) == []
    scene.filed(matter=matter)
    assert reads(other) == [matter.disclosure.number]


@pytest.mark.parametrize("role", [Role.IP_COUNSEL, Role.OFFICE, Role.HR, Role.FINANCE])
def test_nothing_tells_others_what_it_is_about(scene: Scene, sign_in: SignIn, role: Role) -> None:
    """Pages, lists, search, counts, exports, the home page, the calendar feed and messages."""
    disclosure = scene.assessed()
    matter = scene.matter(disclosure)
    person = scene.make.person(scene.company, role)
    browser = sign_in(person)
    pages = (
        "/", "/patents/", "/patents/deadlines/", "/patents/deadlines/export?format=csv", "/secrets/", "/awards/",
        "/inventions/", "/search?q=heat+pump", "/search?q=server+rooms", "/portfolio/", f"/patents/{matter.public_id}",
        f"/inventions/{disclosure.public_id}", f"/ventures/{scene.venture.public_id}", "/notices", "/exploitation/",
        f"/patents/decisions/{disclosure.public_id}", f"/inventions/{disclosure.public_id}/care",
    )  # fmt: skip
    told = [browser.get(address).get_data(as_text=True) for address in pages]
    told += [home_calendar.feed_of(person).decode(), *(f"{one.words} {one.title}" for one in waiting_for(person))]
    told += [str(values) for values in db.session.scalars(select(Notice.values))]
    assert [words for words in SECRET_WORDS if any(words in text for text in told)] == []


def test_it_waits_for_some_counsel_until_one_takes_it_up(scene: Scene) -> None:
    disclosure = scene.disclose()
    other = scene.make.person(scene.company, Role.IP_COUNSEL)

    def waits(person: Person) -> list[tuple[str, str]]:
        return [(one.kind, one.title) for one in waiting_for(person)]

    assert waits(scene.counsel) == waits(other) == [("disclosure.take_up", disclosure.number)]
    scene.taken_up(disclosure)
    assert (waits(scene.counsel), waits(other)) == ([("disclosure.assess", TEXT["title"])], [])
