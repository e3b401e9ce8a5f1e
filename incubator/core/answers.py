"""Questions that a page puts to a worker, which may hold in memory what a web process must not load.

`@answers('proposal.meaning')` registers a function, text in and JSON out; `ask('proposal.meaning', text)` puts a text
to it, and the question's `answer()` waits for what it says: a page does what it can between the two. A question lies in
a list of Valkey, whichever worker takes it puts the answer where the asker waits, and both are forgotten within
seconds. Nobody waits long: without a worker or an answer in time the page goes on without.
"""

import json
import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Question:
    """What was put to a worker; place: where its answer comes, None where no worker is there."""

    place: str | None

    def answer(self, *, patience: float = PATIENCE) -> Any:
        """What a worker says; None when no worker is there, or none answers within `patience` seconds."""
        if self.place is None:
            return None
        try:
            found = cast(tuple[bytes, bytes] | None, queue.connection().blpop([self.place], timeout=patience))
        except RedisError:
            return None
        return json.loads(found[1]) if found else None


def ask(name: str, text: str) -> Question:
    """Put a text to the workers."""
    place = f"answers:{secrets.token_hex(8)}"
    question = json.dumps([name, place, text])
    try:
        with queue.connection().pipeline() as steps:
            steps.exists(PRESENT)
            steps.rpush(QUESTIONS, question)
            steps.ltrim(QUESTIONS, -MOST, -1)
            steps.expire(QUESTIONS, KEPT)
            is_there, *_rest = steps.execute()
        if not is_there:
            queue.connection().lrem(QUESTIONS, 1, question)
    except RedisError:
        return Question(None)
    return Question(place if is_there else None)


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
