"""How many statements a page sends and how many rows come back, counted in this process."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from incubator.core.db import db

NOT_A_QUESTION = ("SET ", "SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass
class Count:
    """What was sent. statements: without settings and savepoints, which ask for nothing; values: of each of them."""

    texts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    rows: int = 0

    @property
    def statements(self) -> int:
        """How many."""
        return len(self.texts)


@contextmanager
def counted(engines: Collection[Engine]) -> Iterator[Count]:
    """Count what goes through these engines within the block."""
    count = Count()

    def note(_connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(NOT_A_QUESTION):
            count.texts.append(statement)
            count.values.append(values)
            if cursor.description is not None:
                count.rows += max(cursor.rowcount, 0)

    for engine in engines:
        event.listen(engine, "after_cursor_execute", note)
    try:
        yield count
    finally:
        for engine in engines:
            event.remove(engine, "after_cursor_execute", note)


def count_page(app: Flask, token: str, path: str) -> tuple[Count, str]:
    """Open a page a second time (the first one fills caches) and count; with the page's text."""
    browser = app.test_client()
    browser.set_cookie("session", token, domain="localhost")
    with app.app_context():
        engines = list(db.engines.values())
    browser.get(path)
    with counted(engines) as count:
        answer = browser.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code}")
    return count, answer.text
