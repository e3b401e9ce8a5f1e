"""Credits: asked for, changed, watched, frozen, given back, closed and proven; their pages and files."""

import datetime as dt
import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select, text

from incubator.cloud import burn_down, jobs, services
from incubator.cloud.credit_positions import positions
from incubator.cloud.engines.credits import Position
from incubator.cloud.models import (
    CloudWish,
    CreditAlert,
    CreditFinding,
    CreditFreeze,
    CreditMonth,
    FxExchange,
    FxRate,
    ProviderScore,
    Sandbox,
)
from incubator.cloud.services import asking, crediting, months, wishes
from incubator.cloud.states import Kind, LeaseState, SandboxState
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.transaction import transaction
from incubator.ledger import days
from incubator.ledger import services as ledger
from incubator.ledger.models import Account, AccountDay
from incubator.notifications.models import Notice
from incubator.people.models import Person, Role
from incubator.ventures import services as ventures
from incubator.ventures.states import VentureState
from tests.cloud.conftest import World, read_all

SignIn = Callable[..., FlaskClient]


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&#39;", "'")


@pytest.fixture
def finance(world: World) -> Person:
    return world.make.person(world.venture.company, Role.FINANCE, name="Xu Min")


@pytest.fixture
def second(world: World) -> Person:
    return world.make.person(world.venture.company, Role.FINANCE, name="He Ping")


@pytest.fixture
def office(world: World) -> Person:
    return world.make.person(world.venture.company, Role.OFFICE, name="Zhao Min")


def spend(world: World, let_pass: Callable[..., None], seconds: int, **order: int) -> Sandbox:
    sandbox = world.order(**order)
    jobs.operate(world.operation(sandbox).id)
    let_pass(sandbox, seconds)
    read_all()
    return sandbox


def stand(world: World) -> Position:
    return positions([world.venture.id])[world.venture.id]


def test_more_credits_are_asked_for_signed_by_the_office_and_granted(
    world: World, office: Person, sign_in: SignIn
) -> None:
    client, at = sign_in(world.lead), f"/credits/ventures/{world.venture.public_id}/ask"
    assert client.post(at, data={"amount": "much", "reason": ""}).text.count('aria-invalid="true"') == 2
    answer = client.post(at, data={"amount": "50", "reason": "A second test bench"})
    wish = db.session.scalars(select(CloudWish)).one()
    assert answer.location == f"/cloud/wishes/{wish.public_id}"
    assert client.post(f"{answer.location}/approve").status_code == 403
    assert client.post(at, data={"amount": "50", "reason": "Again"}).status_code == 409
    signer = sign_in(office)
    assert "A second test bench" in signer.get(answer.location).text
    refused = signer.post(f"{answer.location}/approve")
    assert (refused.status_code, "does not hold enough" in refused.text) == (409, True)
    fund(world, 5_000)
    assert signer.post(f"{answer.location}/approve").status_code == 303
    assert stand(world) == Position("CNY", 105_000, 105_000, 0)


def fund(world: World, amount: int) -> None:
    with world.make.acting():
        event = audit.record("credit_pool.fund", world.pool)
        outside = ledger.account_of("external", world.pool.company, "CNY", min_balance=None)
        inside = ledger.account_of("pool", world.pool, "CNY")
        legs = [ledger.Leg(outside, -amount), ledger.Leg(inside, amount)]
        ledger.post(f"more-{event.id}", legs, memo="More", cause_id=event.id)


def test_above_fifty_thousand_yuan_finance_signs_after_the_office(
    world: World, office: Person, finance: Person
) -> None:
    fund(world, 6_000_000)
    with transaction():
        wish = asking.ask_credits(world.lead, world.venture, amount=5_000_001, reason="Pilot")
    with transaction():
        wishes.approve(office, wish)
    assert stand(world).granted == 100_000
    with transaction():
        wishes.approve(finance, wish)
    assert stand(world).granted == 5_100_001


