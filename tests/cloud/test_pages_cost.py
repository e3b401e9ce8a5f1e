"""No page asks the database more than eight times, however much there is."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from incubator.cloud import jobs
from incubator.people.models import Role
from tests.cloud.conftest import World, read_all


@pytest.mark.parametrize(
    "page", ["/sandboxes/", "/sandboxes/{sandbox}", "/catalogue/", "/ventures/", "/ventures/{venture}"]
)
def test_a_page_costs_the_same_with_one_and_with_three_and_at_most_eight(
    world: World,
    sign_in: Callable[..., FlaskClient],
    let_pass: Callable[..., None],
    statements: list[str],
    page: str,
) -> None:
    client, counts = sign_in(world.lead), []
    for number in (1, 2):
        for _ in range(number):
            sandbox = world.order()
            jobs.operate(world.operation(sandbox).id)
            let_pass(sandbox, 100)
        read_all()
        address = page.format(sandbox=sandbox.public_id, venture=world.venture.public_id)
        client.get(address)
        statements.clear()
        assert client.get(address).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] <= 8, statements


@pytest.mark.parametrize("role", [Role.OFFICE, Role.HR, Role.FINANCE, Role.AUDITOR])
def test_a_ventures_page_costs_at_most_eight_for_every_role(
    world: World, sign_in: Callable[..., FlaskClient], statements: list[str], role: Role
) -> None:
    client = sign_in(world.make.person(world.venture.company, role))
    address = f"/ventures/{world.venture.public_id}"
    client.get(address)
    statements.clear()
    assert client.get(address).status_code == 200
    assert len(statements) <= 8, "\n".join(one[:150] + one[one.find("FROM") :][:300] for one in statements)


def test_the_operators_page_costs_at_most_eight(
    world: World, sign_in: Callable[..., FlaskClient], statements: list[str]
) -> None:
    client = sign_in(world.operator)
    world.loopback.faults = [("PUT", "/accounts", 507)] * 3
    for _ in range(3):
        jobs.operate(world.operation(world.order()).id)
    client.get("/sandboxes/operations")
    statements.clear()
    assert client.get("/sandboxes/operations").status_code == 200
    assert len(statements) <= 8, statements
