"""The pages of equity: HR's and the holder's, in both languages, and who is not shown what."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.equity import parts, queries
from incubator.equity.models import EquityGrant, EquityPlan
from incubator.equity.states import GrantState, PlanState
from incubator.people.models import Person, Role
from tests.equity.scene import Scene

SignIn = Callable[..., FlaskClient]
PLAN_FORM = {
    "title_en": "Founders' plan", "title_zh": "创始团队激励计划", "kind": "restricted", "regime": "plan",
    "issuer_kind": "limited", "size": "small", "unit_en": "shares", "unit_zh": "股", "decimals": "0",
    "total": "10,000,000", "pool": "600,000", "person": "", "starts_on": "2026-03-31", "months": "48",
    "every_months": "12", "cliff_months": "12", "allocation": "CUMULATIVE_ROUND_DOWN",
}  # fmt: skip


VESTING_FORM = {
    "starts_on": "2026-03-31", "months": "48", "every_months": "12", "cliff_months": "12",
    "allocation": "CUMULATIVE_ROUND_DOWN",
}  # fmt: skip


def grant_form(scene: Scene, **changes: str) -> dict[str, str]:
    """The answers of the form of a grant."""
    return {
        "holder": scene.lead.public_id,
        "units": "48,000",
        "price_minor": "1.20",
        "granted_on": "2026-06-30",
    } | changes


def page(browser: FlaskClient, address: str, status: int = 200) -> str:
    """A page's text."""
    answer = browser.get(address)
    assert answer.status_code == status, answer.text
    return answer.text


def send(browser: FlaskClient, address: str, status: int = 303, **data: str) -> str:
    """Send a form; the address it leads to, or the page that refuses it."""
    answer = browser.post(address, data=data)
    assert answer.status_code == status, answer.text
    return answer.headers["Location"] if status == 303 else answer.text


def newest(model: type) -> object:
    db.session.expire_all()
    return db.session.scalars(db.select(model).order_by(model.id.desc()).limit(1)).one()


def test_hr_makes_a_plan_and_a_second_one_approves_it(scene: Scene, sign_in: SignIn) -> None:
    browser = sign_in(scene.maker)
    form = f"/equity/plans/new?venture={scene.venture.public_id}"
    assert scene.venture.name in page(browser, form)
    address = send(browser, form, **PLAN_FORM)
    plan = newest(EquityPlan)
    assert isinstance(plan, EquityPlan)
    assert (address, plan.state, plan.pool_units) == (f"/equity/plans/{plan.public_id}", "in_approval", 600_000)
    assert "Your signature is needed" not in page(browser, address)
    sign_in(scene.checker)
    assert "Your signature is needed" in page(browser, address)
    assert send(browser, f"{address}/approve") == address
    db.session.refresh(plan)
    assert plan.state is PlanState.ACTIVE
    assert "600,000" in page(browser, address)
    assert "Founders&#39; plan" in page(browser, "/equity/")


def test_a_plan_is_refused_with_its_reason_on_the_page(scene: Scene, sign_in: SignIn) -> None:
    plan = scene.drafted_plan()
    address = f"/equity/plans/{plan.public_id}"
    browser = sign_in(scene.checker)
    assert "Say why" in send(browser, f"{address}/refuse", 422, reason=" ")
    assert send(browser, f"{address}/refuse", reason="Too large") == address
    assert "Refused" in page(browser, address)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pool": "20,000,000"}, "The pool is at least 1 and at most the total"),
        ({"total": "1,2,3"}, "Enter a number, such as 48,000"),
        ({"total": "10.5"}, "Enter a whole number: fractions of a unit do not exist here"),
        ({"decimals": "2", "person": "0.125"}, "Enter a number with at most 2 decimals"),
        ({"title_zh": ""}, "Enter the plan&#39;s name in Chinese"),
    ],
)
def test_a_plan_form_says_what_to_put_right(scene: Scene, sign_in: SignIn, changes: dict[str, str], words: str) -> None:
    browser = sign_in(scene.maker)
    text = send(browser, f"/equity/plans/new?venture={scene.venture.public_id}", 422, **(PLAN_FORM | changes))
    assert words in text
    assert 'value="Founders&#39; plan"' in text
    assert db.session.scalar(db.select(db.func.count(EquityPlan.id))) == 0


