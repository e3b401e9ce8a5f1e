"""The auditor's screens."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.transparency.models import CaseGrant
from tests.equity.scene import Scene
from tests.equity.test_views import page, send, statements
from tests.transparency.test_walk import case, tamper

SignIn = Callable[..., FlaskClient]


def test_an_auditor_opens_a_case_by_number_and_walks(scene: Scene, sign_in: SignIn) -> None:
    grant = scene.live(scene.plan())
    browser = sign_in(scene.auditor)
    assert "You have opened no case yet" in page(browser, "/audit/")
    page(browser, f"/equity/grants/{grant.public_id}", 404)
    address = send(browser, "/audit/", number=grant.number, reason="Yearly check", days="14")
    text = page(browser, address)
    assert "The chain is whole: 4 links back to the call" in text
    for step in ("equity_grant.accept", "venture.create", "proposal.create", "call.publish"):
        assert step in text
    for event in db.session.scalars(
        db.select(audit.AuditEvent.public_id).where(audit.AuditEvent.subject_type == "equity_grant")
    ):
        assert event in text
    assert f'href="/equity/grants/{grant.public_id}"' in text
    assert "Song Jia" in text
    page(browser, f"/equity/grants/{grant.public_id}")
    assert grant.number in page(browser, "/audit/")


def test_the_walk_reads_in_chinese_too(scene: Scene, sign_in: SignIn) -> None:
    opened = case(scene, scene.live(scene.plan()))
    browser = sign_in(scene.auditor)
    browser.set_cookie("language", "zh", domain="localhost")
    text = page(browser, f"/audit/cases/{opened.public_id}")
    assert '<html lang="zh' in text
    assert "创始团队激励计划" in text
    assert ("已通过" in text, ">accepted<" in text) == (True, False)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE audit_payload SET payload = '{}' WHERE event_id = :event", "Content does not match its proof"),
        ("UPDATE venture SET cause_id = 999999999 WHERE id = :venture", "The chain is broken"),
    ],
)
def test_what_does_not_hold_is_shown(scene: Scene, sign_in: SignIn, statement: str, words: str) -> None:
    grant = scene.live(scene.plan())
    opened = case(scene, grant)
    values = {"event": audit.event_of(grant, "equity_grant.approve").id, "venture": scene.venture.id}
    tamper(statement, **{name: value for name, value in values.items() if f":{name}" in statement})
    text = page(sign_in(scene.auditor), f"/audit/cases/{opened.public_id}")
    assert words in text
    assert "The chain is whole" not in text


def test_a_number_that_is_not_there_and_one_out_of_scope_read_the_same(scene: Scene, sign_in: SignIn) -> None:
    from incubator.people.models import Role

    grant = scene.live(scene.plan())
    outsider = scene.make.person(None, Role.AUDITOR)
    browser = sign_in(outsider)
    answers = [
        send(browser, "/audit/", 422, number=number, reason="To look", days="1").replace(number, "")
        for number in (grant.number, "G-222222")
    ]
    assert answers[0] == answers[1]
    assert "There is no grant of this number in your scope" in answers[0]
    assert db.session.scalar(db.select(db.func.count(CaseGrant.id))) == 0


def test_a_case_form_says_what_to_put_right(scene: Scene, sign_in: SignIn) -> None:
    text = send(sign_in(scene.auditor), "/audit/", 422, number="", reason="", days="many")
    for words in ("Enter the number, such as G-7K3M2Q", "Say why you need to read this", "Enter a whole number"):
        assert words in text


def test_an_ended_case_shows_no_chain(scene: Scene, sign_in: SignIn) -> None:
    grant = scene.live(scene.plan())
    opened = case(scene, grant)
    browser = sign_in(scene.auditor)
    address = f"/audit/cases/{opened.public_id}"
    assert send(browser, f"{address}/close") == "/audit/"
    text = page(browser, address)
    assert "This case has ended" in text
    assert scene.lead.name not in text
    page(browser, f"/equity/grants/{grant.public_id}", 404)
    assert browser.post(f"{address}/close").status_code == 409


def test_a_case_that_ran_out_shows_no_chain(scene: Scene, sign_in: SignIn) -> None:
    opened = case(scene, scene.live(scene.plan()))
    with transaction():
        opened.created_at = clock.now() - dt.timedelta(days=2)
        opened.until_at = clock.now() - dt.timedelta(days=1)
    assert "This case has ended" in page(sign_in(scene.auditor), f"/audit/cases/{opened.public_id}")


def test_cases_are_the_auditor_s_own(scene: Scene, sign_in: SignIn) -> None:
    from incubator.people.models import Role

    opened = case(scene, scene.live(scene.plan()))
    another = scene.make.person(scene.group, Role.AUDITOR)
    page(sign_in(another), f"/audit/cases/{opened.public_id}", 404)
    for person in (scene.maker, scene.lead):
        browser = sign_in(person)
        page(browser, "/audit/", 404)
        page(browser, f"/audit/cases/{opened.public_id}", 404)


def test_a_case_takes_eight_statements_at_most(scene: Scene, sign_in: SignIn) -> None:
    opened = case(scene, scene.live(scene.plan()))
    assert (
        statements(sign_in(scene.auditor), f"/audit/cases/{opened.public_id}") <= 8 + 3
    )  # and the view's own event, its payload and leaf
