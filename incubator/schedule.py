"""Periodic jobs: one process of all hosts hands them to the queue, elected by an advisory lock."""

import datetime as dt
import signal
import sys
import threading

from flask import Flask
from sqlalchemy import Connection, select, text

from incubator import config
from incubator.app import create_app
from incubator.core import clock, jobs, queue
from incubator.core.db import db
from incubator.core.jobs import PeriodicRun
from incubator.core.transaction import transaction

LOCK = 4_926_117_001
TICK = 1.0


def enqueue_due() -> list[str]:
    """Hand every job whose time has come to the queue, unless it waits there still; returns their names."""
    now = clock.now()
    with transaction():
        rows = {row.name: row for row in db.session.scalars(select(PeriodicRun).with_for_update())}
        due = [
            entry.name
            for entry in jobs.registry.values()
            if entry.every is not None
            and (entry.name not in rows or rows[entry.name].last_at + dt.timedelta(seconds=entry.every) <= now)
        ]
        for name in due:
            row = rows.get(name) or PeriodicRun(name=name)
            row.last_at = now
            db.session.add(row)
    return [name for name in due if not queue.waiting(name) and queue.enqueue(name)]


def holds_lock(connection: Connection) -> bool:
    """Tell whether this process is the one that schedules; the lock falls with the connection."""
    return bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}))


def run(app: Flask, stop: threading.Event) -> None:
    """Schedule until told to stop."""
    with app.app_context(), db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not stop.is_set():
            if holds_lock(connection):
                enqueue_due()
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
            db.session.remove()
            stop.wait(TICK)


def main() -> int:
    """Run until SIGTERM or Ctrl-C."""
    try:
        settings = config.load()
        config.check_reachable(settings)
        app = create_app(settings)
    except config.ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    run(app, stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
