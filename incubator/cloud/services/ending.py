"""The end of a lease: grace, closing, and the rest of the credits back to the venture."""

import datetime as dt

from flask_babel import gettext as _

from incubator.cloud.models import Lease, Sandbox
from incubator.cloud.services import access, holds, metering, operations, telling
from incubator.cloud.states import LEASE, SANDBOX, Desired, FreezeReason, Kind, SandboxState
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.errors import WrongState

GRACE = dt.timedelta(days=7)


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
    """The days are over: the sandbox is frozen, and closed after the days of grace. Run by the system."""
    operations.lock(sandbox)
    LEASE.move(lease, "expire")
    lease.grace_ends_at = clock.now() + GRACE
    if sandbox.state is SandboxState.ACTIVE:
        metering.request_freeze(sandbox, FreezeReason.LEASE, metering.CREDIT_LEVEL)
    telling.lead(sandbox, "sandbox.expired")


def settle(sandbox: Sandbox) -> None:
    """Everything is gone at the provider: give the rest of the hold back and end the lease. Run by the system."""
    lease = sandbox.lease
    SANDBOX.move(sandbox, "finish")
    holds.give_back(sandbox, f"release-{sandbox.public_id}")
    LEASE.move(lease, "end" if LEASE.allows(lease, "end") else "cancel")
    access.forget(sandbox)
    operations.settle_others(sandbox)
    telling.lead(sandbox, "sandbox.closed")