def test_more_days_open_a_sandbox_again_whose_days_were_over(world: World, sign_in: SignIn) -> None:
    sandbox = world.order(days=3)
    jobs.operate(world.operation(sandbox).id)
    other = world.make.person(world.venture.company, Role.CLOUD_OPERATOR, name="Ma Li")
    with clock.travelled(clock.now() + dt.timedelta(days=4)):
        jobs.expire()
        jobs.operate(world.operation(sandbox, Kind.FREEZE).id)
        client, at = sign_in(world.lead), f"/sandboxes/{sandbox.public_id}/extension"
        assert client.post(at, data={"days": "364", "reason": "A"}).status_code == 422
        answer = client.post(at, data={"days": "10", "reason": "The test runs on"})
        assert sign_in(other).post(f"{answer.location}/approve").status_code == 303
        jobs.operate(world.operation(sandbox, Kind.UNFREEZE).id)
        db.session.expire_all()
        lease = sandbox.lease
        assert (sandbox.state, lease.state, lease.days, lease.grace_ends_at) == (
            SandboxState.ACTIVE, LeaseState.RUNNING, 13, None,
        )  # fmt: skip
        assert dt.timedelta(days=9) < lease.ends_at - clock.now() <= dt.timedelta(days=10)


def test_rates_are_entered_or_read_and_looked_at_by_a_second_person(
    world: World, finance: Person, second: Person, sign_in: SignIn
) -> None:
    client, today = sign_in(finance), clock.today()
    one = {"currency": "USD", "on_day": today.isoformat(), "rate": "7.12345678", "source": "Central bank"}
    assert client.post("/credits/rates", data=one | {"rate": "0"}).status_code == 422
    answer = client.post("/credits/rates", data=one)
    assert answer.status_code == 303
    lines = f"currency,on_day,rate\nEUR,{today},7.75\nEUR,{today - dt.timedelta(days=1)},x\n"
    upload = {"file": (io.BytesIO(lines.encode()), "rates.csv"), "source": "Bank"}
    refused = client.post("/credits/rates/import", data=upload)
    assert (refused.status_code, "Line 3, rate" in plain(refused.text)) == (422, True)
    upload["file"] = (io.BytesIO(lines.replace(",x", ",7.7").encode()), "rates.csv")
    many = client.post("/credits/rates/import", data=upload)
    assert many.status_code == 303
    assert db.session.scalars(select(FxRate)).all() == []
    signer = sign_in(second)
    for address in (answer.location, many.location):
        assert signer.post(f"{address}/approve").status_code == 303
    assert [row.rate_e8 for row in db.session.scalars(select(FxRate).order_by(FxRate.currency, FxRate.on_day))] == [
        770_000_000, 775_000_000, 712_345_678,
    ]  # fmt: skip
    assert client.post("/credits/rates", data=one).status_code == 422
    assert b"USD," in client.get("/credits/rates?format=csv").data
    assert "7.12345678" in client.get("/credits/rates").text


def dollars(world: World, rate_e8: int, finance: Person, second: Person) -> None:
    """The partner bills in dollars from now on."""
    with transaction():
        world.partner.currency = "USD"
        wish = asking.propose_rates(
            finance, world.venture.company, rates=[("USD", clock.today(), rate_e8)], source="Bank"
        )
    with transaction():
        wishes.approve(second, wish)


