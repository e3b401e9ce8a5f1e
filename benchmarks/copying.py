"""Rows of the models' tables by COPY: columns, defaults and foreign keys as the models have them."""

import datetime as dt
import json
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import psycopg
import rfc8785
from psycopg import sql
from sqlalchemy import Column, ColumnDefault
from sqlalchemy.dialects.postgresql import JSONB

from incubator.core import clock, keys
from incubator.core.audit import AuditEvent, AuditPayload, AuditPending, commitment
from incubator.core.db import Model


class Copier:
    """Collects rows and writes them, table by table, so that foreign keys hold: `first`, the events, then `order`."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        *,
        first: Sequence[type[Model]],
        order: Sequence[type[Model]],
        seed: int,
    ) -> None:
        self.connection = connection
        self.order: tuple[type[Model], ...] = (*first, AuditEvent, AuditPayload, AuditPending, *order)
        self.random = random.Random(seed)
        self.written: dict[str, int] = defaultdict(int)
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._next = {model.__tablename__: self._first(model) for model in self.order}

    def _first(self, model: type[Model]) -> int:
        query = sql.SQL("SELECT coalesce(max(id), 0) + 1 FROM {}").format(sql.Identifier(model.__tablename__))
        row = self.connection.execute(query).fetchone()
        return int(row[0]) if row else 1

    def add(self, model: type[Model], **values: Any) -> int:
        """Take a row in; answers its id. What is not given has the model's default."""
        name = model.__tablename__
        key = self._next[name]
        self._next[name] += 1
        self._rows[name].append({"id": key} | values)
        return key

    def public_id(self) -> str:
        """A key as the product makes them, from this copier's own dice."""
        return "".join(self.random.choices(keys.ALPHABET, k=16))

    def event(
        self, name: str, subject: type[Model], subject_id: int, *, actor_id: int | None, at: dt.datetime,
        parent_id: int | None, payload: dict[str, Any] | None = None,
    ) -> int:  # fmt: skip
        """Something that happened, with its payload and pending leaf."""
        public_id = self.public_id()
        values = {"name": name, "subject_type": subject.__tablename__, "subject_id": subject_id, "at": at}
        event_id = self.add(AuditEvent, public_id=public_id, actor_id=actor_id, parent_id=parent_id, **values)
        salt = self.random.randbytes(32)
        said = payload or {}
        self.add(AuditPayload, event_id=event_id, payload=said, salt=salt)
        leaf: dict[str, str | int] = {
            "v": 1, "class": name, "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "event": public_id,
            "commitment": commitment(salt, said).hex(),
        }  # fmt: skip
        self.add(AuditPending, event_id=event_id, leaf=rfc8785.dumps(leaf))
        return event_id

    def flush(self) -> None:
        """Write everything taken in."""
        for model in self.order:
            rows = self._rows.pop(model.__tablename__, [])
            if rows:
                self._copy(model, rows)
                self.written[model.__tablename__] += len(rows)

    def _copy(self, model: type[Model], rows: list[dict[str, Any]]) -> None:
        every: list[Column[Any]] = [column for column in model.__table__.columns if isinstance(column, Column)]
        columns = [column for column in every if column.name in rows[0] or column.default is not None]
        names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model.__tablename__), names)
        readers = [self._reader(column) for column in columns]
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([reader(row) for reader in readers])

    def _reader(self, column: Column[Any]) -> Callable[[dict[str, Any]], Any]:
        """How this column's value comes from a row."""
        name, default = column.name, column.default.arg if isinstance(column.default, ColumnDefault) else None
        if name in FRESH:
            return lambda row: row[name] if name in row else FRESH[name](self)
        if isinstance(column.type, JSONB):
            return lambda row: _as_json(row.get(name, default))
        return lambda row: _plain(row.get(name, default))

    def finish(self) -> None:
        """Let the tables' own numbering go on after ours."""
        self.flush()
        for model in self.order:
            query = sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), {}, false)")
            name, following = model.__tablename__, self._next[model.__tablename__]
            self.connection.execute(query.format(sql.Literal(name), sql.Literal(following)))


FRESH: dict[str, Callable[[Copier], Any]] = {"public_id": Copier.public_id, "created_at": lambda _: clock.now()}
"""What each row has of its own."""


def _as_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
