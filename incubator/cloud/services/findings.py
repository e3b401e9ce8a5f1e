"""What does not add up between a provider and us."""

from sqlalchemy import select, update

from incubator.cloud.drivers import RemoteRef
from incubator.cloud.models import Finding, Provider, Sandbox
from incubator.cloud.services import telling
from incubator.cloud.services.operations import lock
from incubator.cloud.states import SANDBOX, FindingKind, SandboxState
from incubator.core import clock
from incubator.core.db import db

CERTAIN = 2
"""How often an account must be missing before its sandbox counts as lost."""
RUNNING = (SandboxState.ACTIVE, SandboxState.FROZEN)


def see(provider: Provider, kind: FindingKind, key: str, detail: str) -> Finding:
    """Note a finding, or that it is still there. No right of its own: the meter and the sweep call it."""
    found = db.session.scalar(
        select(Finding)
        .where(
            Finding.provider_id == provider.id, Finding.kind == kind, Finding.key == key, Finding.closed_at.is_(None)
        )
        .with_for_update()
    )
    now = clock.now()
    if found is None:
        found = Finding(provider_id=provider.id, kind=kind, key=key, detail=detail, seen=1, first_at=now, last_at=now)
        db.session.add(found)
        db.session.flush()
    else:
        found.seen, found.last_at, found.detail = found.seen + 1, now, detail
    return found


def compare(provider: Provider, remote: list[RemoteRef]) -> None:
    """Hold the provider's list against our rows: accounts that are nobody's, sandboxes that are not there.

    The list was taken before our rows are read, so a sandbox ordered meanwhile is not mistaken for an orphan.
    """
    rows = {
        sandbox.public_id: sandbox
        for sandbox in db.session.scalars(
            select(Sandbox).where(Sandbox.provider_id == provider.id, Sandbox.state != SandboxState.CLOSED)
        )
    }
    names = {ref.key: ref.name for ref in remote}
    orphans = sorted(names.keys() - rows.keys())
    missing = sorted(key for key, sandbox in rows.items() if sandbox.state in RUNNING and key not in names)
    for key in orphans:
        see(provider, FindingKind.ORPHAN, key, names[key])
    for key in missing:
        if see(provider, FindingKind.MISSING, key, rows[key].remote_name or "").seen >= CERTAIN:
            _lose(rows[key])
    _close(provider, FindingKind.ORPHAN, orphans)
    _close(provider, FindingKind.MISSING, missing)


def _lose(sandbox: Sandbox) -> None:
    lock(sandbox)
    if sandbox.state in RUNNING:
        sandbox.frozen_reason, sandbox.frozen_level = None, 0
        SANDBOX.move(sandbox, "lose")
        telling.lead(sandbox, "sandbox.lost")
        telling.operators(sandbox, "sandbox.lost")


def _close(provider: Provider, kind: FindingKind, still_seen: list[str]) -> None:
    db.session.execute(
        update(Finding)
        .where(
            Finding.provider_id == provider.id,
            Finding.kind == kind,
            Finding.closed_at.is_(None),
            Finding.key.not_in(still_seen),
        )
        .values(closed_at=clock.now())
    )
