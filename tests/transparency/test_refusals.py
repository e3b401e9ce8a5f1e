"""What is refused at the edge and what of it stands in the audit trail, and who reads it there."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from incubator.core import clock
from incubator.core.audit import AuditEvent, AuditPayload
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.equity import queries as equity
from incubator.people import services as people
from incubator.people.models import Person, Role
from incubator.people.services import directory
from incubator.web import refusals
from tests.equity.scene import Scene
from tests.equity.test_views import page
from tests.make import Make
from tests.transparency.test_walk import case

SignIn = Callable[..., FlaskClient]
PASSWORD = "correct horse battery staple"
NOBODY_S = "a" * 16


def told() -> list[tuple[Any, ...]]:
    """Every refusal: name, actor, subject, payload, oldest first."""
    rows = (
        select(
            AuditEvent.name, AuditEvent.actor_id, AuditEvent.subject_type, AuditEvent.subject_id, AuditPayload.payload
        )
        .join(AuditPayload, AuditPayload.event_id == AuditEvent.id)
        .where(AuditEvent.name.in_(["access.deny", "sign_in.refuse"]))
    )
    return [tuple(row) for row in db.session.execute(rows.order_by(AuditEvent.id))]


def denial(person: Person, row: Any, action: str, rule: str, status: int) -> tuple[Any, ...]:
    said = {"action": action, "rule": rule, "status": status, "kind": row.__tablename__, "row": row.public_id}
    return "access.deny", person.id, "person", person.id, said


def test_a_step_that_is_somebody_else_s_is_an_event_of_who_took_it(scene: Scene, sign_in: SignIn) -> None:
    grant = scene.live(scene.plan())
    address = f"/equity/grants/{grant.public_id}/approve"

    assert sign_in(scene.lead).post(address, data={"note": "Zhao Min was here"}).status_code == 403
    assert told() == [denial(scene.lead, grant, "equity_grant.approve", "POST /equity/grants/<public_id>/approve", 403)]


def test_the_same_refusal_is_told_once_in_ten_minutes(
    scene: Scene, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, browser = scene.live(scene.plan()), sign_in(scene.lead)
    address, now = f"/equity/grants/{grant.public_id}", clock.now()
    counts = []
    for minutes, step in ((0, "approve"), (9, "approve"), (9, "cancel"), (11, "approve")):
        moment = now + dt.timedelta(minutes=minutes)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        assert browser.post(f"{address}/{step}", data={"reason": "No"}).status_code == 403
        counts.append(len(told()))
    assert counts == [1, 1, 2, 3]


def test_what_is_hidden_is_an_event_and_what_is_not_there_is_none(scene: Scene, sign_in: SignIn) -> None:
    grant, stranger = scene.live(scene.plan()), scene.make.person(scene.company)
    browser = sign_in(stranger)
    for key in (grant.public_id, NOBODY_S):
        page(browser, f"/equity/grants/{key}", 404)
        assert browser.post(f"/equity/grants/{key}/approve").status_code == 404
    page(browser, "/no-such-page/Zhao-Min", 404)

    assert told() == [
        denial(stranger, grant, "equity.show_grant", "GET /equity/grants/<public_id>", 404),
        denial(stranger, grant, "equity_grant.approve", "POST /equity/grants/<public_id>/approve", 404),
    ]


def test_a_page_of_a_role_that_one_lacks_is_an_event_of_the_person(make: Make, sign_in: SignIn) -> None:
    person = make.person()
    browser = sign_in(person)
    page(browser, "/audit/", 404)
    page(browser, "/audit/refusals?before=Zhao-Min", 404)

    assert told() == [
        denial(person, person, "audit.list", "GET /audit/", 404),
    ]


def test_who_is_not_signed_in_is_denied_nothing(scene: Scene, client: FlaskClient) -> None:
    grant = scene.live(scene.plan())
    assert client.get(f"/equity/grants/{grant.public_id}").status_code == 303
    assert client.post(f"/equity/grants/{grant.public_id}/approve").status_code == 303
    assert told() == []


@pytest.mark.committed
def test_a_refusal_outlives_the_request_that_is_undone(make: Make, sign_in: SignIn, client: FlaskClient) -> None:
    person = make.person()
    page(sign_in(person), "/audit/", 404)
    client.post("/sign-in", data={"login": person.hr_number, "password": "wrong"})
    db.session.rollback()
    assert [name for name, *_more in told()] == ["access.deny", "sign_in.refuse"]


class Counted:
    """A hasher that counts what it is asked."""

    def __init__(self, hasher: Any) -> None:
        self.hasher = hasher
        self.asked: list[str] = []

    def verify(self, hashed: str, password: str) -> bool:
        self.asked.append("verify")
        return bool(self.hasher.verify(hashed, password))

    def hash(self, password: str) -> str:
        self.asked.append("hash")
        return str(self.hasher.hash(password))


def test_an_unknown_name_costs_the_same_work_as_a_known_one(
    app: Flask, make: Make, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = make.company()
    known, leaver, unnamed = (make.person(group) for _ in range(3))
    with transaction():
        people.set_password(known, PASSWORD)
        people.set_password(leaver, PASSWORD)
        leaver.left_on = clock.today()
    directory.nobody()  # as the web process does before it answers
    hasher, sent = Counted(directory.hasher), []
    monkeypatch.setattr(directory, "hasher", hasher)
    event.listen(db.engine, "before_cursor_execute", listener := lambda *given: sent.append(given[2]))
    work = []
    tries = (
        (known.hr_number, "wrong"),
        (leaver.hr_number, PASSWORD),
        (unnamed.hr_number, PASSWORD),
        ("nobody-here", "x"),
    )
    for login, password in tries:
        hasher.asked, sent[:] = [], []
        assert client.post("/sign-in", data={"login": login, "password": password}).status_code == 422
        work.append((hasher.asked, [text for text in sent if "SAVEPOINT" not in text]))
    event.remove(db.engine, "before_cursor_execute", listener)

    assert work[0][0] == ["verify"]
    assert [one == work[0] for one in work] == [True] * 4
    assert told() == [
        ("sign_in.refuse", None, "person", known.id, {}),
        ("sign_in.refuse", None, "person", leaver.id, {}),
        ("sign_in.refuse", None, "person", unnamed.id, {}),
        ("sign_in.refuse", None, "company", group.id, {}),
    ]


def test_without_a_group_a_sign_in_that_fails_leaves_nothing(app: Flask, client: FlaskClient) -> None:
    assert client.post("/sign-in", data={"login": "nobody-here", "password": "x"}).status_code == 422
    assert told() == []


def test_an_auditor_reads_the_refusals_of_their_companies(scene: Scene, sign_in: SignIn, client: FlaskClient) -> None:
    grant, elsewhere = scene.live(scene.plan()), scene.make.person()
    page(sign_in(scene.make.person(scene.company, name="Xu Ke")), f"/equity/grants/{grant.public_id}", 404)
    page(sign_in(elsewhere), "/audit/", 404)
    for login in (scene.member.hr_number, elsewhere.hr_number, "nobody-here"):
        client.post("/sign-in", data={"login": login, "password": "wrong"})

    browser = sign_in(scene.auditor)
    text = page(browser, "/audit/refusals")
    rows = text.split("<tbody>")[1].split("<tr>")[1:]
    assert [("nobody-here" in row, "an unknown name" in row, "Wu Han" in row, "Xu Ke" in row) for row in rows] == [
        (False, True, False, False), (False, False, True, False), (False, False, False, True),
    ]  # fmt: skip
    assert ("Sign-in failed" in rows[0], "Denied" in rows[2], "Equity grant" in rows[2]) == (True, True, True)
    assert grant.public_id not in text
    assert "equity.show_grant · GET /equity/grants/&lt;public_id&gt;" in rows[2]
    browser.set_cookie("language", "zh", domain="localhost")
    assert '<html lang="zh' in page(browser, "/audit/refusals")
    page(sign_in(scene.maker), "/audit/refusals", 404)


def test_an_auditor_whose_companies_saw_none_is_told_so(make: Make, sign_in: SignIn) -> None:
    page(sign_in(make.person()), "/audit/", 404)
    assert "Nothing was refused yet" in page(sign_in(make.person(None, Role.AUDITOR)), "/audit/refusals")


def test_who_is_denied_a_row_leaves_nothing_in_its_history_and_its_walk(scene: Scene, sign_in: SignIn) -> None:
    grant = scene.live(scene.plan())
    before = len(equity.records_of(grant))
    assert sign_in(scene.lead).post(f"/equity/grants/{grant.public_id}/approve").status_code == 403

    assert (len(told()), len(equity.records_of(grant))) == (1, before)
    text = page(sign_in(scene.auditor), f"/audit/cases/{case(scene, grant).public_id}")
    assert ("access.deny" in text, "The chain is whole" in text) == (False, True)


def test_who_tries_everything_fills_no_log(
    scene: Scene, sign_in: SignIn, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "MOST", 3)
    browser = sign_in(scene.make.person(scene.company))
    for place in ("/audit/", "/rounds/", "/equity/", "/screening/", "/awards/"):
        page(browser, place, 404)
    assert len(told()) == 3
    for login in [scene.member.hr_number, "nobody-here", "nor-here"] * 2:
        client.post("/sign-in", data={"login": login, "password": "wrong"})
    assert [one[2] for one in told()[3:]] == ["person", "company"]


def test_where_the_database_takes_nothing_in_the_answer_stands(
    make: Make, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("no space left"))

    browser = sign_in(make.person())
    monkeypatch.setattr("incubator.core.audit.record", full)
    page(browser, "/audit/", 404)
    assert ("a refusal was not kept" in caplog.text, told()) == (True, [])
