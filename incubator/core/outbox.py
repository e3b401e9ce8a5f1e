"""Events: facts that a package announces to the packages above it.

publish() writes a row in the transaction that made the fact true. After the commit one wake-up without arguments is
queued; the worker then drains all due rows in batches. A periodic run drains what a lost wake-up left behind.
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Index, String, Text, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incubator.core import clock, queue
from incubator.core.audit import request_id
from incubator.core.db import Data, Model, Timestamp, Timestamped, db
from incubator.core.jobs import job
from incubator.core.log import named
from incubator.core.transaction import after_commit, attempt, transaction

log = logging.getLogger(__name__)
BATCH = 25
BACKOFF = (1, 5, 30, 120, 600, 3600)


@dataclass(frozen=True)
class Event:
    """Base of every event: its name and plain values (ids)."""

    name: ClassVar[str]


E = TypeVar("E", bound=Event)
_types: dict[str, type[Event]] = {}
handlers: dict[str, list[Callable[[Any], None]]] = defaultdict(list)


class OutboxMessage(Timestamped, Model):
    """One published event on its way to its subscribers."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_due", "due_at", postgresql_where=text("done_at IS NULL")),)

    event: Mapped[str] = mapped_column(String(60))
    payload: Mapped[Data]
    due_at: Mapped[Timestamp]
    done_at: Mapped[Timestamp | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(String(32))


def publish(event: Event) -> None:
    """Announce a fact in the current transaction."""
    db.session.add(
        OutboxMessage(event=event.name, payload=asdict(event), due_at=clock.now(), request_id=request_id.get())
    )
    after_commit(wake)


def wake() -> None:
    """Ask a worker to drain now, unless one that has yet to begin was asked; without Redis the periodic run does it."""
    if not queue.waiting("outbox.drain"):
        queue.enqueue("outbox.drain")


def subscribe(event: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a handler for an event of a lower package; it must bear being run twice."""

    def decorate(function: Callable[[E], None]) -> Callable[[E], None]:
        _types[event.name] = event
        if function not in handlers[event.name]:
            handlers[event.name].append(function)
        return function

    return decorate


@job("outbox.drain", every=10)
def drain() -> int:
    """Handle every due message; returns how many. Several workers share the work without meeting."""
    total = 0
    while handled := _drain_batch():
        total += handled
    return total


def _drain_batch() -> int:
    with transaction():
        due = db.session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.done_at.is_(None), OutboxMessage.due_at <= clock.now())
            .order_by(OutboxMessage.due_at, OutboxMessage.id)
            .with_for_update(skip_locked=True)
            .limit(BATCH)
        ).all()
        for message in due:
            _handle(message)
        return len(due)


def _handle(message: OutboxMessage) -> None:
    """Have the message's subscribers told, under the id of the request that announced it."""
    token = request_id.set(message.request_id or request_id.get())
    try:
        with attempt():
            for handler in handlers[message.event]:
                handler(_types[message.event](**message.payload))
    except Exception as error:
        log.exception("an event's handler failed", extra={"event": message.event, "outbox_message": message.id})
        delay = BACKOFF[min(message.attempts, len(BACKOFF) - 1)]
        message.attempts += 1
        message.error = named(error)[:2000]
        message.due_at = clock.now() + dt.timedelta(seconds=delay)
    else:
        message.done_at = clock.now()
        message.error = None
    finally:
        request_id.reset(token)
