"""The catalogue: kept by operators, priced by two, searched, compared, estimated, ordered under its conditions."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from incubator.cloud import jobs, services
from incubator.cloud.drivers import Usage
from incubator.cloud.models import CloudWish, ExitTest, Lease, Meter, Offer, Plan, PlanPrice, Policy, Provider, Sandbox
from incubator.cloud.services import asking, catalogue, metering, wishes
from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.people.models import Person, Role
from incubator.ventures.states import VentureState
from tests.cloud.conftest import World, read_all

SignIn = Callable[..., FlaskClient]
OFFER = {
    "name_en": "Seats", "name_zh": "席位", "code": "seats", "category": "saas", "summary_en": "Ask", "summary_zh": "问",
    "region": "cn-south", "mlps_level": "3", "tags": "REST API, export", "ready_seconds": "86,400", "audience": "",
    "owner": "", "is_open": "y", "most": "1",
}  # fmt: skip


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&#39;", "'")


@pytest.fixture
def finance(world: World) -> Person:
    return world.make.person(world.venture.company, Role.FINANCE, name="Xu Min")


def seats(world: World, **said: object) -> Offer:
    with transaction():
        words = {"en": "Sensor archive", "zh": "传感器档案"}
        offer = catalogue.create_offer(
            world.operator, world.partner, code="archive",
            **{"name": words, "summary": words, "category": "database", "region": "cn-west", "mlps_level": 2,
               "tags": ["CSV"], "ready_seconds": 7_200} | said,
        )  # fmt: skip
        catalogue.add_size(world.operator, offer, code="one", name=words, unit="month", price_unit=Decimal(73_000),
                           connections=1, disk_mb=10)  # fmt: skip
    return offer


def test_an_operator_takes_a_provider_in_with_an_offer_a_size_and_a_trial(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.operator)
    form = {"name_en": "Shield", "name_zh": "盾", "code": "shield", "driver": "manual", "currency": "USD",
            "lag_seconds": "3,600", "region": "cn-north", "mlps_level": "3", "contract": "C-7", "is_open": "y",
            "contract_until": "2027-12-31", "contacts": "Ms Lin, 021-555"}  # fmt: skip
    answer = client.post("/catalogue/providers/new", data=form | {"code": "Not a code", "mlps_level": "9"})
    assert (answer.status_code, answer.text.count('aria-invalid="true"')) == (422, 2)
    answer = client.post("/catalogue/providers/new", data=form)
    assert answer.status_code == 303
    provider = db.session.scalars(select(Provider).where(Provider.code == "shield")).one()
    answer = client.post(f"/catalogue/providers/{provider.public_id}/offers/new", data=OFFER | {"exit_en": "Ask us"})
    assert answer.status_code == 422
    answer = client.post(f"/catalogue/providers/{provider.public_id}/offers/new", data=OFFER)
    offer = db.session.scalars(select(Offer).where(Offer.code == "seats")).one()
    assert answer.location == f"/catalogue/{offer.public_id}/sizes/new"
    size = {"name_en": "Team", "name_zh": "团队", "code": "team", "unit": "seat_month", "price": "25.5"}
    assert client.post(answer.location, data=size).status_code == 303
    trial = {"tested_on": clock.today().isoformat(), "passed": "yes", "minutes": "40", "note": "All of it"}
    assert client.post(f"/catalogue/{offer.public_id}/exit-test", data=trial).status_code == 303
    page = text(client.get(f"/catalogue/{offer.public_id}").text)
    for words in ("US$25.50 a seat and month", "everything came out in 40 minutes", "MLPS level 3", "Ms Lin, 021-555",
                  "Ready in 24 hours"):  # fmt: skip
        assert words in page
    assert "Change the price" in page
    assert client.get(f"/catalogue/{offer.public_id}/edit").text.count("REST API, export") == 1
    assert text(client.get("/catalogue/providers/").text).count("Shield") == 1
    assert "Nothing counted yet" in client.get(f"/catalogue/providers/{provider.public_id}").text
    assert db.session.scalars(select(ExitTest.minutes)).all() == [40]


def test_a_group_resource_needs_owner_and_conditions_and_who_orders_accepts_them(world: World, sign_in: SignIn) -> None:
    with pytest.raises(Invalid, match="has an owner"):
        seats(world, category="data_set")
    db.session.rollback()
    conditions = {"en": "No personal data leaves it.", "zh": "个人数据不得外传。"}
    offer = seats(world, category="data_set", owner=world.venture.company, conditions=conditions)
    client, at = sign_in(world.lead), f"/catalogue/{offer.public_id}"
    form = {"venture": world.venture.public_id, "plan": offer.plans[0].public_id, "limit": "20.00", "days": "3"}
    refused = client.post(at, data=form)
    assert (refused.status_code, "accept them" in refused.text) == (422, True)
    assert client.post(at, data=form | {"conditions": "y"}).status_code == 303


def test_seats_are_ordered_by_their_number_and_cost_so_many_times_as_much(
    world: World, sign_in: SignIn, let_pass: Callable[..., None]
) -> None:
    offer = seats(world, most=20)
    with transaction():
        size = catalogue.add_size(
            world.operator, offer, code="seat", name={"en": "Seat", "zh": "席位"}, unit="seat_month",
            price_unit=Decimal(73_000), connections=2, disk_mb=10, least_quantity=3, most_quantity=15,
        )  # fmt: skip
        with pytest.raises(Invalid, match="at least one"):
            catalogue.add_size(world.operator, offer, code="odd", name=size.name, unit="seat_month",
                               price_unit=Decimal(1), least_quantity=4, most_quantity=3)  # fmt: skip
    client, at = sign_in(world.lead), f"/catalogue/{offer.public_id}"
    assert "3–15" in client.get(at).text
    form = {"venture": world.venture.public_id, "plan": size.public_id, "limit": "200.00", "days": "3"}
    for quantity in ("", "x", "0", "2", "16"):
        answer = client.post(at, data=form | {"quantity": quantity})
        assert (answer.status_code, 'value="200.00"' in answer.text) == (422, True), quantity
        assert answer.text.count('aria-invalid="true"') == 1, quantity
    assert "Enter a quantity from 3 to 15." in answer.text
    assert client.post(at, data=form | {"quantity": "12", "limit": "0.12"}).status_code == 422
    assert client.post(at, data=form | {"quantity": "12"}).status_code == 303
    sandbox = db.session.scalars(select(Sandbox)).one()
    lease = sandbox.lease
    assert (lease.quantity, lease.price_hour, lease.reserve) == (12, 100, 12)
    assert (lease.connections, lease.disk_mb) == (24, 120)
    assert client.post(at, data=form | {"quantity": "9"}).status_code == 422  # the venture has 12 of 20 already
    jobs.operate(world.operation(sandbox).id)
    assert world.loopback.accounts[sandbox.public_id]["limits"]["quantity"] == 12
    let_pass(sandbox, 3_600)
    with transaction():
        metering.take(sandbox, Usage(0, 0))
    assert world.balances()["spent"] == 1_200
    assert "12 × Seat" in client.get(f"/sandboxes/{sandbox.public_id}").text
    assert "12 × Seat" in client.get("/sandboxes/").text
    assert "12 × Seat" in client.get(f"/ventures/{world.venture.public_id}").text
    operator, change = sign_in(world.operator), f"/catalogue/plans/{size.public_id}/quantities"
    assert 'value="15"' in operator.get(change).text
    for least, most, said in (("3", "11", "is for 12: not fewer"), ("20", "15", "at least one"), ("x", "15", "whole")):
        answer = operator.post(change, data={"least_quantity": least, "most_quantity": most})
        assert (answer.status_code, said in answer.text, f'value="{most}"' in answer.text) == (422, True, True), said
    assert operator.post(change, data={"least_quantity": "2", "most_quantity": "12"}).location == at
    assert text(operator.get(at).text).count("2–12") == 1
    assert sign_in(world.lead).get(change).status_code == 404
    with transaction():
        wish = asking.ask_extension(world.lead, sandbox, days=10, reason="Tests go on")
    page = text(sign_in(world.operator).get(f"/cloud/wishes/{wish.public_id}").text)
    assert "Quantity 12" in page
    assert "¥2,880.00" in page  # 12 seats at ¥1.00 an hour for 240 hours
    estimate = f"{at}?plan={size.public_id}&venture=&months=2&quantity="
    assert "In all ¥17,520.00" in text(sign_in(world.lead).get(f"{estimate}12").text)
    assert "Enter a quantity from 2 to 12." in client.get(f"{estimate}16").text


def test_an_audience_and_a_limit_are_kept_and_a_policy_lifts_it(world: World, finance: Person) -> None:
    offer = seats(world, most=1, audience=world.make.company())
    with pytest.raises(Invalid, match="other companies"), transaction():
        services.order(world.lead, world.venture, plan=offer.plans[0], limit=2_000, days=3)
    with transaction():
        offer.audience = world.venture.company
        services.order(world.lead, world.venture, plan=offer.plans[0], limit=2_000, days=3)
    with pytest.raises(Invalid, match="at most 1 of this"), transaction():
        services.order(world.lead, world.venture, plan=offer.plans[0], limit=2_000, days=3)
    policy(world, finance, lower_bp=0, lift=1)
    with transaction():
        services.order(world.lead, world.venture, plan=offer.plans[0], limit=2_000, days=3)


def policy(world: World, finance: Person, *, lower_bp: int, lift: int = 0, **narrowed: object) -> None:
    with transaction():
        wish = asking.propose_policy(
            world.operator, world.venture.company, name={"en": "West", "zh": "西部"}, source="Decision 12",
            lower_bp=lower_bp, lift=lift, from_on=clock.today(), reason="As decided", **narrowed,
        )  # fmt: skip
    with transaction():
        wishes.approve(finance, wish)


def test_the_best_policy_lowers_the_price_of_a_lease_and_is_explained(
    world: World, finance: Person, sign_in: SignIn
) -> None:
    offer = seats(world)
    policy(world, finance, lower_bp=1000, region="cn-west")
    policy(world, finance, lower_bp=2500, stages=[VentureState.CHARTERED.value], provider=world.partner)
    policy(world, finance, lower_bp=5000, region="abroad")
    policy(world, finance, lower_bp=6000, stages=["scale"])
    with transaction():
        sandbox = services.order(world.lead, world.venture, plan=offer.plans[0], limit=2_000, days=3)
    assert sandbox.lease.price_hour == Decimal(75)
    assert db.session.get_one(Policy, sandbox.lease.policy_id).lower_bp == 2500
    client = sign_in(world.lead)
    page = text(client.get(f"/catalogue/{offer.public_id}?plan={offer.plans[0].public_id}&venture="
                           f"{world.venture.public_id}&quantity=1&months=2").text)  # fmt: skip
    assert "25% off the price. Source: Decision 12" in page
    assert "In all ¥1,095.00" in page
    assert "That is more than your credits" in page
    assert "Decision 12" in client.get("/catalogue/policies/").text


def test_a_price_change_takes_finance_and_counts_from_its_day_for_new_orders_alone(
    world: World, finance: Person, sign_in: SignIn
) -> None:
    plan, client = world.plan(), sign_in(world.operator)
    before = world.order()
    jobs.operate(world.operation(before).id)
    tomorrow = clock.today() + dt.timedelta(days=1)
    form = {"price": "7.2", "valid_from": tomorrow.isoformat(), "reason": "Contract of 2027"}
    assert client.post(f"/catalogue/plans/{plan.public_id}/price", data=form | {"price": "-1"}).status_code == 422
    answer = client.post(f"/catalogue/plans/{plan.public_id}/price", data=form)
    wish = db.session.scalars(select(CloudWish)).one()
    assert answer.location == f"/cloud/wishes/{wish.public_id}"
    with pytest.raises(NotAllowed):
        wishes.approve(world.operator, wish)
    again = client.post(f"/catalogue/plans/{plan.public_id}/price", data=form)
    assert again.status_code == 409
    signer = sign_in(finance)
    assert "Your signature is needed" in signer.get(f"/cloud/wishes/{wish.public_id}").text
    assert "New price" in signer.get("/").text
    assert signer.post(f"/cloud/wishes/{wish.public_id}/approve").status_code == 303
    assert jobs.apply_prices() == 0
    assert db.session.get_one(Plan, plan.id).price_hour == 360
    with clock.travelled(clock.now() + dt.timedelta(days=2)):
        assert jobs.apply_prices() == 1
        after = world.order()
    assert [row.price_unit for row in db.session.scalars(select(PlanPrice).where(PlanPrice.plan_id == plan.id)
                                                         .order_by(PlanPrice.id))] == [360, 720]  # fmt: skip
    assert (after.lease.price_hour, before.lease.price_hour) == (720, 360)


def test_what_runs_is_metered_at_the_price_it_was_ordered_at(
    world: World, finance: Person, let_pass: Callable[..., None]
) -> None:
    sandbox = world.order()
    jobs.operate(world.operation(sandbox).id)
    with transaction():
        wish = asking.propose_price(world.operator, world.plan(), price_unit=Decimal(36_000),
                                    max_cost_hour=Decimal(36_000), valid_from=clock.now(), reason="Dearer")  # fmt: skip
    with transaction():
        wishes.approve(finance, wish)
    let_pass(sandbox, 100)
    read_all()
    assert 10 <= db.session.scalars(select(Meter.cost)).one() < 11
    assert db.session.scalars(select(Lease.price_hour)).one() == 360


def test_a_refused_wish_changes_nothing_and_a_taken_back_one_neither(
    world: World, finance: Person, sign_in: SignIn
) -> None:
    for step, who in (("refuse", finance), ("cancel", world.operator)):
        with transaction():
            wish = asking.propose_price(world.operator, world.plan(), price_unit=Decimal(1), max_cost_hour=Decimal(1),
                                        valid_from=clock.now(), reason="A")  # fmt: skip
        client, at = sign_in(who), f"/cloud/wishes/{wish.public_id}"
        if step == "refuse":
            assert client.post(f"{at}/refuse", data={"reason": ""}).status_code == 422
        assert client.post(f"{at}/{step}", data={"reason": "Too low"}).status_code == 303
        with pytest.raises(WrongState):
            wishes.approve(finance, wish)
        db.session.rollback()
    assert world.plan().price_hour == 360
    assert "Too low" in client.get("/cloud/wishes/").text or "Refused" in client.get("/cloud/wishes/").text


def test_the_shelf_is_searched_filtered_and_compared(world: World, sign_in: SignIn) -> None:
    offer, client = seats(world), sign_in(world.lead)
    whole = client.get("/catalogue/").text
    assert "All 3" in text(whole)
    for query in (
        "q=传感器",
        "kind=database&region=cn-west",
        "level=2",
        f"company={world.venture.company.public_id}&q=CSV",
    ):
        assert "Sensor archive" in client.get(f"/catalogue/?{query}").text, query
    for query in ("q=nothing", "kind=saas", "region=abroad", "level=3"):
        page = client.get(f"/catalogue/?{query}").text
        assert "Sensor archive" not in page, query
    assert "Nothing matches" in page
    assert "Nothing matches" in client.get("/catalogue/?leaves=1").text
    for days_ago, passed in ((2, True), (1, False), (0, True)):
        with transaction():
            catalogue.test_exit(
                world.operator, offer, tested_on=clock.today() - dt.timedelta(days=days_ago), passed=passed, minutes=5,
                note="",
            )  # fmt: skip
        found = text(client.get("/catalogue/?leaves=1&region=cn-west").text)
        assert ("Sensor archive" in found, "All 1" in found) == (passed, passed)
    elsewhere = world.make.company()
    with transaction():
        offer.audience = world.venture.company
    assert "Sensor archive" not in client.get(f"/catalogue/?company={elsewhere.public_id}").text
    keys = [one.public_id for one in db.session.scalars(select(Offer).order_by(Offer.id))]
    page = text(client.get("/catalogue/compare?" + "&".join(f"offer={key}" for key in keys)).text)
    for words in ("3 services", "¥730.00 a month", "West China", "PostgreSQL 18 database"):
        assert words in page
    assert "Nothing to compare" in client.get("/catalogue/compare").text
