"""What a sandbox uses becomes cost, cost becomes postings, and at the limit the sandbox is frozen.

Run by the system (no rights of their own), each within the sandbox's row lock.
"""

import datetime as dt
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from incubator.cloud.drivers import Usage
from incubator.cloud.engines import metering as engine
from incubator.cloud.models import Meter, MeterReading, Sandbox, SpendAlert
from incubator.cloud.services import findings, operations, telling
from incubator.cloud.states import Desired, FindingKind, FreezeReason, Kind, SandboxState
from incubator.core import clock
from incubator.core.db import db
from incubator.ledger import services as ledger
from incubator.ledger.services import Leg

CREDIT_LEVEL = 2
DISK_LEVEL = 1
MB = 10**6


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
    elif grows and usage.size_bytes > sandbox.lease.plan.disk_mb * MB:
        request_freeze(sandbox, FreezeReason.DISK, DISK_LEVEL)


def stop(sandbox: Sandbox) -> None:
    """Count up to now, when access has been cut; what is frozen costs nothing."""
    meter = _locked(sandbox)
    if sandbox.state is SandboxState.ACTIVE and meter is not None:
        _count(sandbox, meter, Usage(meter.size_bytes, 0))


def request_freeze(sandbox: Sandbox, reason: FreezeReason, level: int) -> None:
    """Ask the provider to cut access."""
    sandbox.desired = Desired.FROZEN
    operations.request(sandbox, Kind.FREEZE, reason=reason, level=level)


def _locked(sandbox: Sandbox) -> Meter | None:
    return db.session.scalar(
        select(Meter).where(Meter.sandbox_id == sandbox.id).with_for_update().execution_options(populate_existing=True)
    )


def _count(sandbox: Sandbox, meter: Meter, usage: Usage) -> None:
    now = clock.now()
    plan = sandbox.lease.plan
    seconds = engine.seconds_between(meter.read_at, now)
    cost = engine.cost(engine.Prices(plan.price_hour, plan.price_gb_hour), seconds, usage.size_bytes)
    meter.cost += cost
    meter.size_bytes = usage.size_bytes
    meter.read_at = max(now, meter.read_at)
    db.session.flush()
    _fold(sandbox, meter, usage, seconds, cost)
    _post(sandbox, meter)
    _alert(sandbox, meter)


def _fold(sandbox: Sandbox, meter: Meter, usage: Usage, seconds: Decimal, cost: Decimal) -> None:
    """Add the reading to its minute's row."""
    minute: dt.datetime = meter.read_at.replace(second=0, microsecond=0)
    newest = {
        "at": meter.read_at,
        "size_bytes": usage.size_bytes,
        "connections": usage.connections,
        "total": meter.cost,
    }
    statement = insert(MeterReading).values(
        sandbox_id=sandbox.id, minute_at=minute, seconds=seconds, cost=cost, **newest
    )
    sums = {"seconds": MeterReading.seconds + seconds, "cost": MeterReading.cost + cost}
    db.session.execute(statement.on_conflict_do_update(index_elements=["sandbox_id", "minute_at"], set_=newest | sums))


def _post(sandbox: Sandbox, meter: Meter) -> None:
    """hold → spent, by the difference to what was posted; what the hold can't cover is an overrun for a person."""
    currency = sandbox.lease.currency
    held = ledger.account_of("hold", sandbox, currency)
    db.session.refresh(held, ["balance"])
    amount = engine.due(meter.cost, meter.posted, held.balance)
    if amount:
        spent = ledger.account_of("spent", sandbox, currency)
        key = f"spent-{sandbox.public_id}-{meter.posted + amount}"
        legs = [Leg(held, -amount), Leg(spent, amount)]
        ledger.post(key, legs, memo=f"Used by {sandbox.number}", cause_id=sandbox.cause_id)
        meter.posted += amount
    beyond = engine.overrun(meter.cost, meter.posted)
    if beyond:
        findings.see(sandbox.provider, FindingKind.OVERRUN, sandbox.public_id, f"{currency} {beyond}")


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