def test_the_story_of_a_grant_by_form(scene: Scene, sign_in: SignIn) -> None:
    plan = scene.plan()
    browser = sign_in(scene.maker)
    form = f"/equity/plans/{plan.public_id}/grants/new"
    assert "the pool has 600,000 of 600,000 left" in page(browser, form)
    check = send(browser, form, **grant_form(scene))
    grant = newest(EquityGrant)
    assert isinstance(grant, EquityGrant)
    address = f"/equity/grants/{grant.public_id}"
    assert check == f"{address}/vesting"
    text = send(browser, check, 200, **VESTING_FORM, preview="yes")
    assert "2027-03-31" in text
    assert "not saved yet" in text
    assert send(browser, check, **VESTING_FORM) == f"{address}/limits"
    assert "The rules of this plan ask for nothing more" in page(browser, f"{address}/limits")
    assert send(browser, f"{address}/limits") == f"{address}/check"
    assert "2027-03-31" in page(browser, f"{address}/check")
    assert 'value="48,000"' in page(browser, f"{address}/edit")
    assert send(browser, f"{address}/edit", **grant_form(scene, units="50,000")) == check
    assert "2027-03-31" in page(browser, check)
    assert send(browser, f"{address}/submit") == address
    sign_in(scene.lead)
    page(browser, address, 404)
    sign_in(scene.checker)
    text = page(browser, address)
    assert "You sign the grant exactly as it stands below" in text
    assert "50,000 options on its capital (shares)" in text
    assert send(browser, f"{address}/approve") == address
    sign_in(scene.lead)
    assert "The offer waits for your answer" in page(browser, "/equity/mine")
    text = page(browser, address)
    (letter_hash,) = re.findall(r'name="letter_hash" value="([0-9a-f]{64})"', text)
    assert send(browser, f"{address}/accept", letter_hash=letter_hash) == address
    text = page(browser, address)
    assert "Accepted" in text
    assert scene.lead.hr_number in text
    db.session.refresh(grant)
    assert grant.state is GrantState.LIVE


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"units": "680,000"}, "The pool has 600,000 left, and you asked for 680,000"),
        ({"units": "1.5"}, "Enter a whole number: fractions of a unit do not exist here"),
        ({"units": ""}, "Enter how many units, such as 48,000"),
        ({"price_minor": ""}, "Enter an amount, such as 1.20"),
        ({"granted_on": "2026-03-30"}, "The plan starts on 2026-03-31; a grant cannot be dated before it"),
        ({"holder": "nobody"}, "Not a valid choice"),
    ],
)
def test_a_grant_form_says_the_number(scene: Scene, sign_in: SignIn, changes: dict[str, str], words: str) -> None:
    plan = scene.plan()
    browser = sign_in(scene.maker)
    text = send(browser, f"/equity/plans/{plan.public_id}/grants/new", 422, **grant_form(scene, **changes))
    assert words in text
    assert "<title>Error:" in text
    assert db.session.scalar(db.select(db.func.count(EquityGrant.id))) == 0


def test_two_errors_stand_together_and_values_are_kept(scene: Scene, sign_in: SignIn) -> None:
    plan = scene.plan()
    answers = grant_form(scene, units="80,000", price_minor="a lot")
    text = send(sign_in(scene.maker), f"/equity/plans/{plan.public_id}/grants/new", 422, **answers)
    assert 'value="80,000"' in text
    assert 'value="a lot"' in text


def test_a_revision_that_does_not_fit_is_refused_at_its_field(scene: Scene, sign_in: SignIn) -> None:
    grant = scene.draft(scene.plan())
    answers = grant_form(scene, units="700,000")
    text = send(sign_in(scene.maker), f"/equity/grants/{grant.public_id}/edit", 422, **answers)
    assert "The pool has 600,000 left, and you asked for 700,000" in text
    db.session.refresh(grant)
    assert grant.units == 48_000


