"""Jobs that mostly wait for others' servers: several run side by side, as threads of one worker process.

What lies in the queue is a wake-up and no more: PostgreSQL says what is to be done, and who is at it is told by a
lock that a killed process loses at once. So a job is taken out of the queue when it begins, and one that is lost with
its process is handed over again by whoever watches its rows.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DequeueTimeout, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from incubator.core import audit, jobs, queue

log = logging.getLogger(__name__)
POLL_SECONDS = 1
"""How long a look into an empty queue lasts, and so how soon a stop is seen."""


class Dispatcher:
    """Takes jobs out of some queues, at most `slots` at a time."""

    def __init__(self, app: Flask, queues: Sequence[str], slots: int) -> None:
        self._app = app
        self._keys = [Queue.redis_queue_namespace_prefix + name for name in queues]
        self._names = frozenset(entry.name for entry in jobs.registry.values() if entry.queue in queues)
        self._free = threading.Semaphore(slots)
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
                self._pool.submit(self._run, *job)
                continue
            self._free.release()
            if self._stopping.is_set():
                return

    def _next(self, connection: Redis) -> tuple[str, list[int | str], str | None] | None:
        try:
            return self._take(connection)
        except RedisError:
            log.warning("the job queue is away")
            self._stopping.wait(POLL_SECONDS)
            return None

    def _take(self, connection: Redis) -> tuple[str, list[int | str], str | None] | None:
        """Name, arguments and request id of the next job, which is then no longer in the queue."""
        try:
            _key, job_id = Queue.lpop(self._keys, POLL_SECONDS, connection=connection)
            job = Job.fetch(job_id.decode(), connection=connection, serializer=JSONSerializer)
        except (DequeueTimeout, NoSuchJobError):
            return None
        job.delete(remove_from_queue=False)
        name, *arguments = job.args or ("",)
        if job.func_name != queue.ENTRY or name not in self._names:
            log.error("a job that nobody registered was refused", extra={"job": str(name)[:80]})
            return None
        return name, arguments, job.meta.get("request_id")

    def _run(self, name: str, arguments: list[int | str], request_id: str | None) -> None:
        try:
            with self._app.app_context():
                audit.request_id.set(request_id)
                jobs.run(name, *arguments)
        except Exception:
            log.exception("a job failed", extra={"job": name})
        finally:
            self._free.release()
