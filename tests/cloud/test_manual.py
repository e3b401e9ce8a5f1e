"""A provider without an interface: an order becomes tasks, and what is typed in becomes the team's secret."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from incubator.cloud import jobs, services
from incubator.cloud.models import ManualAccount, ManualTask, Sandbox
from incubator.cloud.states import Kind, OperationState, SandboxState, TaskKind, TaskState
from incubator.core.db import db
from incubator.core.transaction import transaction
from tests.cloud.conftest import World, read_all, sweep_all
from tests.cloud.test_operations import run

SignIn = Callable[..., FlaskClient]
TYPED = {"reference": "ERP-42", "host": "https://erp.example.com", "user": "team", "password": "typed-word", "port": ""}


@pytest.fixture
def by_hand(world: World) -> World:
    """The partner's offer, provided by people."""
    with transaction():
        provider = services.add_provider(
            world.operator, world.partner.company, code="erp", name={"en": "ERP seller", "zh": "ERP 厂商"},
            driver="manual",
        )  # fmt: skip
        offer = services.add_offer(
            world.operator, provider, code="seat", name={"en": "ERP seat", "zh": "ERP 席位"},
            summary={"en": "One", "zh": "一个"}, category="saas", tags=[], ready_seconds=86_400,
        )  # fmt: skip
        services.add_plan(
            world.operator, offer, code="small", name={"en": "Small", "zh": "小型"}, price_hour=Decimal(10),
            price_gb_hour=Decimal(0), max_cost_hour=Decimal(10), connections=1, disk_mb=1, settings={"edition": "pro"},
        )  # fmt: skip
    world.partner = provider
    return world


def task_of(kind: TaskKind) -> ManualTask:
    found = select(ManualTask).where(ManualTask.kind == kind, ManualTask.state == TaskState.OPEN)
    return db.session.scalars(found).one()


def done(client: FlaskClient, kind: TaskKind, **typed: str) -> int:
    return client.post(f"/sandboxes/tasks/{task_of(kind).public_id}", data=typed).status_code


def go_on(world: World, sandbox: Sandbox, kind: Kind = Kind.PROVISION) -> None:
    """What waits is due as soon as the task was completed."""
    jobs.operate(world.operation(sandbox, kind).id)


def test_an_order_becomes_a_task_and_what_was_typed_is_shown_to_the_lead_once(by_hand: World, sign_in: SignIn) -> None:
    sandbox = by_hand.order()
    operation = run(by_hand, sandbox)
    assert operation.state is OperationState.WAITING
    client = sign_in(by_hand.operator)
    assert "To be done at a provider" in client.get("/").text
    assert "Make an account" in client.get("/sandboxes/operations").text
    page = client.get(f"/sandboxes/tasks/{task_of(TaskKind.CREATE).public_id}").text
    assert sandbox.public_id in page
    assert "edition" in page
    assert done(client, TaskKind.CREATE, **TYPED) == 303
    account = db.session.scalars(select(ManualAccount)).one()
    assert b"typed-word" not in (account.ciphertext or b"")
    go_on(by_hand, sandbox)
    assert (sandbox.state, sandbox.remote_name, account.ciphertext) == (SandboxState.ACTIVE, "ERP-42", None)
    shown = sign_in(by_hand.lead).post(f"/sandboxes/{sandbox.public_id}/secret").text
    assert "typed-word" in shown
    assert "https://erp.example.com" in shown


def test_a_task_that_is_not_filled_in_is_refused_at_its_field_and_nothing_is_lost(
    by_hand: World, sign_in: SignIn
) -> None:
    run(by_hand, by_hand.order())
    client = sign_in(by_hand.operator)
    address = f"/sandboxes/tasks/{task_of(TaskKind.CREATE).public_id}"
    for field, value in (("reference", ""), ("host", ""), ("password", ""), ("port", "70000"), ("port", "x")):
        answer = client.post(address, data={**TYPED, field: value})
        assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (422, True), field
    assert "ERP-42" in answer.text
    assert task_of(TaskKind.CREATE).state is TaskState.OPEN
    assert done(client, TaskKind.CREATE, **TYPED) == 303
    assert client.post(address, data=TYPED).status_code == 409
    second = by_hand.order()
    run(by_hand, second)
    assert done(client, TaskKind.CREATE, **TYPED) == 422


def test_what_cannot_be_removed_is_named_and_the_rest_of_the_life_is_by_hand_too(
    by_hand: World, sign_in: SignIn
) -> None:
    sandbox = by_hand.order()
    run(by_hand, sandbox)
    client = sign_in(by_hand.operator)
    done(client, TaskKind.CREATE, **TYPED)
    go_on(by_hand, sandbox)
    sweep_all()
    read_all()
    with transaction():
        services.close(by_hand.lead, sandbox)
    run(by_hand, sandbox, Kind.CLOSE)
    assert done(client, TaskKind.FREEZE) == 303
    go_on(by_hand, sandbox, Kind.CLOSE)
    assert done(client, TaskKind.DELETE, left="licence 7\n\n") == 303
    go_on(by_hand, sandbox, Kind.CLOSE)
    assert (sandbox.state, sandbox.leftovers) == (SandboxState.QUARANTINED, ["licence 7"])
    with transaction():
        services.retry(by_hand.operator, by_hand.operation(sandbox, Kind.CLOSE))
    run(by_hand, sandbox, Kind.CLOSE)
    assert done(client, TaskKind.DELETE) == 303
    go_on(by_hand, sandbox, Kind.CLOSE)
    assert (sandbox.state, sandbox.leftovers) == (SandboxState.CLOSED, [])


def test_an_operator_of_another_company_sees_no_task_here(by_hand: World, sign_in: SignIn) -> None:
    run(by_hand, by_hand.order())
    address = f"/sandboxes/tasks/{task_of(TaskKind.CREATE).public_id}"
    assert sign_in(by_hand.make.person(None, by_hand.operator.roles[0].role)).get(address).status_code == 404
    assert sign_in(by_hand.lead).get(address).status_code == 404
