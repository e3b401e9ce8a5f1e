"""The pages of steps, departures, payments and of what is due, by form, in both languages."""

import datetime as dt
import io
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.equity import queries, services
from incubator.equity.models import EquityGrant, EquityStep, PayBatch
from incubator.people.models import Person, Role
from tests.equity.scene import Scene
from tests.equity.test_views import SignIn, newest, page, send, statements


@pytest.fixture(autouse=True)
def later() -> Iterator[None]:
    """All of this happens in June 2028: two of four yearly instalments have vested."""
    with clock.travelled(dt.datetime(2028, 6, 1, 4, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def grant(scene: Scene) -> EquityGrant:
    return scene.live(scene.plan())


def table(browser: FlaskClient, address: str, text: str, status: int = 303, **more: str) -> str:
    """Send a table."""
    answer = browser.post(address, data={"file": (io.BytesIO(text.encode()), "table.csv")} | more)
    assert answer.status_code == status, answer.text
    return answer.headers["Location"] if status == 303 else answer.text


def test_a_holder_asks_to_exercise_and_hr_signs(scene: Scene, grant: EquityGrant, sign_in: SignIn) -> None:
    address = f"/equity/grants/{grant.public_id}"
    browser = sign_in(scene.lead)
    assert "24,000 shares have vested and can be exercised" in page(browser, address)
    text = send(browser, f"{address}/exercise", 422, units="30,000")
    assert "only 24,000 have vested" in text
    assert 'value="30,000"' in text
    step = send(browser, f"{address}/exercise", units="10,000")
    assert "Waiting for approval" in page(browser, step) or "In approval" in page(browser, step)
    page(sign_in(scene.member), step, 404)
    sign_in(scene.checker)
    assert "Your signature is needed" in page(browser, step)
    assert send(browser, f"{step}/approve") == step
    assert "Done" in page(browser, step)
    assert "Exercised" in page(browser, address)
    assert "14,000 shares have vested" in page(sign_in(scene.lead), address)


def test_hr_asks_for_a_step_and_takes_it_back_or_sees_it_refused(
    scene: Scene, grant: EquityGrant, sign_in: SignIn
) -> None:
    form = f"/equity/grants/{grant.public_id}/steps/new"
    browser = sign_in(scene.maker)
    assert "Bring vesting forward" in page(browser, form)
    asked = {"kind": "acceleration", "effective_on": "2028-06-01", "units": "5,000", "order": "last", "reason": "IPO"}
    assert "Say why" in send(browser, form, 422, **(asked | {"reason": " "}))
    assert "brought forward" in send(browser, form, 422, **(asked | {"units": "30,000"}))
    without = {name: value for name, value in asked.items() if name != "kind"}
    assert "Choose what should happen" in send(browser, form, 422, **without)
    step = send(browser, form, **asked)
    assert "What would have vested last" in page(browser, step)
    assert send(browser, f"{step}/cancel") == step
    step = send(browser, form, **asked)
    sign_in(scene.checker)
    assert "Say why" in send(browser, f"{step}/refuse", 422, reason="")
    assert send(browser, f"{step}/refuse", reason="Not yet") == step
    assert "Refused by Tang Min: Not yet" in page(browser, step)
    page(sign_in(scene.lead), form, 404)


def test_a_departure_is_shown_before_it_is_confirmed(scene: Scene, grant: EquityGrant, sign_in: SignIn) -> None:
    browser = sign_in(scene.maker)
    asked = {"hr_number": scene.lead.hr_number, "reason": "resignation", "last_day": "2028-06-01", "note": "Letter"}
    page(browser, "/equity/leavers/new")
    assert "Nobody with this HR number" in send(browser, "/equity/leavers/new", 422, **(asked | {"hr_number": "0"}))
    text = send(browser, "/equity/leavers/new", 200, **asked)
    assert "Nothing has been done yet" in text
    assert "2028-08-30" in text
    assert db.session.scalar(db.select(db.func.count(EquityStep.id))) == 0
    step = send(browser, "/equity/leavers/new", confirmed="yes", **asked)
    assert scene.lead.name in page(browser, "/equity/leavers")
    assert send(sign_in(scene.checker), f"{step}/approve") == step
    assert "2028-08-30" in page(browser, step)
    assert grant.number in page(browser, "/equity/due")


def test_leavers_come_from_a_table_all_or_none(scene: Scene, grant: EquityGrant, sign_in: SignIn) -> None:
    browser = sign_in(scene.maker)
    head = "hr_number,reason,last_day,value,note\n"
    good = f"{scene.lead.hr_number},resignation,2028-06-01,,Letter\n"
    text = table(browser, "/equity/leavers/import", head + good + "0,resignation,2028-06-01,,x\n", 422)
    assert "Line 3" in text
    assert "Line 2" in table(browser, "/equity/leavers/import", head + "1,odd,2028-06-01,,x\n", 422)
    assert "Choose a file" in browser.post("/equity/leavers/import", data={}).text
    assert db.session.scalar(db.select(db.func.count(EquityStep.id))) == 0
    shown = table(browser, "/equity/leavers/import", head + good, 200)
    assert "Nothing has been done yet" in shown
    assert scene.lead.name in shown
    assert db.session.scalar(db.select(db.func.count(EquityStep.id))) == 0
    assert table(browser, "/equity/leavers/import", head + good, take="yes") == "/equity/leavers"
    assert db.session.scalar(db.select(db.func.count(EquityStep.id))) == 1


@pytest.fixture
def paid(scene: Scene) -> tuple[EquityStep, Person]:
    """A right in money that was exercised and signed, and who signs for finance."""
    finance = scene.make.person(scene.company, Role.FINANCE)
    grant = scene.live(scene.plan(kind="phantom"))
    with transaction():
        step = services.exercise(scene.lead, grant, units=1_000, value_minor=480)
    for signer in (scene.checker, finance):
        with transaction():
            services.approve_step(signer, step)
    return step, finance


def test_what_is_to_be_paid_goes_to_payroll_and_comes_back(
    scene: Scene, paid: tuple[EquityStep, Person], sign_in: SignIn
) -> None:
    _step, finance = paid
    browser = sign_in(scene.maker)
    assert "CN¥3,600.00" in page(browser, "/equity/payroll") or "¥3,600.00" in page(browser, "/equity/payroll")
    assert "Enter a month" in send(browser, "/equity/payroll", 422, period="2028-13", currency="CNY")
    address = send(browser, "/equity/payroll", period="2028-06", currency="CNY")
    send(browser, "/equity/payroll", 409, period="2028-06", currency="CNY")
    assert "Send to payroll" not in page(browser, address)
    send(browser, f"{address}/send", 403)
    sign_in(finance)
    assert send(browser, f"{address}/send") == address
    first, again = (browser.get(f"{address}/file").data for _ in range(2))
    assert first == again
    batch = newest(PayBatch)
    assert isinstance(batch, PayBatch)
    line = batch.lines[0].public_id
    assert line in first.decode("utf-8-sig")
    head = "line,state,told\n"
    assert "not of this batch" in table(browser, f"{address}/told", f"{head}x,paid,\n", 422)
    assert "Line 2" in table(browser, f"{address}/told", f"{head}{line},odd,\n", 422)
    assert table(browser, f"{address}/told", f"{head}{line},failed,No account\n") == address
    assert "No account" in page(browser, address)
    db.session.expire_all()
    assert (batch.state, batch.line_count, batch.total_minor) == ("settled", 1, 360_000)
    with transaction():
        second = services.prepare_batch(scene.maker, scene.company, period="2028-07", currency="CNY")
    assert second.lines[0].public_id != line
    page(sign_in(scene.lead), address, 404)


def test_what_payroll_says_is_said_once(scene: Scene, paid: tuple[EquityStep, Person]) -> None:
    _step, finance = paid
    with transaction():
        batch = services.prepare_batch(scene.maker, scene.company, period="2028-06", currency="CNY")
    told = [services.Told(batch.lines[0].public_id, paid=True)]
    from incubator.core.errors import WrongState

    with pytest.raises(WrongState, match="not been sent"), transaction():
        services.record_payments(finance, batch, told=told)
    with transaction():
        services.send_batch(finance, batch)
    with transaction():
        assert services.record_payments(finance, batch, told=told) == 1
    with transaction():
        assert services.record_payments(finance, batch, told=told) == 0
    with pytest.raises(WrongState, match="another word"), transaction():
        services.record_payments(finance, batch, told=[services.Told(told[0].line, paid=False)])


@pytest.mark.parametrize(("language", "words"), [("en", "Vests this month"), ("zh", "2028")])
def test_hr_sees_what_is_due(scene: Scene, grant: EquityGrant, sign_in: SignIn, language: str, words: str) -> None:
    with transaction():
        scene.lead.left_on = dt.date(2028, 5, 31)
    scene.submitted(grant.plan, holder=scene.member)
    browser = sign_in(scene.maker)
    browser.set_cookie("language", language, domain="localhost")
    text = page(browser, "/equity/due")
    assert words in text
    assert scene.lead.name in text
    assert scene.member.name in text
    assert "2028" in text


def test_a_leaver_waits_on_the_home_page_of_hr(scene: Scene, grant: EquityGrant) -> None:
    def waiting(person: Person) -> list[str]:
        rows = [row for select in queries.waiting_for(person) for row in db.session.execute(select)]
        return [row[2] for row in rows if row[0] == "equity_leaver"]

    assert waiting(scene.maker) == []
    with transaction():
        scene.lead.left_on = dt.date(2028, 5, 31)
    assert waiting(scene.maker) == [f"/equity/leavers/new?hr_number={scene.lead.hr_number}"]
    assert waiting(scene.member) == []
    with transaction():
        services.depart(scene.maker, scene.lead, reason="retirement", last_day=dt.date(2028, 5, 31), note="Letter")
    assert waiting(scene.maker) == []


def test_a_member_has_no_part_in_it(scene: Scene, sign_in: SignIn) -> None:
    browser = sign_in(scene.member)
    for address in ("/equity/due", "/equity/leavers", "/equity/leavers/new", "/equity/payroll"):
        page(browser, address, 404)
    for address in ("/equity/leavers/import", "/equity/leavers/new", "/equity/payroll"):
        assert browser.post(address, data={}).status_code == 403


def test_statements_of_these_pages_do_not_grow(scene: Scene, grant: EquityGrant, sign_in: SignIn) -> None:
    plan = grant.plan

    def ask(one: EquityGrant) -> EquityStep:
        with transaction():
            return services.propose_step(
                scene.maker, one, kind="repricing", price_minor=1, effective_on=dt.date(2028, 6, 1), reason="x"
            )

    step = ask(grant)
    pages = [
        (scene.maker, "/equity/due"), (scene.maker, "/equity/leavers"), (scene.maker, "/equity/payroll"),
        (scene.maker, f"/equity/steps/{step.public_id}"), (scene.lead, f"/equity/grants/{grant.public_id}"),
    ]  # fmt: skip
    before = [statements(sign_in(person), address) for person, address in pages]
    for _ in range(2):
        ask(scene.live(plan))
        scene.submitted(plan)
    after = [statements(sign_in(person), address) for person, address in pages]
    assert after == before
    assert max(after) <= 9, after
    assert re.match(r"[a-z2-7]{16}", step.public_id)


def test_many_grants_come_from_a_table_after_a_look(scene: Scene, sign_in: SignIn) -> None:
    plan = scene.plan(pool_units=100_000)
    browser = sign_in(scene.maker)
    address = f"/equity/plans/{plan.public_id}/grants/import"
    page(browser, address)
    head = "hr_number,units,price,granted_on,starts_on,months,every_months,cliff_months\n"
    one = f'{scene.lead.hr_number},"60,000",1.20,2026-06-30,2026-03-31,,,\n'
    two = f"{scene.member.hr_number},40000,1.20,2026-06-30,2026-03-31,36,12,0\n"
    over = table(browser, address, head + one + two.replace("40000", "40001"), 422)
    assert "Line 3: The pool has 40,000 left, and you asked for 40,001" in over
    for bad, words in (("x", "Enter a number"), ("1.5", "at most 0 decimals")):
        assert words in table(browser, address, head + two.replace("40000", bad), 422)
    assert "Nobody has this HR number" in table(browser, address, head + one.replace(scene.lead.hr_number, "0"), 422)
    assert "Line 2" in table(browser, address, f"{head}a,1,1,odd,2026-01-01,,,\n", 422)
    assert "no lines" in table(browser, address, head, 422)
    assert "2 lines can be taken" in table(browser, address, head + one + two, 200)
    assert db.session.scalar(db.select(db.func.count(EquityGrant.id))) == 0
    data = {"file": (io.BytesIO((head + one + two).encode()), "t.csv"), "take": "yes"}
    answer = browser.post(address, data=data)
    assert answer.headers["Location"] == f"/equity/plans/{plan.public_id}"
    made = db.session.scalars(db.select(EquityGrant).order_by(EquityGrant.id)).all()
    assert [(one_.units, one_.state, one_.terms["months"]) for one_ in made] == [
        (60_000, "in_approval", 48), (40_000, "in_approval", 36),
    ]  # fmt: skip


def test_a_grant_by_conditions_is_drafted_changed_and_accepted(scene: Scene, sign_in: SignIn) -> None:
    from tests.equity.test_views import VESTING_FORM, grant_form

    finance = scene.make.person(scene.company, Role.FINANCE)
    plan = scene.plan(signers=["finance"])
    with transaction():
        services.approve_plan(finance, plan)
    terms = (
        '{"name": "Sale", "allocation_type": "CUMULATIVE_ROUNDING", "vesting_conditions": [{"id": "sale",'
        ' "trigger": {"type": "VESTING_EVENT"}, "portion": {"numerator": "1", "denominator": "1"},'
        ' "next_condition_ids": []}]}'
    )
    browser = sign_in(scene.maker)
    form = f"/equity/plans/{plan.public_id}/grants/new"
    vesting = send(browser, form, **grant_form(scene))
    address = vesting.removesuffix("/vesting")
    assert "These terms cannot be used" in send(browser, vesting, 422, **VESTING_FORM, conditions="{")
    assert send(browser, vesting, **VESTING_FORM, conditions=terms) == f"{address}/limits"
    assert "No day is set" in page(browser, f"{address}/check")
    assert "VESTING_EVENT" in page(browser, vesting)
    send(browser, f"{address}/submit")
    page(sign_in(finance), address)
    send(sign_in(scene.checker), f"{address}/approve")
    sign_in(finance)
    assert "Your signature is needed" in page(browser, address)
    send(browser, f"{address}/approve")
    page(browser, address, 404)
    text = page(sign_in(scene.lead), address)
    (letter_hash,) = re.findall(r'name="letter_hash" value="([0-9a-f]{64})"', text)
    send(browser, f"{address}/accept", letter_hash=letter_hash)
    assert "No day is set" in page(browser, address)
    page(browser, "/equity/mine")
    assert "Vesting event" in page(sign_in(scene.maker), f"{address}/steps/new")
