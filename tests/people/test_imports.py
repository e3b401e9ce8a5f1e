"""The directory from a table: checked, taken in set by set, repeatable by HR number and code."""

import datetime as dt
import io

import pytest
from sqlalchemy import func, select

from incubator.core import clock, outbox
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.people import jobs, services
from incubator.people.models import (
    Company,
    DirectoryImport,
    ImportKind,
    ImportState,
    LoginSession,
    Role,
    RoleGrant,
    StagedPerson,
)
from incubator.people.queries import by_hr_number
from incubator.web import sheets

HEAD = "hr_number,name,company,email,title,manager,cost_center,language,left_on"


@pytest.fixture
def plant(make):
    company = make.company(make.company(), "Plant")
    with transaction():
        company.code = "P-1"
    return company


@pytest.fixture
def hr(make, plant):
    return make.person(plant, Role.HR, name="Gu Hua")


@pytest.fixture
def administrator(make, plant):
    return make.person(plant.parent, Role.ADMINISTRATOR, name="Bai Xue")


def hand_in(actor, *lines, head=HEAD, kind=ImportKind.PEOPLE, is_whole=False, name="people.csv"):
    data = "\n".join((head, *lines)).encode()
    with transaction():
        found = services.ask_for_import(actor, kind, data=data, name=name, is_whole=is_whole)
    assert jobs.check_imports() == 1
    db.session.expire_all()
    return found


def take_in(actor, found):
    with transaction():
        services.apply(actor, found)
    assert jobs.apply_imports() == 1
    db.session.expire_all()
    return found


def counts(found):
    return {key: found.counts[key] for key in ("new", "changed", "same", "leaving", "faulty")}


def test_employees_are_taken_in_and_the_same_table_changes_nothing(hr, plant):
    lines = ("E1,林悦,P-1,e1@example.com,Engineer,E2,C-7,zh,", "E2,Gao Yu,P-1,,,,,en,")
    found = hand_in(hr, *lines)
    assert (found.state, counts(found)) == (
        "checked", {"new": 2, "changed": 0, "same": 0, "leaving": 0, "faulty": 0},
    )  # fmt: skip
    assert by_hr_number("E1") is None
    take_in(hr, found)
    lin, gao = by_hr_number("E1"), by_hr_number("E2")
    assert (lin.name_latin, lin.manager_id, lin.cost_center, lin.company_id) == ("lin yue", gao.id, "C-7", plant.id)
    assert (found.state, found.data, len(lin.public_id)) == ("applied", None, 16)
    assert db.session.scalar(select(func.count(StagedPerson.id))) == 0
    assert counts(hand_in(hr, *lines))["same"] == 2
    again = hand_in(hr, "E1,Lin Yue,P-1", head="hr_number,name,company")
    assert counts(again)["changed"] == 1
    take_in(hr, again)
    lin = by_hr_number("E1")
    assert (lin.name, lin.email, lin.manager_id, lin.cost_center) == ("Lin Yue", "e1@example.com", gao.id, "C-7")
    with pytest.raises(WrongState), transaction():
        services.apply(hr, again)


def test_every_fault_names_its_line_and_the_rest_is_taken(hr, plant, make):
    outside = make.person(make.company(), name="Far Away")
    found = hand_in(
        hr,
        "F1,Good,P-1,,,,,,",
        "F1,Twice,P-1,,,,,,",
        "F2,Nowhere,P-9,,,,,,",
        "F3,No boss,P-1,,,F9,,,",
        "F4,Own boss,P-1,,,F4,,,",
        f"{outside.hr_number},Taken,P-1,,,,,,",
        "F5,Odd day,P-1,,,,,,soon",
        "F6,,P-1,,,,,,",
    )
    assert counts(found) == {"new": 1, "changed": 0, "same": 0, "leaving": 0, "faulty": 7}
    assert [line for line, _column, _words in found.faults] == ["3", "4", "5", "6", "7", "8", "9"]
    assert "“P-9”" in found.faults[1][2]
    take_in(hr, found)
    assert (by_hr_number("F1").name, by_hr_number("F3"), outside.name) == ("Good", None, "Far Away")


