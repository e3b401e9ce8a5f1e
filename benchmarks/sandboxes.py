"""Sandboxes ordered at once, with two workers, one of them killed again and again: how fast, and is all there once?"""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import func, select

from benchmarks import ordering, provider
from benchmarks.figures import Figure
from benchmarks.ordering import Orders
from benchmarks.place import Place, close
from benchmarks.provider import Provider
from incubator.cloud import services as cloud
from incubator.cloud.models import Provider as Row
from incubator.cloud.models import Sandbox
from incubator.cloud.services import metering
from incubator.cloud.services.providers import driver_of
from incubator.cloud.states import FreezeReason, SandboxState
from incubator.config import CHECKOUT
from incubator.core import audit
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.embedded import processes
from incubator.people.models import Person
from incubator.people.predicates import SYSTEM

DELAY = 0.05
WORKERS = 2
WORKER = [sys.executable, "-m", "incubator.worker"]
SCHEDULER = [sys.executable, "-m", "incubator.schedule"]
LONGEST = 900.0
PAUSE = 0.25
ALONE = 20
"""Sandboxes that are timed one by one."""
ACTIVE = (
    "SELECT count(*) FROM sandbox s JOIN provider p ON p.id = s.provider_id WHERE p.code = %s AND s.state = 'active'"
)
LOCAL = select(Row).where(Row.code == "local")
FACTS = """
SELECT (SELECT count(*) FROM sandbox WHERE state = 'active'),
       (SELECT count(*) FROM sandbox_secret WHERE ciphertext IS NOT NULL),
       (SELECT count(*) FROM meter JOIN sandbox s ON s.id = sandbox_id WHERE s.state <> 'closed'),
       (SELECT count(*) FROM lease WHERE state = 'running'),
       (SELECT count(*) FROM ledger_account WHERE kind = 'hold' AND balance > 0),
       (SELECT count(*) FROM operation o JOIN sandbox s ON s.id = o.sandbox_id
        WHERE o.state = 'done' AND o.kind = 'provision' AND s.state <> 'closed')
"""


@dataclass
class Crew:
    """Two workers and the scheduler; those that are killed are started again, as the supervisor does."""

    place: Place
    database: str
    redis: int
    killed: int = 0
    running: list[int] = field(default_factory=list)
    started: int = 0

    def start(self, command: list[str]) -> int:
        """Start one process; its number."""
        self.started += 1
        environ = self.place.environment(self.database, redis=self.redis)
        log = self.place.logs / f"{command[-1]}-{self.started}.log"
        child = processes.spawn(command, folder=CHECKOUT, env=environ, log=log)
        self.running.append(child.pid)
        return child.pid

    def kill_a_worker(self, turn: int) -> None:
        """SIGKILL one of the workers in turn, and start another in its place."""
        pid = self.running[turn % WORKERS]
        processes.stop([pid], [], 5.0)
        self.running.remove(pid)
        self.killed += 1
        self.start(WORKER)
        self.running.insert(turn % WORKERS, self.running.pop())


@contextmanager
def crew(place: Place, database: str, redis: int) -> Iterator[Crew]:
    """The processes that run jobs, until the block ends."""
    found = Crew(place, database, redis)
    try:
        for _ in range(WORKERS):
            found.start(WORKER)
        found.start(SCHEDULER)
        yield found
    finally:
        processes.stop(found.running, [signal.SIGTERM], 15.0)


def measure(place: Place, *, partner: int, local: int, kills: int) -> list[Figure]:
    """Order, wait until all are usable, compare with what the providers hold."""
    database, redis = "sandboxes", 5
    place.create(database)
    app = place.app(database, redis=redis)
    try:
        with provider.running(DELAY) as remote, app.app_context():
            with transaction():
                orders = ordering.prepare(remote, partner + local + ALONE)
            with crew(place, database, redis) as workers:
                time.sleep(3)  # they load their code
                said = _run(workers, orders, "partner", partner, kills)
                said += _run(workers, orders, "local", local, 0)
                said += _alone(orders, ALONE)
            return said + _whole(place, database, remote, orders, {"partner": partner, "local": local})
    finally:
        close(app)


def _run(workers: Crew, orders: Orders, code: str, number: int, kills: int) -> list[Figure]:
    section = "Sandboxes"
    begun = time.monotonic()
    with transaction():
        ordering.order(orders, code, number)
    ordered = time.monotonic()
    killed = workers.killed
    _wait(workers, code, number, kills)
    seconds = time.monotonic() - ordered
    name = {"partner": f"{number:,} at a provider answering in 50 ms", "local": f"{number:,} at the embedded one"}[code]
    note = f"{seconds:.0f} s, {workers.killed - killed} workers killed -9, ordering took {ordered - begun:.0f} s"
    return [Figure(section, f"{name}: operations a second", number / seconds, "/s", note=note)]