def test_a_draft_that_no_longer_fits_is_refused_on_its_check_page(scene: Scene, sign_in: SignIn) -> None:
    plan = scene.plan()
    first, second = (scene.draft(plan, units=400_000, holder=who) for who in (scene.lead, scene.member))
    browser = sign_in(scene.maker)
    send(browser, f"/equity/grants/{first.public_id}/submit")
    text = send(browser, f"/equity/grants/{second.public_id}/submit", 422)
    assert "The pool has 200,000 left, and you asked for 400,000" in text


def test_a_check_page_warns_of_rules_that_are_not_confirmed_or_not_there(scene: Scene, sign_in: SignIn) -> None:
    scene.install_rules(confirmed=False)
    plan = scene.plan(regime="cn.equity")
    grant = scene.draft(plan)
    browser = sign_in(scene.maker)
    text = page(browser, f"/equity/grants/{grant.public_id}/check")
    assert "A rule below is not confirmed yet" in text
    assert "Caizi [2016] No. 4" in text
    with transaction():
        grant.granted_on = dt.date(2010, 1, 4)
    text = page(browser, f"/equity/grants/{grant.public_id}/check")
    assert "A rule below is not confirmed yet" not in text


def test_sending_back_declining_and_cancelling_by_form(scene: Scene, sign_in: SignIn) -> None:
    plan = scene.plan()
    sent, offered = scene.submitted(plan), scene.offered(plan, holder=scene.member)
    browser = sign_in(scene.checker)
    address = f"/equity/grants/{sent.public_id}"
    assert "Say why" in send(browser, f"{address}/send-back", 422, reason="")
    send(browser, f"{address}/send-back", reason="Wrong price")
    sign_in(scene.maker)
    assert "Wrong price" in page(browser, address)
    send(browser, f"{address}/cancel", reason="Not needed any more")
    sign_in(scene.member)
    send(browser, f"/equity/grants/{offered.public_id}/decline", reason="")
    db.session.expire_all()
    assert (sent.state, offered.state) == (GrantState.CANCELLED, GrantState.DECLINED)


def test_accepting_another_letter_is_a_conflict(scene: Scene, sign_in: SignIn) -> None:
    grant = scene.offered(scene.plan())
    browser = sign_in(scene.lead)
    text = send(browser, f"/equity/grants/{grant.public_id}/accept", 409, letter_hash="00")
    assert "is not the one on offer" in text


def test_who_has_no_business_with_it_finds_nothing(scene: Scene, sign_in: SignIn) -> None:
    plan = scene.plan()
    grant = scene.live(plan)
    strangers = [
        scene.make.person(scene.company, role)
        for role in (Role.OFFICE, Role.CHAIR, Role.FINANCE, Role.REVIEWER, Role.ADMINISTRATOR)
    ]
    elsewhere = scene.make.person(None, Role.HR)
    for person in (*strangers, elsewhere, scene.member, scene.auditor):
        browser = sign_in(person)
        page(browser, f"/equity/plans/{plan.public_id}", 404)
        page(browser, f"/equity/plans/{plan.public_id}/grants/new", 404)
        page(browser, f"/equity/grants/{grant.public_id}", 404)
        assert browser.post(f"/equity/grants/{grant.public_id}/approve").status_code == 404
        assert grant.number not in page(browser, "/equity/mine")


def test_the_office_sees_totals_without_names_and_other_employees_no_list(scene: Scene, sign_in: SignIn) -> None:
    plan = scene.plan()
    scene.live(plan)
    text = page(sign_in(scene.make.person(scene.company, Role.OFFICE)), "/equity/")
    assert "48,000" in text
    assert scene.lead.name not in text
    assert plan.public_id not in text
    page(sign_in(scene.member), "/equity/", 404)


def test_lists_are_empty_in_words(scene: Scene, sign_in: SignIn) -> None:
    assert "No equity plan yet" in page(sign_in(scene.maker), "/equity/")
    assert "You hold no equity yet" in page(sign_in(scene.lead), "/equity/mine")


