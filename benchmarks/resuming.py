"""What is picked up again: operations of a worker that was killed, and accounts that are nobody's."""

import time
from typing import Any

import psycopg

from benchmarks import ordering, provider
from benchmarks.figures import Figure
from benchmarks.place import Place, close
from benchmarks.sandboxes import LONGEST, PAUSE, crew
from incubator.cloud import jobs
from incubator.cloud.models import Finding
from incubator.core.db import db
from incubator.core.transaction import transaction

SECTION = "Picking up again"
DELAY = 0.5
"""Seconds that the provider takes for an answer: several operations are under way when the worker is killed."""
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
                found = [_resume(place, database, workers, orders)]
            return [*found, *_sweep(remote, orphans)]
    finally:
        close(app)


def _resume(place: Place, database: str, workers: Any, orders: int) -> Figure:
    """Seconds from the kill until the last operation is done, those that had not begun included."""
    with psycopg.connect(place.url(database), autocommit=True) as connection:
        _until(connection, lambda begun, _done: begun >= orders // 2)
        workers.kill_a_worker(0)
        killed = time.monotonic()
        _until(connection, lambda _begun, done: done == orders)
    note = f"{orders} operations under way or waiting, one of two workers killed -9"
    return Figure(SECTION, "From the kill until every operation is done", time.monotonic() - killed, "s", 15, note=note)


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
    for _ in range(2):
        begun = time.monotonic()
        jobs.sweep()
        seconds.append(time.monotonic() - begun)
    found = db.session.query(Finding).count()
    name = f"Sweep over {orphans:,} accounts that are nobody's"
    return [
        Figure(SECTION, f"{name}, first time", seconds[0], "s", 60, note=f"{found:,} findings"),
        Figure(SECTION, f"{name}, again", seconds[1], "s", 60),
    ]
