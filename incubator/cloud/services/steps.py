"""The steps of operations: each observes, compares, acts at the provider, and answers what is to be written.

They run outside any transaction and may be run again after a crash at any point. The account is looked up by its key
before anything is made, so what an earlier copy made is adopted.
"""

import datetime as dt
from collections.abc import Callable

from incubator.cloud.drivers import Conflict, NotEmpty, NotFound, Pending, RemoteRef, RemoteState
from incubator.cloud.models import Operation, Sandbox
from incubator.cloud.services import access, ending, exporting, members, metering, operations, ordering, telling
from incubator.cloud.services.progress import Fenced, Record, Work
from incubator.cloud.states import LEASE, SANDBOX, Desired, FreezeReason, Kind, SandboxState
from incubator.core import clock
from incubator.ventures import services as ventures

Step = Callable[[Work], Record]
UNFINISHED = (RemoteState.CREATING, RemoteState.DELETING)
WITHOUT_A_CALL = {"hand_over"}


def run(work: Work, key: str) -> Record:
    """Take one step at the provider. Raises a DriverError: Pending when it has to be looked at again later."""
    return STEPS[work.kind, key](work)


def together(work: Work) -> list[list[str]]:
    """The steps that are left; one that asks nothing more of the provider joins the one before it."""
    groups: list[list[str]] = []
    for key in work.steps:
        if groups and key in WITHOUT_A_CALL:
            groups[-1].append(key)
        else:
            groups.append([key])
    return groups


def _create(work: Work) -> Record:
    ref = work.driver.find(work.key)
    if ref is None or ref.state is RemoteState.CREATING:
        ref = _create_or_adopt(work)
    if ref.state in UNFINISHED:
        raise Pending("the account is not there yet", work.driver.capabilities.poll_seconds)
    work.ref = ref
    name = ref.name

    def write(_operation: Operation, sandbox: Sandbox) -> None:
        sandbox.remote_name = name

    return write


def _create_or_adopt(work: Work) -> RemoteRef:
    try:
        return work.driver.create(work.key, work.limits)
    except Conflict:
        ref = work.driver.find(work.key)
        if ref is None:
            raise
        return ref


def _limits(work: Work) -> Record:
    work.driver.ensure_limits(_there(work), work.limits)
    return _nothing


def _access(work: Work) -> Record:
    secret = work.driver.ensure_access(_there(work))

    def write(_operation: Operation, sandbox: Sandbox) -> None:
        access.keep(sandbox, secret)
        if work.kind is Kind.ACCESS:
            telling.lead(sandbox, "sandbox.access")

    return write


def _hand_over(work: Work) -> Record:
    _there(work)

    def write(_operation: Operation, sandbox: Sandbox) -> None:
        now = clock.now()
        SANDBOX.move(sandbox, "activate")
        if LEASE.allows(sandbox.lease, "start"):  # one that was lost and found runs on
            LEASE.move(sandbox.lease, "start")
            sandbox.lease.starts_at, sandbox.lease.ends_at = now, now + dt.timedelta(days=sandbox.lease.days)
        metering.start(sandbox)
        ventures.open_sandbox(sandbox.venture)
        telling.lead(sandbox, "sandbox.ready")
        _freeze_with_venture(sandbox)

    return write


def _freeze_with_venture(sandbox: Sandbox) -> None:
    """What is open again follows a freeze of its venture's credits that was made meanwhile."""
    level = ordering.frozen_level(sandbox.venture)
    if level > 1:
        metering.request_freeze(sandbox, FreezeReason.CREDIT, level)


def _freeze(work: Work) -> Record:
    work.driver.freeze(_there(work), work.level)

    def write(operation: Operation, sandbox: Sandbox) -> None:
        if operation.level > work.level:  # asked to go further while this copy was at it
            raise Fenced  # the next copy does
        if sandbox.state is SandboxState.FROZEN:  # somebody had opened it at the provider, or it goes further
            sandbox.frozen_level = max(sandbox.frozen_level, operation.level)
            return
        metering.stop(sandbox)
        sandbox.frozen_reason, sandbox.frozen_level = operation.reason, operation.level
        SANDBOX.move(sandbox, "freeze", payload={"reason": str(operation.reason), "level": operation.level})
        telling.lead(sandbox, f"sandbox.frozen_{operation.reason}")
        if sandbox.desired is Desired.ACTIVE:  # it was to be opened again while this was under way
            operations.request(sandbox, Kind.UNFREEZE)

    return write


