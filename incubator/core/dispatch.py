"""Jobs that mostly wait for others' servers: several run side by side, as threads of one worker process.

What lies in the queue is a wake-up and no more: PostgreSQL says what is to be done, and who is at it is told by a
lock that a killed process loses at once. So a job is taken out of the queue when it begins, and one that is lost with
its process is handed over again by whoever watches its rows.
"""

import itertools
import logging
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DequeueTimeout, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import as_text

from incubator.core import audit, jobs, queue

log = logging.getLogger(__name__)
POLL_SECONDS = 1
"""How long a look into an empty queue lasts, and so how soon a stop is seen."""
AGAIN_SECONDS = 0.1
"""How soon the other lanes are looked at again while one has as many slots as it may."""


@dataclass(frozen=True)
class Taken:
    """A job that was taken out of a queue. lane: '' for one in none."""

    lane: str
    name: str
    arguments: list[int | str]
    request_id: str | None


class Dispatcher:
    """Takes jobs out of some queues, at most `slots` at a time."""

    def __init__(self, app: Flask, queues: Sequence[str], slots: int) -> None:
        self._app, self._queues, self._slots = app, queues, slots
        self._names = frozenset(entry.name for entry in jobs.registry.values() if entry.queue in queues)
        self._free = threading.Semaphore(slots)
        self._running: Counter[str] = Counter()
        self._turns, self._begun = itertools.count(1), dict[str, int]()
        self._counting, self._ended = threading.Lock(), threading.Event()
        self._pool = ThreadPoolExecutor(slots, thread_name_prefix="aside")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="dispatcher")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Take jobs until the block ends; those at hand are then brought to their end."""
        self._thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._thread.join()
            self._pool.shutdown()

    def _loop(self) -> None:
        with self._app.app_context():
            connection = queue.connection()
        while True:
            self._free.acquire()
            job = None if self._stopping.is_set() else self._next(connection)
            if job is not None:
                self._pool.submit(self._run, job)
                continue
            self._free.release()
            if self._stopping.is_set():
                return

    def _next(self, connection: Redis) -> Taken | None:
        try:
            return self._take(connection)
        except RedisError:
            log.warning("the job queue is away")
            self._stopping.wait(POLL_SECONDS)
            return None

    def _take(self, connection: Redis) -> Taken | None:
        """The next job, which is then no longer in the queue."""
        try:
            found = self._pop(connection)
            if found is None:
                return None
            name, job_id = found
            job = Job.fetch(job_id, connection=connection, serializer=JSONSerializer)
        except (DequeueTimeout, NoSuchJobError):
            return None
        job.delete(remove_from_queue=False)
        called, *arguments = job.args or ("",)
        if job.func_name != queue.ENTRY or called not in self._names:
            log.error("a job that nobody registered was refused", extra={"job": str(called)[:80]})
            return None
        with self._counting:
            self._running[_lane(name)] += 1
            self._begun[name] = next(self._turns)
        return Taken(_lane(name), called, arguments, job.meta.get("request_id"))

    def _pop(self, connection: Redis) -> tuple[str, str] | None:
        """A queue and the job that was taken out of it: of those that have as few at hand, of the one that waited for
        its turn the longest. Raises DequeueTimeout when there was none for a while."""
        with self._app.app_context():
            names = queue.lanes(self._queues)
        with self._counting:
            self._ended.clear()
            free = [name for name in names if self._has_room(_lane(name))]
            free.sort(key=lambda name: (self._running[_lane(name)], self._begun.get(name, 0)))
        keys = [queue.PREFIX + name for name in free]
        is_short = len(free) < len(names)
        found = Queue.lpop(keys, None if is_short else POLL_SECONDS, connection=connection)
        if found is None:
            self._ended.wait(AGAIN_SECONDS)
            return None
        return as_text(found[0]).removeprefix(queue.PREFIX), as_text(found[1])

    def _has_room(self, lane: str) -> bool:
        """Whether a lane may begin one more; what is in none may always."""
        others = self._running.total() - self._running[lane]
        return not lane or self._running[lane] < (self._slots - others + 1) // 2

    def _run(self, taken: Taken) -> None:
        try:
            with self._app.app_context():
                audit.request_id.set(taken.request_id)
                jobs.run(taken.name, *taken.arguments)
        except Exception:
            log.exception("a job failed", extra={"job": taken.name})
        finally:
            with self._counting:
                self._running[taken.lane] -= 1
            self._free.release()
            self._ended.set()


def _lane(name: str) -> str:
    """Of a queue's name."""
    return name.partition(queue.SIGN)[2]
