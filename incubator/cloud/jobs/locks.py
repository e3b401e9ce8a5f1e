"""Who is at work on a sandbox: the holder of a session lock in PostgreSQL.

A killed process loses it at once, an orphaned one keeps it, so liveness is judged by the lock and not by a clock.
It needs a connection of its own, straight to PostgreSQL (no transaction-mode pooler).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from sqlalchemy import text

from incubator.core.db import db

SPACE = 7_316 << 40
"""Keeps these lock numbers apart from others; a sandbox's id is added."""
HELD = text(
    "SELECT ((classid::bigint << 32) | objid::bigint) - :space FROM pg_locks "
    "WHERE locktype = 'advisory' AND objsubid = 1 AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@contextmanager
def sandbox_lock(sandbox_id: int) -> Iterator[bool]:
    """Try to be the one at work on a sandbox; False when another is."""
    with session_lock(SPACE + sandbox_id) as is_mine:
        yield is_mine


@contextmanager
def session_lock(number: int) -> Iterator[bool]:
    """Try to hold an advisory lock on a connection of its own; False when another holds it."""
    key = {"key": number}
    with db.engine.connect() as pooled:
        connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
        is_mine = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), key))
        try:
            yield is_mine
        finally:
            if is_mine:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)


def one_at_a_time(space: int) -> Callable[[Callable[[int], int]], Callable[[int], int]]:
    """Let a job for a provider answer 0 at once while it runs for it already: a slow one is asked for again meanwhile,
    and would take one slot after the other. space: keeps its lock numbers apart; the provider's id is added."""

    def decorate(function: Callable[[int], int]) -> Callable[[int], int]:
        @wraps(function)
        def run(provider_id: int) -> int:
            with session_lock(space + provider_id) as is_mine:
                return function(provider_id) if is_mine else 0

        return run

    return decorate


def worked_on() -> set[int]:
    """The ids of the sandboxes somebody is at work on."""
    return set(db.session.scalars(HELD, {"space": SPACE}))