def test_who_leaves_loses_sessions_and_roles_with_an_event(hr, plant, make):
    stays = make.person(plant, Role.REVIEWER)
    leaves = make.person(plant, Role.REVIEWER, Role.CHAIR, name="Ma Li")
    make.session_for(leaves)
    make.session_for(stays)
    days = ((hr, ""), (stays, ""), (leaves, "2026-01-31"))
    lines = [f"{one.hr_number},{one.name},P-1,,,,,en,{day}" for one, day in days]
    found = hand_in(hr, *lines)
    assert counts(found)["leaving"] == 1
    take_in(hr, found)
    assert leaves.left_on == dt.date(2026, 1, 31)
    ended = db.session.scalars(select(RoleGrant).where(RoleGrant.person_id == leaves.id)).all()
    assert {one.until_on for one in ended} == {clock.today()}
    assert db.session.scalars(select(RoleGrant.until_on).where(RoleGrant.person_id == stays.id)).all() == [None]
    assert db.session.scalars(select(LoginSession.person_id)).all() == [stays.id]
    assert len(db.session.scalars(select(AuditEvent).where(AuditEvent.name == "role.end")).all()) == 2


def test_a_last_day_to_come_locks_nobody_out(hr, plant, make, monkeypatch):
    leaves, now = make.person(plant, Role.CHAIR, name="Ma Li"), clock.now()
    make.session_for(leaves)
    day = clock.today()
    lines = [f"{leaves.hr_number},Ma Li,P-1,{leaves.email},,,,en,{day}", f"N-1,New,P-1,,,,,en,{day}"]
    found = hand_in(hr, *lines)
    assert (counts(found)["leaving"], counts(found)["changed"], found.counts["coming"]) == (0, 1, 2)
    take_in(hr, found)
    grants = select(RoleGrant.until_on).where(RoleGrant.person_id == leaves.id)
    assert (leaves.left_on, by_hr_number("N-1").left_on, db.session.scalars(grants).all()) == (None, None, [None])
    assert db.session.scalars(select(LoginSession.person_id)).all() == [leaves.id]
    assert counts(hand_in(hr, *lines))["same"] == 2
    assert (leaves.leaves_on, jobs.end_last_days()) == (day, 0)
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(days=1))
    assert (jobs.end_last_days(), jobs.end_last_days()) == (2, 0)
    db.session.expire_all()
    assert (leaves.left_on, leaves.leaves_on, db.session.scalars(grants).all()) == (day, None, [day])
    assert db.session.scalars(select(LoginSession.person_id)).all() == []
    events = select(AuditEvent.name).where(AuditEvent.name.in_(("person.leave", "role.end"))).order_by(AuditEvent.id)
    assert sorted(db.session.scalars(events)) == ["person.leave", "person.leave", "role.end"]


def test_a_later_table_takes_a_last_day_to_come_back(hr, plant, make):
    stays, now = make.person(plant, name="Ma Li"), clock.today()
    line = f"{stays.hr_number},Ma Li,P-1,{stays.email},,,,en,"
    take_in(hr, hand_in(hr, f"{line}{now + dt.timedelta(days=30)}"))
    assert stays.leaves_on == now + dt.timedelta(days=30)
    take_in(hr, hand_in(hr, f"{stays.hr_number},Ma Li,P-1", head="hr_number,name,company"))
    assert stays.leaves_on == now + dt.timedelta(days=30)
    take_in(hr, hand_in(hr, line))
    assert (stays.leaves_on, stays.left_on) == (None, None)


def test_new_managers_are_looked_at_for_conflicts_at_once(hr, plant, make, monkeypatch):
    woken = []
    monkeypatch.setattr("incubator.reviews.handlers.enqueue", woken.append)
    one = make.person(plant, name="Ma Li")
    take_in(hr, hand_in(hr, f"{one.hr_number},Ma Li,P-1,{hr.hr_number}", head="hr_number,name,company,manager"))
    outbox.drain()
    assert (one.manager_id, woken) == (hr.id, ["reviews.conflicts"])


def test_a_whole_table_lets_the_missing_leave_unless_a_line_is_faulty(hr, plant, make):
    missing = make.person(plant)
    mine = f"{hr.hr_number},{hr.name},P-1,,,,,en,"
    faulty = hand_in(hr, mine, "X,,P-1,,,,,,", is_whole=True)
    assert counts(faulty)["leaving"] == 0
    take_in(hr, faulty)
    assert missing.left_on is None
    found = hand_in(hr, mine, is_whole=True)
    assert counts(found)["leaving"] == 1
    take_in(hr, found)
    assert (missing.left_on, hr.left_on) == (clock.today(), None)