def test_credits_in_yuan_pay_a_bill_in_dollars_at_the_rate_of_the_day(
    world: World, finance: Person, second: Person, let_pass: Callable[..., None]
) -> None:
    with transaction():
        world.partner.currency = "USD"
    with pytest.raises(Invalid, match="no rate of the last days"), transaction():
        services.order(world.lead, world.venture, plan=world.plan(), limit=2_000, days=3)
    dollars(world, 712_345_678, finance, second)
    with pytest.raises(Invalid, match=r"Only ¥1,000.00"), transaction():
        services.order(world.lead, world.venture, plan=world.plan(), limit=20_000, days=3)
    sandbox = spend(world, let_pass, 1_000, limit=2_000)
    # 20.00 dollars cost 142.469..., held as ¥142.47; 1.00 dollar is spent, 19.00 come back: ¥135.34
    assert stand(world) == Position("CNY", 100_000, 100_000 - 14_247, 13_534, 21)
    with transaction():
        services.close(world.lead, sandbox)
    jobs.operate(world.operation(sandbox, Kind.CLOSE).id)
    db.session.expire_all()
    assert stand(world) == Position("CNY", 100_000, 100_000 - 14_247 + 13_534, 0)
    changed = select(FxExchange.from_minor, FxExchange.to_minor).order_by(FxExchange.id)
    assert [tuple(row) for row in db.session.execute(changed)] == [(14_247, 2_000), (-13_534, -1_900)]
    fx = select(Account.currency, Account.balance).where(Account.kind == "fx").order_by(Account.currency)
    assert [tuple(row) for row in db.session.execute(fx)] == [("CNY", 713), ("USD", -100)]
    assert world.prove() == 0


def test_each_share_is_told_once_and_at_what_is_granted_less_the_reserve_nothing_new_is_ordered(
    world: World, finance: Person, let_pass: Callable[..., None]
) -> None:
    sandbox = spend(world, let_pass, 600_000, limit=100_000)
    jobs.watch_credits()
    jobs.watch_credits()
    assert sorted(db.session.scalars(select(CreditAlert.percent))) == [50]
    told = select(Notice.person_id).where(Notice.kind == "credit.alert")
    assert sorted(db.session.scalars(told)) == sorted([world.lead.id, finance.id])
    let_pass(sandbox, 399_980)
    read_all()
    assert jobs.watch_credits() == 1
    assert sorted(db.session.scalars(select(CreditAlert.percent))) == [50, 80, 95]
    freeze = db.session.scalars(select(CreditFreeze)).one()
    assert (freeze.level, freeze.person_id) == (1, None)
    fund(world, 50_000)
    with pytest.raises(Invalid, match="are frozen"), transaction():
        services.raise_limit(world.lead, sandbox, amount=1)
    with world.make.acting():
        ventures.grant_credit(world.venture, pool=world.pool, amount=50_000, cause_id=freeze.cause_id)
    jobs.watch_credits()
    db.session.expire_all()
    assert freeze.lifted_at is not None
    with transaction():
        services.raise_limit(world.lead, sandbox, amount=1)


def test_finance_freezes_and_lifts_and_what_runs_follows(
    world: World, finance: Person, let_pass: Callable[..., None], sign_in: SignIn
) -> None:
    sandbox = spend(world, let_pass, 100)
    client, at = sign_in(finance), f"/credits/ventures/{world.venture.public_id}"
    assert client.post(f"{at}/freeze", data={"level": "2", "reason": ""}).status_code == 422
    assert client.post(f"{at}/freeze", data={"level": "2", "reason": "An audit"}).status_code == 303
    jobs.operate(world.operation(sandbox, Kind.FREEZE).id)
    assert (sandbox.state, sandbox.frozen_level) == (SandboxState.FROZEN, 2)
    assert "An audit" in client.get(at).text
    with pytest.raises(Invalid, match="are frozen"):
        world.order()
    db.session.rollback()
    assert client.post(f"{at}/thaw").status_code == 303
    assert client.post(f"{at}/freeze", data={"level": "2", "reason": "Not yet over"}).status_code == 303
    jobs.operate(world.operation(sandbox, Kind.UNFREEZE).id)
    jobs.operate(world.operation(sandbox, Kind.FREEZE).id)
    db.session.expire_all()
    assert sandbox.state is SandboxState.FROZEN  # frozen again before it was opened
    assert client.post(f"{at}/thaw").status_code == 303
    jobs.operate(world.operation(sandbox, Kind.UNFREEZE).id)
    db.session.expire_all()
    assert sandbox.state is SandboxState.ACTIVE
    assert client.post(f"{at}/thaw").status_code == 409


