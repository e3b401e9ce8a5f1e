"""A delivery that was read replaces its periods, and the differences go to the books; all of it or nothing.

Called by jobs and by services/bills.py (no right of its own). Locks are taken in one order: the delivery, the provider,
the periods, the sandboxes of all of them, the accounts; so two deliveries of a period never mix, and the one that came
later stands.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert

from incubator.cloud.bill_states import BILL, BillDoubt, BillState
from incubator.cloud.engines import focus
from incubator.cloud.models import BillCharge, BillChargeDay, BillDay, BillDelivery, BillPeriod, CreditMonth, Provider
from incubator.cloud.services import bill_owners, charging, estimating
from incubator.core import clock
from incubator.core.db import db
from incubator.core.money import MINOR_DIGITS
from incubator.files.models import File
from incubator.people.models import Company

PLACES = 10
STEP: int = focus.ONE // int(10**PLACES)
WIDE = Context(prec=60)
TRIES = 3
MOST_SHOWN = 50
"""Faults that stand on the delivery's page; all of them are in its file of findings."""


def lock(delivery: BillDelivery) -> None:
    """Take a delivery, as it is now."""
    locked_ = select(BillDelivery).where(BillDelivery.id == delivery.id).with_for_update(key_share=True)
    db.session.scalars(locked_.execution_options(populate_existing=True)).one()


def take(delivery: BillDelivery, reading: focus.Reading, version: str, findings: File | None = None) -> None:
    """Book a delivery as it was read, or hold it for a person; one that is booked or decided already stays as it is."""
    lock(delivery)
    if delivery.state not in (BillState.RECEIVED, BillState.RELEASED):
        return
    lock_provider(delivery.provider)
    units = sorted(reading.counts)
    periods = dict(zip(units, _periods(delivery.provider, units), strict=True))
    before = _totals([period for period in periods.values() if period.delivery_id is not None])
    told = {unit: before.get(one.id, {}) for unit, one in periods.items() if one.delivery_id is not None}
    doubts = _doubts(delivery, reading, told, periods)
    _describe(delivery, reading, before, periods)
    delivery.focus, delivery.findings, delivery.doubts = version, findings, doubts
    days = focus.by_day(reading.costs)
    lock_sandboxes(delivery.provider, list(periods.values()), {line.sub_account for line in reading.costs})
    if doubts:
        BILL.move(delivery, "hold", payload={"doubts": sorted({one["doubt"] for one in doubts})})
        _estimate(delivery, periods, days)
        return
    event = BILL.move(delivery, "post", payload={"rows": reading.rows, "periods": len(periods)})
    for unit, period in periods.items():
        _replace(period, days[unit])
        period.delivery_id = delivery.id
        db.session.flush()
        delivery.postings += settle(period, delivery.id, event.id)


def _estimate(
    delivery: BillDelivery,
    periods: Mapping[focus.Unit, BillPeriod],
    days: Mapping[focus.Unit, Mapping[focus.DayKey, focus.DayCost]],
) -> None:
    """Let the meters know of a held one, where no newer one is booked: what runs away is frozen, nothing is posted."""
    changed: set[int] = set()
    for unit, period in periods.items():
        if period.delivery_id is None or period.delivery_id < delivery.id:
            told = [
                estimating.Day(sub_account, day, currency, says)
                for (sub_account, day, currency, is_credit), says in days[unit].items()
                if not is_credit
            ]
            owners = bill_owners.of(period.provider, {one.sub_account for one in told})
            changed |= estimating.note(period, delivery.id, owners, told)
    estimating.tell(changed)


def forget(delivery: BillDelivery) -> None:
    """Let what a delivery says count no more, now that it is never booked: the meters go by the others, and what it
    alone froze opens."""
    lock_provider(delivery.provider)
    told = estimating.told_of(delivery)
    charging.locked({*told})
    estimating.forget(delivery)
    estimating.tell(told)


def begin(delivery: BillDelivery) -> bool:
    """Count a try before it is made, since one that is killed can tell nothing; False, and it waits for a person, when
    it was tried so often already."""
    lock(delivery)
    if delivery.state not in (BillState.RECEIVED, BillState.RELEASED):
        return False
    if delivery.tries < TRIES:
        delivery.tries += 1
        return True
    delivery.doubts = [{"doubt": BillDoubt.BROKEN.value}]
    BILL.move(delivery, "hold", payload={"doubts": [BillDoubt.BROKEN.value]})
    return False


def refuse(delivery: BillDelivery, trouble: str, detail: str) -> None:
    """Note that a file is no bill that can be read: its sender must send it again."""
    lock(delivery)
    if delivery.state in (BillState.RECEIVED, BillState.RELEASED):
        delivery.trouble, delivery.read_at = f"{trouble}: {detail}" if detail else trouble, clock.now()
        BILL.move(delivery, "refuse", payload={"trouble": trouble})
        forget(delivery)


# ---- what stands ----------------------------------------------------------------------------------------------------


