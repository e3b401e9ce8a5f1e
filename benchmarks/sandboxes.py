"""Sandboxes ordered at once, with two workers, one of them killed again and again: how fast, and is all there once?"""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import select

from benchmarks import ordering, provider
from benchmarks.figures import Figure
from benchmarks.ordering import Orders
from benchmarks.place import Place, close
from benchmarks.provider import Provider
from incubator.cloud import services as cloud
from incubator.cloud.models import Provider as Row
from incubator.cloud.models import Sandbox
from incubator.cloud.services.providers import driver_of
from incubator.config import CHECKOUT
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.embedded import processes
from incubator.people.models import Person

DELAY = 0.05
WORKERS = 2
WORKER = [sys.executable, "-m", "incubator.worker"]
SCHEDULER = [sys.executable, "-m", "incubator.schedule"]
LONGEST = 900.0
PAUSE = 0.25
ACTIVE = (
    "SELECT count(*) FROM sandbox s JOIN provider p ON p.id = s.provider_id WHERE p.code = %s AND s.state = 'active'"
)
LOCAL = select(Row).where(Row.code == "local")
FACTS = """
SELECT (SELECT count(*) FROM sandbox WHERE state = 'active'),
       (SELECT count(*) FROM sandbox_secret WHERE ciphertext IS NOT NULL),
       (SELECT count(*) FROM meter),
       (SELECT count(*) FROM lease WHERE state = 'running'),
       (SELECT count(*) FROM ledger_account WHERE kind = 'hold' AND balance > 0),
       (SELECT count(*) FROM operation WHERE state = 'done' AND kind = 'provision')
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
                orders = ordering.prepare(remote, partner + local)
            with crew(place, database, redis) as workers:
                time.sleep(3)  # they load their code
                said = _run(workers, orders, "partner", partner, kills)
                said += _run(workers, orders, "local", local, 0)
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
    return set(db.session.scalars(select(Sandbox.public_id).where(Sandbox.provider.has(code=code))))


def _usable(orders: Orders) -> int:
    """How many teams get into their embedded database with the secret they are shown, once."""
    entered = 0
    with transaction():
        lead = db.session.get_one(Person, orders.lead_id)
        for sandbox in db.session.scalars(select(Sandbox).where(Sandbox.provider.has(code="local"))):
            secret = cloud.reveal_secret(lead, sandbox)
            with psycopg.connect(
                host=secret.host, port=secret.port, dbname=secret.database, user=secret.user, password=secret.password
            ) as connection:
                row = connection.execute("SELECT current_database()").fetchone()
                entered += row == (secret.database,)
    return entered