def test_what_is_not_spent_goes_back_to_its_pool(world: World, finance: Person, sign_in: SignIn) -> None:
    world.order(limit=2_000)
    client, at = sign_in(finance), f"/credits/ventures/{world.venture.public_id}/give-back"
    assert client.post(at, data={"amount": "980.01"}).status_code == 422
    assert client.post(at, data={"amount": "80"}).status_code == 303
    assert stand(world) == Position("CNY", 92_000, 90_000, 2_000, 3)
    with transaction():
        world.venture.state = VentureState.STOPPED
    jobs.watch_credits()
    db.session.expire_all()
    assert stand(world) == Position("CNY", 2_000, 0, 2_000, 3)
    pool = client.get(f"/credits/pools/{world.pool.public_id}")
    assert "¥980.00" in pool.text
    sheet = load_workbook(io.BytesIO(client.get("/credits/?format=xlsx").data)).active
    assert [cell.value for cell in next(sheet.iter_rows(min_row=2))][4:] == [1000, 1000, 980, 980]
    assert world.prove() == 0


def test_a_month_closes_when_nothing_is_in_suspense(world: World, finance: Person, sign_in: SignIn) -> None:
    company = world.venture.company
    with world.make.acting():
        event = audit.record("bill.import", company)
        months.put_in_suspense(company, currency="CNY", amount=700, key="bill", memo="A bill", cause_id=event.id)
    month = clock.today().replace(day=1)
    client, at = sign_in(finance), f"/credits/months/{company.public_id}"
    later = clock.now() + dt.timedelta(days=32)
    with transaction():
        days.total()
    assert client.post(f"{at}/close", data={"month": month.isoformat()}).status_code == 409
    page = f"/credits/months/?company={company.public_id}&month={month:%Y-%m}"
    assert "Something is in suspense" in client.get(page).text
    account = db.session.scalars(select(Account).where(Account.kind == "suspense")).one()
    form = {"account": account.public_id, "venture": world.venture.public_id, "amount": "5.00", "reason": "Their test"}
    assert client.post(f"{at}/suspense", data=form | {"amount": "7.01"}).status_code == 422
    assert client.post(f"{at}/suspense", data=form).status_code == 303
    with pytest.raises(WrongState, match="still in suspense"), clock.travelled(later), transaction():
        months.close(finance, company, month=month)
    assert client.post(f"{at}/suspense", data=form | {"venture": "", "amount": "2"}).status_code == 303
    with clock.travelled(later), transaction():
        months.close(finance, company, month=month)
    with pytest.raises(WrongState, match="closed already"), clock.travelled(later), transaction():
        months.close(finance, company, month=month)
    lines = {line["kind"]: line for line in db.session.scalars(select(CreditMonth.figures)).one()}
    assert (lines["grant"]["inflow"], lines["grant"]["outflow"]) == (100_000, 500)
    assert (lines["spent"]["inflow"], lines["suspense"]["inflow"], lines["suspense"]["outflow"]) == (500, 700, 700)
    closed = client.get(page)
    assert "closed on" in plain(closed.text)
    assert b"In suspense,CNY,0.00,7.00,7.00,0.00" in client.get(f"{page}&format=csv").data
    assert stand(world).spent == 500
    assert world.prove() == 0


def test_the_proof_finds_what_does_not_add_up_and_closes_it_again(
    world: World, finance: Person, let_pass: Callable[..., None], sign_in: SignIn
) -> None:
    sandbox = spend(world, let_pass, 1_000)
    assert world.prove() == 0
    with transaction():
        sandbox.lease.spend_limit += 1
        db.session.execute(text("UPDATE meter SET posted = posted + 5"))
        db.session.execute(text("UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'grant'"))
    db.session.expire_all()
    found = world.prove()
    kinds = sorted(str(one) for one in db.session.scalars(select(CreditFinding.kind)))
    assert (found, kinds) == (5, ["balance", "days", "grant", "hold", "spent"])
    assert "5 things do not add up" in plain(sign_in(finance).get("/credits/months/").text)
    with transaction():
        sandbox.lease.spend_limit -= 1
        db.session.execute(text("UPDATE meter SET posted = posted - 5"))
        db.session.execute(text("UPDATE ledger_account SET balance = balance - 1 WHERE kind = 'grant'"))
        db.session.execute(text("UPDATE ledger_account_day SET inflow = inflow + 9"))
    assert world.prove() == 0
    assert db.session.scalars(select(CreditFinding).where(CreditFinding.closed_at.is_(None))).all() == []


