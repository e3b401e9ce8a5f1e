"""What stands under 'You can start', for whom, and what it costs."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from incubator.calls.states import CallState
from incubator.core.db import db
from incubator.home import starting
from incubator.home.words import STARTS
from incubator.people.models import Person, Role
from tests.cloud.conftest import World, loopback, world
from tests.equity.scene import Scene
from tests.make import Make

__all__ = ["loopback", "world"]


def kinds(person: Person) -> list[tuple[str, str]]:
    return [(start.kind, start.address) for start in starting.startable_by(person)]


def test_an_employee_finds_open_calls_the_first_to_close_first(
    make: Make, client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    group = make.company()
    person = make.person(make.company(group))
    late, soon = make.call(group, days=9), make.call(group, days=2)
    make.call(group, state=CallState.DRAFT)
    make.call(make.company(name="Elsewhere"))
    assert kinds(person) == [("call.answer", f"/calls/{soon.public_id}"), ("call.answer", f"/calls/{late.public_id}")]

    sign_in(person)
    page = client.get("/").text
    assert "You can start" in page
    assert page.index(soon.public_id) < page.index(late.public_id)
    assert "days left" in page
    client.set_cookie("language", "zh", domain="localhost")
    assert "2027 年征集" in client.get("/").text


def test_members_of_a_venture_may_disclose_and_its_lead_may_order_again(world: World) -> None:
    venture = world.venture
    disclose = ("disclosure.start", f"/inventions/new?venture={venture.public_id}")
    assert disclose in kinds(world.lead)
    assert ("sandbox.order", "/catalogue/") not in kinds(world.lead)
    world.order()
    assert ("sandbox.order", "/catalogue/") in kinds(world.lead)
    assert disclose not in kinds(world.operator)


def test_without_credits_no_sandbox_is_offered(world: World) -> None:
    world.order(limit=100_000)
    assert ("sandbox.order", "/catalogue/") not in kinds(world.lead)


def test_hr_finds_ventures_without_a_plan_and_plans_without_a_grant(make: Make) -> None:
    scene = Scene(make)
    venture = f"/equity/plans/new?venture={scene.venture.public_id}"
    assert ("equity_plan.start", venture) in kinds(scene.maker)
    assert ("equity_plan.start", venture) not in kinds(make.person(scene.company))
    scene.install_rules()
    plan = scene.plan()
    grant = ("equity_grant.start", f"/equity/plans/{plan.public_id}/grants/new")
    found = kinds(scene.maker)
    assert grant in found
    assert ("equity_plan.start", venture) not in found
    assert grant not in kinds(make.person(make.company(name="Elsewhere"), Role.HR))
    scene.draft(plan)
    assert grant not in kinds(scene.maker)


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (Role.OFFICE, "/calls/manage/new"),
        (Role.IP_COUNSEL, "/patents/"),
        (Role.CLOUD_OPERATOR, "/sandboxes/operations"),
        (Role.AUDITOR, "/audit/"),
    ],
)
def test_a_role_finds_where_its_work_begins_and_the_page_opens(
    make: Make, client: FlaskClient, sign_in: Callable[..., FlaskClient], role: Role, address: str
) -> None:
    person = make.person(None, role)
    assert [where for _, where in kinds(person)] == [address]
    sign_in(person)
    assert client.get(address).status_code == 200
    assert kinds(make.person(None)) == []


@pytest.fixture
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(*args: object) -> None:
        if str(args[2]).lstrip().startswith(("SELECT", "WITH")):
            seen.append(str(args[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_the_page_costs_the_same_with_one_and_with_nine_and_shows_five_of_a_kind(
    make: Make, client: FlaskClient, sign_in: Callable[..., FlaskClient], statements: list[str]
) -> None:
    group = make.company()
    sign_in(make.person(group, *Role))
    costs, shown = [], []
    for number in (1, 8):
        for _ in range(number):
            make.call(group)
        client.get("/")
        statements.clear()
        shown.append(client.get("/").text.count("Answer this call with a proposal"))
        costs.append(len(statements))
    assert shown == [1, starting.EACH]
    assert costs[0] == costs[1] <= 8, statements


def test_every_start_has_an_icon_and_words() -> None:
    assert all(icon and words for icon, words in STARTS.values())