def test_companies_come_above_before_below_and_never_move(administrator, plant, hr):
    with transaction():
        plant.parent.code = "G"
    head = "code,name_en,name_zh,parent,industry,time_zone"
    with pytest.raises(Invalid) as refused, transaction():
        services.ask_for_import(hr, ImportKind.COMPANIES, data=b"x", name="c.csv")
    assert refused.value.field == "kind"
    found = hand_in(
        administrator,
        "P-1-1,Line,产线,P-1,,Asia/Shanghai",
        "P-1,Plant renamed,工厂,G,Energy,Europe/Berlin",
        "P-2,Second,二厂,P-3,,",
        "P-1-1,Twice,二,P-1,,",
        "P-5,Odd,怪,G,,Mars/Base",
        head=head,
        kind=ImportKind.COMPANIES,
    )
    assert counts(found) == {"new": 1, "changed": 1, "same": 0, "leaving": 0, "faulty": 3}
    take_in(administrator, found)
    line = db.session.scalars(select(Company).where(Company.code == "P-1-1")).one()
    assert (line.path, plant.name["en"], plant.time_zone) == (
        f"{plant.path}{line.id}/", "Plant renamed", "Europe/Berlin",
    )  # fmt: skip
    moved = hand_in(administrator, "P-1-1,Line,产线,G,,", head=head, kind=ImportKind.COMPANIES)
    assert "stays where it is" in moved.faults[0][2]


@pytest.mark.parametrize(
    ("data", "words"), [(b"hr_number,name\nE1,A", "missing"), (b"\x00\x01", "neither"), (b"a,b\n1,2", "no such column")]
)
def test_what_is_no_table_is_refused(hr, data, words):
    with transaction():
        found = services.ask_for_import(hr, ImportKind.PEOPLE, data=data, name="t.csv")
    jobs.check_imports()
    db.session.expire_all()
    assert (found.state, found.data, words in found.refusal) == ("refused", None, True)


def test_only_who_keeps_the_directory_and_handed_it_in(hr, administrator, make, plant):
    employee = make.person(plant)
    with pytest.raises(NotAllowed), transaction():
        services.ask_for_import(employee, ImportKind.PEOPLE, data=b"x", name="t.csv")
    found = hand_in(hr, "E1,A,P-1,,,,,,")
    with pytest.raises(NotAllowed), transaction():
        services.apply(administrator, found)
    with transaction():
        services.discard(hr, found)
    assert found.state is ImportState.DISCARDED
    with pytest.raises(WrongState), transaction():
        services.discard(hr, found)
    for data in (b"", b"x" * (sheets.LARGEST_FILE + 1)):
        with pytest.raises(Invalid) as refused, transaction():
            services.ask_for_import(hr, ImportKind.PEOPLE, data=data, name="t.csv")
        assert refused.value.field == "file"


def test_the_pages(client, hr, sign_in, make, plant):
    sign_in(hr)
    empty = client.get("/directory/").text
    assert ("No table yet" in empty, "one still to come is remembered" in empty) == (True, True)
    assert client.post("/directory/", data={"kind": "people"}).status_code == 422
    assert client.get("/directory/people.xlsx").data == client.get("/directory/people.xlsx").data
    assert client.get("/directory/companies.csv").data.startswith(b"\xef\xbb\xbfCode,")
    for absent in ("others.csv", "people.pdf"):
        assert client.get(f"/directory/{absent}").status_code == 404
    rows = b"HR number,Name,Company code\nE1,Lin Yue,P-1\nE2,,P-1\n"
    where = client.post("/directory/", data={"kind": "people", "file": (io.BytesIO(rows), "people.csv")}).location
    assert "being checked" in client.get(where).text
    jobs.check_imports()
    shown = client.get(where).text
    assert ("1 line with a fault" in shown, "A value is missing here" in shown) == (True, True)
    assert client.post(f"{where}/apply").location == where
    assert "being taken in" in client.get(where).text
    jobs.apply_imports()
    assert "Taken in on" in client.get(where).text
    assert client.post(f"{where}/discard").status_code == 409
    assert "people.csv" in client.get("/directory/").text
    assert sign_in(make.person(plant)).get("/directory/").status_code == 404
    assert db.session.scalar(select(func.count(DirectoryImport.id))) == 1
