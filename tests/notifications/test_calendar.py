"""A person's calendar under a secret address: what it holds, and who may read it."""

import datetime as dt
import hashlib
import re

import icalendar
from sqlalchemy import select

from incubator.core import clock
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.home.calendar import calendar_of
from incubator.home.queries import modules_with
from incubator.notifications import services
from incubator.notifications.models import CalendarFeed
from incubator.people.models import Role
from incubator.web.calendar import CalendarEntry, ics


def made(browser) -> str:
    """Make an address in the browser and read it off the page, without the site."""
    page = browser.post("/me/calendar").text
    return "/calendar/" + re.search(r"/calendar/([\w-]{43}\.ics)", page)[1]


def events(data: bytes) -> list[tuple[str, dt.date, dt.date, str]]:
    found = icalendar.Calendar.from_ical(data).walk("VEVENT")
    return [(str(e["summary"]), e["dtstart"].dt, e["dtend"].dt, str(e["url"])) for e in found]


def test_an_entry_is_a_whole_day_with_a_uid_of_its_own():
    entries = [
        CalendarEntry("b-2", dt.date(2026, 12, 31), "二，日", "/b"),
        CalendarEntry("a-1", dt.date(2026, 11, 24), "One; two, three\nfour", "/a", dt.date(2026, 11, 26)),
    ]
    data = ics(entries, name="Incubator", site="https://incubator.example.com:8443")
    calendar = icalendar.Calendar.from_ical(data)

    assert events(data) == [
        ("One; two, three\nfour", dt.date(2026, 11, 24), dt.date(2026, 11, 27), "https://incubator.example.com:8443/a"),
        ("二，日", dt.date(2026, 12, 31), dt.date(2027, 1, 1), "https://incubator.example.com:8443/b"),
    ]
    assert [str(event["uid"]) for event in calendar.walk("VEVENT")] == [
        "a-1@incubator.example.com", "b-2@incubator.example.com",
    ]  # fmt: skip
    assert (calendar["version"], calendar["method"]) == ("2.0", "PUBLISH")
    lines = data.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert max(map(len, lines)) <= 75  # RFC 5545, 3.1
    assert b"CLASS:PRIVATE" in lines


def test_a_person_makes_reads_and_revokes_the_address(client, make, sign_in, app):
    call = make.call()
    person = make.person(call.company)
    sign_in(person)
    assert "Make a secret address" in client.get("/me").text
    address = made(client)
    reader = app.test_client()
    answer = reader.get(address)

    assert (answer.status_code, answer.content_type) == (200, "text/calendar; charset=utf-8")
    assert [(title, url.rsplit("/", 1)[1]) for title, _, _, url in events(answer.data)] == [
        ("Call closes: Call 2027", call.public_id)
    ]
    feed = db.session.scalars(select(CalendarFeed)).one()
    assert feed.token_hash == hashlib.sha256(address[10:-4].encode()).digest()
    assert address[10:-4] not in client.get("/me").text

    other = made(client)
    assert (reader.get(address).status_code, reader.get(other).status_code) == (404, 200)
    assert client.post("/me/calendar/end").location == "/me"
    assert reader.get(other).status_code == 404
    names = db.session.scalars(select(AuditEvent.name).where(AuditEvent.name.startswith("calendar."))).all()
    assert sorted(names) == ["calendar.end", "calendar.make", "calendar.make"]


def test_the_calendar_speaks_the_persons_language(make, app):
    call = make.call()
    person = make.person(call.company, language="zh")
    with transaction():
        token = services.make_calendar(person, person)
    ((title, *_),) = events(app.test_client().get(f"/calendar/{token}.ics").data)

    assert title.endswith("2027 年征集")
    assert "closes" not in title


def test_a_leavers_address_and_a_guess_open_nothing(make, app):
    person = make.person()
    with transaction():
        token = services.make_calendar(person, person)
    browser = app.test_client()
    assert browser.get(f"/calendar/{token}.ics").status_code == 200
    with transaction():
        person.left_on = clock.today()
    assert browser.get(f"/calendar/{token}.ics").status_code == 404
    assert browser.get("/calendar/x.ics").status_code == 404


def test_what_waits_with_a_date_stands_there_until_the_day_it_is_due(make):
    call = make.call(days=9)
    person = make.person(call.company)
    proposal = make.proposal(call, person, title="Heat")
    entries = calendar_of(person)

    closes = (call.closes_at.astimezone(clock.GROUP_ZONE) - dt.timedelta(microseconds=1)).date()
    assert [(entry.title, entry.day, entry.address) for entry in entries] == [
        ("Call closes: Call 2027", closes, f"/calls/{call.public_id}"),
        ("A draft to finish before the call closes: Heat", closes, f"/proposals/{proposal.public_id}/edit"),
    ]
    assert [entry.uid for entry in calendar_of(person)] == [entry.uid for entry in entries]


def test_a_committee_sees_when_it_meets_and_calls_to_come_open(make):
    company = make.company()
    member = make.person(None, Role.REVIEWER)
    call = make.call(company, committee=make.committee(company, None, member))
    with transaction():
        call.meets_on = clock.today() + dt.timedelta(days=40)
    make.call(company)
    assert [(e.title, e.day) for e in calendar_of(member)] == [
        ("Committee meets: Call 2027", clock.today() + dt.timedelta(days=40))
    ]
    employee = make.person(company)
    with clock.travelled(clock.now() - dt.timedelta(days=3)):
        titles = [entry.title for entry in calendar_of(employee)]
    assert titles == ["Call closes: Call 2027", "Call opens: Call 2027"] * 2


def test_each_package_is_asked_once():
    assert [module.__name__ for module in modules_with("calendar_of")] == [
        "incubator.calls.queries", "incubator.patents.queries", "incubator.equity.queries",
    ]  # fmt: skip
