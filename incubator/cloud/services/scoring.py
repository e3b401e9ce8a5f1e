"""Provider scorecards: a month's facts from operations, meters, findings and the ledger, counted and stored."""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, DateTime, and_, cast, func, select
from sqlalchemy.dialects.postgresql import insert

from incubator.cloud.bill_states import ChargedBy
from incubator.cloud.engines import scores as engine
from incubator.cloud.models import (
    BillCharge,
    BillChargeDay,
    BillPeriod,
    ExitTest,
    Finding,
    Lease,
    MeterReading,
    Offer,
    Operation,
    Provider,
    ProviderScore,
    Sandbox,
)
from incubator.cloud.queries import crediting as queries
from incubator.cloud.states import OperationState
from incubator.core import clock
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.ledger.models import Account, Entry, Posting


def score(provider_id: int, month: dt.date) -> ProviderScore:
    """Count the month of a provider anew and keep the figures. Run by the system.

    Where its bills are charged, they say how late cost is known and how often it is corrected; else our meter does.
    """
    charged_by = db.session.scalars(select(Provider.charged_by).where(Provider.id == provider_id)).one()
    is_by_bill = charged_by is ChargedBy.BILL
    measured = engine.Measured(
        ready=_ready(provider_id, month),
        asked=_operations(provider_id, month),
        failed=_failed(provider_id, month),
        lags=_billing_lags(provider_id, month) if is_by_bill else _lags(provider_id, month),
        corrections=_corrections(provider_id, month) + _billing_corrections(provider_id, month),
        expected=_expected(provider_id, month),
        spent=_spent(provider_id, month),
        findings=_findings(provider_id, month),
    )
    figures = engine.figures(measured) | _exit(provider_id)
    values = {"provider_id": provider_id, "month": month, "figures": figures, "computed_at": clock.now()}
    statement = insert(ProviderScore).values(**values)
    again = statement.on_conflict_do_update(
        index_elements=["provider_id", "month"], set_={"figures": figures, "computed_at": values["computed_at"]}
    )
    db.session.execute(again)
    return db.session.scalars(
        select(ProviderScore)
        .where(ProviderScore.provider_id == provider_id, ProviderScore.month == month)
        .execution_options(populate_existing=True)
    ).one()


def _in(column: Any, month: dt.date) -> ColumnElement[bool]:
    """A moment within the month of the group's zone."""
    start, end = (dt.datetime.combine(day, dt.time(), clock.GROUP_ZONE) for day in (month, queries.next_month(month)))
    return and_(column >= start, column < end)


def _ready(provider_id: int, month: dt.date) -> list[int]:
    """Seconds from the order to the hand-over of each sandbox that was handed over in the month."""
    rows = db.session.scalars(
        select(func.extract("epoch", Lease.starts_at - Sandbox.created_at))
        .select_from(Sandbox)
        .join(Lease, Lease.id == Sandbox.lease_id)
        .where(Sandbox.provider_id == provider_id, _in(Lease.starts_at, month))
    )
    return [int(seconds) for seconds in rows]


def _operations(provider_id: int, month: dt.date) -> int:
    return db.session.scalars(
        select(func.count())
        .select_from(Operation)
        .join(Sandbox, Sandbox.id == Operation.sandbox_id)
        .where(Sandbox.provider_id == provider_id, _in(Operation.created_at, month))
    ).one()


def _failed(provider_id: int, month: dt.date) -> int:
    """Operations of the month that died at least once, put right or not."""
    died = select(AuditEvent.subject_id).where(
        AuditEvent.name == "operation.die", AuditEvent.subject_type == Operation.__tablename__
    )
    return db.session.scalars(
        select(func.count())
        .select_from(Operation)
        .join(Sandbox, Sandbox.id == Operation.sandbox_id)
        .where(Sandbox.provider_id == provider_id, _in(Operation.created_at, month))
        .where((Operation.state == OperationState.DEAD) | Operation.id.in_(died))
    ).one()


def _lags(provider_id: int, month: dt.date) -> list[int]:
    """How long usage went unseen: the longest gap that each sandbox's readings leave, in seconds."""
    before = func.lag(MeterReading.at).over(partition_by=MeterReading.sandbox_id, order_by=MeterReading.at)
    gaps = (
        select(MeterReading.sandbox_id.label("sandbox"), func.extract("epoch", MeterReading.at - before).label("gap"))
        .join(Sandbox, Sandbox.id == MeterReading.sandbox_id)
        .where(Sandbox.provider_id == provider_id, _in(MeterReading.at, month))
        .subquery()
    )
    longest = select(func.max(gaps.c.gap)).where(gaps.c.gap.is_not(None)).group_by(gaps.c.sandbox)
    return [int(gap) for gap in db.session.scalars(longest)]


