"""Copies of what is in a sandbox: asked for by the lead, made by the system when the days are over."""

import datetime as dt
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.cloud.drivers import Driver, RemoteRef, capabilities_of
from incubator.cloud.models import Operation, Sandbox, SandboxExport
from incubator.cloud.services import operations, telling
from incubator.cloud.states import Kind, LeaseState, OperationState, SandboxState
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.files import services as files
from incubator.files import storage
from incubator.people.models import Person

KEPT = dt.timedelta(days=30)
MEDIA_TYPE = "application/zip"


@action("sandbox.ask_export")
def ask_export(actor: Person, sandbox: Sandbox) -> None:
    """Ask for a copy of what is in it. Raises WrongState where there is nothing yet or its provider gives none."""
    operations.lock(sandbox)
    if sandbox.state not in {SandboxState.ACTIVE, SandboxState.FROZEN}:
        raise WrongState(_("A copy can be had while the sandbox runs or is frozen."))
    if not can_export(sandbox):
        raise WrongState(_("This provider gives out no copies: save what you need yourselves."))
    event = audit.record("sandbox.ask_export", sandbox)
    operations.request(sandbox, Kind.EXPORT, cause_id=event.id)


def can_export(sandbox: Sandbox) -> bool:
    """Whether what is in it can be taken out by the product."""
    return capabilities_of(sandbox.provider.driver).portable_export


def is_owed(sandbox: Sandbox) -> bool:
    """Whether a copy must be made before everything is deleted: its days are over and there is none since."""
    lease = sandbox.lease
    if lease.state is not LeaseState.GRACE or lease.ends_at is None or not can_export(sandbox):
        return False
    if sandbox.without_copy is not None:
        return False
    newer = (SandboxExport.sandbox_id == sandbox.id) & (SandboxExport.created_at >= lease.ends_at)
    return db.session.scalar(select(SandboxExport.id).where(newer).limit(1)) is None


@action("sandbox.close_without_copy")
def close_without_copy(actor: Person, sandbox: Sandbox, *, reason: str) -> None:
    """Go on with a closing that stopped because the copy of what is in it cannot be made: all of it is deleted.

    Raises Invalid without a reason, WrongState where no copy holds the closing up.
    """
    operations.lock(sandbox)
    closing = operations.open_operation(sandbox, Kind.CLOSE)
    if closing is None or not _is_stuck(sandbox, closing):
        raise WrongState(_("Only a closing that stopped because no copy can be made goes on without one."))
    if not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    sandbox.without_copy = reason.strip()
    event = audit.record("sandbox.close_without_copy", sandbox, reason=sandbox.without_copy)
    operations.again(closing, cause_id=event.id)
    if actor.id != sandbox.venture.lead_id:
        telling.lead(sandbox, "sandbox.without_copy")


def _is_stuck(sandbox: Sandbox, closing: Operation) -> bool:
    """Whether the closing stopped for good at the copy that is owed."""
    operations.lock(closing)
    left = next((step.key for step in closing.steps if step.done_at is None), None)
    return closing.state is OperationState.DEAD and left == "export" and is_owed(sandbox)


def write(driver: Driver, ref: RemoteRef) -> Path:
    """Fetch the copy into a scratch file, outside any transaction. Raises a DriverError; then no file is left."""
    path = storage.scratch()
    try:
        with path.open("wb") as target:
            driver.export(ref, target)
    except BaseException:
        path.unlink()
        raise
    return path


def keep(sandbox: Sandbox, path: Path) -> SandboxExport:
    """Keep a copy for its team. No right of its own: the operation calls it."""
    name = f"{sandbox.number}-{clock.now():%Y%m%d-%H%M%S}.zip"
    file = files.keep_scratch(path, name, MEDIA_TYPE)
    copy = SandboxExport(sandbox=sandbox, file=file, expires_at=clock.now() + KEPT)
    audit.created(copy, payload={"size": file.size, "sha256": file.sha256.hex()})
    return copy


def delete_expired() -> int:
    """Delete the bytes of copies whose time is over; answers how many. Run by the system."""
    over = select(SandboxExport).where(SandboxExport.file_id.is_not(None), SandboxExport.expires_at <= clock.now())
    found = db.session.scalars(over.with_for_update(skip_locked=True)).all()
    for copy in found:
        file, copy.file, copy.deleted_at = copy.file, None, clock.now()
        db.session.flush()
        if file is not None:
            files.forget(file)
    return len(found)
