"""A grant by the wizard, from a blank page to the holder's acceptance, and a leaver; in both languages, axe clean."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from incubator.core import clock
from incubator.core.db import db
from tests.browser.conftest import Reader, save
from tests.equity.scene import START, Scene
from tests.make import Make

IN_FORCE = {"en": "In force", "zh": "生效中"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_wizard_to_accepted_grant_and_leaver(make: Make, readers: Callable[..., Reader], language: str) -> None:
    scene = Scene(make)
    plan = scene.plan()
    old = scene.live(plan, holder=scene.member, granted_on=START)
    tokens = {who.id: make.session_for(who) for who in (scene.maker, scene.checker, scene.lead)}
    maker, checker, lead = scene.maker.id, scene.checker.id, scene.lead.id
    holder, leaver, leaving = scene.lead.public_id, scene.member.hr_number, scene.member.public_id
    sheet, kept = f"/equity/plans/{plan.public_id}", old.number
    db.session.rollback()  # no transaction waits for the browsers

    def reader(person: int, **look: object) -> Reader:
        found = readers(language, **look)
        found.context.add_cookies([{"name": "session", "value": tokens[person], "url": found.address}])
        return found

    def send(at: Reader, button: str = "main form.card button[type=submit]") -> None:
        with at.page.expect_event("load"):
            at.page.locator(button).first.click()
        at.check()

    def fill(at: Reader, **values: str) -> None:
        for name, value in values.items():
            at.page.locator(f"[name={name}]").fill(value)

    # the wizard works without JavaScript, page by page; what was typed stays
    hr = reader(maker, javascript=False)
    hr.page.goto(f"{hr.address}{sheet}/grants/new")
    hr.page.locator("[name=holder]").select_option(holder)
    fill(hr, units="600,001", price_minor="1.20", granted_on=START.isoformat())
    with hr.page.expect_event("load"):
        hr.page.locator("main form.card button[type=submit]").first.click()
    expect(hr.page.locator("#units-error")).to_contain_text("552,000")
    expect(hr.page.locator("[name=price_minor]")).to_have_value("1.20")
    fill(hr, units="48,000")
    with hr.page.expect_event("load"):
        hr.page.locator("main form.card button[type=submit]").first.click()
    address = hr.page.url.removeprefix(hr.address).removesuffix("/vesting")
    assert re.fullmatch(r"/equity/grants/[a-z2-7]{16}", address)

    hr = reader(maker)
    hr.open(f"{address}/vesting")
    fill(hr, starts_on=START.isoformat(), months="36", every_months="12", cliff_months="12")
    send(hr, "main form.card button[name=preview]")
    expect(hr.page.locator("main svg[role=img]").first).to_be_visible()
    expect(hr.page.locator("[name=months]")).to_have_value("36")
    save(hr.page, f"grant-vesting-{language}")
    send(hr)
    hr.page.wait_for_url("**/limits")
    send(hr)
    hr.page.wait_for_url("**/check")
    expect(hr.page.locator("main")).to_contain_text("16,000")
    save(hr.page, f"grant-check-{language}")
    send(hr, f"form[action='{address}/submit'] button[type=submit]")

    second = reader(checker, width=390, dark=True)
    second.open(address)
    save(second.page, f"grant-to-sign-{language}-390-dark")
    send(second, f"form[action='{address}/approve'] button[type=submit]")
    own = reader(lead)
    own.open(address)
    send(own, f"form[action='{address}/accept'] button[type=submit]")
    expect(own.page.locator("h1 + .meta")).to_contain_text(IN_FORCE[language])
    own.open("/equity/mine")
    save(own.page, f"mine-{language}")

    # a leaver: shown before anyone confirms, then signed by another
    hr.open(f"/equity/leavers/new?hr_number={leaver}")
    hr.page.locator("[name=reason]").select_option("resignation")
    fill(hr, last_day=(clock.today() - dt.timedelta(days=1)).isoformat(), note="Letter of resignation")
    send(hr)
    expect(hr.page.locator("main table").first).to_contain_text(kept)
    expect(hr.page.locator("main table").first).to_contain_text("48,000")
    save(hr.page, f"leaver-shown-{language}")
    send(hr, "main form.card button[name=confirmed]")
    step = hr.page.url.removeprefix(hr.address)
    second.open(step)
    send(second, f"form[action='{step}/approve'] button[type=submit]")
    for place in (f"/equity/people/{leaving}", "/equity/due", sheet, "/stand-ins"):
        hr.open(place)
        save(hr.page, f"{place.split('/')[2 if place.count('/') > 1 else 1]}-hr-{language}")