def live_since(scene: Scene, months: int) -> EquityGrant:
    """A grant whose vesting began so many months ago."""
    start = clock.today() - dt.timedelta(days=months * 31)
    plan = scene.plan(starts_on=start)
    return scene.live(plan, granted_on=start, starts_on=start)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Vested", "Not vested", "12,000 of 48,000 have vested", "Founders&#39; plan", "shares"]),
        ("zh", ["已归属", "未归属", "12,000", "48,000", "创始团队激励计划", "股"]),
    ],
)
def test_a_holder_sees_what_has_vested_and_what_is_next(
    scene: Scene, sign_in: SignIn, language: str, words: list[str]
) -> None:
    grant = live_since(scene, 14)
    browser = sign_in(scene.lead)
    browser.set_cookie("language", language, domain="localhost")
    for address in ("/equity/mine", f"/equity/grants/{grant.public_id}"):
        text = page(browser, address)
        assert '<svg class="ch gut"' in text
        assert [one for one in words if one not in text] == []


def test_everything_vested_says_so(scene: Scene, sign_in: SignIn) -> None:
    grant = live_since(scene, 60)
    text = page(sign_in(scene.lead), f"/equity/grants/{grant.public_id}")
    assert "All has vested" in text


def test_a_grant_shows_its_proof(scene: Scene, sign_in: SignIn) -> None:
    grant = scene.live(scene.plan())
    records = queries.records_of(grant)
    text = page(sign_in(scene.lead), f"/equity/grants/{grant.public_id}")
    assert [record.name for record in records][-1] == "equity_grant.activate"
    for record in records:
        assert record.event in text
        assert record.commitment is not None
        assert record.commitment[:8] in text


def test_the_page_of_a_venture_has_a_card_for_hr_and_for_the_holder(scene: Scene) -> None:
    def card(person: Person) -> tuple[int, int, bool] | None:
        answer = parts.venture_equity(person, scene.venture)
        return answer and (len(answer[1]["plans"]), len(answer[1]["own"]), answer[1]["may_plan"])

    assert (card(scene.maker), card(scene.lead)) == ((0, 0, True), None)
    scene.live(scene.plan())
    assert (card(scene.maker), card(scene.lead), card(scene.member)) == ((1, 0, True), (0, 1, False), None)


def test_what_waits_is_the_holder_s_offer_and_the_maker_s_draft(scene: Scene) -> None:
    plan = scene.plan()
    draft, offer = scene.draft(plan), scene.offered(plan, holder=scene.member)

    def waiting(person: Person) -> list[tuple[str, str, str]]:
        rows = [row for select in queries.waiting_for(person) for row in db.session.execute(select)]
        return [(row[0], row[1], row[2]) for row in rows]

    assert waiting(scene.member) == [("equity_offer", scene.venture.name, f"/equity/grants/{offer.public_id}")]
    assert waiting(scene.maker) == [("equity_draft", draft.number, f"/equity/grants/{draft.public_id}")]
    assert waiting(scene.lead) == []


def statements(browser: FlaskClient, address: str) -> int:
    """How many statements a page takes."""
    count = [0]

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        count[0] += not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "SET "))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        page(browser, address)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return count[0]


def test_statements_do_not_grow_with_what_a_page_shows(scene: Scene, sign_in: SignIn) -> None:
    plan = scene.plan()
    grant = scene.live(plan)
    pages = [
        (scene.maker, "/equity/"),
        (scene.maker, f"/equity/plans/{plan.public_id}"),
        (scene.maker, f"/equity/grants/{grant.public_id}"),
        (scene.lead, "/equity/mine"),
        (scene.lead, f"/equity/grants/{grant.public_id}"),
    ]
    before = [statements(sign_in(person), address) for person, address in pages]
    for holder in (scene.lead, scene.lead, scene.member):
        scene.live(plan, holder=holder)
    scene.plan(pool_units=10_000)
    after = [statements(sign_in(person), address) for person, address in pages]
    assert after == before
    assert max(after) <= 8, after