def _billing_lags(provider_id: int, month: dt.date) -> list[int]:
    """Seconds from the end of each day that was charged to a sandbox for the first time in the month until then."""
    first = func.min(BillCharge.created_at)
    end = func.timezone(str(clock.GROUP_ZONE), cast(BillChargeDay.on_day + 1, DateTime))
    rows = db.session.scalars(
        select(func.extract("epoch", first - end))
        .select_from(BillChargeDay)
        .join(BillCharge, BillCharge.id == BillChargeDay.charge_id)
        .join(BillPeriod, BillPeriod.id == BillCharge.period_id)
        .where(BillPeriod.provider_id == provider_id, BillCharge.sandbox_id.is_not(None))
        .group_by(BillCharge.sandbox_id, BillChargeDay.on_day)
        .having(_in(first, month))
    )
    return [max(int(seconds), 0) for seconds in rows]


def _billing_corrections(provider_id: int, month: dt.date) -> int:
    """Days of the month's bills that were charged before, and came out otherwise."""
    whom = (BillCharge.period_id, BillCharge.sandbox_id, BillCharge.sub_account, BillCharge.currency)
    number = func.row_number().over(partition_by=(*whom, BillChargeDay.on_day), order_by=BillCharge.id)
    days = (
        select(number.label("number"), BillCharge.created_at.label("at"))
        .select_from(BillChargeDay)
        .join(BillCharge, BillCharge.id == BillChargeDay.charge_id)
        .join(BillPeriod, BillPeriod.id == BillCharge.period_id)
        .where(BillPeriod.provider_id == provider_id)
        .subquery()
    )
    return db.session.scalars(
        select(func.count()).select_from(days).where(days.c.number > 1, _in(days.c.at, month))
    ).one()


def _corrections(provider_id: int, month: dt.date) -> int:
    """Entries of the month that undo another on a sandbox's account."""
    return db.session.scalars(
        select(func.count(Entry.id.distinct()))
        .join(Posting, Posting.entry_id == Entry.id)
        .join(Account, Account.id == Posting.account_id)
        .join(Sandbox, and_(Account.owner_type == "sandbox", Sandbox.id == Account.owner_id))
        .where(Sandbox.provider_id == provider_id, Entry.reverses_id.is_not(None), _in(Entry.at, month))
    ).one()


def _expected(provider_id: int, month: dt.date) -> int:
    """What the agreed prices foresee for the seconds that ran, without the disk."""
    hours = func.sum(MeterReading.seconds * Lease.price_hour * Lease.quantity / 3600)
    found = db.session.scalar(
        select(hours)
        .select_from(MeterReading)
        .join(Sandbox, Sandbox.id == MeterReading.sandbox_id)
        .join(Lease, Lease.id == Sandbox.lease_id)
        .where(Sandbox.provider_id == provider_id, _in(MeterReading.at, month))
    )
    return int((found or Decimal(0)).to_integral_value())


def _spent(provider_id: int, month: dt.date) -> int:
    found = db.session.scalar(
        select(func.sum(Posting.amount))
        .join(Entry, Entry.id == Posting.entry_id)
        .join(Account, Account.id == Posting.account_id)
        .join(Sandbox, and_(Account.owner_type == "sandbox", Sandbox.id == Account.owner_id))
        .where(Sandbox.provider_id == provider_id, Account.kind == "spent", _in(Entry.at, month))
    )
    return int(found or 0)


def _findings(provider_id: int, month: dt.date) -> int:
    return db.session.scalars(
        select(func.count())
        .select_from(Finding)
        .where(Finding.provider_id == provider_id, _in(Finding.first_at, month))
    ).one()


def _exit(provider_id: int) -> dict[str, Any]:
    """The newest trial of leaving any of its offers."""
    newest = db.session.scalar(
        select(ExitTest)
        .join(Offer, Offer.id == ExitTest.offer_id)
        .where(Offer.provider_id == provider_id)
        .order_by(ExitTest.tested_on.desc(), ExitTest.id.desc())
        .limit(1)
    )
    if newest is None:
        return {"exit_on": None, "exit_passed": None, "exit_minutes": None}
    return {"exit_on": newest.tested_on.isoformat(), "exit_passed": newest.passed, "exit_minutes": newest.minutes}


def providers() -> list[int]:
    """Every provider's id."""
    return list(db.session.scalars(select(Provider.id).order_by(Provider.id)))
