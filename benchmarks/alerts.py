"""Alerts of what is spent, by processes that are killed at any moment: each share of a limit is told once."""

import datetime as dt
import os
import random
import signal
import time

from flask import Flask
from sqlalchemy import func, select, update

from benchmarks import ordering, provider
from benchmarks.figures import Figure
from benchmarks.place import Place, close
from incubator.cloud import jobs
from incubator.cloud.drivers import Usage
from incubator.cloud.models import Meter, Operation, Sandbox
from incubator.cloud.services import metering, operations
from incubator.cloud.states import SandboxState
from incubator.core import audit, outbox
from incubator.core.db import db, dispose
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people.predicates import SYSTEM

SECTION = "Alerts while processes are killed"
HOURS = (10.0, 6.0, 3.0, 1.0)
"""Hours from one share of the limit to the next: 50, 80, 95 and 100 of a hundred."""
SEED = 20_261_129
NOTHING = Usage(0, 0)
USUAL = 0.05
"""Seconds that a reading takes at most when the first kill is aimed."""


def measure(place: Place, *, restarts: int) -> list[Figure]:
    """At every share of every sandbox one process is killed while it reads, and another does the work again."""
    each = max(1, restarts // len(HOURS))
    place.create("alerts")
    app = place.app("alerts", redis=9)
    try:
        with provider.running(0) as remote, app.app_context():
            with transaction():
                asked = ordering.prepare(remote, each)
                ordering.order(asked, "partner", each)
            sandboxes = _made()
            killed = _run(app, sandboxes)
            return _figures(sandboxes, killed)
    finally:
        close(app)


def _made() -> list[int]:
    """Set every sandbox up; their ids."""
    with transaction():
        waiting = db.session.scalars(select(Operation.id).order_by(Operation.id)).all()
    for operation_id in waiting:
        jobs.operate(operation_id)
    with transaction():
        return list(db.session.scalars(select(Sandbox.id).where(Sandbox.state == SandboxState.ACTIVE)))


def _run(app: Flask, sandboxes: list[int]) -> int:
    """How many processes were killed before they had ended."""
    dice, killed, usual = random.Random(SEED), 0, USUAL
    for hours in HOURS:
        for sandbox_id in sandboxes:
            with transaction():
                earlier = Meter.read_at - dt.timedelta(hours=hours)
                db.session.execute(update(Meter).where(Meter.sandbox_id == sandbox_id).values(read_at=earlier))
            killed += _killed(app, sandbox_id, dice.random() * usual)
            begun = time.monotonic()
            _read(sandbox_id)
            usual = 0.9 * usual + 0.2 * (time.monotonic() - begun)
    return killed


def _killed(app: Flask, sandbox_id: int, after: float) -> bool:
    """Whether a process that reads was still at it when it was killed."""
    db.session.remove()
    dispose()  # no connection is shared with the child
    pid = os.fork()
    if not pid:
        try:
            with app.app_context():
                _read(sandbox_id)
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def _read(sandbox_id: int) -> None:
    """What the worker does with a reading, and with what it published."""
    with transaction():
        sandbox = db.session.get_one(Sandbox, sandbox_id)
        operations.lock(sandbox)
        with audit.because(SYSTEM, "sandbox.meter", parent_id=sandbox.cause_id):
            metering.take(sandbox, NOTHING)
    outbox.drain()


def _figures(sandboxes: list[int], killed: int) -> list[Figure]:
    told = select(Notice.values, func.count()).where(Notice.kind == "sandbox.alert").group_by(Notice.values)
    with transaction():
        counts = [number for _values, number in db.session.execute(told)]
    wanted = len(HOURS) * len(sandboxes)
    return [
        Figure(SECTION, "processes killed at their reading", killed, "", note=f"of {wanted}, one at each share"),
        Figure(SECTION, "Told twice", sum(counts) - len(counts), "", 0),
        Figure(SECTION, "Never told", wanted - len(counts), "", 0),
    ]