def _unfreeze(work: Work) -> Record:
    ref = _there(work)
    for name in work.letting_out.values():  # before: who was removed meanwhile must not get in again
        work.driver.remove_member(ref, name)
    work.driver.unfreeze(ref, work.limits)
    secret = work.driver.ensure_access(ref) if work.driver.capabilities.new_secret_after_freeze else None

    def write(_operation: Operation, sandbox: Sandbox) -> None:
        if secret is not None:
            access.keep(sandbox, secret)
        sandbox.desired, sandbox.frozen_reason, sandbox.frozen_level = Desired.ACTIVE, None, 0
        SANDBOX.move(sandbox, "unfreeze")
        members.settled(sandbox, {}, set(work.letting_out))
        metering.start(sandbox)
        telling.lead(sandbox, "sandbox.open_again")
        _freeze_with_venture(sandbox)

    return write


def _stop(work: Work) -> Record:
    ref = work.driver.find(work.key)
    if ref is not None and ref.state not in UNFINISHED:
        work.driver.freeze(ref, work.level)

    def write(_operation: Operation, sandbox: Sandbox) -> None:
        if SANDBOX.allows(sandbox, "export"):
            SANDBOX.move(sandbox, "export")

    return write


def _export(work: Work) -> Record:
    """The copy for the team; before everything is deleted only where the days are over and none was made since."""
    is_wanted = work.kind is Kind.EXPORT or work.owes_export
    ref = work.driver.find(work.key) if is_wanted else None
    if ref is None and work.kind is Kind.EXPORT:
        raise NotFound("the account is gone")
    path = exporting.write(work.driver, ref) if ref is not None else None

    def write(_operation: Operation, sandbox: Sandbox) -> None:
        if path is not None:
            exporting.keep(sandbox, path)
            telling.lead(sandbox, "sandbox.exported")
        if work.kind is Kind.CLOSE and SANDBOX.allows(sandbox, "wipe"):
            SANDBOX.move(sandbox, "wipe")

    return write


def _members(work: Work) -> Record:
    ref = _there(work)
    for name in work.letting_out.values():
        work.driver.remove_member(ref, name)
    secrets = {number: work.driver.ensure_member(ref, name) for number, name in work.letting_in.items()}

    def write(_operation: Operation, sandbox: Sandbox) -> None:
        members.settled(sandbox, secrets, set(work.letting_out))

    return write


def _wipe(work: Work) -> Record:
    _remove(work)

    def write(_operation: Operation, sandbox: Sandbox) -> None:
        sandbox.leftovers = []

    return write


def _remove(work: Work) -> None:
    """Everything inside first; what of it cannot be removed is for a person, with its list."""
    ref = work.driver.find(work.key)
    if ref is None:
        return
    if left := work.driver.wipe(ref):
        raise NotEmpty(left)
    work.driver.delete(ref)


def _sweep(work: Work) -> Record:
    """What took effect after its sandbox had been closed."""
    _remove(work)
    _see_it_gone(work)
    return _nothing


def _see_it_gone(work: Work) -> None:
    ref = work.driver.find(work.key)
    if ref is not None and ref.state is RemoteState.DELETING:
        raise Pending("it is being deleted", work.driver.capabilities.poll_seconds)
    if ref is not None:
        raise NotEmpty([ref.name])


def _settle(work: Work) -> Record:
    _see_it_gone(work)

    def write(_operation: Operation, sandbox: Sandbox) -> None:
        if SANDBOX.allows(sandbox, "wipe"):
            SANDBOX.move(sandbox, "wipe")
        ending.settle(sandbox)

    return write


def _there(work: Work) -> RemoteRef:
    """The account, as seen by this copy; looked up once in its life."""
    work.ref = work.ref or work.driver.find(work.key)
    if work.ref is None:
        raise NotFound("the account is gone")
    return work.ref


def _nothing(_operation: Operation, _sandbox: Sandbox) -> None:
    """What some steps have to write beside that they are done."""


STEPS: dict[tuple[Kind, str], Step] = {
    (Kind.PROVISION, "create"): _create,
    (Kind.PROVISION, "limits"): _limits,
    (Kind.PROVISION, "access"): _access,
    (Kind.PROVISION, "hand_over"): _hand_over,
    (Kind.ACCESS, "access"): _access,
    (Kind.FREEZE, "freeze"): _freeze,
    (Kind.UNFREEZE, "unfreeze"): _unfreeze,
    (Kind.CLOSE, "stop"): _stop,
    (Kind.CLOSE, "export"): _export,
    (Kind.CLOSE, "wipe"): _wipe,
    (Kind.CLOSE, "settle"): _settle,
    (Kind.EXPORT, "export"): _export,
    (Kind.MEMBERS, "members"): _members,
    (Kind.SWEEP, "sweep"): _sweep,
}
