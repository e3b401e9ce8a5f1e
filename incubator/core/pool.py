"""Connections out of the pool: is the server still there, and is this one for reading alone?

Both are answered without asking the server, which each page would wait for.
"""

import select
from typing import Any

from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import Pool

PREPARED = 500
"""Statements a connection keeps prepared: all that our pages send."""


def install() -> None:
    """Look at every connection that is taken out of a pool or put back into one."""
    if not event.contains(Pool, "checkout", _check_alive):
        event.listen(Pool, "connect", _keep_prepared)
        event.listen(Pool, "checkout", _check_alive)
        event.listen(Pool, "checkin", _forget)


def _keep_prepared(driver: Any, _record: object) -> None:
    driver.prepared_max = PREPARED


def _check_alive(driver: Any, _record: object, _proxy: object) -> None:
    """A server that has gone, or was started anew, has closed its end: then something is there to be read."""
    waiting = select.poll()
    waiting.register(driver.pgconn.socket, select.POLLIN)
    if waiting.poll(0):
        raise DisconnectionError("the server has closed this connection")


def _forget(driver: Any, _record: object) -> None:
    if driver is not None and not driver.closed and driver.read_only is not None:
        driver.read_only = None


def read_only(connection: Connection) -> None:
    """Let the transaction that begins on a connection read alone: BEGIN says so, or else a statement of its own."""
    driver: Any = connection.connection.dbapi_connection
    if driver.info.transaction_status == TransactionStatus.IDLE and not connection.in_nested_transaction():
        driver.read_only = True
    else:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
