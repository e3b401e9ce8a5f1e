"""The job queue: it only wakes workers; PostgreSQL holds what is to be done.

JSON alone still lets a worker run any importable function, so the worker runs nothing but `jobs.run`.
"""

import logging
import secrets
from typing import cast

from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from incubator.core import audit, jobs

log = logging.getLogger(__name__)
ENTRY = "incubator.core.jobs.run"
LONGEST_WAIT = 86_400
"""Seconds after which a wake-up that nobody took is forgotten."""


def init_app(app: Flask) -> None:
    """Connect lazily: nothing is sent before the first job."""
    app.extensions["redis"] = Redis.from_url(app.config["REDIS_URL"], socket_timeout=5, socket_connect_timeout=2)


def connection() -> Redis:
    """The application's connection to Redis."""
    return cast(Redis, current_app.extensions["redis"])


def enqueue(name: str, *arguments: int | str) -> bool:
    """Wake a worker for a registered job; False when Redis is away (a periodic run catches up)."""
    entry = jobs.registry[name]
    queue = Queue(entry.queue, connection=connection(), serializer=JSONSerializer)
    try:
        queue.enqueue(
            ENTRY,
            name,
            *arguments,
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
    queue = Queue(jobs.registry[name].queue, connection=connection(), serializer=JSONSerializer)
    try:
        ids = queue.job_ids
    except RedisError:
        return set()
    stems = (job_id.rpartition("-")[0].split("-") for job_id in ids)
    return {tuple(arguments) for stem, *arguments in stems if stem == _stem(name, ())}


def _stem(name: str, arguments: tuple[int | str, ...]) -> str:
    """What a job's id begins with: RQ takes letters, digits, _ and - alone."""
    return "-".join([name.replace(".", "_"), *map(str, arguments)])


def is_reachable() -> bool:
    """Tell whether Redis answers."""
    try:
        return bool(connection().ping())
    except RedisError:
        return False
