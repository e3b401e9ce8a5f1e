"""The job queue: it only wakes workers; PostgreSQL holds what is to be done.

JSON alone still lets a worker run any importable function, so the worker runs nothing but `jobs.run`.
"""

import logging
import secrets
from collections.abc import Sequence
from typing import cast

from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from rq.utils import as_text

from incubator.core import audit, jobs

log = logging.getLogger(__name__)
ENTRY = "incubator.core.jobs.run"
PREFIX = Queue.redis_queue_namespace_prefix
SIGN = "."
LONGEST_WAIT = 86_400
"""Seconds after which a wake-up that nobody took is forgotten."""


def init_app(app: Flask) -> None:
    """Connect lazily: nothing is sent before the first job."""
    app.extensions["redis"] = Redis.from_url(app.config["REDIS_URL"], socket_timeout=5, socket_connect_timeout=2)


def connection() -> Redis:
    """The application's connection to Redis."""
    return cast(Redis, current_app.extensions["redis"])


def enqueue(name: str, *arguments: int | str, lane: int | None = None, is_first: bool = False) -> bool:
    """Wake a worker for a registered job; False when Redis is away (a periodic run catches up).

    lane: of jobs that run aside, whose server they ask: each has a queue of its own, and none takes all workers.
    is_first: before what waits there already.
    """
    entry = jobs.registry[name]
    queue = Queue(lane_of(entry.queue, lane), connection=connection(), serializer=JSONSerializer)
    try:
        queue.enqueue(
            ENTRY,
            name,
            *arguments,
            at_front=is_first,
            job_id=f"{_stem(name, arguments)}-{secrets.token_hex(8)}",
            ttl=LONGEST_WAIT,
            result_ttl=0,
            failure_ttl=86_400,
            job_timeout=600,
            meta={"request_id": audit.request_id.get()},
        )
    except RedisError:
        log.warning("the job queue is away", extra={"job": name})
        return False
    return True


def waiting(name: str) -> set[tuple[str, ...]]:
    """The arguments, as text, of all jobs of a name that wait in the queue; none when Redis is away."""
    entry = jobs.registry[name]
    try:
        names = lanes([entry.queue]) if entry.aside else [entry.queue]
        queues = [Queue(one, connection=connection(), serializer=JSONSerializer) for one in names]
        ids = [job_id for queue in queues for job_id in queue.job_ids]
    except RedisError:
        return set()
    stems = (job_id.rpartition("-")[0].split("-") for job_id in ids)
    return {tuple(arguments) for stem, *arguments in stems if stem == _stem(name, ())}


def lane_of(queue: str, lane: int | None) -> str:
    """The name of a lane's queue; without a lane the queue itself."""
    return queue if lane is None else f"{queue}{SIGN}{lane}"


def lanes(queues: Sequence[str]) -> list[str]:
    """These queues and those of their lanes, as far as anything ever waited there. Raises RedisError."""
    known = (as_text(key).removeprefix(PREFIX) for key in connection().smembers(Queue.redis_queues_keys))
    return [*queues, *sorted(name for name in known if name.partition(SIGN)[0] in queues and SIGN in name)]


def _stem(name: str, arguments: tuple[int | str, ...]) -> str:
    """What a job's id begins with: RQ takes letters, digits, _ and - alone."""
    return "-".join([name.replace(".", "_"), *map(str, arguments)])


def is_reachable() -> bool:
    """Tell whether Redis answers."""
    try:
        return bool(connection().ping())
    except RedisError:
        return False
