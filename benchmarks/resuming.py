"""What is picked up again: operations of a worker that was killed, and accounts that are nobody's."""

import time
from typing import Any

import psycopg
from sqlalchemy import select

from benchmarks import ordering, provider
from benchmarks.figures import Figure
from benchmarks.place import Place, close
from benchmarks.sandboxes import LONGEST, PAUSE, crew
from incubator.cloud import jobs
from incubator.cloud.jobs import locks
from incubator.cloud.models import Finding
from incubator.cloud.models import Provider as Row
from incubator.core.db import db
from incubator.core.transaction import transaction

SECTION = "Picking up again"
DELAY = 0.5
"""Seconds that the provider takes for an answer: several operations are under way when the worker is killed."""
INTERRUPTED = (
    "SELECT id, fence FROM operation WHERE fence > 0 AND state IN ('running', 'waiting') AND sandbox_id <> ALL (%s)"
)
FENCES = "SELECT id, fence, state FROM operation WHERE id = ANY (%s)"
STATES = "SELECT count(*) FILTER (WHERE fence > 0), count(*) FILTER (WHERE state = 'done') FROM operation"


def measure(place: Place, *, orders: int, orphans: int) -> list[Figure]:
    """Both figures, on a database of their own."""
    database, redis = "resuming", 6
    place.create(database)
    app = place.app(database, redis=redis)
    try:
        with provider.running(DELAY) as remote, app.app_context():
            with transaction():
                asked = ordering.prepare(remote, orders)
            with crew(place, database, redis) as workers:
                time.sleep(3)  # they load their code
                with transaction():
                    ordering.order(asked, "partner", orders)
                found = _resume(place, database, workers, orders)
            return [*found, *_sweep(remote, orphans)]
    finally:
        close(app)


def _resume(place: Place, database: str, workers: Any, orders: int) -> list[Figure]:
    """Seconds from the kill until what it interrupted is taken up, and until all is done, what waited included."""
    with psycopg.connect(place.url(database), autocommit=True) as connection:
        _until(connection, lambda begun, _done: begun >= orders // 4)
        killed = time.monotonic()
        workers.kill_a_worker(0)
        interrupted = _interrupted(connection)
        _taken_up(connection, dict(interrupted))
        resumed = time.monotonic() - killed
        _until(connection, lambda _begun, done: done == orders)
        ended = time.monotonic() - killed
    note = f"{len(interrupted)} operations of {orders} interrupted, one of two workers killed -9"
    return [
        Figure(SECTION, "From the kill until every interrupted operation is taken up", resumed, "s", 15, note=note),
        Figure(SECTION, "From the kill until every operation is done", ended, "s", note="those that waited included"),
    ]


def _interrupted(connection: psycopg.Connection[Any]) -> dict[int, int]:
    """Operations that were begun and that nobody is at any more, each with its fence."""
    with transaction():
        busy = sorted(locks.worked_on())
    rows = connection.execute(INTERRUPTED, (busy,)).fetchall()
    return {int(number): int(fence) for number, fence in rows}


def _taken_up(connection: psycopg.Connection[Any], interrupted: dict[int, int]) -> None:
    """Until each has a higher fence, or is done."""
    until = time.monotonic() + LONGEST
    while interrupted:
        if time.monotonic() > until:
            raise TimeoutError(f"{len(interrupted)} operations were not taken up in {LONGEST:.0f} s")
        rows = connection.execute(FENCES, (list(interrupted),)).fetchall()
        for number, fence, state in rows:
            if state == "done" or fence > interrupted[number]:
                del interrupted[number]
        time.sleep(0.05)


def _until(connection: psycopg.Connection[Any], holds: Any) -> None:
    until = time.monotonic() + LONGEST
    while not holds(*(connection.execute(STATES).fetchone() or (0, 0))):
        if time.monotonic() > until:
            raise TimeoutError(f"it did not happen in {LONGEST:.0f} s")
        time.sleep(PAUSE)


def _sweep(remote: provider.Provider, orphans: int) -> list[Figure]:
    remote.delay = 0
    for number in range(orphans):
        key = f"stray{number:011}"
        remote.accounts[key] = {"key": key, "name": f"acct-{key}", "state": "active"}
    seconds = []
    with transaction():
        ids = db.session.scalars(select(Row.id)).all()
    for _ in range(2):
        begun = time.monotonic()
        for provider_id in ids:
            jobs.compare(provider_id)
        seconds.append(time.monotonic() - begun)
    found = db.session.query(Finding).count()
    name = f"Sweep over {orphans:,} accounts that are nobody's"
    return [
        Figure(SECTION, f"{name}, first time", seconds[0], "s", 60, note=f"{found:,} findings"),
        Figure(SECTION, f"{name}, again", seconds[1], "s", 60),
    ]
