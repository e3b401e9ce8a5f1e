"""Connections out of the pool: is the server still there? Answered without asking it, which every page waits for."""

import select
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import Pool

PREPARED = 500
"""Statements a connection keeps prepared: all that our pages send."""


def install() -> None:
    """Look at every connection that is taken out of a pool."""
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
