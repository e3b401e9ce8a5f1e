"""What a sandbox uses becomes cost, cost becomes postings, and at the limit the sandbox is frozen.

Run by the system (no rights of their own), each within the sandbox's row lock.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from incubator.cloud.bill_states import ChargedBy
from incubator.cloud.drivers import Usage
from incubator.cloud.engines import billing
from incubator.cloud.engines import metering as engine
from incubator.cloud.models import CreditFreeze, Lease, Meter, MeterReading, Plan, Sandbox, SpendAlert
from incubator.cloud.services import findings, operations, telling
from incubator.cloud.states import Desired, FindingKind, FreezeReason, Kind, SandboxState
from incubator.core import clock
from incubator.core.db import db
from incubator.ledger import services as ledger
from incubator.ledger.models import Account
from incubator.ledger.services import Leg

CREDIT_LEVEL = 2
DISK_LEVEL = 1
MB = 10**6
NOTHING = Decimal(0)


def start(sandbox: Sandbox) -> None:
    """Begin to count, at the hand-over or when a frozen sandbox opens again."""
    meter = _locked(sandbox)
    if meter is None:
        db.session.add(Meter(sandbox_id=sandbox.id, read_at=clock.now()))
    else:
        meter.read_at = clock.now()


def take(sandbox: Sandbox, usage: Usage) -> None:
    """Take one reading of a running sandbox: count it, post it, tell the lead, freeze at a limit."""
    meter = _locked(sandbox)
    if sandbox.state is not SandboxState.ACTIVE or meter is None:
        return
    grows = usage.size_bytes > meter.size_bytes
    _count(sandbox, meter, usage)
    if engine.is_used_up(meter.cost, sandbox.lease.usable):
        request_freeze(sandbox, FreezeReason.CREDIT, CREDIT_LEVEL)
    elif grows and usage.size_bytes > sandbox.lease.disk_mb * MB:
        request_freeze(sandbox, FreezeReason.DISK, DISK_LEVEL)


@dataclass(frozen=True)
class _Quiet:
    """A reading of which nobody has to hear, and what of it is to be posted."""

    meter: Meter
    sandbox: Sandbox
    reading: dict[str, Any]
    amount: int
    legs: Sequence[Leg]

    def state(self) -> dict[str, Any]:
        """The meter's row afterwards."""
        return {"id": self.meter.id, "posted": self.meter.posted + self.amount, **_state_after(self.reading)}

    def movement(self) -> ledger.Movement:
        """hold → spent."""
        key = _spent_key(self.sandbox, self.meter.posted + self.amount)
        return ledger.Movement(key, self.legs, f"Used by {self.sandbox.number}", self.sandbox.cause_id)


