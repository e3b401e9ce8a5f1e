"""Questions that a page puts to a worker, which may hold in memory what a web process must not load.

`@answers('proposal.meaning')` registers a function, text in and JSON out; `ask('proposal.meaning', text)` waits for
what it says. A question lies in a list of Valkey, whichever worker takes it puts the answer where the asker waits, and
both are forgotten within seconds. Nobody waits long: without a worker or an answer in time the page goes on without.
"""

import json
import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError

from incubator.core import queue

log = logging.getLogger(__name__)
Answer = Callable[[str], Any]
registry: dict[str, Answer] = {}
QUESTIONS, PRESENT = "answers:questions", "answers:present"
MOST = 100
"""Questions that wait at most; older ones were given up by whoever asked."""
PATIENCE = 1.0
"""Seconds that a page waits for an answer."""
KEPT = 5
"""Seconds after which a question or an answer that nobody took is forgotten."""
PRESENT_FOR = 10
"""Seconds for which a worker that was heard is taken to be there."""


def answers(name: str) -> Callable[[Answer], Answer]:
    """Register what answers questions of a name."""

    def decorate(function: Answer) -> Answer:
        registry[name] = function
        return function

    return decorate


def ask(name: str, text: str, *, patience: float = PATIENCE) -> Any:
    """What a worker says to a text; None when no worker is there, or none answers within `patience` seconds."""
    connection, place = queue.connection(), f"answers:{secrets.token_hex(8)}"
    try:
        if not connection.exists(PRESENT):
            return None
        with connection.pipeline() as steps:
            steps.rpush(QUESTIONS, json.dumps([name, place, text]))
            steps.ltrim(QUESTIONS, -MOST, -1)
            steps.expire(QUESTIONS, KEPT)
            steps.execute()
        found = cast(tuple[bytes, bytes] | None, connection.blpop([place], timeout=patience))
    except RedisError:
        return None
    return json.loads(found[1]) if found else None


class Answering:
    """Answers questions in a thread of the worker, one after the other."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="answering")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Answer until the block ends."""
        self._thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._thread.join()

    def _loop(self) -> None:
        with self._app.app_context():
            connection = queue.connection()
            while not self._stopping.is_set():
                try:
                    answer_next(connection)
                except RedisError:
                    log.warning("the questions' place is away")
                    self._stopping.wait(1)


def answer_next(connection: Redis, patience: float = 1) -> bool:
    """Answer one question, waiting at most `patience` seconds for it; says whether there was one."""
    connection.set(PRESENT, 1, ex=PRESENT_FOR)
    found = cast(tuple[bytes, bytes] | None, connection.blpop([QUESTIONS], timeout=patience))
    if found is None:
        return False
    name, place, text = json.loads(found[1])
    try:
        said = registry[name](text)
    except Exception:
        log.exception("a question was not answered", extra={"question": name})
        return True
    with connection.pipeline() as steps:
        steps.rpush(place, json.dumps(said))
        steps.expire(place, KEPT)
        steps.execute()
    return True
