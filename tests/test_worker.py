"""The worker runs registered jobs and nothing else; the scheduler hands each out once."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select

from incubator import schedule, worker
from incubator.core import clock, jobs, queue
from incubator.core.db import db
from incubator.core.jobs import PeriodicRun
from incubator.core.outbox import OutboxMessage
from incubator.core.transaction import transaction


def work(app):
    """Run what is queued, as the worker does."""
    connection = queue.connection()
    queues = [Queue("default", connection=connection, serializer=JSONSerializer)]
    runner = worker.AppWorker(queues, connection=connection, serializer=JSONSerializer)
    runner.work(burst=True, logging_level="ERROR")
    return queues[0]


@pytest.fixture
def noted():
    """A job that notes what it is given."""
    seen = []

    @jobs.job("test.note")
    def note(*arguments):
        seen.append(arguments)

    yield seen
    del jobs.registry["test.note"]


@pytest.mark.committed
def test_a_registered_job_runs_with_its_ids(app, noted):
    assert queue.enqueue("test.note", 7, "abc")

    done = work(app)
    assert noted == [(7, "abc")]
    assert done.failed_job_registry.count == 0


@pytest.mark.committed
@pytest.mark.parametrize(
    ("function", "arguments"),
    [("os.system", ("true",)), (queue.ENTRY, ("no.such.job",)), (queue.ENTRY, ()), ("incubator.core.jobs.job", ("x",))],
)
def test_anything_else_is_refused(app, noted, function, arguments):
    waiting = Queue("default", connection=queue.connection(), serializer=JSONSerializer)
    waiting.enqueue(function, *arguments)

    assert work(app).failed_job_registry.count == 1
    assert noted == []


@pytest.mark.committed
def test_the_scheduler_hands_out_what_is_due(app):
    every = {entry.name for entry in jobs.registry.values() if entry.every}

    assert set(schedule.enqueue_due()) == every
    assert schedule.enqueue_due() == []
    with transaction():
        row = db.session.scalars(select(PeriodicRun).where(PeriodicRun.name == "outbox.drain")).one()
        row.last_at = clock.now() - dt.timedelta(seconds=11)
    assert schedule.enqueue_due() == ["outbox.drain"]


@pytest.mark.committed
def test_only_one_scheduler_of_two_holds_the_lock(app):
    with db.engine.connect() as first, db.engine.connect() as second:
        assert schedule.holds_lock(first)
        assert not schedule.holds_lock(second)


@pytest.mark.committed
def test_the_scheduler_stops_when_told(app):
    stop = threading.Event()
    thread = threading.Thread(target=schedule.run, args=(app, stop))
    thread.start()
    deadline = time.monotonic() + 20
    while not queue.connection().llen("rq:queue:default") and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    thread.join(20)

    assert not thread.is_alive()
    assert queue.connection().llen("rq:queue:default") >= 1


@pytest.mark.committed
@pytest.mark.parametrize("module", ["incubator.worker", "incubator.schedule"])
def test_a_process_says_in_one_line_what_is_missing(module):
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run([sys.executable, "-m", module], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "is not set" in done.stderr


@pytest.mark.committed
def test_a_worker_process_drains_and_ends_on_sigterm(app, shell_environment):
    with transaction():
        db.session.add(OutboxMessage(event="nothing.listens", payload={}, due_at=clock.now()))
    name = db.engine.url.database
    number = int(app.config["REDIS_URL"].rsplit("/", 1)[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "incubator.worker"], env=shell_environment(name, number), stderr=subprocess.DEVNULL
    )
    try:
        queue.enqueue("outbox.drain")
        deadline = time.monotonic() + 40
        waiting = select(OutboxMessage.done_at)
        while db.session.scalar(waiting) is None and time.monotonic() < deadline:
            db.session.rollback()
            time.sleep(0.1)
        assert db.session.scalar(waiting) is not None
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
