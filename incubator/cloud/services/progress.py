"""What a running copy of an operation writes. Each write names the copy's fence; an older copy gets Fenced.

None of these has a right of its own: the worker calls them, each in a short transaction, never while a provider
answers. Whoever writes takes the sandbox's row first, then the operation's.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import select

from incubator.cloud.drivers import (
    Ambiguous,
    AuthFailed,
    Driver,
    DriverError,
    Limits,
    NotEmpty,
    Pending,
    RemoteRef,
    Throttled,
    Unavailable,
    capabilities_of,
)
from incubator.cloud.models import Operation, OperationStep, Sandbox
from incubator.cloud.services import breaker, exporting, holds, members, operations, telling
from incubator.cloud.services.providers import opener_of
from incubator.cloud.states import OPERATION, RUNNABLE, SANDBOX, Desired, Kind, MemberState, SandboxState
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.people.predicates import SYSTEM

BACKOFF = (1, 2, 4, 8, 15, 30, 60, 120, 300, 600)
MAX_ATTEMPTS = 20
"""About two hours of a provider that is down, before a person must look."""
LIVE_SECONDS = 5
"""A copy that has written nothing for so long is looked after; whether it lives, its lock says."""
PATIENCE = {Kind.PROVISION: dt.timedelta(hours=2), Kind.CLOSE: dt.timedelta(hours=2)}
"""How long a provider may say that it is still at it before a person must look; a person may take longer."""

Record = Callable[[Operation, Sandbox], None]
S = SandboxState
NEEDED_IN: dict[Kind, tuple[SandboxState, ...]] = {
    Kind.PROVISION: (S.REQUESTED, S.PROVISIONING),
    Kind.ACCESS: (S.ACTIVE,),
    Kind.FREEZE: (S.ACTIVE, S.FROZEN),
    Kind.UNFREEZE: (S.FROZEN,),
    Kind.CLOSE: (S.CLOSING, S.EXPORTING, S.WIPING, S.QUARANTINED),
    Kind.EXPORT: (S.ACTIVE, S.FROZEN),
    Kind.MEMBERS: (S.ACTIVE,),
    Kind.SWEEP: (S.CLOSED,),
}
NEEDED_FOR = {Kind.FREEZE: Desired.FROZEN, Kind.UNFREEZE: Desired.ACTIVE}
OPPOSITE = {Kind.FREEZE: Kind.UNFREEZE, Kind.UNFREEZE: Kind.FREEZE}


class Fenced(RuntimeError):
    """Another copy has taken the operation up: this one stops without a word."""


@dataclass
class Work:
    """What one copy needs while it talks to the provider, free of the database.

    letting_in, letting_out: members by id, with the names under which the provider knows them.
    """

    operation_id: int
    fence: int
    kind: Kind
    key: str
    level: int
    limits: Limits
    open_driver: Callable[[], Driver]
    was_failing: bool
    steps: list[str]
    letting_in: dict[int, str] = field(default_factory=dict)
    letting_out: dict[int, str] = field(default_factory=dict)
    owes_export: bool = False
    ref: RemoteRef | None = field(default=None)

    @cached_property
    def driver(self) -> Driver:
        """What speaks to the provider. Raises Unavailable when the provider has no address."""
        return self.open_driver()


def claim(operation_id: int) -> Work | None:
    """Take an operation up under a new fence. None when it is finished, not due, or not needed any more."""
    operation, sandbox = _locked(operation_id)
    now = clock.now()
    if operation.state not in RUNNABLE or operation.due_at > now:
        return None
    later = breaker.lets_through(sandbox.provider)
    if later is not None:
        operation.due_at = operation.issue_at = later
        return None
    with audit.because(SYSTEM, "operation.run", parent_id=operation.cause_id):
        OPERATION.move(operation, "claim", payload={"attempt": operation.attempts})
        operation.fence += 1
        begun = operation.fence > 1 and _is_overtaken(operation, sandbox)  # it may have taken effect: seen to its end
        if not begun and not _is_needed(operation, sandbox):
            _finish(operation)
            return None
        operation.issues, operation.issue_at = 0, now + dt.timedelta(seconds=LIVE_SECONDS)
        if sandbox.state is S.REQUESTED:
            SANDBOX.move(sandbox, "provision")
        left = [step for step in operation.steps if step.done_at is None]
        left[0].started_at = left[0].started_at or now
    return _work(operation, sandbox, left)


def _work(operation: Operation, sandbox: Sandbox, left: list[OperationStep]) -> Work:
    lease = sandbox.lease
    due = members.due(sandbox) if operation.kind in {Kind.MEMBERS, Kind.UNFREEZE} else []
    lets_in = operation.kind is Kind.MEMBERS
    return Work(
        operation_id=operation.id,
        fence=operation.fence,
        kind=operation.kind,
        key=sandbox.key,
        level=operation.level,
        limits=Limits(lease.connections, lease.disk_mb, dict(lease.plan.settings), lease.quantity),
        open_driver=opener_of(sandbox.provider),
        was_failing=sandbox.provider.failures > 0,
        steps=[step.key for step in left],
        letting_in={member.id: member.public_id for member in due if lets_in and member.state is MemberState.ASKED},
        letting_out={member.id: member.public_id for member in due if member.state is MemberState.LEAVING},
        owes_export=operation.kind is Kind.CLOSE and exporting.is_owed(sandbox),
    )


def record(work: Work, writes: Sequence[Record]) -> None:
    """Write what one or more steps brought about, and that they are done; the last one finishes the operation."""
    operation, sandbox = _mine(work)
    now = clock.now()
    if work.was_failing:
        breaker.answered(sandbox.provider_id)
    with audit.because(SYSTEM, "operation.run", parent_id=operation.cause_id):
        overtaken = _is_overtaken(operation, sandbox)
        if not overtaken and not _is_needed(operation, sandbox):
            _finish(operation)
            raise Fenced
        if overtaken and operation.kind is Kind.UNFREEZE:  # it stays frozen here and is frozen there again
            writes = [_leave for _write in writes]
        left = [step for step in operation.steps if step.done_at is None]
        for step, write in zip(left, writes, strict=False):
            write(operation, sandbox)
            step.started_at, step.done_at = step.started_at or now, now
        operation.attempts, operation.error = 0, None
        operation.issue_at = now + dt.timedelta(seconds=LIVE_SECONDS)
        if len(left) > len(writes):
            left[len(writes)].started_at = now
        else:
            _finish(operation)
        if overtaken:
            _turn_back(operation, sandbox)


def _leave(_operation: Operation, _sandbox: Sandbox) -> None:
    """What was done at the provider is turned back next."""


def _turn_back(operation: Operation, sandbox: Sandbox) -> None:
    """Something else was wished for while the provider was at it: ask for that."""
    kind = OPPOSITE[operation.kind]
    reason = sandbox.frozen_reason if kind is Kind.FREEZE else None
    level = sandbox.frozen_level if kind is Kind.FREEZE else 0
    operations.request(sandbox, kind, reason=reason, level=level, cause_id=operation.cause_id)


def wait(work: Work, pending: Pending) -> None:
    """The provider, or a person there, takes their time: look again later; in the end a person must look."""
    operation, sandbox = _mine(work)
    if work.was_failing:
        breaker.answered(sandbox.provider_id)
    with audit.because(SYSTEM, "operation.run", parent_id=operation.cause_id):
        if _is_too_long(operation, sandbox):
            operation.error = f"Pending: {pending}"[:500]
            _die(operation, sandbox)
            return
        OPERATION.move(operation, "wait")
    _later(operation, pending.after)


def _is_too_long(operation: Operation, sandbox: Sandbox) -> bool:
    started = next((step.started_at for step in operation.steps if step.done_at is None), None)
    patience = PATIENCE.get(operation.kind)
    if started is None or patience is None or capabilities_of(sandbox.provider.driver).hand_made:
        return False
    return clock.now() - started > patience


def set_back(work: Work, error: Exception) -> None:
    """A step failed: try again later, or leave it to a person when it can't get better."""
    operation, sandbox = _mine(work)
    operation.error = f"{type(error).__name__}: {error}"[:500]
    if isinstance(error, NotEmpty):
        sandbox.leftovers = error.left
    if isinstance(error, Unavailable | Ambiguous):
        breaker.unanswered(sandbox.provider_id)
    with audit.because(SYSTEM, "operation.run", parent_id=operation.cause_id):
        if (isinstance(error, DriverError) and error.is_permanent) or operation.attempts >= MAX_ATTEMPTS:
            _die(operation, sandbox)
            return
        OPERATION.move(operation, "back_off", payload={"error": type(error).__name__})
    if isinstance(error, AuthFailed):
        breaker.pause(sandbox.provider_id)
        _later(operation, int(breaker.PAUSE.total_seconds()))
    elif isinstance(error, Throttled):
        _later(operation, error.after)
    else:
        _later(operation, BACKOFF[min(operation.attempts, len(BACKOFF) - 1)])
        operation.attempts += 1


