"""Reading much, with many statements, as it stood at one moment."""

import logging
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from incubator.core.db import db
from incubator.core.transaction import transaction

log = logging.getLogger(__name__)
T = TypeVar("T")

AGAIN = ("40001", "40P01")
"""SQLSTATE of a transaction that gave way to another one: it is run anew, on a newer snapshot."""
ATTEMPTS = 3


def in_one_snapshot(look: Callable[[], T]) -> T:
    """What `look` answers of one snapshot (REPEATABLE READ, READ ONLY), in a transaction of its own."""
    for _ in range(ATTEMPTS - 1):
        try:
            return _once(look)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in AGAIN:
                raise
            log.warning("a snapshot gave way and is taken again", extra={"of": look.__qualname__})
    return _once(look)


def _once(look: Callable[[], T]) -> T:
    with transaction():
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        db.session.connection(execution_options=options)
        return look()
