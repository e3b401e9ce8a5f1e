"""Sandboxes while everything around them breaks: nothing may be lost, nothing doubled, all must come to an end.

Half of the sandboxes are closed again under the same faults. The provider fails before an effect, after it, long after
it, and is too busy; workers and scheduler are killed -9, the queue is emptied and killed, PostgreSQL is restarted, now
fast, now as by a loss of power.
"""

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import redis
from sqlalchemy import func, select

from benchmarks import ordering, provider
from benchmarks.figures import Figure
from benchmarks.ordering import Orders
from benchmarks.place import Place, close
from benchmarks.provider import Provider
from incubator.cloud import jobs
from incubator.cloud import services as cloud
from incubator.cloud.models import Finding, Lease, Meter, Operation, Sandbox
from incubator.cloud.models import Provider as Row
from incubator.cloud.states import CLOSED_OPERATIONS, FindingKind, SandboxState
from incubator.config import CHECKOUT
from incubator.core.db import db, dispose
from incubator.core.transaction import transaction
from incubator.embedded import processes
from incubator.ledger.models import Account
from incubator.ledger.queries import prove
from incubator.people.models import Person

SECTION = "Sandboxes while everything breaks"
SEED = 20_261_128
DELAY = 0.02
LONGEST = 3_600.0
PAUSE = 0.5
EVERY, AT_LATEST = 8, 90.0
"""A blow after so many operations that ended, and after so many seconds without."""
SETTLED = (SandboxState.ACTIVE, SandboxState.CLOSED)
WORKER = [sys.executable, "-m", "incubator.worker"]
SCHEDULER = [sys.executable, "-m", "incubator.schedule"]
CHANGES = {503: 0.05, 500: 0.06, "lost": 0.08, "late": 0.04, 429: 0.17}
LOOKS: dict[int | str, float] = {503: 0.03, 429: 0.05}
BREAKING = (
    "worker", "emptied", "worker", "queue", "scheduler", "database", "worker", "emptied", "worker", "power",
)  # fmt: skip


class Dice:
    """Which call goes wrong, by chance from a fixed seed; counts what it has done."""

    def __init__(self) -> None:
        self.random = random.Random(SEED)
        self.counts: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.is_on = True

    def next(self, method: str, path: str) -> int | str | None:
        """The fault of this call, if it has one; the whole list and the usage are read in peace."""
        if not self.is_on or path in {"/usage", "/accounts"}:
            return None
        with self.lock:
            left = self.random.random()
            for fault, share in (LOOKS if method == "GET" else CHANGES).items():
                left -= share
                if left < 0:
                    self.counts[str(fault)] += 1
                    return fault
        return None