def _periods(provider: Provider, units: Sequence[focus.Unit]) -> list[BillPeriod]:
    """The periods of the units, made where they are new, each locked; in the order given."""
    from incubator.core.keys import public_id

    for unit in units:
        values = {"provider_id": provider.id, "seller": unit.provider, "account": unit.account,
                  "begins_on": unit.period, "public_id": public_id(), "created_at": clock.now()}  # fmt: skip
        db.session.execute(upsert(BillPeriod).values(**values).on_conflict_do_nothing())
    wanted = {(unit.provider, unit.account, unit.period) for unit in units}
    ours = select(BillPeriod.id, BillPeriod.seller, BillPeriod.account, BillPeriod.begins_on)
    rows = db.session.execute(ours.where(BillPeriod.provider_id == provider.id))
    ids = {(row[1], row[2], row[3]): row[0] for row in rows if (row[1], row[2], row[3]) in wanted}
    found = {period.id: period for period in locked(sorted(ids.values()))}
    return [found[ids[unit.provider, unit.account, unit.period]] for unit in units]


def locked(ids: Iterable[int]) -> list[BillPeriod]:
    """Periods, each locked, in the order of their ids."""
    statement = select(BillPeriod).where(BillPeriod.id.in_(sorted(ids))).order_by(BillPeriod.id).with_for_update()
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def lock_provider(provider: Provider) -> None:
    """Let nobody else book a bill of a provider, or say whose an account of it is, meanwhile."""
    db.session.execute(select(Provider.id).where(Provider.id == provider.id).with_for_update(key_share=True))


def lock_sandboxes(provider: Provider, periods: Sequence[BillPeriod], sub_accounts: Collection[str]) -> None:
    """Lock, before any account, all sandboxes that these periods have charged or may charge for these sub-accounts."""
    of_periods = BillCharge.period_id.in_([period.id for period in periods])
    charged = db.session.scalars(select(BillCharge.sandbox_id).where(of_periods).distinct()).all()
    known = {*charged, *estimating.estimated(periods), *bill_owners.of(provider, sub_accounts).everyone()}
    charging.locked(known)


def periods_of(provider: Provider, sub_account: str) -> list[int]:
    """The periods in which a sub-account stands."""
    named = select(BillDay.period_id).join(BillPeriod, BillPeriod.id == BillDay.period_id).distinct()
    return list(
        db.session.scalars(named.where(BillPeriod.provider_id == provider.id, BillDay.sub_account == sub_account))
    )


def sub_accounts_of(periods: Sequence[BillPeriod]) -> set[str]:
    """All that stand in these periods."""
    of_periods = BillDay.period_id.in_([period.id for period in periods])
    return set(db.session.scalars(select(BillDay.sub_account).where(of_periods).distinct()))


def _totals(periods: Sequence[BillPeriod]) -> dict[int, dict[str, dict[dt.date, int]]]:
    """Period id → what it is charged by currency and day, in whole numbers of 10^-18."""
    rows = db.session.execute(
        select(BillDay.period_id, BillDay.currency, BillDay.on_day, func.sum(BillDay.cost))
        .where(BillDay.period_id.in_([one.id for one in periods]), BillDay.is_credit.is_(False))
        .group_by(BillDay.period_id, BillDay.currency, BillDay.on_day)
    )
    found: dict[int, dict[str, dict[dt.date, int]]] = defaultdict(lambda: defaultdict(dict))
    for period_id, currency, day, cost in rows:
        found[period_id][currency][day] = _units(cost)
    return found


def _units(cost: Decimal) -> int:
    return int(cost.scaleb(18, WIDE))


def _doubts(
    delivery: BillDelivery,
    reading: focus.Reading,
    before: Mapping[focus.Unit, Mapping[str, Mapping[dt.date, int]]],
    periods: Mapping[focus.Unit, BillPeriod],
) -> list[dict[str, Any]]:
    """Why it waits for a person; one that a person released waits only where a newer one was booked meanwhile."""
    found: list[tuple[str, focus.Unit | None]] = []
    if delivery.state is BillState.RECEIVED:
        total = None if delivery.declared_total is None else _units(delivery.declared_total)
        told = focus.doubts(reading, focus.Declared(delivery.declared_rows, total), before)
        found += [(doubt.value, unit) for doubt, unit in told]
    found += [
        (BillDoubt.OLDER.value, unit)
        for unit, period in periods.items()
        if period.delivery_id is not None and period.delivery_id > delivery.id
    ]
    return [
        {"doubt": doubt} | ({} if unit is None else _named(unit))
        for doubt, unit in found
    ]  # fmt: skip


def _named(unit: focus.Unit) -> dict[str, Any]:
    return {"seller": unit.provider, "account": unit.account, "period": unit.period.isoformat()}


