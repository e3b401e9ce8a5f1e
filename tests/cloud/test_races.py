"""Many at once, and processes killed in the middle: with real commits, threads, workers and the queue."""

import contextlib
import datetime as dt
import inspect
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.pool import NullPool

from incubator.app import create_app
from incubator.cloud import jobs, services
from incubator.cloud.drivers.transport import DEADLINE
from incubator.cloud.engines import metering as engine
from incubator.cloud.models import Lease, Meter, Operation, Plan, Sandbox
from incubator.cloud.states import Kind, OperationState, SandboxState
from incubator.core import clock, dispatch, outbox
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.keys import public_id
from incubator.core.transaction import transaction
from incubator.ledger.queries import prove
from incubator.people.models import Person
from incubator.ventures.models import Venture
from tests.cloud import provider as loopbacks
from tests.cloud.conftest import World, add_partner
from tests.conftest import TEST_SETTINGS

pytestmark = pytest.mark.committed
PATIENCE = 120


def at_once(app: Flask, number: int, act: Callable[[int], object]) -> list[object]:
    """Run something in so many threads, each with a connection of its own, all starting together."""
    crowded = create_app(app.extensions["settings"], **TEST_SETTINGS, SQLALCHEMY_ENGINE_OPTIONS={"poolclass": NullPool})
    start = threading.Barrier(number)

    def one(index: int) -> object:
        with crowded.app_context():
            start.wait()
            return act(index)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


