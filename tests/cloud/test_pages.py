"""The catalogue, a sandbox's page and the operators' page, as people see them."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from incubator.cloud import jobs
from incubator.cloud.models import Offer, Sandbox
from incubator.cloud.states import Kind, SandboxState
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Role
from tests.cloud.conftest import World, read_all, sweep_all

SignIn = Callable[..., FlaskClient]


def text(html: str) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def offer_of(world: World, provider: str = "partner") -> Offer:
    return world.plan(provider=provider).offer


def ready(world: World, **details: object) -> Sandbox:
    sandbox = world.order(**details)
    jobs.operate(world.operation(sandbox).id)
    return sandbox


def test_the_catalogue_shows_offers_with_prices_and_what_is_left(world: World, sign_in: SignIn) -> None:
    page = text(sign_in(world.lead).get("/catalogue/").text)
    assert "PostgreSQL 18 database" in page
    assert "¥0.58 an hour and up" in page
    assert "¥1,000.00 of credits left to order with" in page


def test_who_leads_nothing_is_told_who_orders(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.operator)
    page = client.get(f"/catalogue/{offer_of(world).public_id}")
    assert "Sandboxes are ordered by the lead of a venture" in text(page.text)
    assert 'method="post"' not in page.text.split('id="main"')[1]


def test_the_lead_orders_from_the_page_and_lands_on_the_sandbox(world: World, sign_in: SignIn) -> None:
    client, offer = sign_in(world.lead), offer_of(world)
    key = re.search(
        r'name="key" type="hidden" value="([a-z2-7]{16})"', client.get(f"/catalogue/{offer.public_id}").text
    )
    assert key
    form = {
        "venture": world.venture.public_id, "plan": world.plan().public_id, "limit": "20.00", "days": "30",
        "key": key[1],
    }  # fmt: skip
    answer, again = (client.post(f"/catalogue/{offer.public_id}", data=form) for _ in range(2))
    sandbox = db.session.scalars(select(Sandbox)).one()
    assert (answer.status_code, answer.location) == (303, f"/sandboxes/{sandbox.public_id}")
    assert again.location == answer.location
    page = client.get(answer.location).text
    assert 'hx-trigger="every 2s"' in page
    assert "Step 2 of 5: Account made at the provider" in text(page)
    assert "¥20.00 set aside" in text(page)


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("limit", "1,000.01", "Only ¥1,000.00 of the venture"),
        ("limit", "0.01", "Enter at least ¥0.04"),
        ("limit", "a lot", "Enter an amount, such as 1,200.50"),
        ("limit", "", "Enter an amount, such as 1,200.50"),
        ("days", "0", "Enter a number of days from 1 to 366."),
        ("days", "soon", "Enter a whole number, such as 1,200"),
        ("plan", "none", "Not a valid choice"),
        ("venture", "none", "Not a valid choice"),
    ],
)
def test_a_wrong_order_is_refused_at_its_field(
    world: World, sign_in: SignIn, field: str, typed: str, words: str
) -> None:
    form = {
        "venture": world.venture.public_id, "plan": world.plan().public_id, "limit": "20.00", "days": "30",
    } | {field: typed}  # fmt: skip
    answer = sign_in(world.lead).post(f"/catalogue/{offer_of(world).public_id}", data=form)
    assert answer.status_code == 422
    assert words in text(answer.text).replace("&#39;", "'")
    assert "<title>Error:" in answer.text
    assert db.session.scalars(select(Sandbox)).all() == []
    assert world.balances() == {"grant": 100_000}


def test_a_ready_sandbox_shows_its_secret_once(world: World, sign_in: SignIn) -> None:
    sandbox = ready(world)
    client, address = sign_in(world.lead), f"/sandboxes/{sandbox.public_id}"
    assert "The access data are ready" in text(client.get(address).text)
    page = client.post(f"{address}/secret")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    assert world.loopback.accounts[sandbox.public_id]["password"] in page.text
    again = client.post(f"{address}/secret")
    assert again.status_code == 410
    assert "The access data were shown on" in text(again.text)
    assert "Ask for a new password" in text(client.get(address).text)


def test_a_new_password_is_asked_for_and_shown_once_more(world: World, sign_in: SignIn) -> None:
    sandbox = ready(world)
    client, address = sign_in(world.lead), f"/sandboxes/{sandbox.public_id}"
    client.post(f"{address}/secret")
    assert client.post(f"{address}/access").status_code == 303
    jobs.operate(world.operation(sandbox, Kind.ACCESS).id)
    page = client.post(f"{address}/secret")
    assert world.loopback.accounts[sandbox.public_id]["password"] in page.text


def test_only_the_lead_sees_the_secret(world: World, sign_in: SignIn) -> None:
    sandbox = ready(world)
    assert sign_in(world.operator).post(f"/sandboxes/{sandbox.public_id}/secret").status_code == 403


def test_what_is_not_yours_to_see_is_not_there(world: World, sign_in: SignIn) -> None:
    sandbox = ready(world)
    stranger = sign_in(world.make.person())
    for path in ("", "/live", "/limit"):
        assert stranger.get(f"/sandboxes/{sandbox.public_id}{path}").status_code == 404
    for path in ("/secret", "/close", "/access", "/limit", "/unfreeze"):
        assert stranger.post(f"/sandboxes/{sandbox.public_id}{path}").status_code == 404
    assert "No sandboxes yet" in text(stranger.get("/sandboxes/").text)


def test_the_page_shows_credits_the_line_and_its_numbers(world: World, sign_in: SignIn, let_pass: Callable) -> None:
    sandbox = ready(world)
    let_pass(sandbox, 600)
    read_all()
    page = sign_in(world.lead).get(f"/sandboxes/{sandbox.public_id}").text
    assert 'hx-trigger="every 10s"' in page
    assert "Spent ¥0.60" in text(page)
    assert "¥19.40 of ¥20.00 left" in page
    assert "At this rate the limit is reached on" in text(page)
    assert "Show the numbers" in text(page)


def test_the_list_and_the_ventures_page_show_the_sandbox(world: World, sign_in: SignIn) -> None:
    sandbox = ready(world)
    client = sign_in(world.lead)
    assert sandbox.number in client.get("/sandboxes/").text
    assert sandbox.number in client.get(f"/ventures/{world.venture.public_id}").text


def test_a_frozen_sandbox_says_why_and_how_to_go_on(world: World, sign_in: SignIn, let_pass: Callable) -> None:
    sandbox = ready(world, limit=100)
    let_pass(sandbox, 1000)
    read_all()
    jobs.operate(world.operation(sandbox, Kind.FREEZE).id)
    client = sign_in(world.lead)
    page = text(client.get(f"/sandboxes/{sandbox.public_id}").text)
    assert "Frozen, level 2. The limit is used up" in page
    assert "Raise the limit" in page
    assert "A sandbox is frozen: raise its limit or close it" in text(client.get("/").text)
    answer = client.post(f"/sandboxes/{sandbox.public_id}/limit", data={"amount": "5.00"})
    assert answer.status_code == 303
    jobs.operate(world.operation(sandbox, Kind.UNFREEZE).id)
    assert sandbox.state is SandboxState.ACTIVE


@pytest.mark.parametrize(
    ("typed", "words"),
    [("1,000.00", "Only ¥980.00 of the venture"), ("-5", "Enter an amount"), ("", "Enter an amount")],
)
def test_a_limit_is_not_raised_beyond_the_credits(world: World, sign_in: SignIn, typed: str, words: str) -> None:
    sandbox = ready(world)
    client = sign_in(world.lead)
    address = f"/sandboxes/{sandbox.public_id}/limit"
    assert "has ¥980.00 of credits left" in text(client.get(address).text)
    answer = client.post(address, data={"amount": typed})
    assert answer.status_code == 422
    assert words in text(answer.text)


def test_a_form_that_is_sent_twice_raises_the_limit_once(world: World, sign_in: SignIn) -> None:
    sandbox = ready(world)
    client = sign_in(world.lead)
    address = f"/sandboxes/{sandbox.public_id}/limit"
    found = re.search(r'name="key"[^>]* value="([a-z2-7]{16})"', client.get(address).text)
    assert found is not None
    sent = {"amount": "5.00", "key": found.group(1)}
    assert [client.post(address, data=sent).status_code for _ in range(3)] == [303] * 3
    assert client.post(address, data=sent | {"amount": "6.00"}).status_code == 422
    assert client.post(address, data=sent | {"key": "x"}).status_code == 422
    db.session.expire_all()
    assert sandbox.lease.spend_limit == 2500


def test_the_lead_closes_it_from_the_page(world: World, sign_in: SignIn) -> None:
    sandbox = ready(world)
    client = sign_in(world.lead)
    assert client.post(f"/sandboxes/{sandbox.public_id}/close").status_code == 303
    jobs.operate(world.operation(sandbox, Kind.CLOSE).id)
    page = text(client.get(f"/sandboxes/{sandbox.public_id}").text)
    assert "Found empty, the rest of the credits given back" in page
    assert client.post(f"/sandboxes/{sandbox.public_id}/close").status_code == 409


def test_operators_see_what_stopped_and_try_again(world: World, sign_in: SignIn) -> None:
    world.loopback.faults = [("PUT", "/accounts", 507)]
    sandbox = ready(world)
    client = sign_in(world.operator)
    assert "A provider did not do what it was asked" in text(client.get("/").text)
    page = text(client.get("/sandboxes/operations").text)
    assert "Needs an operator" in page
    assert "QuotaExhausted: HTTP 507" in page
    operation = world.operation(sandbox)
    assert client.post(f"/sandboxes/operations/{operation.public_id}/retry").status_code == 303
    jobs.operate(operation.id)
    assert sandbox.state is SandboxState.ACTIVE
    assert "All done" in text(client.get("/sandboxes/operations").text)


def test_the_operators_page_is_not_there_for_others(world: World, sign_in: SignIn) -> None:
    assert sign_in(world.lead).get("/sandboxes/operations").status_code == 404


def test_an_operator_of_another_company_sees_and_retries_nothing_here(world: World, sign_in: SignIn) -> None:
    world.loopback.faults = [("PUT", "/accounts", 507)]
    sandbox = ready(world)
    client = sign_in(world.make.person(None, Role.CLOUD_OPERATOR))
    assert "All done" in text(client.get("/sandboxes/operations").text)
    operation = world.operation(sandbox)
    assert client.post(f"/sandboxes/operations/{operation.public_id}/retry").status_code == 404


def test_findings_stand_on_the_operators_page(world: World, sign_in: SignIn) -> None:
    world.loopback.do("PUT", "/accounts/stray", {})
    sweep_all()
    page = text(sign_in(world.operator).get("/sandboxes/operations").text)
    assert "An account that is nobody" in page
    assert "acct-stray" in page


def test_an_operator_opens_a_full_sandbox(world: World, sign_in: SignIn) -> None:
    sandbox = ready(world)
    world.loopback.accounts[sandbox.public_id]["size"] = 11 * 10**6
    read_all()
    jobs.operate(world.operation(sandbox, Kind.FREEZE).id)
    client = sign_in(world.operator)
    address = f"/sandboxes/{sandbox.public_id}"
    assert "The disk is fuller than the size allows" in text(client.get(address).text)
    assert client.post(f"{address}/unfreeze").status_code == 303
    jobs.operate(world.operation(sandbox, Kind.UNFREEZE).id)
    assert sandbox.state is SandboxState.ACTIVE


def test_pages_read_in_chinese(world: World, sign_in: SignIn) -> None:
    sandbox = ready(world)
    client = sign_in(world.lead)
    client.set_cookie("language", "zh")
    for address in ("/catalogue/", f"/catalogue/{offer_of(world).public_id}", f"/sandboxes/{sandbox.public_id}"):
        page = client.get(address)
        assert page.status_code == 200
        assert 'lang="zh-Hans"' in page.text
    assert "数据库" in client.get("/catalogue/").text


def test_closed_offers_leave_the_catalogue(world: World, sign_in: SignIn) -> None:
    offer = offer_of(world)
    with transaction():
        offer.is_open = False
    client = sign_in(world.lead)
    assert "Partner cloud" not in client.get("/catalogue/").text
    assert client.get(f"/catalogue/{offer.public_id}").status_code == 404


def test_an_empty_catalogue_says_so(make: object, sign_in: SignIn) -> None:
    assert "Nothing is offered yet" in text(sign_in(make.person()).get("/catalogue/").text)
