"""Who may order what, and what an order brings about."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select

from incubator.cloud import jobs, queries, services, vault
from incubator.cloud.models import Provider, Sandbox
from incubator.cloud.states import LeaseState
from incubator.core import audit, outbox, queue
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.keys import public_id
from incubator.core.outbox import OutboxMessage
from incubator.core.transaction import transaction
from incubator.people.models import Role
from incubator.people.predicates import SYSTEM
from incubator.ventures.models import CreditGrant
from incubator.ventures.predicates import is_running_lead
from incubator.ventures.states import VentureState
from tests.cloud.conftest import World


def test_an_order_holds_the_limit_and_asks_for_the_sandbox_in_one_transaction(world: World) -> None:
    sandbox = world.order(limit=2000, days=30)
    lease = sandbox.lease
    assert (lease.state, lease.spend_limit, lease.reserve, lease.usable) == (LeaseState.APPROVED, 2000, 3, 1997)
    assert world.balances() == {"grant": 98_000, "hold": 2000}
    message = db.session.scalars(select(OutboxMessage)).all()[-1]
    assert (message.event, message.payload) == (
        "operation.requested", {"operation_id": world.operation(sandbox).id},
    )  # fmt: skip


def test_the_announcement_wakes_a_worker_at_the_providers_queue_with_the_operations_id_alone(
    world: World, app: Flask
) -> None:
    sandbox = world.order()
    app.extensions["redis"].flushdb()
    outbox.drain()
    name = queue.lane_of("cloud", sandbox.provider_id)
    waiting = Queue(name, connection=app.extensions["redis"], serializer=JSONSerializer).jobs
    assert [job.args for job in waiting] == [["cloud.operate", world.operation(sandbox).id]]
    app.extensions["redis"].flushdb()


def test_nobody_orders_for_no_venture() -> None:
    assert not is_running_lead(SYSTEM, None)


def test_every_link_knows_what_led_to_it(world: World) -> None:
    sandbox = world.order()
    grant = db.session.scalars(select(CreditGrant)).one()
    lease = sandbox.lease
    assert lease.cause_id == audit.event_of(grant, "credit_grant.create").id
    assert sandbox.cause_id == audit.event_of(lease, "lease.approve").id
    assert world.operation(sandbox).cause_id == audit.event_of(lease, "lease.create").id
    names = db.session.scalars(
        select(AuditEvent.name).where(AuditEvent.actor_id == world.lead.id).order_by(AuditEvent.id)
    ).all()
    assert names[-5:] == ["lease.create", "lease.submit", "lease.approve", "sandbox.create", "operation.create"]


def test_an_order_sent_twice_is_one_and_another_one_from_the_same_page_is_refused(world: World) -> None:
    key = public_id()
    first = world.order(key=key)
    assert world.order(key=key) is first
    with pytest.raises(Invalid, match="was ordered from this page already") as refusal:
        world.order(key=key, limit=3000)
    assert refusal.value.field == "plan"
    assert world.order(key=public_id()) is not first
    assert world.balances() == {"grant": 96_000, "hold": 4000}


@pytest.mark.parametrize("who", ["operator", "stranger"])
def test_only_the_lead_orders(world: World, who: str) -> None:
    actor = world.operator if who == "operator" else world.make.person()
    with pytest.raises(NotAllowed), transaction():
        services.order(actor, world.venture, plan=world.plan(), limit=2000, days=30)


def test_a_stopped_venture_orders_nothing(world: World) -> None:
    with transaction():
        world.venture.state = VentureState.STOPPED
    with pytest.raises(NotAllowed):
        world.order()


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"limit": 100_001}, "limit"),
        ({"limit": 3}, "limit"),
        ({"limit": -5}, "limit"),
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
    ],
)
def test_what_cannot_be_ordered_is_refused_at_its_field(world: World, details: dict[str, int], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        world.order(**details)  # type: ignore[arg-type]
    assert refusal.value.field == field
    assert db.session.scalars(select(Sandbox)).all() == []
    assert world.balances() == {"grant": 100_000}


def test_what_is_not_offered_any_more_is_not_ordered(world: World) -> None:
    with transaction():
        world.partner.is_open = False
    with pytest.raises(Invalid) as refusal:
        world.order()
    assert refusal.value.field == "plan"


def test_a_venture_without_credits_orders_nothing(world: World) -> None:
    proposal = world.make.proposal(lead=world.lead, state=world.venture.proposal.state)
    other = world.make.venture(proposal)
    with pytest.raises(Invalid) as refusal, transaction():
        services.order(world.lead, other, plan=world.plan(), limit=2000, days=30)
    assert refusal.value.field == "limit"


def test_the_smallest_limit_covers_the_reserve(world: World) -> None:
    assert services.least_limit(world.plan()) == 4
    sandbox = world.order(limit=4)
    assert (sandbox.lease.reserve, sandbox.lease.usable) == (3, 1)


def test_a_limit_is_raised_only_while_it_runs_or_is_frozen_and_by_something(world: World) -> None:
    sandbox = world.order()
    with pytest.raises(WrongState), transaction():
        services.raise_limit(world.lead, sandbox, amount=5)
    jobs.operate(world.operation(sandbox).id)
    with pytest.raises(Invalid), transaction():
        services.raise_limit(world.lead, sandbox, amount=0)
    with transaction():
        services.raise_limit(world.lead, sandbox, amount=5)
    assert (sandbox.lease.spend_limit, world.balances()["hold"]) == (2005, 2005)


def test_a_limit_that_is_raised_twice_under_one_key_is_raised_once(world: World) -> None:
    sandbox = world.order()
    jobs.operate(world.operation(sandbox).id)
    for key in ("a", "a", "b"):
        with transaction():
            services.raise_limit(world.lead, sandbox, amount=5, key=key)
    assert (sandbox.lease.spend_limit, world.balances()["hold"]) == (2010, 2010)
    with pytest.raises(Invalid) as refusal, transaction():
        services.raise_limit(world.lead, sandbox, amount=6, key="a")
    assert refusal.value.field == "amount"


def test_only_a_full_sandbox_is_opened_by_an_operator(world: World) -> None:
    sandbox = world.order()
    with pytest.raises(WrongState), transaction():
        services.unfreeze(world.operator, sandbox)


def provider_of(world: World, **details: Any) -> Provider:
    values = {"code": "x", "name": {"en": "X", "zh": "X"}, "driver": "http", "address": "https://x.example.com"}
    with transaction():
        return services.add_provider(world.operator, world.venture.company, **(values | details))


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"driver": "moon"}, "driver"),
        ({"address": None}, "address"),
        ({"address": "ftp://x"}, "address"),
        ({"currency": "XYZ"}, "currency"),
    ],
)
def test_a_provider_that_could_not_be_reached_is_refused(world: World, details: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        provider_of(world, **details)
    assert refusal.value.field == field


def test_a_providers_token_is_encrypted(world: World) -> None:
    provider = provider_of(world, token="very secret")
    assert provider.token is not None
    assert b"very secret" not in provider.token
    assert vault.decrypt(provider.token) == "very secret"


def test_only_operators_and_the_system_take_providers_in(world: World) -> None:
    with pytest.raises(NotAllowed), transaction():
        services.add_provider(world.lead, world.venture.company, code="y", name={}, driver="local_pg")


def test_the_local_provider_is_installed_once(world: World) -> None:
    with transaction():
        again = services.install_local_provider(SYSTEM, world.venture.company)
    assert again is world.local
    plan = queries.plan_by_code("local", "postgresql", "load_test")
    assert (plan.price_hour, plan.connections) == (Decimal(7200), 50)
    assert plan.max_cost_hour >= plan.price_hour


def test_who_sees_a_sandbox(world: World) -> None:
    sandbox = world.order()
    group, make = world.venture.company, world.make

    def sees(person: object) -> bool:
        return sandbox in db.session.scalars(queries.visible_to(person)).all()  # type: ignore[arg-type]

    seen = {role.value: sees(make.person(group, role)) for role in Role}
    assert [role for role, does in seen.items() if does] == ["office", "cloud_operator", "finance", "auditor"]
    assert sees(world.lead)
    assert not sees(make.person(group))
    assert not sees(make.person(make.company(), Role.CLOUD_OPERATOR))


def test_a_lead_without_a_sandbox_is_told_to_order_one(world: World) -> None:
    def kinds(person: object) -> list[str]:
        return [
            db.session.execute(one).one().kind for one in queries.waiting_for(person) if db.session.execute(one).all()
        ]  # type: ignore[arg-type]

    assert kinds(world.lead) == ["venture.credits"]
    sandbox = world.order()
    assert kinds(world.lead) == []
    jobs.operate(world.operation(sandbox).id)
    assert kinds(world.lead) == ["sandbox.ready"]
    assert kinds(world.operator) == []
