"""Sandboxes that have run for months: ordered, set up by the provider's people, and read every few days."""

from typing import Any

from incubator.cloud import queries, services
from incubator.cloud.drivers import RemoteRef, RemoteState, Secret, Usage
from incubator.cloud.models import ManualAccount, Operation, Sandbox
from incubator.cloud.services import access, metering, operations, progress, steps
from incubator.cloud.services.progress import Record
from incubator.cloud.states import AccountState, Kind
from incubator.core import audit
from incubator.core.db import db
from incubator.demo.diary import Act
from incubator.demo.stage import YUAN, Stage
from incubator.people.predicates import SYSTEM

EVERY = 5
"""Days between two readings."""


def plan(stage: Stage, entry: dict[str, Any]) -> None:
    """The order, the hand-over on the next day, and the readings up to yesterday."""
    made: list[Sandbox] = []
    stage.diary.on(entry["day"], lambda: made.append(_order(stage, entry)), hour=9)
    stage.diary.on(entry["day"] + 1, lambda: _set_up(made[0]), hour=15)
    for day in range(entry["day"] + 1 + EVERY, 0, EVERY):
        stage.diary.on(day, _reading(made), hour=20)


def _order(stage: Stage, entry: dict[str, Any]) -> Sandbox:
    venture = stage.ventures[entry["venture"]]
    size = queries.plan_by_code(entry["provider"], entry["offer"], entry["plan"])
    return services.order(
        venture.lead, venture, plan=size, limit=entry["limit"] * YUAN, days=entry["days"], quantity=entry["quantity"]
    )


def _set_up(sandbox: Sandbox) -> None:
    """As the operation writes it when people have done their part."""
    reference = f"ly-{sandbox.number.lower()}"
    account = ManualAccount(
        provider_id=sandbox.provider_id, key=sandbox.key, state=AccountState.ACTIVE, reference=reference, limits={}
    )
    db.session.add(account)
    operation = operations.open_operation(sandbox, Kind.PROVISION)
    work = progress.claim(operation.id) if operation is not None else None
    if work is None:
        raise LookupError(f"{sandbox.number} is not to be set up")
    work.ref = RemoteRef(sandbox.key, reference, RemoteState.ACTIVE)
    progress.record(work, [_named(reference), _nothing, _let_in, steps.run(work, "hand_over")])


def _named(reference: str) -> Record:
    def write(_operation: Operation, sandbox: Sandbox) -> None:
        sandbox.remote_name = reference

    return write


def _nothing(_operation: Operation, _sandbox: Sandbox) -> None:
    """The limits were agreed with the order."""


def _let_in(_operation: Operation, sandbox: Sandbox) -> None:
    secret = Secret("console.lingyun.example.com", 443, sandbox.number, "team", sandbox.public_id, "service")
    access.keep(sandbox, secret)


def _reading(made: list[Sandbox]) -> Act:
    def act() -> None:
        sandbox = made[0]
        with audit.because(SYSTEM, "sandbox.meter", parent_id=sandbox.cause_id):
            metering.take(sandbox, Usage(0, 0))

    return act