def test_the_burn_down_shows_what_is_left_and_when_it_runs_out(
    world: World, let_pass: Callable[..., None], sign_in: SignIn
) -> None:
    client, at = sign_in(world.lead), f"/credits/ventures/{world.venture.public_id}"
    assert "Credits of" in client.get(at).text
    spend(world, let_pass, 100_000, limit=20_000)
    with transaction():
        days.total()
    burn = burn_down.of(world.venture)
    assert burn is not None
    assert (burn.days[-1].left, burn.days[-1].today) == (90_000, 10_000)
    assert burn.ahead.likely == 9
    page = plain(client.get(at).text)
    for words in ("the credits run out about", "¥900.00", "10% of ¥1,000.00 spent", "Partner cloud",
                  "The last sandbox ends later", "Database has used 100% of what was spent"):  # fmt: skip
        assert words in page
    assert 'href="#sandboxes"' in client.get(at).text
    assert client.get(f"{at}?format=csv").data.count(b"\r\n") == 2
    assert client.get(f"{at}?format=doc").status_code == 404
    assert sign_in(world.make.person(world.venture.company)).get(at).status_code == 404


def test_pages_of_credits_cost_the_same_with_one_and_with_three(
    world: World, finance: Person, sign_in: SignIn, statements: list[str]
) -> None:
    client, counts = sign_in(finance), []
    pages = ("/credits/", "/credits/pools/{pool}", "/credits/ventures/{venture}", "/credits/months/", "/credits/rates",
             "/cloud/wishes/", "/catalogue/providers/", "/catalogue/providers/{provider}")  # fmt: skip
    names = {"pool": world.pool.public_id, "venture": world.venture.public_id, "provider": world.partner.public_id}
    for number in (1, 2):
        for _ in range(number):
            world.order()
            world.make.pool(world.make.theme(world.venture.company))
        seen = []
        for page in pages:
            client.get(page.format(**names))
            statements.clear()
            assert client.get(page.format(**names)).status_code == 200, page
            seen.append(len(statements))
        counts.append(seen)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12, dict(zip(pages, counts[0], strict=True))


def test_a_scorecard_counts_what_happened(world: World, let_pass: Callable[..., None], sign_in: SignIn) -> None:
    spend(world, let_pass, 1_000)
    world.loopback.faults = [("PUT", "/accounts", 507)]
    jobs.operate(world.operation(world.order()).id)
    assert jobs.score() == 4
    assert jobs.score() == 4
    figures = db.session.scalars(
        select(ProviderScore.figures).where(
            ProviderScore.provider_id == world.partner.id, ProviderScore.month == clock.today().replace(day=1)
        )
    ).one()
    assert {key: figures[key] for key in ("ready", "asked", "failed", "failed_bp", "corrections", "findings")} == {
        "ready": 1, "asked": 2, "failed": 1, "failed_bp": 5_000, "corrections": 0, "findings": 0,
    }  # fmt: skip
    assert (figures["spent"], figures["deviation_bp"], figures["exit_on"]) == (100, 0, None)
    page = plain(sign_in(world.operator).get(f"/catalogue/providers/{world.partner.public_id}").text)
    assert "1 / 2" in page


def test_days_are_totalled_once_and_again_from_nothing(world: World) -> None:
    with transaction():
        assert days.total() > 0
        assert days.total() == 0
    assert days.differing() == []
    assert world.prove() == 0
    assert db.session.scalars(select(AccountDay)).all() != []
    assert crediting.frozen(world.venture) is None