def _die(operation: Operation, sandbox: Sandbox) -> None:
    OPERATION.move(operation, "die", payload={"error": operation.error})
    if operation.kind is Kind.PROVISION:
        SANDBOX.move(sandbox, "fail")
        holds.give_back(sandbox, f"failed-{sandbox.public_id}-{operation.fence}")
        telling.lead(sandbox, "sandbox.failed")
    if operation.kind is Kind.CLOSE and SANDBOX.allows(sandbox, "quarantine"):
        SANDBOX.move(sandbox, "quarantine")
    telling.operators(sandbox, "operation.dead")


def _finish(operation: Operation) -> None:
    OPERATION.move(operation, "finish")
    operation.done_at = clock.now()


def _later(operation: Operation, seconds: int) -> None:
    operation.due_at = operation.issue_at = clock.now() + dt.timedelta(seconds=seconds)


def _is_needed(operation: Operation, sandbox: Sandbox) -> bool:
    return sandbox.state in NEEDED_IN[operation.kind] and not _is_overtaken(operation, sandbox)


def _is_overtaken(operation: Operation, sandbox: Sandbox) -> bool:
    """Whether a freeze, or its lifting, that could go on is not wished for any more."""
    wished = NEEDED_FOR.get(operation.kind, sandbox.desired)
    return sandbox.state in NEEDED_IN[operation.kind] and sandbox.desired is not wished


def _mine(work: Work) -> tuple[Operation, Sandbox]:
    operation, sandbox = _locked(work.operation_id)
    if operation.fence != work.fence or operation.state not in RUNNABLE:
        raise Fenced
    return operation, sandbox


def _locked(operation_id: int) -> tuple[Operation, Sandbox]:
    """Both rows as they are now, in one statement; PostgreSQL locks in the order of OF, the sandbox first."""
    operation, sandbox = db.session.execute(
        select(Operation, Sandbox)
        .join(Sandbox, Sandbox.id == Operation.sandbox_id)
        .where(Operation.id == operation_id)
        .with_for_update(of=(Sandbox, Operation), key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    return operation, sandbox
