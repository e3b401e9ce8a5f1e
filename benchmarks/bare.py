"""Tables without their indexes and foreign keys while they are filled: each is built once, not row by row."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from incubator.core.db import Model

MEMORY = "SET maintenance_work_mem = '512MB'"
CONSTRAINTS = """
SELECT c.conrelid::regclass::text AS "table", c.conname AS name, pg_get_constraintdef(c.oid) AS definition
  FROM pg_constraint c
 WHERE c.conrelid::regclass::text = ANY (%s) AND c.contype IN ('f', 'u')
   AND NOT EXISTS (SELECT FROM pg_constraint r WHERE r.contype = 'f' AND c.contype = 'u' AND r.conindid = c.conindid)
 ORDER BY c.contype DESC, c.oid
"""
"""Unique ones that no foreign key of another table needs, and then the foreign keys of these tables."""
INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
  FROM pg_index i
 WHERE i.indrelid::regclass::text = ANY (%s)
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


@contextmanager
def bare(url: str, models: Sequence[type[Model]]) -> Iterator[None]:
    """Take these tables' indexes and foreign keys away for the block, and put them back, checked, at its end.

    Nobody may have a transaction open that has read one of the tables.
    """
    names = [model.__tablename__ for model in models]
    with psycopg.connect(url, autocommit=True) as connection:
        constraints = connection.execute(CONSTRAINTS, (names,)).fetchall()
        indexes = connection.execute(INDEXES, (names,)).fetchall()
        for table, name, _ in reversed(constraints):
            _run(connection, "ALTER TABLE {} DROP CONSTRAINT {}", table, name)
        for name, _ in indexes:
            _run(connection, "DROP INDEX {}", name)
    yield
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(MEMORY)
        for _, definition in indexes:
            connection.execute(definition)
        connection.execute("ANALYZE")  # the joins that check foreign keys are planned by it
        for table, name, definition in constraints:
            _run(connection, "ALTER TABLE {} ADD CONSTRAINT {} " + definition, table, name)


def _run(connection: psycopg.Connection[Any], statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))
