"""The append-only record of who did what, why, and what led to it.

In the business transaction stand the event, its payload with a random salt, and one pending leaf that commits to
the payload without telling it: HMAC-SHA256(salt, RFC 8785 payload). A sequencer makes the log of the leaves.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol, TypeAlias, cast

import rfc8785
from sqlalchemy import (
    CTE,
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    bindparam,
    func,
    insert,
    inspect,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, make_transient_to_detached, mapped_column
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from incubator.core import clock
from incubator.core.db import Data, Model, Public, Timestamp, append_only, db, install_sql
from incubator.core.errors import NotInTransaction
from incubator.core.keys import public_id


class Actor(Protocol):
    """Whoever acts: a person, or the system itself."""

    @property
    def actor_id(self) -> int | None:
        """The person's id, None for the system."""


class AuditEvent(Public, Model):
    """One change by one actor on one thing, and the event that led to it."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject", "subject_type", "subject_id", "id"),
        Index(
            "ix_audit_event_refused", "at", "public_id",
            postgresql_where=text("name IN ('access.deny', 'sign_in.refuse')"),
        ),
    )  # fmt: skip

    at: Mapped[Timestamp]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("audit_event.id"), index=True)
    rule_version_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(String(32))


class AuditPayload(Model):
    """What an event says in plain; erasure deletes it and leaves the event."""

    __tablename__ = "audit_payload"

    event_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), unique=True)
    payload: Mapped[Data]
    salt: Mapped[bytes] = mapped_column(LargeBinary)


class AuditPending(Model):
    """A leaf that waits for the sequencer."""

    __tablename__ = "audit_pending"

    event_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), unique=True)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)


DENIED = "access.deny"
"""The event of a step or a page that was refused to a person. It is about the person: what they asked for stands in the
payload, for nothing has happened to it."""
EVENT = (
    "public_id", "at", "actor_id", "name", "subject_type", "subject_id", "parent_id", "rule_version_id", "reason",
    "request_id",
)  # fmt: skip
"""What an event says, in the order of its columns."""

append_only(cast(Table, AuditEvent.__table__))
install_sql(
    cast(Table, AuditPayload.__table__),
    [
        "CREATE TRIGGER erased_not_edited BEFORE UPDATE ON audit_payload FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    ],
)


@dataclass
class Cause:
    """Why things change now: who acts, by which verb, and the event that led here."""

    actor: Actor
    action: str
    parent_id: int | None = None
    reason: str | None = None
    first: AuditEvent | None = None

    @property
    def latest_parent(self) -> int | None:
        """The event that the next one follows from."""
        return self.first.id if self.first else self.parent_id


Writer: TypeAlias = Callable[[], Any]
"""Builds a writing statement, with its parameters named; the function itself is what a kept statement is known by."""
ChangeKey: TypeAlias = tuple[type[Model], tuple[str, ...]]
"""Whose row changes, and which of its columns."""


@dataclass(frozen=True)
class Along:
    """What else the statement of an event writes: one round trip instead of one a table.

    rows: entities with a version, of different tables, whose changes are not flushed yet. first: writes before them,
    and returns what it wrote; then: writes beside them, and sees the rows as they were. values: their parameters.
    """

    rows: tuple[Any, ...] = ()
    first: Writer | None = None
    then: Writer | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """The pending change of one entity: which columns, and the parameters of its update."""

    row: Any
    names: tuple[str, ...]

    @classmethod
    def of(cls, row: Any) -> "Change":
        """What of the entity waits for a flush."""
        state = inspect(row)
        columns = state.mapper.column_attrs.keys()
        return cls(row, tuple(name for name in columns if name in state.committed_state))

    @property
    def key(self) -> ChangeKey:
        """What its update is known by."""
        return type(self.row), self.names

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of its update."""
        table = self.row.__tablename__
        new = {f"{table}_{name}": getattr(self.row, name) for name in self.names}
        return new | {f"key_of_{table}": self.row.id, f"version_of_{table}": self.row.version}

    def settle(self) -> None:
        """It is written: nothing waits any more."""
        for name in self.names:
            set_committed_value(self.row, name, getattr(self.row, name))
        set_committed_value(self.row, "version", self.row.version + 1)


