"""Many events in few statements, for loading a round from files."""

from collections.abc import Iterable
from typing import Any

from incubator.core import audit, clock
from incubator.core.audit import AuditEvent
from incubator.core.db import Model, db


def record_many(name: str, rows: Iterable[tuple[Model, int, dict[str, Any]]]) -> list[AuditEvent]:
    """One event of a name for each (subject, id of the event that led to it, payload), as audit.record writes it."""
    cause, at = audit.current(), clock.now()
    db.session.flush()
    given = list(rows)
    events = [
        AuditEvent(
            at=at, actor_id=cause.actor.actor_id, name=name, subject_type=subject.__tablename__, subject_id=subject.id,
            parent_id=parent_id, request_id=audit.request_id.get(),
        )
        for subject, parent_id, _payload in given
    ]  # fmt: skip
    db.session.add_all(events)
    db.session.flush()
    for event, (_subject, _parent, payload) in zip(events, given, strict=True):
        audit._seal(event, payload)
    return events