def _alone(orders: Orders, number: int) -> list[Figure]:
    """Sandboxes of the embedded provider one after the other, as a person waits: until usable, until frozen, until
    everything is gone. They are closed again, and so are not among those that are compared in the end."""
    seconds: dict[str, list[float]] = {"active": [], "frozen": [], "closed": []}
    for _ in range(number):
        with transaction():
            ordering.order(orders, "local", 1)
            sandbox_id = db.session.scalars(select(func.max(Sandbox.id))).one()
        seconds["active"].append(_seconds_until(sandbox_id, "active"))
        with transaction():
            sandbox = db.session.get_one(Sandbox, sandbox_id)
            with audit.because(SYSTEM, "sandbox.meter", parent_id=sandbox.cause_id):
                metering.request_freeze(sandbox, FreezeReason.CREDIT, 2)
        seconds["frozen"].append(_seconds_until(sandbox_id, "frozen"))
        with transaction():
            cloud.close(db.session.get_one(Person, orders.lead_id), db.session.get_one(Sandbox, sandbox_id))
        seconds["closed"].append(_seconds_until(sandbox_id, "closed"))
    names = {"active": ("from the order until usable", 3), "frozen": ("from the reading at the limit until cut off", 5),
             "closed": ("from the closing until dropped", 2)}  # fmt: skip
    return [
        Figure("Sandboxes", f"Embedded, one at a time, 95 of 100 {name}", sorted(seconds[state])[-(number // 20) - 1],
               "s", goal, note=f"{number} times")
        for state, (name, goal) in names.items()
    ]  # fmt: skip


def _seconds_until(sandbox_id: int, state: str) -> float:
    begun = time.monotonic()
    while time.monotonic() - begun < LONGEST:
        with transaction():
            if db.session.scalar(select(Sandbox.state).where(Sandbox.id == sandbox_id)) == state:
                return time.monotonic() - begun
        time.sleep(0.02)
    raise TimeoutError(f"it did not become {state}")


def _wait(workers: Crew, code: str, number: int, kills: int) -> None:
    """Until all are active; a worker is killed at each of `kills` even steps on the way."""
    until, turn = time.monotonic() + LONGEST, 0
    with psycopg.connect(workers.place.url(workers.database), autocommit=True) as connection:
        while (done := _active(connection, code)) < number:
            if turn < kills and done >= (turn + 1) * number // (kills + 1):
                workers.kill_a_worker(turn)
                turn += 1
            if time.monotonic() > until:
                raise TimeoutError(f"{done} of {number} sandboxes are active after {LONGEST:.0f} s")
            time.sleep(PAUSE)


def _active(connection: psycopg.Connection[Any], code: str) -> int:
    row = connection.execute(ACTIVE, (code,)).fetchone()
    return int(row[0]) if row else 0


def _whole(place: Place, database: str, remote: Provider, orders: Orders, ordered: dict[str, int]) -> list[Figure]:
    """Nothing lost, nothing doubled: rows against what the providers hold and have ever made."""
    section = "Sandboxes"
    with psycopg.connect(place.url(database)) as connection:
        facts = connection.execute(FACTS).fetchone() or ()
    total = sum(ordered.values())
    doubled = sum(times - 1 for times in remote.made.values())
    local = [ref.key for ref in driver_of(db.session.scalars(LOCAL).one()).list_all()]
    wrong = {
        "lost: rows and the provider's accounts that differ": len(set(remote.accounts) ^ _keys("partner")),
        "doubled: accounts made more than once": doubled,
        "embedded: rows and databases that differ": len(set(local) ^ _keys("local")) + len(local) - len(set(local)),
        "rows without secret, meter, lease, hold or operation": sum(abs(total - int(fact)) for fact in facts),
        "embedded: teams that cannot get in with their secret": ordered["local"] - _usable(orders),
    }
    return [Figure(section, name, number, "", 0) for name, number in wrong.items()]


def _keys(code: str) -> set[str]:
    of = Sandbox.provider.has(code=code) & (Sandbox.state != SandboxState.CLOSED)
    return set(db.session.scalars(select(Sandbox.public_id).where(of)))


def _usable(orders: Orders) -> int:
    """How many teams get into their embedded database with the secret they are shown, once."""
    entered = 0
    with transaction():
        lead = db.session.get_one(Person, orders.lead_id)
        there = Sandbox.provider.has(code="local") & (Sandbox.state != SandboxState.CLOSED)
        for sandbox in db.session.scalars(select(Sandbox).where(there)):
            secret = cloud.reveal_secret(lead, sandbox)
            with psycopg.connect(
                host=secret.host, port=secret.port, dbname=secret.database, user=secret.user, password=secret.password
            ) as connection:
                row = connection.execute("SELECT current_database()").fetchone()
                entered += row == (secret.database,)
    return entered
