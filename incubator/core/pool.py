"""Connections out of the pool: is the server still there? Answered without asking it, which every page waits for."""

import select
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import Pool

PREPARED = 500
"""Statements a connection keeps prepared: all that our pages send."""


LONGEST = 256 * 1024
"""Characters of a statement up to which psycopg remembers how to hand it over; one that tells what waits has 60,000."""


def install() -> None:
    """Look at every connection that is taken out of a pool."""
    psycopg._queries.MAX_CACHED_STATEMENT_LENGTH = LONGEST  # there is no public setting
    psycopg._queries.MAX_CACHED_STATEMENT_PARAMS = 10_000
    if not event.contains(Pool, "checkout", _check_alive):
        event.listen(Pool, "connect", _keep_prepared)
        event.listen(Pool, "checkout", _check_alive)


def _keep_prepared(driver: Any, _record: object) -> None:
    driver.prepared_max = PREPARED


def _check_alive(driver: Any, _record: object, _proxy: object) -> None:
    """A server that has gone, or was started anew, has closed its end: then something is there to be read."""
    waiting = select.poll()
    waiting.register(driver.pgconn.socket, select.POLLIN)
    if waiting.poll(0):
        raise DisconnectionError("the server has closed this connection")


class Description:
    """The columns of a result, looked at when somebody asks, and once: SQLAlchemy knows a kept statement's already."""

    def __init__(self, columns: Callable[[], Sequence[psycopg.Column]]) -> None:
        self._look = columns

    @cached_property
    def columns(self) -> Sequence[psycopg.Column]:
        """All of them."""
        return self._look()

    def __iter__(self) -> Iterator[psycopg.Column]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, place: Any) -> Any:
        return self.columns[place]


class Cursor(psycopg.Cursor[Any]):
    """A cursor that describes its result only to who reads the description."""

    @property
    def description(self) -> Any:
        """The columns, None when the statement returned none."""
        result = self.pgresult
        if result is None or not result.nfields:
            return super().description
        return Description(lambda: super(Cursor, self).description or ())
