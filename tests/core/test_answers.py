import threading

import pytest
from redis.exceptions import RedisError

from incubator.core import answers, queue
from incubator.core.answers import PRESENT, QUESTIONS, Answering, Question, answer_next, ask


@pytest.fixture
def valkey(app):
    connection = queue.connection()
    connection.delete(PRESENT, QUESTIONS)
    yield connection
    connection.delete(PRESENT, QUESTIONS)


@pytest.fixture
def known(monkeypatch):
    """Two questions: one that is answered, one whose answering fails."""
    monkeypatch.setattr(answers, "registry", {})
    answers.answers("test.shout")(str.upper)
    answers.answers("test.fail")(lambda _text: 1 / 0)


def test_without_a_worker_nobody_waits(valkey, known):
    assert ask("test.shout", "hello").answer(patience=60) is None
    assert valkey.exists(QUESTIONS) == 0


def test_a_worker_answers_and_a_failure_is_no_answer(valkey, known, app):
    with Answering(app).running():
        while not valkey.exists(PRESENT):
            threading.Event().wait(0.01)
        assert ask("test.shout", "heat 热").answer(patience=5) == "HEAT 热"
        assert ask("test.fail", "").answer(patience=0.05) is None
        assert ask("test.shout", "again").answer(patience=5) == "AGAIN"


def test_a_late_answer_and_questions_nobody_takes_are_forgotten(valkey, known):
    valkey.set(PRESENT, 1)
    assert ask("test.shout", "late").answer(patience=0.01) is None
    assert 0 < valkey.ttl(QUESTIONS) <= answers.KEPT
    assert (answer_next(valkey, 0.01), answer_next(valkey, 0.01)) == (True, False)


def test_without_valkey_there_is_no_answer(valkey, known, monkeypatch, app):
    class Away:
        def pipeline(self):
            raise RedisError

        def blpop(self, *_keys, **_patience):
            raise RedisError

    monkeypatch.setattr(queue, "connection", Away)
    assert ask("test.shout", "hello").answer() is None
    assert Question("answers:lost").answer() is None
