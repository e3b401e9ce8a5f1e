"""A transfer with first refusal by clicking, as five people, in both languages; every page axe clean."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from incubator.core import clock
from incubator.people.models import Person
from tests.browser.conftest import Reader, save
from tests.equity.capital import Capital
from tests.equity.scene import Scene
from tests.make import Make

SETTLED = {"en": "Settled", "zh": "已交割"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_transfer_with_first_refusal(make: Make, readers: Callable[..., Reader], language: str) -> None:
    scene = Scene(make)
    capital = Capital(scene).founded()
    appraisal = capital.appraisal()
    everybody = {scene.lead, scene.maker, scene.member, scene.auditor, scene.checker}
    tokens = {person.id: make.session_for(person) for person in everybody}

    def reader(person: Person, **look: object) -> Reader:
        found = readers(language, **look)
        found.context.add_cookies([{"name": "session", "value": tokens[person.id], "url": found.address}])
        return found

    def press(person: Person, path: str, action: str, **fields: str) -> None:
        """Open a page as somebody, fill a form and send it."""
        at = reader(person)
        at.open(path)
        for name, value in fields.items():
            control = at.page.locator(f"form[action$='{action}'] [name={name}]")
            if control.first.get_attribute("type") == "radio":
                at.page.locator(f"form[action$='{action}'] [name={name}][value={value}]").check(force=True)
            elif control.evaluate("node => node.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)
        with at.page.expect_navigation():
            at.page.locator(f"form[action$='{action}'] button[type=submit]").click()
        at.check()

    seller = reader(scene.lead)
    seller.open("/equity/transfers/")
    seller.page.locator("a[href*='/equity/transfers/new']").click()
    seller.check()
    day = (clock.today() + dt.timedelta(days=60)).isoformat()
    for name, value in {"buyer": capital.buyer.name, "units": "6,001", "price_minor": "2.00", "payment": "Cash",
                        "complete_by": day}.items():  # fmt: skip
        seller.page.locator(f"[name={name}]").fill(value)
    seller.page.locator("main form button[type=submit]").click()
    expect(seller.page.locator("#units-error")).to_be_visible()
    seller.check()
    seller.page.locator("[name=units]").fill("600")
    seller.page.locator("main form button[type=submit]").click()
    seller.page.wait_for_url(re.compile(r"/equity/transfers/[a-z2-7]{16}$"))
    seller.check()
    address = seller.page.url.removeprefix(seller.address)
    press(scene.maker, address, "/notice")
    keys = {answer.person_id: answer.public_id for answer in _answers(address)}
    press(scene.member, address, keys[scene.member.id], takes="take", wanted="600")
    press(scene.auditor, address, keys[scene.auditor.id], takes="waive")
    press(scene.maker, address, "/price", appraisal=appraisal.public_id)
    press(scene.checker, address, "/approve")
    press(scene.maker, address, "/settle", settled_on=clock.today().isoformat(), payment_reference="PAY-7")
    phone = reader(scene.maker, width=390, dark=True)
    expect(phone.open(address).locator("h1 + .meta")).to_contain_text(SETTLED[language])
    save(phone.page, f"transfer-settled-{language}-390-dark")
    table = reader(scene.checker)
    expect(table.open(f"/equity/issuers/{capital.issuer.public_id}").locator("tbody").first).to_contain_text("3,600")
    save(table.page, f"cap-table-{language}")
    for page in (
        "/equity/issuers/",
        f"/equity/issuers/{capital.issuer.public_id}/entries/new",
        "/equity/board",
        f"/equity/issuers/{capital.issuer.public_id}/rounds?pre_money=10000&new_money=2000&pool=10",
        f"/equity/issuers/{capital.issuer.public_id}/exchange",
        f"/equity/appraisals/{appraisal.public_id}",
    ):
        table.open(page)
        save(table.page, f"{page.split('?')[0].rpartition('/')[2]}-{language}")


def _answers(address: str) -> list[object]:
    from incubator.core.db import db
    from incubator.equity.models import EquityTransfer

    db.session.rollback()
    key = address.rpartition("/")[2]
    return list(db.session.scalars(db.select(EquityTransfer).where(EquityTransfer.public_id == key)).one().answers)
