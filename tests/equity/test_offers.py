"""Offers that end: in time, taken back, or with their plan; units return to the pool."""

import datetime as dt
import hashlib
from collections.abc import Callable

import pytest
from flask import Flask

from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.equity import jobs, queries, services
from incubator.equity.engines.transfers import lock_of
from incubator.equity.services import register, typeset
from incubator.equity.states import GrantState, PlanState
from incubator.files import letters, storage
from incubator.people.models import Role
from tests.equity.scene import START, Scene, doing, names_of
from tests.equity.test_grants import notices, refusal
from tests.equity.test_views import SignIn, page, send


def test_an_offer_lapses_after_its_last_day_and_its_units_return(scene: Scene) -> None:
    plan = scene.plan(offer_days=10)
    grant = scene.offered(plan)
    last = grant.answer_by_on
    assert last == clock.today() + dt.timedelta(days=10)
    assert services.grants.lapse_offers(last) == 0
    assert doing(lambda: services.grants.lapse_offers(last + dt.timedelta(days=1))) == 1
    assert (grant.state, plan.granted_units, register.of_grant(grant)) == (GrantState.LAPSED, 0, [])
    assert services.grants.lapse_offers(last + dt.timedelta(days=1)) == 0
    assert notices(scene.lead)[-1] == notices(scene.maker)[-1] == "equity_grant.lapsed"
    assert jobs.lapse_offers() == 0


def test_an_offer_cannot_be_accepted_after_its_last_day(scene: Scene) -> None:
    grant = scene.offered(scene.plan())
    with transaction():
        grant.answer_by_on = clock.today() - dt.timedelta(days=1)
    letter = (grant.letter_hash or b"").hex()
    code, _field, words = refusal(lambda: services.accept(scene.lead, grant, letter_hash=letter))
    assert (code, words) == ("wrong_state", f"This offer could be accepted until {grant.answer_by_on}.")


def test_another_person_of_hr_takes_an_offer_back_before_it_is_accepted(scene: Scene, sign_in: SignIn) -> None:
    plan = scene.plan()
    grant = scene.offered(plan)
    address = f"/equity/grants/{grant.public_id}"
    assert "Take the offer back" not in page(sign_in(scene.maker), address)
    assert refusal(lambda: services.retract(scene.maker, grant, reason="No"))[0] == "equity_grant.retract"
    browser = sign_in(scene.checker)
    assert "Say why" in send(browser, f"{address}/retract", 422, reason=" ")
    send(browser, f"{address}/retract", reason="The role changed")
    db.session.refresh(grant)
    assert (grant.state, plan.granted_units) == (GrantState.RETRACTED, 0)
    assert names_of(grant)[-1] == "equity_grant.retract"
    assert notices(scene.lead)[-1] == "equity_grant.retracted"
    live = scene.live(plan)
    assert refusal(lambda: services.retract(scene.checker, live, reason="Late"))[0] == "wrong_state"


def test_a_plan_is_closed_once_nothing_is_under_way(scene: Scene, sign_in: SignIn) -> None:
    plan = scene.plan()
    live, offered = scene.live(plan), scene.offered(plan, holder=scene.member)
    address = f"/equity/plans/{plan.public_id}"
    assert refusal(lambda: services.close_plan(scene.maker, plan, reason="Done"))[0] == "equity_plan.close"
    browser = sign_in(scene.checker)
    browser.post(f"{address}/close", data={"reason": "Done"})
    assert plan.state is PlanState.ACTIVE
    doing(lambda: services.decline(scene.member, offered))
    assert "Say why" in send(browser, f"{address}/close", 422, reason="")
    send(browser, f"{address}/close", reason="The programme ends")
    db.session.refresh(plan)
    assert (plan.state, live.state, plan.granted_units) == (PlanState.CLOSED, GrantState.LIVE, 48_000)
    assert refusal(lambda: services.draft_grant(scene.maker, plan, **scene.terms()))[0] == "wrong_state"
    assert "New grant" not in page(browser, address)


