"""Looking at providers: usage, what is there, and the leases whose days are over."""

import logging

from sqlalchemy import func, select

from incubator.cloud.drivers import Driver, DriverError, RemoteRef, Usage
from incubator.cloud.jobs.each import hand_over, one_by_one
from incubator.cloud.jobs.locks import one_at_a_time
from incubator.cloud.models import Lease, Provider, Sandbox
from incubator.cloud.services import ending, findings, metering, operations
from incubator.cloud.services.providers import driver_of
from incubator.cloud.states import LeaseState, SandboxState
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.people.predicates import SYSTEM

log = logging.getLogger(__name__)


CHUNK = 100
READING = 7_318 << 40
COMPARING = 7_319 << 40


@job("cloud.meter", queue="billing", every=10)
def meter() -> list[int]:
    """Have every provider read at which something runs, each for itself and before what else waits there: what runs
    away is frozen however much is ordered meanwhile. Returns their ids."""
    with transaction():
        ids = db.session.scalars(
            select(Sandbox.provider_id).where(Sandbox.state == SandboxState.ACTIVE).distinct().order_by("provider_id")
        ).all()
    return hand_over("cloud.read", ids, is_first=True)


@job("cloud.read", queue="cloud", aside=True)
@one_at_a_time(READING)
def read(provider_id: int) -> int:
    """Read every running sandbox of a provider in one call; returns how many.

    Readings of which nobody has to hear are counted together, so many a transaction; each of the others has a short
    transaction of its own.
    """
    keys = _running(provider_id)
    seen = one_by_one(_usage, provider_id, list(keys)) or {}
    usage = {keys[key]: found for key, found in seen.items() if key in keys}
    ids = sorted(usage)
    for start in range(0, len(ids), CHUNK):
        _take_some({one: usage[one] for one in ids[start : start + CHUNK]})
    return len(usage)


def _take_some(usages: dict[int, Usage]) -> None:
    counted = one_by_one(_take_quiet, usages) or set()
    for sandbox_id in usages.keys() - counted:
        one_by_one(_take, sandbox_id, usages[sandbox_id])


def _take_quiet(usages: dict[int, Usage]) -> set[int]:
    with transaction():
        return metering.take_quiet(usages)


def _running(provider_id: int) -> dict[str, int]:
    """Key → sandbox id."""
    with transaction():
        rows = db.session.execute(
            select(func.coalesce(Sandbox.remote_key, Sandbox.public_id), Sandbox.id)
            .where(Sandbox.provider_id == provider_id, Sandbox.state == SandboxState.ACTIVE)
            .order_by(Sandbox.id)
        )
        return {row[0]: row[1] for row in rows}


def _usage(provider_id: int, keys: list[str]) -> dict[str, Usage]:
    """An unreachable provider is read the next time, for the whole time since the last reading."""
    try:
        return _driver(provider_id).usage(keys)
    except DriverError as error:
        log.warning("usage cannot be read", extra={"provider": provider_id, "reason": type(error).__name__})
        return {}


def _driver(provider_id: int) -> Driver:
    with transaction():
        return driver_of(db.session.get_one(Provider, provider_id))


def _take(sandbox_id: int, usage: Usage) -> None:
    with transaction():
        sandbox = db.session.get_one(Sandbox, sandbox_id)
        operations.lock(sandbox)
        with audit.because(SYSTEM, "sandbox.meter", parent_id=sandbox.cause_id):
            metering.take(sandbox, usage)


@job("cloud.expire", every=60)
def expire() -> int:
    """Tell of what ends soon, freeze what has run its days, close what has had its days of grace; returns how many."""
    one_by_one(_tell)
    with transaction():
        ids = db.session.scalars(
            select(Sandbox.id)
            .join(Lease, Lease.id == Sandbox.lease_id)
            .where(
                ((Lease.state == LeaseState.RUNNING) & (Lease.ends_at <= clock.now()))
                | ((Lease.state == LeaseState.GRACE) & (Lease.grace_ends_at <= clock.now()))
            )
            .where(Sandbox.state.in_((SandboxState.ACTIVE, SandboxState.FROZEN, SandboxState.LOST)))
            .order_by(Sandbox.id)
        ).all()
    for sandbox_id in ids:
        one_by_one(_end, sandbox_id)
    return len(ids)


def _tell() -> None:
    with transaction():
        ending.tell_of_ends(clock.now())


def _end(sandbox_id: int) -> None:
    with transaction():
        sandbox = db.session.get_one(Sandbox, sandbox_id)
        operations.lock(sandbox)
        with audit.because(SYSTEM, "lease.expire", parent_id=sandbox.cause_id):
            if sandbox.lease.state is LeaseState.RUNNING:
                ending.expire(sandbox.lease, sandbox)
            else:
                ending.close(SYSTEM, sandbox)


@job("cloud.sweep", every=300)
def sweep() -> list[int]:
    """Have every provider's list compared with our rows, each for itself; returns their ids."""
    with transaction():
        ids = db.session.scalars(select(Provider.id).order_by(Provider.id)).all()
    return hand_over("cloud.compare", ids)


@job("cloud.compare", queue="cloud", aside=True)
@one_at_a_time(COMPARING)
def compare(provider_id: int) -> bool:
    """Compare a provider's list with our rows; False when it cannot be read."""
    return bool(one_by_one(_sweep, provider_id))


def _there(provider_id: int, driver: Driver) -> list[RemoteRef]:
    """What the provider holds; one that has no list is asked for each of ours, and orphans stay unseen."""
    if driver.capabilities.lists:
        return driver.list_all()
    with transaction():
        known = func.coalesce(Sandbox.remote_key, Sandbox.public_id)
        keys = db.session.scalars(
            select(known).where(
                Sandbox.provider_id == provider_id,
                Sandbox.state.in_((SandboxState.ACTIVE, SandboxState.FROZEN)),
            )
        ).all()
    return [ref for key in keys if (ref := driver.find(key)) is not None]


def _sweep(provider_id: int) -> bool:
    try:
        remote = _there(provider_id, _driver(provider_id))
    except DriverError as error:
        log.warning("a provider's list cannot be read", extra={"provider": provider_id, "reason": type(error).__name__})
        return False
    with transaction():
        provider = db.session.get_one(Provider, provider_id)
        with audit.because(SYSTEM, "sandbox.sweep"):
            findings.compare(provider, remote)
    return True
