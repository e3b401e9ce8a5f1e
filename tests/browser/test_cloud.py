"""From an order to its secret, the burn-down to the freeze, more days, month-end, an operator's repair; axe clean."""

import datetime as dt
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from incubator.cloud import services
from incubator.cloud.models import Meter, Plan, Sandbox
from incubator.cloud.services import months
from incubator.cloud.states import SandboxState
from incubator.core import audit
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Person, Role
from incubator.proposals.states import ProposalState
from incubator.ventures import services as ventures
from incubator.ventures.models import Venture
from tests.browser.conftest import Reader, save
from tests.cloud import provider as loopbacks
from tests.cloud.conftest import add_partner
from tests.make import Make

PATIENCE = 60_000
FROZEN = {"en": "Frozen", "zh": "已冻结"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_order_freeze_more_days_month_end_and_repair(make: Make, readers: Callable[..., Reader], language: str) -> None:
    with loopbacks.running() as loopback:
        group = make.company()
        lead = make.person(group)
        operator, other, finance = (
            make.person(group, role) for role in (Role.CLOUD_OPERATOR, Role.CLOUD_OPERATOR, Role.FINANCE)
        )
        venture = make.venture(make.proposal(make.call(group), lead, state=ProposalState.ACCEPTED))
        pool = make.pool(make.theme(group), amount=100_000)
        with make.acting():
            cause = audit.event_of(venture, "venture.create").id
            ventures.grant_credit(venture, pool=pool, amount=100_000, cause_id=cause)
            partner = add_partner(operator, group, loopback)
            event = audit.record("bill.import", group)
            months.put_in_suspense(group, currency="CNY", amount=700, key="bill", memo="Bill", cause_id=event.id)
        plan = db.session.scalars(select(Plan).where(Plan.offer.has(provider_id=partner.id))).one()
        offer, company, ids = plan.offer.public_id, group.public_id, (lead.id, venture.id, plan.id)
        tokens = {key: make.session_for(who) for key, who in
                  {"lead": lead, "operator": operator, "other": other, "finance": finance}.items()}  # fmt: skip
        db.session.rollback()  # no transaction waits for the browsers

        def reader(who: str, **look: object) -> Reader:
            found = readers(language, **look)
            found.context.add_cookies([{"name": "session", "value": tokens[who], "url": found.address}])
            return found

        def send(at: Reader, action: str) -> None:
            with at.page.expect_event("load"):
                at.page.locator(f"form[action$='{action}'] button[type=submit]").first.click()
            at.check()

        # an order, its progress, its secret: once
        mine = reader("lead")
        mine.open("/catalogue/")
        save(mine.page, f"cloud-catalogue-{language}")
        mine.open(f"/catalogue/{offer}")
        save(mine.page, f"cloud-offer-{language}")
        mine.page.locator("[name=plan]").first.check(force=True)
        mine.page.locator("[name=limit]").fill("20.00")
        mine.page.locator("[name=days]").fill("30")
        send(mine, f"/catalogue/{offer}")
        page = mine.page.url.removeprefix(mine.address)
        reveal = mine.page.locator(f"form[action='{page}/secret'] button")
        reveal.wait_for(timeout=PATIENCE)
        with mine.page.expect_event("load"):
            reveal.click()
        mine.check()
        expect(mine.page.locator("main input").first).to_have_value("db.example.com")
        mine.open(page)
        expect(reveal).to_have_count(0)

        # its limit is used up: access is cut, and the page says so by itself
        with transaction():
            meter = db.session.scalars(select(Meter)).one()
            meter.read_at -= dt.timedelta(hours=5, minutes=40)
        expect(mine.page.locator("main")).to_contain_text(FROZEN[language], timeout=PATIENCE)
        mine.check()
        save(mine.page, f"cloud-frozen-{language}")

        # more days are asked for and granted
        mine.open(f"{page}/extension")
        mine.page.locator("[name=days]").fill("10")
        mine.page.locator("[name=reason]").fill("The test runs on")
        with mine.page.expect_event("load"):
            mine.page.locator("main form.card button[type=submit]").first.click()
        mine.check()
        wish = mine.page.url.removeprefix(mine.address)
        second = reader("other", width=390, dark=True)
        second.open(wish)
        save(second.page, f"cloud-wish-{language}-390-dark")
        send(second, f"{wish}/approve")
        with transaction():
            assert db.session.scalars(select(Sandbox)).one().lease.days == 40

        # finance's month-end: what is in suspense is charged
        books = reader("finance")
        month = f"/credits/months/?company={company}"
        books.open(month)
        books.page.locator("[name=account]").select_option(index=0)
        books.page.locator("[name=amount]").fill("7.00")
        books.page.locator("textarea[name=reason]").fill("Their test")
        with books.page.expect_event("load"):
            books.page.locator("form[action*='/suspense'] button[type=submit]").first.click()
        books.check()
        books.open(month)
        expect(books.page.locator("form[action*='/suspense']")).to_have_count(0)
        save(books.page, f"cloud-month-{language}")

        # what failed for good is repaired by an operator
        loopback.faults = [("PUT", "/accounts", 402)]
        with transaction():
            who, payer, size = (
                db.session.get_one(model, key) for model, key in zip((Person, Venture, Plan), ids, strict=True)
            )
            failing = services.order(who, payer, plan=size, limit=2000, days=3).id
        _until(failing, SandboxState.FAILED)
        keeper = reader("operator")
        keeper.open("/sandboxes/operations")
        save(keeper.page, f"cloud-operations-{language}")
        send(keeper, "/retry")
        _until(failing, SandboxState.ACTIVE)


def _until(sandbox_id: int, state: SandboxState) -> None:
    until = time.monotonic() + PATIENCE / 1000
    while True:
        with transaction():
            if db.session.scalar(select(Sandbox.state).where(Sandbox.id == sandbox_id)) is state:
                return
        assert time.monotonic() < until, f"it did not become {state}"
        time.sleep(0.1)
