"""The worker runs registered jobs and nothing else; the scheduler hands each out once."""

import datetime as dt
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select, text, update

from incubator import schedule, worker
from incubator.core import audit, clock, dispatch, jobs, log, queue
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


TYPED = "Zhao Min"


@pytest.fixture
def lines():
    """What the log says, as it is written."""
    found = []
    handler = logging.Handler()
    handler.emit = lambda record: found.append(json.loads(log.JsonFormatter().format(record)))
    logging.getLogger().addHandler(handler)
    yield found
    logging.getLogger().removeHandler(handler)


@pytest.mark.committed
def test_a_job_that_fails_is_logged_under_its_request_without_a_value(app, lines):
    @jobs.job("test.fail")
    def fail(_number):
        db.session.execute(text("SELECT CAST(:typed AS integer)"), {"typed": TYPED})

    token = audit.request_id.set("r7")
    queue.enqueue("test.fail", 7)
    audit.request_id.reset(token)
    work(app)
    del jobs.registry["test.fail"]

    failed = [entry for entry in lines if entry["level"] == "ERROR"]
    assert [(entry["logger"], entry["request_id"], entry["job"]) for entry in failed] == [
        ("incubator.worker", "r7", "test.fail"),
    ]
    assert "SQLSTATE 22P02" in failed[0]["error"]
    assert TYPED not in json.dumps(lines)


@pytest.mark.committed
def test_the_scheduler_hands_out_what_is_due(app):
    every = {entry.name for entry in jobs.registry.values() if entry.every}

    assert set(schedule.enqueue_due()) == every
    assert schedule.enqueue_due() == []
    with transaction():
        row = db.session.scalars(select(PeriodicRun).where(PeriodicRun.name == "outbox.drain")).one()
        row.last_at = clock.now() - dt.timedelta(seconds=11)
    queue.connection().flushdb()
    assert schedule.enqueue_due() == ["outbox.drain"]


@pytest.mark.committed
def test_the_scheduler_hands_nothing_out_that_still_waits(app):
    schedule.enqueue_due()
    with transaction():
        db.session.execute(update(PeriodicRun).values(last_at=clock.now() - dt.timedelta(days=1)))

    assert schedule.enqueue_due() == []
    assert len(Queue("default", connection=queue.connection()).job_ids) == len(
        [entry for entry in jobs.registry.values() if entry.every and entry.queue == "default"]
    )


@pytest.mark.committed
def test_what_waits_in_a_queue_is_known_by_its_arguments(app, noted):
    assert queue.waiting("test.note") == set()
    for arguments in ((7, "abc"), (8,), ()):
        queue.enqueue("test.note", *arguments)

    assert queue.waiting("test.note") == {("7", "abc"), ("8",), ()}
    assert queue.waiting("outbox.drain") == set()


@pytest.mark.committed
def test_what_waits_in_the_lanes_of_a_queue_is_known_too(app, aside):
    queue.enqueue("test.meet", 1)
    for lane in (7, 8):
        queue.enqueue("test.meet", lane, lane=lane)

    assert queue.waiting("test.meet") == {("1",), ("7",), ("8",)}
    assert queue.lanes(["test-aside"]) == ["test-aside", "test-aside.7", "test-aside.8"]
    assert queue.lanes(["test"]) == ["test"]


class Seen(list):
    """What jobs noted, and where four of them meet."""

    def __init__(self):
        super().__init__()
        self.meeting = threading.Barrier(4)


@pytest.fixture
def aside():
    """Two jobs that run side by side: one waits until four are at it, one breaks."""
    seen = Seen()

    @jobs.job("test.meet", queue="test-aside", aside=True)
    def meet(number):
        seen.meeting.wait(20)
        seen.append((number, audit.request_id.get()))

    @jobs.job("test.break", queue="test-aside", aside=True)
    def broken():
        raise LookupError("broken")

    yield seen
    del jobs.registry["test.meet"], jobs.registry["test.break"]


def until(holds):
    deadline = time.monotonic() + 30
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert holds()


@pytest.mark.committed
def test_jobs_that_wait_for_others_run_side_by_side_and_leave_nothing_in_the_queue(app, aside):
    token = audit.request_id.set("r1")
    for number in range(4):
        assert queue.enqueue("test.meet", number)
    audit.request_id.reset(token)
    with dispatch.Dispatcher(app, ["test-aside"], 4).running():
        until(lambda: len(aside) == 4)

    assert sorted(aside) == [(0, "r1"), (1, "r1"), (2, "r1"), (3, "r1")]
    assert queue.connection().keys("rq:job:*") == []