_cause: ContextVar[Cause | None] = ContextVar("cause", default=None)
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


@contextmanager
def because(actor: Actor, action: str, *, reason: str | None = None, parent_id: int | None = None) -> Iterator[Cause]:
    """Open the cause under which events are written; a nested one follows from the outer one's first event."""
    outer = _cause.get()
    if parent_id is None and outer is not None:
        parent_id = outer.latest_parent
    token = _cause.set(Cause(actor, action, parent_id, reason))
    try:
        yield cast(Cause, _cause.get())
    finally:
        _cause.reset(token)


def current() -> Cause:
    """The cause in force. Raises NotInTransaction when nothing acts."""
    cause = _cause.get()
    if cause is None:
        raise NotInTransaction("a change needs a cause: use @action or audit.because()")
    return cause


def commitment(salt: bytes, payload: dict[str, Any]) -> bytes:
    """HMAC-SHA256 over the canonical payload (RFC 8785), keyed by the event's salt; 32 bytes."""
    return hmac.new(salt, rfc8785.dumps(payload), hashlib.sha256).digest()


def record(
    name: str,
    subject: Model,
    payload: dict[str, Any] | None = None,
    *,
    cause_id: int | None = None,
    rule_version_id: int | None = None,
    reason: str | None = None,
    along: Along | None = None,
) -> AuditEvent:
    """Write one event with its payload and pending leaf in the current transaction.

    cause_id: the event that led to this one; by default the first event of the running action, or what led to it.
    payload: plain JSON values only. along: what else the event's statement writes, in place of a flush before it.
    """
    cause = current()
    if along is None:
        db.session.flush()
    parent = cause_id if cause_id is not None else cause.latest_parent
    event = _event(cause, name, subject, parent)
    event.rule_version_id, event.reason = rule_version_id, reason or cause.reason
    _write(event, payload or {}, along or Along())
    if cause.first is None:
        cause.first = event
    return event


def record_many(name: str, rows: Iterable[tuple[Model, int, dict[str, Any]]]) -> list[AuditEvent]:
    """Write one event of a name for each (subject, id of the event that led to it, payload), in few statements.

    Each is as `record` writes it; the running action's first event is not set, since none of many is it.
    """
    cause, given = current(), list(rows)
    db.session.flush()
    events = [_event(cause, name, subject, parent_id) for subject, parent_id, _payload in given]
    db.session.add_all(events)
    db.session.flush()
    for event, (_subject, _parent_id, payload) in zip(events, given, strict=True):
        _seal(event, payload)
    return events


def _event(cause: Cause, name: str, subject: Model, parent_id: int | None) -> AuditEvent:
    return AuditEvent(
        at=clock.now(),
        actor_id=cause.actor.actor_id,
        name=name,
        subject_type=subject.__tablename__,
        subject_id=subject.id,
        parent_id=parent_id,
        reason=cause.reason,
        request_id=request_id.get(),
    )


def _write(event: AuditEvent, payload: dict[str, Any], along: Along) -> None:
    """Insert event, payload and leaf in one statement, with what goes along; the event then belongs to the session as
    if it had been read. Raises StaleDataError where somebody else was faster with a row that goes along."""
    event.public_id, salt = public_id(), secrets.token_bytes(32)
    said = {name: getattr(event, name) for name in EVENT} | {"payload": payload, "salt": salt}
    values = {_named(name): value for name, value in (said | {"leaf": _leaf(event, payload, salt)}).items()}
    changes = [Change.of(row) for row in along.rows]
    for change in changes:
        values |= change.values
    statement = _insert(along.first, tuple(change.key for change in changes), along.then)
    with db.session.no_autoflush:  # what goes along is written here
        found = db.session.execute(statement, {**values, **along.values}).one()
    event.id = found[0]
    if any(count != 1 for count in found[1:]):
        raise StaleDataError("a row was changed by somebody else meanwhile")
    for change in changes:
        change.settle()
    make_transient_to_detached(event)
    db.session.add(event)


