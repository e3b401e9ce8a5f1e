"""The secret of a sandbox: encrypted, shown to the lead once, then deleted."""

import json
from dataclasses import asdict

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.cloud import vault
from incubator.cloud.drivers import Secret
from incubator.cloud.models import Sandbox, SandboxSecret
from incubator.cloud.services import operations
from incubator.cloud.states import Kind, SandboxState
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import DomainError, WrongState
from incubator.people.models import Person
from incubator.web import formats


class Gone(DomainError):
    """It was there once and is not kept (410)."""

    status = 410
    code = "gone"


def keep(sandbox: Sandbox, secret: Secret) -> None:
    """Keep a new secret until the lead has seen it; an older one is forgotten. No right of its own."""
    row = _row(sandbox) or SandboxSecret(sandbox_id=sandbox.id)
    row.ciphertext = vault.encrypt(json.dumps(asdict(secret)))
    row.shown_at = row.shown_to_id = None
    db.session.add(row)


def forget(sandbox: Sandbox) -> None:
    """Delete what a closed sandbox was reached by."""
    row = _row(sandbox)
    if row is not None:
        db.session.delete(row)


@action("sandbox.reveal")
def reveal_secret(actor: Person, sandbox: Sandbox) -> Secret:
    """Show the secret, once; it is deleted in the same step. Raises Gone (410) with the time it was shown."""
    row = _row(sandbox)
    if row is None:
        raise WrongState(_("There are no access data yet."))
    if row.ciphertext is None:
        when = formats.datetime(row.shown_at)
        raise Gone(_("The access data were shown on %(when)s and are not kept. Ask for a new password.", when=when))
    secret = Secret(**json.loads(vault.decrypt(row.ciphertext)))
    row.ciphertext, row.shown_at, row.shown_to_id = None, clock.now(), actor.id
    audit.record("sandbox.reveal", sandbox)
    return secret


@action("sandbox.renew_access")
def renew_access(actor: Person, sandbox: Sandbox) -> None:
    """Ask for a new password; the old one stops working."""
    operations.lock(sandbox)
    if sandbox.state is not SandboxState.ACTIVE:
        raise WrongState(_("A new password can be had while the sandbox runs."))
    event = audit.record("sandbox.renew_access", sandbox)
    operations.request(sandbox, Kind.ACCESS, cause_id=event.id)


def _row(sandbox: Sandbox) -> SandboxSecret | None:
    return db.session.scalar(
        select(SandboxSecret)
        .where(SandboxSecret.sandbox_id == sandbox.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