def take_quiet(usages: Mapping[int, Usage]) -> set[int]:
    """Count and post the readings (by sandbox id) of which nobody has to hear, in few statements; the ids of these.

    The others are for `take`, one by one: what is to be told or frozen, what is not covered, what somebody is at.
    """
    now = clock.now()
    rows = db.session.execute(
        select(Meter, Sandbox, Plan, Lease)
        .join(Sandbox, Sandbox.id == Meter.sandbox_id)
        .join(Lease, Lease.id == Sandbox.lease_id)
        .join(Plan, Plan.id == Lease.plan_id)
        .where(Sandbox.id.in_(usages), Sandbox.state == SandboxState.ACTIVE)
        .options(joinedload(Sandbox.provider, innerjoin=True))
        .order_by(Sandbox.id)
        .with_for_update(of=(Sandbox, Meter), key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    accounts = accounts_of([sandbox for _meter, sandbox, _plan, _lease in rows])
    found = [quiet for row in rows if (quiet := _quiet(row, accounts, usages[row[1].id], now)) is not None]
    if found:
        db.session.execute(update(Meter), [quiet.state() for quiet in found])
        _fold([quiet.reading for quiet in found])
    if movements := [quiet.movement() for quiet in found if quiet.amount]:
        ledger.post_many(movements)
    return {quiet.sandbox.id for quiet in found}


def accounts_of(sandboxes: Sequence[Sandbox]) -> dict[tuple[int, str], Account]:
    """(sandbox id, kind) → account, for those that are open."""
    rows = db.session.scalars(
        select(Account)
        .where(
            Account.owner_type == Sandbox.__tablename__,
            Account.owner_id.in_([sandbox.id for sandbox in sandboxes]),
            Account.kind.in_(("hold", "spent")),
        )
        .execution_options(populate_existing=True)
    )
    return {(account.owner_id, account.kind): account for account in rows}


def _quiet(
    row: Row[Meter, Sandbox, Plan, Lease], accounts: Mapping[tuple[int, str], Account], usage: Usage, now: dt.datetime
) -> _Quiet | None:
    meter, sandbox, plan, lease = row
    reading = _reading(meter, lease, usage, now)
    if meter.size_bytes < usage.size_bytes > plan.disk_mb * lease.quantity * MB:
        return None
    if not engine.is_quiet(meter.cost, reading["total"], lease.usable):
        return None
    held, spent = accounts.get((sandbox.id, "hold")), accounts.get((sandbox.id, "spent"))
    amount = 0 if is_by_bill(sandbox) else engine.overrun(reading["total"], meter.posted)
    if not amount:
        return _Quiet(meter, sandbox, reading, 0, ())
    if held is None or spent is None or held.balance < amount:
        return None
    return _Quiet(meter, sandbox, reading, amount, (Leg(held, -amount), Leg(spent, amount)))


def is_by_bill(sandbox: Sandbox) -> bool:
    """Whether its provider's bills are posted, and not what the meter counts."""
    return sandbox.provider.charged_by is ChargedBy.BILL


def posted_by_bill(sandbox: Sandbox, spent: int) -> None:
    """Take over what bills have posted just now."""
    meter = _locked(sandbox)
    if meter is not None:
        meter.posted += spent


def told_by_bill(sandbox: Sandbox, days: Mapping[dt.date, billing.Told]) -> None:
    """Take over what bills say a sandbox has cost, booked or not, and go on at their rate; tell the lead, and freeze at
    the limit. What was frozen for a cost that no bill says any more opens again, unless its venture is frozen."""
    meter = _locked(sandbox)
    if meter is None:
        return
    found, was_used_up = billing.estimate(days, meter.read_at), engine.is_used_up(meter.cost, sandbox.lease.usable)
    meter.rate_hour = found.rate_hour
    cost = found.cost if found.rate_hour is not None else found.cost + _counted(sandbox)
    meter.cost = max(cost, NOTHING).quantize(engine.TEN_PLACES)
    db.session.flush()
    _alert(sandbox, meter)
    if not engine.is_used_up(meter.cost, sandbox.lease.usable):
        if was_used_up and not _is_venture_frozen(sandbox):
            reopen(sandbox, FreezeReason.CREDIT)
    elif sandbox.state is SandboxState.ACTIVE:
        request_freeze(sandbox, FreezeReason.CREDIT, CREDIT_LEVEL)


def _is_venture_frozen(sandbox: Sandbox) -> bool:
    """Whether a freeze of its venture's credits stands that cuts access; it is for who froze them to lift it."""
    standing = select(CreditFreeze.id).where(
        CreditFreeze.venture_id == sandbox.venture_id, CreditFreeze.lifted_at.is_(None), CreditFreeze.level > 1
    )
    return db.session.scalar(standing) is not None


def _counted(sandbox: Sandbox) -> Decimal:
    """What all that was measured costs at the agreed prices."""
    seconds, bytes_ = db.session.execute(
        select(
            func.coalesce(func.sum(MeterReading.seconds), 0),
            func.coalesce(func.sum(MeterReading.seconds * MeterReading.size_bytes), 0),
        ).where(MeterReading.sandbox_id == sandbox.id)
    ).one()
    lease = sandbox.lease
    return Decimal(lease.price_hour * lease.quantity * seconds + lease.price_gb_hour * bytes_ / engine.GB) / engine.HOUR


def stop(sandbox: Sandbox) -> None:
    """Count up to now, when access has been cut; what is frozen costs nothing."""
    meter = _locked(sandbox)
    if sandbox.state is SandboxState.ACTIVE and meter is not None:
        _count(sandbox, meter, Usage(meter.size_bytes, 0))


def request_freeze(sandbox: Sandbox, reason: FreezeReason, level: int) -> None:
    """Ask the provider to cut access; one that is asked for already goes as far as this one, and takes over the reason
    where its own no longer stands."""
    was_wanted = sandbox.desired is Desired.ACTIVE
    sandbox.desired = Desired.FROZEN
    operation = operations.request(sandbox, Kind.FREEZE, reason=reason, level=level)
    operation.level = max(operation.level, level)
    if was_wanted:
        operation.reason = reason


def reopen(sandbox: Sandbox, reason: FreezeReason, *, cause_id: int | None = None) -> None:
    """Open again what was frozen for this reason; what is about to be frozen for it opens after that."""
    if sandbox.state is SandboxState.FROZEN and sandbox.frozen_reason is reason:
        sandbox.desired = Desired.ACTIVE
        operations.request(sandbox, Kind.UNFREEZE, cause_id=cause_id)
    elif sandbox.state is SandboxState.ACTIVE:
        freezing = operations.open_operation(sandbox, Kind.FREEZE)
        if freezing is not None and freezing.reason is reason:
            sandbox.desired = Desired.ACTIVE


def _locked(sandbox: Sandbox) -> Meter | None:
    return db.session.scalar(
        select(Meter).where(Meter.sandbox_id == sandbox.id).with_for_update().execution_options(populate_existing=True)
    )


def _count(sandbox: Sandbox, meter: Meter, usage: Usage) -> None:
    reading = _reading(meter, sandbox.lease, usage, clock.now())
    for name, value in _state_after(reading).items():
        setattr(meter, name, value)
    db.session.flush()
    _fold([reading])
    _post(sandbox, meter)
    _alert(sandbox, meter)


def _reading(meter: Meter, lease: Lease, usage: Usage, now: dt.datetime) -> dict[str, Any]:
    """The row of a reading: what ran and what it cost since the last one, and the total with it."""
    seconds = engine.seconds_between(meter.read_at, now)
    agreed = engine.Prices(lease.price_hour, lease.price_gb_hour, lease.quantity)
    prices = agreed if meter.rate_hour is None else engine.Prices(meter.rate_hour, NOTHING)
    cost = engine.cost(prices, seconds, usage.size_bytes)
    at = max(now, meter.read_at)
    return {
        "sandbox_id": meter.sandbox_id,
        "minute_at": at.replace(second=0, microsecond=0),
        "at": at,
        "seconds": seconds,
        "size_bytes": usage.size_bytes,
        "connections": usage.connections,
        "cost": cost,
        "total": meter.cost + cost,
    }


def _state_after(reading: dict[str, Any]) -> dict[str, Any]:
    """What the meter says after a reading."""
    return {"cost": reading["total"], "size_bytes": reading["size_bytes"], "read_at": reading["at"]}


def _fold(readings: list[dict[str, Any]]) -> None:
    """Add readings, one a sandbox, to their minutes' rows."""
    statement = insert(MeterReading).values(readings)
    new = statement.excluded
    newest = {name: new[name] for name in ("at", "size_bytes", "connections", "total")}
    sums = {"seconds": MeterReading.seconds + new.seconds, "cost": MeterReading.cost + new.cost}
    db.session.execute(statement.on_conflict_do_update(index_elements=["sandbox_id", "minute_at"], set_=newest | sums))


def _post(sandbox: Sandbox, meter: Meter) -> None:
    """hold → spent, by the difference to what was posted; what the hold can't cover is an overrun for a person. Of a
    provider that charges by bill nothing: its bills are posted, and the meter only watches."""
    if is_by_bill(sandbox):
        return
    currency = sandbox.lease.currency
    held = ledger.account_of("hold", sandbox, currency)
    db.session.refresh(held, ["balance"])
    amount = engine.due(meter.cost, meter.posted, held.balance)
    if amount:
        spent = ledger.account_of("spent", sandbox, currency)
        key = _spent_key(sandbox, meter.posted + amount)
        legs = [Leg(held, -amount), Leg(spent, amount)]
        ledger.post(key, legs, memo=f"Used by {sandbox.number}", cause_id=sandbox.cause_id)
        meter.posted += amount
    beyond = engine.overrun(meter.cost, meter.posted)
    if beyond:
        findings.see(sandbox.provider, FindingKind.OVERRUN, sandbox.public_id, f"{currency} {beyond}")


def _spent_key(sandbox: Sandbox, posted: int) -> str:
    return f"spent-{sandbox.public_id}-{posted}"


def _alert(sandbox: Sandbox, meter: Meter) -> None:
    """Tell the lead once of each share of the limit that is reached; of several at once, of the highest."""
    limit = sandbox.lease.spend_limit
    fresh = []
    for percent in engine.alerts_reached(meter.cost, sandbox.lease.usable):
        values = {"sandbox_id": sandbox.id, "spend_limit": limit, "percent": percent, "at": clock.now()}
        added = db.session.scalar(
            insert(SpendAlert).values(**values).on_conflict_do_nothing().returning(SpendAlert.percent)
        )
        fresh += [added] if added is not None else []
    if fresh:
        telling.lead(sandbox, "sandbox.alert", percent=max(fresh))