@lru_cache(maxsize=200)
def _insert(first: Writer | None, rows: tuple[ChangeKey, ...], then: Writer | None) -> Select[Any]:
    """The statement: the event's three rows, `first`, then the changes of rows, which wait for `first`, and `then`."""
    event, payload, pending = (cast(Table, model.__table__) for model in (AuditEvent, AuditPayload, AuditPending))
    written = (
        insert(event).values({name: bindparam(_named(name), type_=event.c[name].type) for name in EVENT})
        .returning(event.c.id).cte("event")
    )  # fmt: skip
    said = select(written.c.id, *(bindparam(_named(name), type_=payload.c[name].type) for name in ("payload", "salt")))
    plain = insert(payload).from_select(["event_id", "payload", "salt"], said).cte("payload")
    leaf = select(written.c.id, bindparam(_named("leaf"), type_=pending.c.leaf.type))
    waiting = insert(pending).from_select(["event_id", "leaf"], leaf).cte("pending")
    before = first().cte("first") if first else None
    changes = [_update(key, before).cte(f"changed_{key[0].__tablename__}") for key in rows]
    counts = [select(func.count()).select_from(change).scalar_subquery() for change in changes]
    after = [then().cte("then")] if then else []
    return select(written.c.id, *counts).add_cte(plain, waiting, *after)


def _named(name: str) -> str:
    """A parameter for a column: never of a column's own name, which SQLAlchemy would set in every table that has it."""
    return f"event_{name}"


def _update(key: ChangeKey, before: CTE | None) -> Any:
    """The update of a changed row of one version to the next."""
    model, names = key
    table = cast(Table, model.__table__)
    new = {name: bindparam(f"{table.name}_{name}", type_=table.c[name].type) for name in names}
    is_it = table.c.id == bindparam(f"key_of_{table.name}", type_=BigInteger)
    is_unchanged = table.c.version == bindparam(f"version_of_{table.name}", type_=BigInteger)
    changed = update(table).where(is_it, is_unchanged).values(new | {"version": table.c.version + 1})
    if before is not None:
        changed = changed.where(select(func.count()).select_from(before).scalar_subquery() >= literal_column("0"))
    return changed.returning(table.c.id)


def _seal(event: AuditEvent, payload: dict[str, Any]) -> None:
    salt = secrets.token_bytes(32)
    db.session.add(AuditPayload(event_id=event.id, payload=payload, salt=salt))
    db.session.add(AuditPending(event_id=event.id, leaf=_leaf(event, payload, salt)))


def _leaf(event: AuditEvent, payload: dict[str, Any], salt: bytes) -> bytes:
    leaf: dict[str, str | int] = {
        "v": 1,
        "class": event.name,
        "at": event.at.astimezone(clock.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "event": event.public_id,
        "commitment": commitment(salt, payload).hex(),
    }
    return rfc8785.dumps(leaf)


def created(row: Model, *, cause_id: int | None = None, payload: dict[str, Any] | None = None) -> AuditEvent:
    """Add a row of the chain and write the event of its birth; its cause_id is what led to it.

    Without cause_id the running action's own first event is taken, so something must have happened before.
    """
    cause = current()
    parent = cause_id if cause_id is not None else cause.latest_parent
    if hasattr(row, "cause_id"):
        if parent is None:
            raise NotInTransaction(f"{row.__tablename__}: a row of the chain needs the event that led to it")
        row.cause_id = parent
    db.session.add(row)
    db.session.flush()
    return record(f"{row.__tablename__}.create", row, payload, cause_id=parent)


def event_of(subject: Model, name: str) -> AuditEvent:
    """The latest event of a name on a subject. Raises LookupError when there is none."""
    found = db.session.scalar(
        select(AuditEvent)
        .where(
            AuditEvent.subject_type == subject.__tablename__,
            AuditEvent.subject_id == subject.id,
            AuditEvent.name == name,
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    if found is None:
        raise LookupError(f"{subject!r} has no event {name}")
    return found