def test_hr_reads_a_plan_and_a_person_and_takes_them_along_on_the_record(
    scene: Scene, sign_in: SignIn, app: Flask
) -> None:
    from incubator.core.audit import AuditEvent

    plan = scene.plan()
    scene.live(plan)
    person, sheet = f"/equity/people/{scene.lead.public_id}", f"/equity/plans/{plan.public_id}"
    browser = sign_in(scene.checker)
    text = page(browser, person)
    assert "48,000" in text
    assert "2027-03-31" in text
    assert f'href="{person}"' in page(browser, sheet)
    for address, name in ((f"{person}/export", "equity_person.export"), (f"{sheet}/export", "equity_plan.export")):
        answer = browser.get(address)
        assert answer.status_code == 200
        assert answer.data[:2] == b"PK"
        last = db.session.scalars(db.select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
        assert (last.name, last.actor_id) == (name, scene.checker.id)


@pytest.mark.parametrize("who", ["lead", "member", "chair", "reviewer", "office"])
def test_nobody_else_reads_a_persons_equity(scene: Scene, sign_in: SignIn, who: str) -> None:
    """Employees see only their own, and committee members see no pay data: neither pages nor files."""
    plan = scene.plan()
    grant = scene.live(plan)
    make: dict[str, Callable[[], object]] = {
        role: lambda role=role: scene.make.person(scene.company, Role(role)) for role in ("chair", "reviewer", "office")
    }
    reader = make[who]() if who in make else getattr(scene, who)
    browser = sign_in(reader)
    person, sheet = f"people/{scene.lead.public_id}", f"plans/{plan.public_id}"
    for address in (person, f"{person}/export", sheet, f"{sheet}/export", "due", "payroll", "expense"):
        page(browser, f"/equity/{address}", 404)
    if who != "lead":
        page(browser, f"/equity/grants/{grant.public_id}", 404)
    page(browser, "/equity/mine")
    if who in ("chair", "reviewer"):
        page(browser, "/equity/board", 404)
        page(browser, "/equity/", 404)


def test_the_letter_is_typeset_in_both_languages_the_same_bytes_each_time(scene: Scene) -> None:
    grant = scene.submitted(scene.plan())
    assert (jobs.write_letters(), jobs.write_letters()) == (2, 0)
    for language in typeset.LANGUAGES:
        letter = typeset.letter_of(grant, language)
        assert letter is not None
        first = storage.read(letter.file.sha256)
        said = typeset.said_of(grant, (grant.letter or {})[language], language)
        assert (first[:5], letter.letter_hash) == (b"%PDF-", grant.letter_hash)
        assert letters.pdf("letter", said, language) == first
        assert hashlib.sha256(first).digest() == letter.file.sha256
        assert b"/FontFile" in first


def test_windows_stand_in_the_calendar_and_on_the_page_of_whom_they_bind(scene: Scene, sign_in: SignIn) -> None:
    plan = scene.plan()
    grant = scene.live(plan, granted_on=START, starts_on=START, months=1, every_months=1, cliff_months=0)
    offered = scene.offered(plan)
    left = clock.today() - dt.timedelta(days=1)
    step = doing(
        lambda: services.depart(scene.maker, scene.lead, reason="resignation", last_day=left, note="Letter of notice")
    )
    doing(lambda: services.approve_step(scene.checker, step))
    entries = {entry.uid: entry.day for entry in queries.calendar_of(scene.lead)}
    assert entries == {
        f"equity.offer-{offered.public_id}": clock.today() + dt.timedelta(days=30),
        f"equity.window-{grant.number.lower()}": left + dt.timedelta(days=90),
    }
    with transaction():
        plan.security.issuer.articles = {"lock_months": 36}
    day, later = dt.date(2025, 2, 28), dt.date(2025, 3, 1)
    lines = [(scene.member, 10, day), (scene.member, 20, day), (scene.member, 5, later), (scene.member, 7, START)]
    for holder, units, on in lines:
        line = {"holder": holder.public_id, "units": units, "price_minor": None}
        entry = doing(lambda line=line, on=on: services.draft_entry(
            scene.maker, plan.security, effective_on=on, evidence="Resolution", lines=[line]
        ))  # fmt: skip
        doing(lambda entry=entry: services.submit_entry(scene.maker, entry))
        doing(lambda entry=entry: services.approve_entry(scene.checker, entry))
    opens = [(entry.day, entry.title) for entry in queries.calendar_of(scene.member)]
    assert opens == [(free.free_from, f"{units} shares of {plan.security.issuer.name} are free of the lock-up: the"
                      " transfer window opens")
                     for free, units in ((lock_of(day, 36), 30), (lock_of(later, 36), 5), (lock_of(START, 36), 7))
                     if free]  # fmt: skip
    assert "Last day to accept the offer" in page(sign_in(scene.lead), "/equity/mine")
    assert offered.number in page(sign_in(scene.checker), "/equity/due")
    assert queries.calendar_of(scene.checker) == []