@pytest.mark.committed
def test_a_lane_takes_half_of_the_slots_that_the_others_leave(app):
    held, go_on = [], threading.Event()

    @jobs.job("test.hold", queue="test-lanes", aside=True)
    def hold(lane):
        held.append(lane)
        go_on.wait(20)

    try:
        for lane in (1, 2, 3):
            for _ in range(10):
                queue.enqueue("test.hold", lane, lane=lane)
        with dispatch.Dispatcher(app, ["test-lanes"], 6).running():
            until(lambda: len(held) == 5)
            first = Counter(held)
            go_on.set()
            until(lambda: len(held) == 30)
    finally:
        del jobs.registry["test.hold"]

    assert first == {1: 2, 2: 2, 3: 1}  # the sixth is for a fourth one
    assert Counter(held) == {1: 10, 2: 10, 3: 10}


@pytest.mark.committed
def test_one_lane_alone_leaves_the_other_half_free(app):
    held, go_on = [], threading.Event()

    @jobs.job("test.hold", queue="test-lanes", aside=True)
    def hold(lane):
        held.append(lane)
        go_on.wait(20)

    try:
        for _ in range(10):
            queue.enqueue("test.hold", 1, lane=1)
        with dispatch.Dispatcher(app, ["test-lanes"], 6).running():
            until(lambda: len(held) == 3)
            queue.enqueue("test.hold", 2, lane=2)
            until(lambda: 2 in held)
            assert held == [1, 1, 1, 2]
            go_on.set()
            until(lambda: len(held) == 11)
    finally:
        del jobs.registry["test.hold"]


def test_lanes_take_turns_however_much_one_of_them_did_before(app):
    done = []

    @jobs.job("test.turn", queue="test-turns", aside=True)
    def turn(lane):
        done.append(lane)

    dispatcher = dispatch.Dispatcher(app, ["test-turns"], 1)

    def take_all(*lanes):
        for lane in lanes:
            queue.enqueue("test.turn", lane, lane=lane)
        for _ in lanes:
            dispatcher._run(dispatcher._take(queue.connection()))

    try:
        take_all(1, 1, 1, 1)
        take_all(1, 1, 1, 2, 2, 2)
    finally:
        del jobs.registry["test.turn"]

    assert done[4:] == [2, 1, 2, 1, 2, 1]


@pytest.mark.committed
def test_at_the_end_the_jobs_at_hand_are_done_and_no_other_is_begun(app, aside):
    dispatcher = dispatch.Dispatcher(app, ["test-aside"], 3)
    for number in range(3):
        queue.enqueue("test.meet", number)
    queue.enqueue("test.break")
    with dispatcher.running():
        until(lambda: aside.meeting.n_waiting == 3)
        last = threading.Thread(target=lambda: (dispatcher._stopping.wait(20), aside.meeting.wait(20)))
        last.start()
    last.join()

    assert sorted(number for number, _ in aside) == [0, 1, 2]
    assert queue.waiting("test.break") == {()}


@pytest.mark.committed
@pytest.mark.parametrize(
    ("function", "arguments", "said"),
    [
        ("os.system", ("true",), "a job that nobody registered was refused"),
        (queue.ENTRY, ("outbox.drain",), "a job that nobody registered was refused"),
        (queue.ENTRY, (), "a job that nobody registered was refused"),
        (queue.ENTRY, ("test.break",), "a job failed"),
    ],
)
def test_what_is_refused_or_breaks_is_said_and_holds_up_nothing(app, aside, caplog, function, arguments, said):
    waiting = Queue("test-aside", connection=queue.connection(), serializer=JSONSerializer)
    waiting.enqueue(function, *arguments)
    with dispatch.Dispatcher(app, ["test-aside"], 1).running():
        until(lambda: said in caplog.messages)
        until(waiting.is_empty)

    assert caplog.messages.count(said) == 1


@pytest.mark.committed
def test_a_queue_that_is_away_is_asked_again(app, aside, caplog, monkeypatch):
    answers = iter([RedisConnectionError("away")])
    taken = dispatch.Queue.lpop

    def lpop(*given, **named):
        for error in answers:
            raise error
        return taken(*given, **named)

    monkeypatch.setattr(dispatch.Queue, "lpop", lpop)
    queue.enqueue("test.break")
    with dispatch.Dispatcher(app, ["test-aside"], 1).running():
        until(lambda: "a job failed" in caplog.messages)

    assert caplog.messages.count("the job queue is away") == 1


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
@pytest.mark.parametrize("module", ["incubator.worker", "incubator.schedule", "incubator.cli"])
def test_a_process_says_in_one_line_that_the_database_does_not_answer(app, shell_environment, module):
    away = {"DATABASE_URL": "postgresql+psycopg://incubator:secret@127.0.0.1:1/incubator"}
    command = [sys.executable, "-m", module, *(["migrate"] if module.endswith("cli") else [])]
    environment = shell_environment(db.engine.url.database) | away
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "DATABASE_URL" in done.stderr
    assert "secret" not in done.stderr


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
