"""What should be and is not: asked for again. What an operator gave up: deleted."""

import logging

from sqlalchemy import ColumnElement, Select, exists, select

from incubator.cloud.drivers import Driver, DriverError
from incubator.cloud.jobs.each import hand_over, one_by_one
from incubator.cloud.jobs.locks import one_at_a_time
from incubator.cloud.models import Finding, Operation, Provider, Sandbox, SandboxMember
from incubator.cloud.services import exporting, members, operations
from incubator.cloud.services.providers import driver_of
from incubator.cloud.states import CLOSED_OPERATIONS, Desired, FindingKind, FreezeReason, Kind, LeaseState, SandboxState
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.people.predicates import SYSTEM

log = logging.getLogger(__name__)
BATCH = 200
CLEARING = 7_320 << 40
S = SandboxState
LEVELS = {Kind.FREEZE: 2, Kind.CLOSE: 3}


@job("cloud.repair", every=30)
def repair() -> list[int]:
    """Ask once more for what a sandbox should become where no operation is at it; answers the sandboxes' ids.

    Who has left the company is let out first.
    """
    with transaction():
        left = db.session.scalars(
            select(Sandbox.id).where(Sandbox.state != S.CLOSED, members.has_who_left()).order_by(Sandbox.id)
        ).all()
    for sandbox_id in left:
        one_by_one(_let_out, sandbox_id)
    with transaction():
        found = {
            kind: db.session.scalars(_unasked(kind, where).limit(BATCH)).all()
            for kind, where in (
                (Kind.FREEZE, (Sandbox.desired == Desired.FROZEN) & (Sandbox.state == S.ACTIVE)),
                (Kind.CLOSE, (Sandbox.desired == Desired.CLOSED) & (Sandbox.state != S.CLOSED)),
                (Kind.MEMBERS, (Sandbox.state == S.ACTIVE) & _has_members_due()),
            )
        }
    repaired = [one_by_one(_ask, sandbox_id, kind) for kind, ids in found.items() for sandbox_id in ids]
    return [sandbox_id for sandbox_id in repaired if sandbox_id is not None]


def _unasked(kind: Kind, where: ColumnElement[bool]) -> Select[int]:
    asked = exists().where(
        Operation.sandbox_id == Sandbox.id, Operation.kind == kind, Operation.state.not_in(CLOSED_OPERATIONS)
    )
    return select(Sandbox.id).where(where, ~asked).order_by(Sandbox.id)


def _has_members_due() -> ColumnElement[bool]:
    return exists().where(SandboxMember.sandbox_id == Sandbox.id, SandboxMember.state.in_(members.TO_DO))


def _let_out(sandbox_id: int) -> None:
    with transaction():
        sandbox = db.session.get_one(Sandbox, sandbox_id)
        operations.lock(sandbox)
        with audit.because(SYSTEM, "sandbox.repair", parent_id=sandbox.cause_id):
            members.remove_who_left(sandbox)


def _ask(sandbox_id: int, kind: Kind) -> int | None:
    """Under the sandbox's lock, when it is still so."""
    with transaction():
        sandbox = db.session.get_one(Sandbox, sandbox_id)
        operations.lock(sandbox)
        if operations.open_operation(sandbox, kind) is not None:
            return None
        is_over = sandbox.lease.state is LeaseState.GRACE
        reason = (FreezeReason.LEASE if is_over else FreezeReason.CREDIT) if kind is Kind.FREEZE else None
        with audit.because(SYSTEM, "sandbox.repair", parent_id=sandbox.cause_id):
            operations.request(sandbox, kind, reason=reason, level=LEVELS.get(kind, 0))
        return sandbox_id


@job("cloud.clear", every=30)
def clear() -> list[int]:
    """Have the accounts that operators gave up deleted at their providers, each for itself; returns these' ids."""
    with transaction():
        ids = db.session.scalars(
            select(Finding.provider_id).where(*_given_up()).distinct().order_by(Finding.provider_id)
        ).all()
    return hand_over("cloud.clear_at", ids)


@job("cloud.clear_at", queue="cloud", aside=True)
@one_at_a_time(CLEARING)
def clear_at(provider_id: int) -> int:
    """Delete at a provider the accounts that operators gave up; answers how many are gone."""
    with transaction():
        asked = select(Finding.id, Finding.key).where(*_given_up(), Finding.provider_id == provider_id)
        rows = db.session.execute(asked.order_by(Finding.id).limit(BATCH)).all()
    return sum(bool(one_by_one(_clear, number, provider_id, key)) for number, key in rows)


def _given_up() -> tuple[ColumnElement[bool], ...]:
    return Finding.kind == FindingKind.ORPHAN, Finding.asked_at.is_not(None), Finding.closed_at.is_(None)


def _clear(finding_id: int, provider_id: int, key: str) -> bool:
    try:
        words = _delete(provider_id, key)
    except DriverError as error:
        log.warning("an account cannot be deleted", extra={"finding": finding_id, "reason": type(error).__name__})
        words = str(error)
    with transaction():
        finding = db.session.get_one(Finding, finding_id, with_for_update=True)
        if words is None:
            finding.closed_at = clock.now()
        else:
            finding.detail = words[:500]
    return words is None


def _delete(provider_id: int, key: str) -> str | None:
    """None when nothing is there any more, else what is. An account that has a sandbox by now is left alone."""
    with transaction():
        provider = db.session.get_one(Provider, provider_id)
        owner = select(Sandbox.id).where(
            Sandbox.provider_id == provider_id,
            (Sandbox.remote_key == key) | (Sandbox.remote_key.is_(None) & (Sandbox.public_id == key)),
            Sandbox.state != S.CLOSED,
        )
        if db.session.scalar(owner) is not None:
            return "it belongs to a sandbox by now"
        driver: Driver = driver_of(provider)
    ref = driver.find(key)
    if ref is None:
        return None
    left = driver.wipe(ref)
    if left:
        return "still there: " + ", ".join(left)
    driver.delete(ref)
    return None if driver.find(key) is None else "it is being deleted"


@job("cloud.forget_exports", every=3600)
def forget_exports() -> int:
    """Delete copies whose time is over; answers how many."""
    with transaction():
        return exporting.delete_expired()
