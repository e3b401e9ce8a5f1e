"""The end of a lease: grace, closing, and the rest of the credits back to the venture."""

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from incubator.cloud.models import Lease, LeaseNotice, Sandbox
from incubator.cloud.services import access, exporting, holds, members, metering, operations, telling
from incubator.cloud.states import LEASE, SANDBOX, Desired, FreezeReason, Kind, LeaseState, SandboxState
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import WrongState

GRACE = dt.timedelta(days=7)
NOTICES = (7, 1)
"""Days before the end at which the lead is told, once each."""


@action("sandbox.close")
def close(actor: Actor, sandbox: Sandbox) -> None:
    """Close a sandbox for good: access is cut, everything in it deleted, the rest of the credits given back."""
    operations.lock(sandbox)
    metering.stop(sandbox)
    sandbox.desired, sandbox.frozen_reason, sandbox.frozen_level = Desired.CLOSED, None, 0
    event = SANDBOX.move(sandbox, "close")
    operations.undo_others(sandbox)
    operations.request(sandbox, Kind.CLOSE, level=3, cause_id=event.id)


@action("sandbox.unfreeze")
def unfreeze(actor: Actor, sandbox: Sandbox) -> None:
    """Let a team in again that has passed its disk, so that it can tidy up; growing further freezes it again."""
    operations.lock(sandbox)
    if sandbox.frozen_reason is not FreezeReason.DISK:
        raise WrongState(_("Only a sandbox that was frozen for its disk can be opened this way."))
    event = audit.record("sandbox.ask_unfreeze", sandbox)
    sandbox.desired = Desired.ACTIVE
    operations.request(sandbox, Kind.UNFREEZE, cause_id=event.id)


def expire(lease: Lease, sandbox: Sandbox) -> None:
    """The days are over: the sandbox is frozen, a copy of what is in it made for the team, and it is closed after the
    days of grace. Run by the system."""
    operations.lock(sandbox)
    LEASE.move(lease, "expire")
    lease.grace_ends_at = clock.now() + GRACE
    if sandbox.state in {SandboxState.ACTIVE, SandboxState.FROZEN}:
        _freeze_for_lease(sandbox)
    if sandbox.state in {SandboxState.ACTIVE, SandboxState.FROZEN} and exporting.can_export(sandbox):
        operations.request(sandbox, Kind.EXPORT)
    telling.lead(sandbox, "sandbox.expired")


def _freeze_for_lease(sandbox: Sandbox) -> None:
    """Whatever froze it or is about to: from now on only an extension opens it."""
    sandbox.desired = Desired.FROZEN
    if sandbox.state is SandboxState.FROZEN:
        sandbox.frozen_reason = FreezeReason.LEASE
        return
    operation = operations.request(sandbox, Kind.FREEZE, reason=FreezeReason.LEASE, level=metering.CREDIT_LEVEL)
    operation.reason, operation.level = FreezeReason.LEASE, max(operation.level, metering.CREDIT_LEVEL)


def tell_of_ends(now: dt.datetime) -> int:
    """Tell the leads of what ends within days; of several notices at once the nearest. Answers how many were told.

    Run by the system.
    """
    told = 0
    last = now + dt.timedelta(days=max(NOTICES))
    rows = db.session.execute(
        select(Lease, Sandbox)
        .join(Sandbox, Sandbox.lease_id == Lease.id)
        .where(Lease.state == LeaseState.RUNNING, Lease.ends_at > now, Lease.ends_at <= last)
        .order_by(Lease.id)
    ).all()
    for lease, sandbox in rows:
        ends_at = lease.ends_at or now
        due = [days for days in NOTICES if days < lease.days and ends_at <= now + dt.timedelta(days=days)]
        if fresh := [days for days in due if _is_first(lease, days)]:
            telling.lead(sandbox, "sandbox.ends_soon", days=min(fresh))
            told += 1
    return told


def _is_first(lease: Lease, days: int) -> bool:
    row = {"lease_id": lease.id, "ends_at": lease.ends_at, "days": days, "created_at": clock.now()}
    added = insert(LeaseNotice).values(**row).on_conflict_do_nothing().returning(LeaseNotice.days)
    return db.session.scalar(added) is not None


def settle(sandbox: Sandbox) -> None:
    """Everything is gone at the provider: give the rest of the hold back and end the lease. Run by the system."""
    lease = sandbox.lease
    SANDBOX.move(sandbox, "finish")
    holds.give_back(sandbox, f"release-{sandbox.public_id}")
    LEASE.move(lease, "end" if LEASE.allows(lease, "end") else "cancel")
    access.forget(sandbox)
    members.forget(sandbox)
    operations.settle_others(sandbox)
    telling.lead(sandbox, "sandbox.closed")