@dataclass
class Crew:
    """Two workers and the scheduler; whatever has ended is started again, as the supervisor does."""

    place: Place
    database: str
    number: int
    running: list[tuple[list[str], "subprocess.Popen[bytes]"]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def start(self, command: list[str]) -> None:
        """Start one process."""
        log = self.place.logs / f"faults-{command[-1]}.log"
        environ = self.place.environment(self.database, redis=self.number)
        self.running.append((command, processes.spawn(command, folder=CHECKOUT, env=environ, log=log)))

    def mend(self) -> None:
        """Start again what has ended."""
        for command, child in list(self.running):
            if child.poll() is not None:
                self.running.remove((command, child))
                self.start(command)

    def hit(self, what: str) -> None:
        """Break one thing, and see to it that it comes back."""
        self.counts[what] += 1
        match what:
            case "worker" | "scheduler":
                wanted = WORKER if what == "worker" else SCHEDULER
                child = next(child for command, child in self.running if command is wanted)
                child.kill()
                child.wait()
            case "emptied":
                with redis.Redis.from_url(self.place.servers.redis_url) as client:
                    client.flushall()
            case "queue":
                self._restart("valkey", signal.SIGKILL)
            case "database" | "power":
                self._restart("postgres", signal.SIGINT if what == "database" else signal.SIGQUIT)
                db.session.remove()
                dispose()

    def _restart(self, name: str, number: int) -> None:
        server = next(server for server in self.place.servers.running if server.name == name)
        if server.child is not None:
            server.child.send_signal(number)
            server.child.wait()
        server.start()

    def stop(self) -> None:
        """End all."""
        for _command, child in self.running:
            child.terminate()
        for _command, child in self.running:
            child.wait(30)


@contextmanager
def crew(place: Place, database: str, number: int) -> Iterator[Crew]:
    """The processes that run jobs, until the block ends."""
    found = Crew(place, database, number)
    try:
        for command in (WORKER, WORKER, SCHEDULER):
            found.start(command)
        yield found
    finally:
        found.stop()


def measure(place: Place, *, orders: int) -> list[Figure]:
    """Order, break, close half, break on, wait; then compare rows, books and the provider's accounts."""
    database, number, dice = "faults", 7, Dice()
    place.create(database)
    app = place.app(database, redis=number)
    try:
        with provider.running(DELAY, dice) as remote, app.app_context():
            with transaction():
                asked = ordering.prepare(remote, orders)
                ordering.order(asked, "partner", orders)
            begun = time.monotonic()
            with crew(place, database, number) as workers:
                _storm(workers, asked, orders)
                dice.is_on = False
                _until(lambda: not remote.late, workers)
                _sweep()
                _sweep()
                _until(lambda: _settled() == orders and not _open(), workers)
            seconds = time.monotonic() - begun
            return _figures(remote, orders, seconds, dice.counts + workers.counts)
    finally:
        close(app)


def _storm(workers: Crew, asked: Orders, orders: int) -> None:
    """Blow after blow, until all is settled; half are closed on the way. A blow comes when some operations have ended
    since the last, and at the latest after a while: a busy machine, on which a new worker loads for long, gets as many
    as an idle one."""
    blows, closed, ended, last = 0, 0, 0, time.monotonic()
    until = last + LONGEST
    while _settled() < orders or closed < orders // 2 or _open():
        time.sleep(PAUSE)
        workers.mend()
        closed += _close_some(asked, orders // 2 - closed)
        done = _ended()
        if done - ended >= EVERY or time.monotonic() - last > AT_LATEST:
            workers.hit(BREAKING[blows % len(BREAKING)])
            blows, ended, last = blows + 1, done, time.monotonic()
        if time.monotonic() > until:
            raise TimeoutError(f"{_settled()} of {orders} sandboxes are settled after {LONGEST:.0f} s")


def _close_some(asked: Orders, most: int) -> int:
    """The lead closes what is there, some at a time; how many."""
    with transaction():
        lead = db.session.get_one(Person, asked.lead_id)
        ready = select(Sandbox).where(Sandbox.state == SandboxState.ACTIVE).order_by(Sandbox.id)
        found = db.session.scalars(ready.limit(min(most, 25))).all() if most else []
        for sandbox in found:
            cloud.close(lead, sandbox)
        return len(found)


def _sweep() -> None:
    """Compare every provider's list, now."""
    with transaction():
        ids = db.session.scalars(select(Row.id)).all()
    for provider_id in ids:
        jobs.compare(provider_id)


def _settled() -> int:
    with transaction():
        return db.session.scalar(select(func.count()).where(Sandbox.state.in_(SETTLED))) or 0


def _ended() -> int:
    with transaction():
        return db.session.scalar(select(func.count()).where(Operation.state.in_(CLOSED_OPERATIONS))) or 0


def _open() -> int:
    with transaction():
        return db.session.scalar(select(func.count()).where(Operation.state.not_in(CLOSED_OPERATIONS))) or 0


def _until(holds: Callable[[], bool], workers: Crew) -> None:
    until = time.monotonic() + LONGEST
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError("it did not come to rest")
        workers.mend()
        time.sleep(PAUSE)


def _figures(remote: Provider, orders: int, seconds: float, counts: Counter[str]) -> list[Figure]:
    with transaction():
        states = Counter(db.session.scalars(select(Sandbox.state)))
        alive = set(db.session.scalars(select(Sandbox.public_id).where(Sandbox.state == SandboxState.ACTIVE)))
        facts = [
            len(db.session.scalars(select(Lease.id).where(Lease.state == "running")).all()),
            len(db.session.scalars(select(Account.id).where(Account.kind == "hold", Account.balance > 0)).all()),
        ]
        metered = db.session.scalar(select(func.count()).select_from(Meter)) or 0
        orphans = select(func.count()).where(Finding.kind == FindingKind.ORPHAN, Finding.closed_at.is_(None))
        stray = db.session.scalar(orphans) or 0
        drift = 0 if prove().holds else 1
    said = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    wrong = abs(orders - metered) + sum(abs(len(alive) - fact) for fact in facts)
    settled = sum(states[state] for state in SETTLED)
    return [
        Figure(SECTION, f"{orders} sandboxes, half closed again: faults", counts.total(), "", 2 * orders, True, said),
        Figure(SECTION, "From the first order until the last has settled", seconds, "s"),
        Figure(SECTION, "Not active nor closed at the end", orders - settled, "", 0, note=f"{dict(states)}"),
        Figure(SECTION, "Lost: active, and no account at the provider", len(alive - set(remote.accounts)), "", 0),
        Figure(SECTION, "Left over: an account, and no active sandbox", len(set(remote.accounts) - alive), "", 0),
        Figure(SECTION, "Doubled: made again though it stood", remote.unasked, "", 0),
        Figure(SECTION, "Findings that still stand", stray, "", 0),
        Figure(SECTION, "Meters, leases, holds that differ from sandboxes", wrong, "", 0),
        Figure(SECTION, "Drift of the ledger", drift, "", 0),
    ]