def _describe(
    delivery: BillDelivery, reading: focus.Reading, before: Mapping[int, Mapping[str, Mapping[dt.date, int]]],
    periods: Mapping[focus.Unit, BillPeriod],
) -> None:  # fmt: skip
    """Keep what was found, for the delivery's page."""
    sums: dict[tuple[focus.Unit, str, bool], int] = defaultdict(int)
    for line, cost in reading.costs.items():
        sums[line.unit, line.currency, line.kind is focus.Kind.CREDIT] += cost
    keys = sorted({(unit, currency) for unit, currency, _is_credit in sums})
    delivery.figures = [
        _named(unit)
        | {
            "currency": currency,
            "rows": reading.counts[unit],
            "charges": _text(sums.get((unit, currency, False), 0)),
            "credits": _text(sums.get((unit, currency, True), 0)),
            "before": _text(sum(before.get(periods[unit].id, {}).get(currency, {}).values())),
        }
        for unit, currency in keys
    ]
    delivery.rows, delivery.wrong = reading.rows, reading.wrong
    delivery.faults = [
        {"row": one.row, "column": one.column, "reason": one.reason, "given": one.given[:200].replace("\x00", "")}
        for one in reading.faults[:MOST_SHOWN]
    ]
    delivery.read_at = clock.now()


def _text(units: int) -> str:
    return f"{Decimal(units).scaleb(-18, WIDE):f}"


# ---- what replaces it -----------------------------------------------------------------------------------------------


def _replace(period: BillPeriod, days: Mapping[focus.DayKey, focus.DayCost]) -> None:
    """Let these be the period's days, with ten decimals (half to even)."""
    db.session.execute(delete(BillDay).where(BillDay.period_id == period.id))
    rows = [
        {"period_id": period.id, "sub_account": sub_account, "on_day": day, "currency": currency,
         "is_credit": is_credit, "cost": _ten_places(says.cost), "usage": _ten_places(says.usage),
         "pace": _ten_places(says.pace), "until": says.until}
        for (sub_account, day, currency, is_credit), says in sorted(days.items())
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(BillDay), rows)


def _days_of(period: BillPeriod) -> list[estimating.Day]:
    """What the period's days say, the provider's credits left out."""
    rows = db.session.execute(
        select(BillDay.sub_account, BillDay.on_day, BillDay.currency, BillDay.cost, BillDay.usage, BillDay.pace,
               BillDay.until)
        .where(BillDay.period_id == period.id, BillDay.is_credit.is_(False))
    )  # fmt: skip
    return [
        estimating.Day(sub_account, day, currency, focus.DayCost(_units(cost), _units(usage), _units(pace), until))
        for sub_account, day, currency, cost, usage, pace, until in rows
    ]


def _ten_places(units: int) -> Decimal:
    whole, rest = divmod(units, STEP)
    whole += rest * 2 > STEP or (rest * 2 == STEP and whole % 2 == 1)
    return Decimal(whole).scaleb(-PLACES, WIDE)


# ---- what is posted -------------------------------------------------------------------------------------------------


def settle(period: BillPeriod, delivery_id: int, cause_id: int) -> int:
    """Post what the period's days charge less what was posted for it; how many days of somebody changed."""
    unit = focus.Unit(period.seller, period.account, period.begins_on)
    days = _days_of(period)
    owners = bill_owners.of(period.provider, {one.sub_account for one in days})
    costs: dict[focus.Line, int] = defaultdict(int)
    for one in days:
        whose = owners.whose(one.sub_account, one.on_day)
        line = focus.Line(unit, whose, one.on_day, "-", one.currency, focus.Kind.CHARGE, is_correction=False)
        costs[line] += one.says.cost
    charged = focus.shares(costs, unit, lambda label: label, MINOR_DIGITS)
    booked_on = clock.today() if is_closed(period) else None
    changed = charging.book(
        period, delivery_id=delivery_id, cause_id=cause_id, charged=charged, posted=_posted(period), booked_on=booked_on
    )  # fmt: skip
    estimating.tell(estimating.note(period, delivery_id, owners, days, is_booked=True))
    return changed


def is_closed(period: BillPeriod) -> bool:
    """Whether the books of the period's month are closed, of its company or of one above it."""
    of = period.provider.company
    month = select(CreditMonth.id).join(Company, Company.id == CreditMonth.company_id)
    above = func.starts_with(literal(of.path), Company.path)
    return (
        db.session.scalar(month.where(CreditMonth.month == period.begins_on.replace(day=1), above).limit(1)) is not None
    )


def _posted(period: BillPeriod) -> dict[charging.Key, charging.Booked]:
    """What is posted for the period's days so far."""
    rows = db.session.execute(
        select(BillCharge.sandbox_id, BillCharge.sub_account, BillCharge.currency, BillChargeDay.on_day,
               func.sum(BillChargeDay.amount), func.sum(BillChargeDay.own))
        .join(BillChargeDay, BillChargeDay.charge_id == BillCharge.id)
        .where(BillCharge.period_id == period.id)
        .group_by(BillCharge.sandbox_id, BillCharge.sub_account, BillCharge.currency, BillChargeDay.on_day)
    )  # fmt: skip
    return {
        (bill_owners.label(row[0], row[1]), row[2], row[3]): charging.Booked(int(row[4]), int(row[5])) for row in rows
    }
