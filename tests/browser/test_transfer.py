"""A transfer with first refusal by clicking, as five people, in both languages; every page axe clean."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from incubator.core import clock
from incubator.core.db import db
from incubator.equity.models import EquityTransfer
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
    lead, maker, member, holder, checker = (
        person.id for person in (scene.lead, scene.maker, scene.member, scene.auditor, scene.checker)
    )
    buyer, priced, issuer = capital.buyer.name, appraisal.public_id, capital.issuer.public_id
    security, seller_key = capital.security.public_id, scene.lead.public_id
    db.session.rollback()  # no transaction waits for the browsers

    def reader(person: int, **look: object) -> Reader:
        found = readers(language, **look)
        found.context.add_cookies([{"name": "session", "value": tokens[person], "url": found.address}])
        return found

    def press(person: int, path: str, action: str, **fields: str) -> None:
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
        with at.page.expect_event("load"):
            at.page.locator(f"form[action$='{action}'] button[type=submit]").click()
        at.check()

    seller = reader(lead)
    seller.open("/equity/transfers/")
    seller.page.locator("a[href*='/equity/transfers/new']").click()
    seller.check()
    day = (clock.today() + dt.timedelta(days=60)).isoformat()
    for name, value in {"buyer": buyer, "units": "6,001", "price_minor": "2.00", "payment": "Cash",
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
    press(maker, address, "/notice")
    keys = _answers(address)
    press(member, address, keys[member], takes="take", wanted="600")
    press(holder, address, keys[holder], takes="waive")
    press(maker, address, "/price", appraisal=priced)
    press(checker, address, "/approve")
    press(maker, address, "/settle", settled_on=clock.today().isoformat(), payment_reference="PAY-7")
    phone = reader(maker, width=390, dark=True)
    expect(phone.open(address).locator("h1 + .meta")).to_contain_text(SETTLED[language])
    save(phone.page, f"transfer-settled-{language}-390-dark")
    table = reader(checker)
    expect(table.open(f"/equity/issuers/{issuer}").locator("tbody").first).to_contain_text("3,600")
    save(table.page, f"cap-table-{language}")
    for page in (
        "/equity/issuers/",
        f"/equity/issuers/{issuer}/classes/{security}",
        f"/equity/issuers/{issuer}/holders/{seller_key}",
        f"/equity/issuers/{issuer}/entries/new",
        "/equity/board",
        f"/equity/issuers/{issuer}/rounds?pre_money=10000&new_money=2000&pool=10",
        f"/equity/issuers/{issuer}/exchange",
        f"/equity/appraisals/{priced}",
    ):
        table.open(page)
        save(table.page, f"{page.split('?')[0].rpartition('/')[2]}-{language}")


def _answers(address: str) -> dict[int | None, str]:
    """Who is asked, and the key of their answer."""
    key = address.rpartition("/")[2]
    transfer = db.session.scalars(db.select(EquityTransfer).where(EquityTransfer.public_id == key)).one()
    found = {answer.person_id: answer.public_id for answer in transfer.answers}
    db.session.rollback()
    return found