@contextlib.contextmanager
def worker(app: Flask, checkout: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker process."""
    settings = app.extensions["settings"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("INCUBATOR_")} | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "INCUBATOR_SECRET_KEY": settings.secret_key,
        "INCUBATOR_ENCRYPTION_KEY": settings.encryption_key,
        "INCUBATOR_SANDBOX_DATABASE_URL": settings.sandbox_database_url,
        "INCUBATOR_LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen([sys.executable, "-m", "incubator.worker"], cwd=checkout, env=env)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that other processes bring about."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def state_of(sandbox_id: int) -> SandboxState:
    with transaction():
        return db.session.scalars(select(Sandbox.state).where(Sandbox.id == sandbox_id)).one()


def due_now(operation_id: int) -> None:
    with transaction():
        operation = db.session.get_one(Operation, operation_id)
        operation.due_at = operation.issue_at = clock.now() - dt.timedelta(seconds=1)


def test_of_fifty_orders_at_once_on_credit_for_seven_exactly_seven_are_held(world: World, app: Flask) -> None:
    lead, venture, plan = world.lead.id, world.venture.id, world.plan().id

    def order(_index: int) -> str:
        try:
            with transaction():
                services.order(
                    db.session.get_one(Person, lead), db.session.get_one(Venture, venture),
                    plan=db.session.get_one(Plan, plan), limit=14_000, days=30,
                )  # fmt: skip
        except Invalid as refusal:
            return str(refusal.field)
        return "held"

    outcomes = at_once(app, 50, order)
    assert (outcomes.count("held"), outcomes.count("limit")) == (7, 43)
    assert world.balances() == {"grant": 2000, "hold": 98_000}
    assert len(db.session.scalars(select(Lease)).all()) == 7
    assert prove().holds


def test_one_order_sent_ten_times_at_once_is_one_sandbox(world: World, app: Flask) -> None:
    lead, venture, plan = world.lead.id, world.venture.id, world.plan().id
    key = public_id()

    def order(_index: int) -> int:
        with transaction():
            placed = services.order(
                db.session.get_one(Person, lead), db.session.get_one(Venture, venture),
                plan=db.session.get_one(Plan, plan), limit=14_000, days=30, key=key,
            )  # fmt: skip
            return placed.id

    assert len(set(at_once(app, 10, order))) == 1
    assert world.balances() == {"grant": 86_000, "hold": 14_000}


def test_a_secret_is_shown_to_one_of_ten_requests_at_once(world: World, app: Flask) -> None:
    sandbox = world.order()
    jobs.operate(world.operation(sandbox).id)
    lead, key = world.lead.id, sandbox.id

    def reveal(_index: int) -> int:
        try:
            with transaction():
                services.reveal_secret(db.session.get_one(Person, lead), db.session.get_one(Sandbox, key))
        except services.Gone as refusal:
            return refusal.status
        return 200

    assert sorted(at_once(app, 10, reveal)) == [200, *[410] * 9]  # type: ignore[type-var]


def test_meters_that_run_at_the_same_time_count_every_second_once(
    world: World, app: Flask, let_pass: Callable[[Sandbox, int], None]
) -> None:
    sandbox = world.order()
    jobs.operate(world.operation(sandbox).id)
    provider_id, read = world.partner.id, inspect.unwrap(jobs.read)  # as if none held its lock
    for _ in range(3):
        let_pass(sandbox, 200)
        assert at_once(app, 8, lambda _index: read(provider_id)) == [1] * 8
    assert 1 in at_once(app, 8, lambda _index: jobs.read(provider_id))  # those that come meanwhile step aside
    db.session.expire_all()
    meter = db.session.scalars(select(Meter)).one()
    assert meter.posted == engine.rounded(meter.cost) == world.balances()["spent"]
    assert 60 <= meter.cost < 70
    assert prove().holds


def test_of_two_copies_of_an_operation_one_steps_aside(world: World, app: Flask) -> None:
    sandbox = world.order()
    operation = world.operation(sandbox).id
    db.session.rollback()
    arrived, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        world.loopback.before = None
        arrived.set()
        go_on.wait(PATIENCE)

    def first() -> bool:
        with app.app_context():
            return jobs.operate(operation)

    world.loopback.before = hold
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first)
        assert arrived.wait(PATIENCE)
        due_now(operation)
        assert jobs.operate(operation) is False
        assert jobs.reconcile() == []
        go_on.set()
        assert running.result() is True
    assert world.loopback.created == [sandbox.public_id]
    assert state_of(sandbox.id) is SandboxState.ACTIVE


def test_a_copy_that_lost_its_lock_and_was_overtaken_stops_without_a_word(world: World, app: Flask) -> None:
    sandbox = world.order()
    operation = world.operation(sandbox).id
    db.session.rollback()

    def overtake() -> None:
        world.loopback.before = None
        with app.app_context(), transaction():
            db.session.get_one(Operation, operation).fence += 1

    world.loopback.before = overtake
    assert jobs.operate(operation) is False
    assert state_of(sandbox.id) is SandboxState.PROVISIONING
    due_now(operation)
    assert jobs.operate(operation) is True
    assert world.loopback.created == [sandbox.public_id]


def test_a_worker_killed_between_create_and_record_leaves_one_account_that_the_next_adopts(
    world: World, app: Flask, checkout: Path
) -> None:
    with worker(app, checkout) as first:
        world.loopback.victim = first.pid
        world.loopback.faults = [("PUT", "/accounts", "kill")]
        sandbox = world.order()
        key, sandbox_id, operation = sandbox.public_id, sandbox.id, world.operation(sandbox).id
        db.session.rollback()
        assert first.wait(PATIENCE) == -signal.SIGKILL
    assert state_of(sandbox_id) is SandboxState.PROVISIONING
    assert world.loopback.created == [key]
    with worker(app, checkout):
        due_now(operation)
        until(lambda: jobs.reconcile() == [operation] or state_of(sandbox_id) is SandboxState.ACTIVE)
        until(lambda: state_of(sandbox_id) is SandboxState.ACTIVE)
    assert world.loopback.created == [key]
    assert list(world.loopback.accounts) == [key]


def test_a_lost_queue_loses_no_operation(world: World, app: Flask, checkout: Path) -> None:
    sandbox = world.order()
    sandbox_id, operation = sandbox.id, world.operation(sandbox).id
    db.session.rollback()
    app.extensions["redis"].flushdb()
    with worker(app, checkout):
        due_now(operation)
        assert jobs.reconcile() == [operation]
        until(lambda: state_of(sandbox_id) is SandboxState.ACTIVE)


def test_a_provider_whose_every_call_hangs_keeps_nobody_waiting_at_another(world: World, app: Flask) -> None:
    """Fifty wait for the sick one; each of two workers lets it have half of its eight calls at a time."""
    arrived: list[float] = []
    go_on = threading.Event()

    def hang() -> None:
        arrived.append(time.monotonic())
        go_on.wait(PATIENCE)

    def order(plan: Plan, number: int) -> list[int]:
        with transaction():
            placed = (services.order(world.lead, world.venture, plan=plan, limit=400, days=3) for _ in range(number))
            return [sandbox.id for sandbox in placed]

    crowded = create_app(app.extensions["settings"], **TEST_SETTINGS, SQLALCHEMY_ENGINE_OPTIONS={"poolclass": NullPool})
    first, second = (dispatch.Dispatcher(crowded, ["cloud"], 8) for _ in range(2))
    with loopbacks.running() as healthy, first.running(), second.running():
        with world.make.acting():
            well = add_partner(world.operator, world.venture.company, healthy, code="well")
            sick, fine = world.plan(), db.session.scalars(select(Plan).where(Plan.offer.has(provider_id=well.id))).one()
        world.loopback.before = hang
        order(sick, 50)
        outbox.drain()
        until(lambda: len(arrived) >= 8)
        begun, others = time.monotonic(), order(fine, 5)
        outbox.drain()
        until(lambda: {state_of(one) for one in others} == {SandboxState.ACTIVE})
        seconds = time.monotonic() - begun
        go_on.set()
        world.loopback.before = None
    assert sum(at < arrived[0] + DEADLINE / 2 for at in arrived) == 8
    assert seconds < DEADLINE


def test_an_order_is_brought_to_its_end_by_a_worker_alone(world: World, app: Flask, checkout: Path) -> None:
    with worker(app, checkout):
        sandbox = world.order(provider="local")
        sandbox_id = sandbox.id
        db.session.rollback()
        until(lambda: state_of(sandbox_id) is SandboxState.ACTIVE)
        with transaction():
            services.close(db.session.get_one(Person, world.lead.id), db.session.get_one(Sandbox, sandbox_id))
        until(lambda: state_of(sandbox_id) is SandboxState.CLOSED)
    db.session.expire_all()
    assert world.operation(sandbox, Kind.CLOSE).state is OperationState.DONE
    balances = {"spent": 0} | world.balances()
    assert balances == {"grant": 100_000 - balances["spent"], "hold": 0, "spent": balances["spent"]}
