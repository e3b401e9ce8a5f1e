import threading
from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from incubator.core import clock, jobs, outbox, queue
from incubator.core.audit import request_id
from incubator.core.db import db
from incubator.core.outbox import Event, OutboxMessage
from incubator.core.transaction import transaction


@dataclass(frozen=True)
class LampSwitched(Event):
    name: ClassVar[str] = "lamp.switched"

    lamp_id: int


@pytest.fixture
def handled():
    seen = []
    outbox.subscribe(LampSwitched)(seen.append)
    yield seen
    del outbox.handlers["lamp.switched"]


def publish(*ids):
    with transaction():
        for number in ids:
            outbox.publish(LampSwitched(number))


def test_a_published_event_reaches_its_handlers_once(app, handled):
    publish(1, 2)

    assert outbox.drain() == 2
    assert outbox.drain() == 0
    assert handled == [LampSwitched(1), LampSwitched(2)]


def test_each_is_handled_under_the_id_of_the_request_that_announced_it(app, handled):
    outbox.subscribe(LampSwitched)(lambda _event: handled.append(request_id.get()))
    for name in ("first", "second"):
        token = request_id.set(name)
        publish(len(name))
        request_id.reset(token)

    before = request_id.get()
    assert outbox.drain() == 2
    assert handled == [LampSwitched(5), "first", LampSwitched(6), "second"]
    assert request_id.get() == before


def test_nothing_is_published_when_the_transaction_fails(app, handled):
    with pytest.raises(ZeroDivisionError), transaction():
        outbox.publish(LampSwitched(1))
        1 / 0  # noqa: B018

    assert outbox.drain() == 0


def test_a_handler_that_fails_is_tried_again_later_and_holds_nobody_up(app, handled):
    def fail(event):
        if event.lamp_id == 1:
            raise RuntimeError("dark")

    outbox.subscribe(LampSwitched)(fail)
    publish(1, 2)

    assert outbox.drain() == 2
    first, second = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    assert (first.attempts, first.error, first.done_at) == (1, "RuntimeError: dark", None)
    assert first.due_at > clock.now()
    assert second.done_at is not None


@pytest.mark.committed
def test_many_workers_share_the_work_without_doubling(app, handled):
    publish(*range(200))

    def work():
        with app.app_context():
            outbox.drain()
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(event.lamp_id for event in handled) == list(range(200))
    waiting = select(func.count(OutboxMessage.id)).where(OutboxMessage.done_at.is_(None))
    assert db.session.scalar(waiting) == 0


@pytest.mark.committed
def test_what_was_at_work_when_the_database_went_is_done_when_it_is_back(app, handled):
    def go_once(event):
        if not gone:
            gone.append(event)
            db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    gone = []
    outbox.subscribe(LampSwitched)(go_once)
    publish(1, 2)
    with pytest.raises(SQLAlchemyError):
        outbox.drain()
    db.session.remove()

    outbox.drain()
    waiting = select(func.count(OutboxMessage.id)).where(OutboxMessage.done_at.is_(None))
    assert db.session.scalar(waiting) == 0
    assert [event.lamp_id for event in handled][-2:] == [1, 2]


@pytest.mark.committed
def test_the_wake_up_is_one_job_without_arguments(app, handled):
    publish(1, 2, 3)

    connection = queue.connection()
    assert connection.llen("rq:queue:default") == 1


def test_only_registered_jobs_run(app):
    with pytest.raises(KeyError):
        jobs.run("os.system", "true")
    with pytest.raises(KeyError):
        queue.enqueue("os.system", "true")


def test_without_redis_the_event_waits(app, handled, monkeypatch):
    from redis import Redis

    monkeypatch.setitem(app.extensions, "redis", Redis.from_url("redis://127.0.0.1:1/0"))
    publish(1)

    assert not queue.is_reachable()
    assert outbox.drain() == 1
