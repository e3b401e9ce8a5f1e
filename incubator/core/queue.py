"""The job queue: it only wakes workers; PostgreSQL holds what is to be done.

JSON alone still lets a worker run any importable function, so the worker runs nothing but `jobs.run`.
"""

import logging
from typing import cast

from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from incubator.core import audit, jobs

log = logging.getLogger(__name__)
ENTRY = "incubator.core.jobs.run"


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
            result_ttl=0,
            failure_ttl=86_400,
            job_timeout=600,
            meta={"request_id": audit.request_id.get()},
        )
    except RedisError:
        log.warning("the job queue is away", extra={"job": name})
        return False
    return True


def is_reachable() -> bool:
    """Tell whether Redis answers."""
    try:
        return bool(connection().ping())
    except RedisError:
        return False
