"""Asking for something to be done at a provider, and what an operator does when it failed for good."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.cloud.events import OperationRequested
from incubator.cloud.models import Finding, Meter, Operation, OperationStep, Sandbox, SandboxMember
from incubator.cloud.services import holds
from incubator.cloud.states import (
    CLOSED_OPERATIONS,
    OPERATION,
    SANDBOX,
    FreezeReason,
    Kind,
    OperationState,
    SandboxState,
)
from incubator.core import audit, clock, queue
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.outbox import publish
from incubator.core.transaction import after_commit

STEPS: dict[Kind, tuple[str, ...]] = {
    Kind.PROVISION: ("hold", "create", "limits", "access", "hand_over"),
    Kind.ACCESS: ("access",),
    Kind.FREEZE: ("freeze",),
    Kind.UNFREEZE: ("unfreeze",),
    Kind.CLOSE: ("stop", "export", "wipe", "settle"),
    Kind.EXPORT: ("export",),
    Kind.MEMBERS: ("members",),
    Kind.SWEEP: ("sweep",),
}
ENDING = (Kind.CLOSE, Kind.SWEEP)
WITHOUT_TRACE = (Kind.ACCESS, Kind.EXPORT, Kind.MEMBERS, Kind.UNFREEZE)
"""Operations that leave nothing behind which must be undone at the provider."""
DONE_WHEN_ASKED = {"hold"}
FIRST_ISSUE = dt.timedelta(seconds=5)
"""The outbox hands an operation over at once; the reconciler looks after those it has not, a little later."""


def request(
    sandbox: Sandbox, kind: Kind, *, reason: FreezeReason | None = None, level: int = 0, cause_id: int | None = None
) -> Operation:
    """Ask for an operation; one that is open already is answered instead. No right of its own: its caller has one.

    One that has stopped for good and leaves nothing behind makes way: whoever asks again would wait for nothing.
    """
    found = open_operation(sandbox, kind)
    if found is not None and found.state is OperationState.DEAD and kind in WITHOUT_TRACE:
        abandon(found)
    elif found is not None:
        return found
    now = clock.now()
    operation = Operation(
        sandbox=sandbox, kind=kind, reason=reason, level=level, due_at=now, issue_at=now + FIRST_ISSUE
    )
    for position, key in enumerate(STEPS[kind]):
        at = now if key in DONE_WHEN_ASKED else None
        operation.steps.append(OperationStep(position=position, key=key, started_at=at, done_at=at))
    audit.created(operation, cause_id=cause_id, payload={"kind": kind.value})
    publish(OperationRequested(operation.id))
    return operation


def abandon(operation: Operation) -> None:
    """Give up what has stopped and left nothing behind. No right of its own: its caller has one."""
    OPERATION.move(operation, "compensate")
    OPERATION.move(operation, "settle")
    operation.done_at = clock.now()
    db.session.flush()


def wake(operation_id: int, provider_id: int, *, is_first: bool = False) -> None:
    """Hand an operation's id to its provider's queue when the running transaction is safe; the reconciler does it
    again. is_first: before those that have not begun."""

    def enqueue() -> None:
        queue.enqueue("cloud.operate", operation_id, lane=provider_id, is_first=is_first)

    after_commit(enqueue)


def open_operation(sandbox: Sandbox, kind: Kind) -> Operation | None:
    """The sandbox's operation of this kind that is not finished."""
    return db.session.scalar(
        select(Operation).where(
            Operation.sandbox_id == sandbox.id, Operation.kind == kind, Operation.state.not_in(CLOSED_OPERATIONS)
        )
    )


def lock(row: Sandbox | Operation | Finding | SandboxMember) -> None:
    """Take a row, as it is now; whoever changes a sandbox and its operations takes the sandbox first."""
    model: Any = type(row)
    locked = select(model).where(model.id == row.id).with_for_update(key_share=True)
    db.session.scalars(locked.execution_options(populate_existing=True)).one()


@action("operation.retry")
def retry(actor: Actor, operation: Operation) -> None:
    """Try a dead operation again from the step that failed."""
    lock(operation.sandbox)
    lock(operation)
    if operation.sandbox.state in {SandboxState.CLOSED, SandboxState.CLOSING} and operation.kind not in ENDING:
        raise WrongState(_("The sandbox is being closed: there is nothing to try again."))
    again(operation)
    if operation.sandbox.state is SandboxState.FAILED:
        SANDBOX.move(operation.sandbox, "retry")
        hold_again(operation.sandbox)


def again(operation: Operation, *, cause_id: int | None = None) -> None:
    """Let what has stopped run on from the step that failed. No right of its own: its caller has one."""
    OPERATION.move(operation, "retry", cause_id=cause_id)
    operation.attempts, operation.issues, operation.error = 0, 0, None
    operation.due_at = operation.issue_at = clock.now()
    for step in operation.steps:
        step.started_at = step.started_at if step.done_at else None  # patience begins anew
    publish(OperationRequested(operation.id))


def hold_again(sandbox: Sandbox) -> None:
    """The credits went back when the sandbox failed or was lost: hold what of its limit is not spent.

    Raises WrongState when the venture has spent them since.
    """
    posted = db.session.scalar(select(Meter.posted).where(Meter.sandbox_id == sandbox.id)) or 0
    left = sandbox.lease.spend_limit - posted
    if left <= 0:
        return
    try:
        key = f"again-{sandbox.public_id}-{sandbox.version}"
        holds.hold(sandbox, left, key, available_at="")
    except Invalid as refusal:
        raise WrongState(refusal.message) from refusal


def undo_others(sandbox: Sandbox) -> None:
    """The closing takes over what other operations left behind."""
    for operation in _of(sandbox):
        if operation.kind is not Kind.CLOSE and OPERATION.allows(operation, "compensate"):
            OPERATION.move(operation, "compensate")


def settle_others(sandbox: Sandbox) -> None:
    """What was being undone is undone."""
    for operation in _of(sandbox):
        if operation.state is OperationState.COMPENSATING:
            OPERATION.move(operation, "settle")
            operation.done_at = clock.now()


def _of(sandbox: Sandbox) -> list[Operation]:
    open_ones = select(Operation).where(Operation.sandbox_id == sandbox.id, Operation.state.not_in(CLOSED_OPERATIONS))
    return list(db.session.scalars(open_ones.order_by(Operation.id).with_for_update()))
