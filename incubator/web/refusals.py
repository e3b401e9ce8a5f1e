"""Refusals that the audit trail keeps. What a refused request did is undone, so the edge writes them after it, in a
small transaction of its own."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import g, request
from sqlalchemy import ColumnElement, Select, inspect, null, select
from sqlalchemy.exc import SQLAlchemyError

from incubator.core import audit, clock
from incubator.core.actions import is_declared
from incubator.core.audit import DENIED, AuditEvent, AuditPayload
from incubator.core.db import Model, db
from incubator.core.errors import DomainError, Hidden
from incubator.core.transaction import transaction
from incubator.web.routes import right_of_request

AGAIN = dt.timedelta(minutes=10)
"""How long the same refusal is told once."""
MOST = 60
"""Refusals of one person that are told in that time: who tries everything fills no log."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Denial:
    """What a person (of: the model) was denied. action: a row of the permission table or the page's endpoint; rule: the
    method and the rule of the address, never the address; model, which: the row."""

    of: Any
    actor_id: int
    action: str
    rule: str
    status: int
    model: Any
    which: ColumnElement[bool]


def keep(write: Callable[[], None]) -> None:
    """Have this written when the request is over."""
    g.refused = write


def write_kept() -> None:
    """Write what this request has kept, if anything; where the database takes nothing in, the answer stands."""
    write = g.pop("refused", None)
    if write is None:
        return
    try:
        with transaction():
            write()
    except SQLAlchemyError:
        log.exception("a refusal was not kept")


def keep_denial(error: DomainError, whoever: Any) -> None:
    """Keep it where a signed-in person was denied a step (403), or a page or a row that is hidden from them (404)."""
    if error.status not in {403, 404} or (error.status == 404 and error.about is None):
        return
    person = whoever()
    if not isinstance(person, Model):
        return
    model, which = _row(error.about) or _row(g.get("loaded")) or (type(person), type(person).id == person.id)
    rule = f"{request.method} {request.url_rule}"
    keep(partial(_write, Denial(type(person), person.id, _action(error), rule, error.status, model, which)))


def _action(error: DomainError) -> str:
    right = right_of_request()
    names = (error.code, right.name if right else "")
    return next((name for name in names if is_declared(name)), str(request.endpoint))


def _row(about: object) -> tuple[Any, ColumnElement[bool]] | None:
    """The table and the condition of what a refusal is about; None for what is no row, or none that stands."""
    model: Any = about.model if isinstance(about, Hidden) else type(about)
    if isinstance(about, Hidden):
        return model, model.public_id == about.public_id
    key = inspect(about).identity if isinstance(about, Model) else None
    return (model, model.id == key[0]) if key else None


def _write(denial: Denial) -> None:
    """Write it, unless there is no such row, or it has been told a short while ago."""
    public_id = getattr(denial.model, "public_id", null())
    found = db.session.execute(select(denial.model.id, public_id).where(denial.which)).one_or_none()
    if found is None:
        return
    asked = {"action": denial.action, "kind": denial.model.__tablename__, "row": found[1]}
    told = db.session.scalars(_told_of(denial).limit(MOST)).all()
    if len(told) < MOST and not any(one.items() >= asked.items() for one in told):
        with audit.because(denial, DENIED):
            audit.record(DENIED, denial.of(id=denial.actor_id), asked | {"rule": denial.rule, "status": denial.status})


def _told_of(denial: Denial) -> Select[Any]:
    """The payloads of what the person was denied of late."""
    return (
        select(AuditPayload.payload)
        .join(AuditEvent, AuditPayload.event_id == AuditEvent.id)
        .where(
            AuditEvent.subject_type == denial.of.__tablename__, AuditEvent.subject_id == denial.actor_id,
            AuditEvent.name == DENIED, AuditEvent.at > clock.now() - AGAIN, AuditPayload.payload.is_not(None),
        )
        .order_by(AuditEvent.id.desc())
    )  # fmt: skip
