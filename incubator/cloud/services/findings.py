"""What does not add up between a provider and us."""

from collections.abc import Collection, Mapping

from sqlalchemy import BindParameter, String, all_, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from incubator.cloud.drivers import RemoteRef, RemoteState
from incubator.cloud.models import Finding, Provider, Sandbox
from incubator.cloud.services import holds, metering, operations, telling
from incubator.cloud.services.operations import lock
from incubator.cloud.states import SANDBOX, Desired, FindingKind, Kind, SandboxState
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


def _see_all(provider: Provider, kind: FindingKind, details: Mapping[str, str]) -> dict[str, Finding]:
    """The same for many keys, in two statements."""
    of_kind = (Finding.provider_id == provider.id, Finding.kind == kind, Finding.closed_at.is_(None))
    found = select(Finding).where(*of_kind, Finding.key == any_(_array(details))).with_for_update()
    known = {finding.key: finding for finding in db.session.scalars(found)}
    now = clock.now()
    for key, finding in known.items():
        finding.seen, finding.last_at = finding.seen + 1, now
        finding.detail = details[key] if finding.asked_at is None else finding.detail  # why it cannot be deleted
    new = [
        Finding(provider_id=provider.id, kind=kind, key=key, detail=detail, seen=1, first_at=now, last_at=now)
        for key, detail in details.items()
        if key not in known
    ]
    db.session.add_all(new)
    db.session.flush()
    return known | {finding.key: finding for finding in new}


def _array(keys: Collection[str]) -> BindParameter[list[str]]:
    """One parameter, however many keys."""
    return literal(list(keys), ARRAY(String))


def compare(provider: Provider, remote: list[RemoteRef]) -> None:
    """Hold the provider's list against our rows: accounts that are nobody's, sandboxes that are not there.

    The list was taken before our rows are read, so a sandbox ordered meanwhile is not mistaken for an orphan. What
    came into being for a sandbox that has been closed since is swept; what was opened again by hand is frozen again.
    """
    rows = {
        sandbox.key: sandbox
        for sandbox in db.session.scalars(
            select(Sandbox).where(Sandbox.provider_id == provider.id, Sandbox.state != SandboxState.CLOSED)
        )
    }
    names = {ref.key: ref.name for ref in remote if ref.state is not RemoteState.DELETING}
    orphans = sorted(names.keys() - rows.keys())
    missing = sorted(key for key, sandbox in rows.items() if sandbox.state in RUNNING and key not in names)
    late = _closed(provider, orphans)
    for key, found in _see_all(provider, FindingKind.ORPHAN, {key: names[key] for key in orphans}).items():
        if found.seen >= CERTAIN and key in late:
            _sweep(late[key])
    for key in missing:
        if see(provider, FindingKind.MISSING, key, rows[key].remote_name or "").seen >= CERTAIN:
            _lose(rows[key])
    opened = [ref.key for ref in remote if ref.state is RemoteState.ACTIVE and _is_frozen(rows.get(ref.key))]
    for key in opened:
        if see(provider, FindingKind.DRIFT, key, names[key]).seen >= CERTAIN:
            _freeze_again(rows[key])
    _close(provider, FindingKind.DRIFT, opened)
    _close(provider, FindingKind.ORPHAN, orphans)
    _close(provider, FindingKind.MISSING, missing)


def _closed(provider: Provider, keys: list[str]) -> dict[str, Sandbox]:
    """Closed sandboxes of ours by these keys, under which something stands at the provider again."""
    if not keys:
        return {}
    key = func.coalesce(Sandbox.remote_key, Sandbox.public_id)
    found = select(Sandbox).where(Sandbox.provider_id == provider.id, key == any_(_array(keys)))
    return {sandbox.key: sandbox for sandbox in db.session.scalars(found)}


def _sweep(sandbox: Sandbox) -> None:
    lock(sandbox)
    if operations.open_operation(sandbox, Kind.SWEEP) is None:
        operations.request(sandbox, Kind.SWEEP, cause_id=sandbox.cause_id)
        telling.operators(sandbox, "sandbox.late")


def _is_frozen(sandbox: Sandbox | None) -> bool:
    return sandbox is not None and sandbox.state is SandboxState.FROZEN and sandbox.desired is Desired.FROZEN


def _freeze_again(sandbox: Sandbox) -> None:
    lock(sandbox)
    if _is_frozen(sandbox):
        operations.request(
            sandbox, Kind.FREEZE, reason=sandbox.frozen_reason, level=sandbox.frozen_level, cause_id=sandbox.cause_id
        )


def _lose(sandbox: Sandbox) -> None:
    """It counts up to now; the rest of its hold goes back to the venture until an account is found."""
    lock(sandbox)
    if sandbox.state in RUNNING:
        metering.stop(sandbox)
        sandbox.frozen_reason, sandbox.frozen_level = None, 0
        SANDBOX.move(sandbox, "lose")
        holds.give_back(sandbox, f"lost-{sandbox.public_id}-{sandbox.version}")
        telling.lead(sandbox, "sandbox.lost")
        telling.operators(sandbox, "sandbox.lost")


def _close(provider: Provider, kind: FindingKind, still_seen: list[str]) -> None:
    db.session.execute(
        update(Finding)
        .where(
            Finding.provider_id == provider.id,
            Finding.kind == kind,
            Finding.closed_at.is_(None),
            Finding.key != all_(_array(still_seen)),
        )
        .values(closed_at=clock.now())
    )
