"""From the order to the end, on the embedded provider."""

import datetime as dt

import psycopg
import pytest
from sqlalchemy import select

from incubator.cloud import jobs, services
from incubator.cloud.models import Meter
from incubator.cloud.states import Desired, FreezeReason, Kind, LeaseState, OperationState, SandboxState
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.ledger.queries import prove
from incubator.ventures.states import VentureState
from tests.cloud.conftest import World, read_all


def enter(secret) -> psycopg.Connection:
    return psycopg.connect(
        host=secret.host, port=secret.port, dbname=secret.database, user=secret.user, password=secret.password,
        autocommit=True,
    )  # fmt: skip


def age(sandbox, seconds: int) -> None:
    """Let time pass for the meter."""
    with transaction():
        meter = db.session.scalars(select(Meter).where(Meter.sandbox_id == sandbox.id)).one()
        meter.read_at -= dt.timedelta(seconds=seconds)


def test_ordered_used_metered_frozen_and_closed(world: World) -> None:
    sandbox = world.order(provider="local", code="load_test", limit=1000, days=30)
    assert (sandbox.state, sandbox.lease.state) == (SandboxState.REQUESTED, LeaseState.APPROVED)
    assert world.balances() == {"grant": 99_000, "hold": 1000}

    assert jobs.operate(world.operation(sandbox).id)
    assert (sandbox.state, sandbox.lease.state) == (SandboxState.ACTIVE, LeaseState.RUNNING)
    assert world.venture.state is VentureState.SANDBOX
    assert [step.key for step in world.operation(sandbox).steps if step.done_at] == [
        "hold", "create", "limits", "access", "hand_over",
    ]  # fmt: skip
    with transaction():
        secret = services.reveal_secret(world.lead, sandbox)
    connection = enter(secret)
    connection.execute("CREATE TABLE kept (id int)")

    age(sandbox, 100)
    assert read_all() == 1
    assert world.balances()["spent"] in range(200, 206)

    age(sandbox, 400)
    read_all()
    assert sandbox.desired is Desired.FROZEN
    jobs.operate(world.operation(sandbox, Kind.FREEZE).id)
    assert (sandbox.state, sandbox.frozen_reason, sandbox.frozen_level) == (
        SandboxState.FROZEN, FreezeReason.CREDIT, 2,
    )  # fmt: skip
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()
    with pytest.raises(psycopg.OperationalError):
        enter(secret)

    with transaction():
        services.raise_limit(world.lead, sandbox, amount=500)
    jobs.operate(world.operation(sandbox, Kind.UNFREEZE).id)
    assert sandbox.state is SandboxState.ACTIVE
    with enter(secret) as again:
        again.execute("SELECT * FROM kept")

    with transaction():
        services.close(world.lead, sandbox)
    assert jobs.operate(world.operation(sandbox, Kind.CLOSE).id)
    assert (sandbox.state, sandbox.lease.state) == (SandboxState.CLOSED, LeaseState.ENDED)
    balances = world.balances()
    assert balances["hold"] == 0
    assert balances["grant"] + balances["spent"] == 100_000
    assert prove().holds
    assert services.driver_of(world.local).find(sandbox.public_id) is None
    assert world.operation(sandbox, Kind.CLOSE).state is OperationState.DONE
