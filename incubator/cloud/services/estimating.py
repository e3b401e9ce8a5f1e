"""What the meter is told of a sandbox by bills: as soon as one is read, whether it is booked or held.

A runaway sandbox must not go on because its bill waits for a person; nothing is posted of a bill that does.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import Subquery, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from incubator.cloud.bill_states import BillState
from incubator.cloud.engines import billing as engine
from incubator.cloud.engines import focus
from incubator.cloud.models import BillDelivery, BillEstimate, BillPeriod, Lease, Sandbox
from incubator.cloud.services import bill_owners, metering
from incubator.cloud.services.bill_owners import Owners
from incubator.cloud.services.bill_rates import Rates
from incubator.core.db import db
from incubator.core.money import MINOR_DIGITS


class Day(NamedTuple):
    """What a bill says of a sub-account's day."""

    sub_account: str
    on_day: dt.date
    currency: str
    says: focus.DayCost


Days = dict[dt.date, engine.Told]
WAITING = (BillState.HELD, BillState.RELEASED)
"""States of deliveries that were read and are not booked yet."""


def note(
    period: BillPeriod, delivery_id: int, owners: Owners, days: Iterable[Day], *, is_booked: bool = False
) -> set[int]:
    """Keep what a delivery says of a period's sandboxes; the ids of those of which something else was known before.

    is_booked: it is what stands, so that what older ones said of the period counts no more.
    """
    told, known = _told(owners, days), _known(period, delivery_id, is_booked=is_booked)
    before = list(known.values()) or [{}]
    everyone = {*told, *(one for said in before for one in said)}
    changed = {one for one in everyone if any(told.get(one) != said.get(one) for said in before)}
    _keep(period, delivery_id, known, {one: told.get(one, {}) for one in changed})
    return changed


def _told(owners: Owners, days: Iterable[Day]) -> dict[int, Days]:
    """Sandbox id → its days, in minor units of its credits; what no rate is known for is left out."""
    found: dict[int, Days] = defaultdict(dict)
    of = [(bill_owners.read(owners.whose(one.sub_account, one.on_day))[0], one) for one in days]
    currencies = _currencies({sandbox_id for sandbox_id, _day in of if sandbox_id is not None})
    rates = Rates()
    for sandbox_id, one in of:
        if sandbox_id is None:
            continue
        changed = rates.exact(10 ** MINOR_DIGITS[one.currency], one.currency, currencies[sandbox_id], one.on_day)
        if changed is not None:
            factor, before = changed[0] / focus.ONE, found[sandbox_id].get(one.on_day, engine.Told())
            cost, usage, pace = (_precise(amount * factor) for amount in one.says[:3])
            until = max(filter(None, (before.until, one.says.until)), default=None)
            found[sandbox_id][one.on_day] = engine.Told(
                before.cost + cost, before.usage + usage, before.pace + pace, until
            )
    return found


def _precise(amount: Fraction) -> Decimal:
    return Decimal(round(amount * 10**10)).scaleb(-10)


def _currencies(ids: Collection[int]) -> dict[int, str]:
    """Sandbox id → the currency of its credits."""
    rows = select(Sandbox.id, Lease.currency).join(Lease, Lease.id == Sandbox.lease_id).where(Sandbox.id.in_(ids))
    return {row[0]: row[1] for row in db.session.execute(rows)}


def _known(period: BillPeriod, delivery_id: int, *, is_booked: bool) -> dict[int, dict[int, Days]]:
    """Delivery → sandbox → days, of a period: what this delivery said of it, or it and those before it."""
    ours = BillEstimate.delivery_id <= delivery_id if is_booked else BillEstimate.delivery_id == delivery_id
    rows = db.session.execute(
        select(BillEstimate.delivery_id, BillEstimate.sandbox_id, BillEstimate.on_day, BillEstimate.cost,
               BillEstimate.usage, BillEstimate.pace, BillEstimate.until)
        .where(BillEstimate.period_id == period.id, ours)
    )  # fmt: skip
    found: dict[int, dict[int, Days]] = defaultdict(lambda: defaultdict(dict))
    for by, sandbox_id, day, cost, usage, pace, until in rows:
        found[by][sandbox_id][day] = engine.Told(cost, usage, pace, until)
    return found


def _keep(period: BillPeriod, delivery_id: int, known: Collection[int], told: Mapping[int, Days]) -> None:
    """Write what changed; what a delivery before said just so becomes this one's."""
    if known:
        ours, newest = BillEstimate.period_id == period.id, max(known)
        gone = BillEstimate.sandbox_id.in_(sorted(told)) | (BillEstimate.delivery_id != newest)
        db.session.execute(delete(BillEstimate).where(ours, BillEstimate.delivery_id.in_(sorted(known)), gone))
        if newest != delivery_id:
            left = update(BillEstimate).where(ours, BillEstimate.delivery_id == newest)
            db.session.execute(left.values(delivery_id=delivery_id))
    rows = [
        {"period_id": period.id, "delivery_id": delivery_id, "sandbox_id": sandbox_id, "on_day": day, **one._asdict()}
        for sandbox_id, days in sorted(told.items())
        for day, one in sorted(days.items())
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(BillEstimate), rows)


def tell(ids: Collection[int]) -> None:
    """Tell the meters of these sandboxes what all bills say of them. They are locked already."""
    best, found = _best(ids), defaultdict[int, Days](dict)
    rows = db.session.execute(
        select(BillEstimate.sandbox_id, BillEstimate.on_day, func.sum(BillEstimate.cost),
               func.sum(BillEstimate.usage), func.sum(BillEstimate.pace), func.max(BillEstimate.until))
        .join(best, (best.c.sandbox_id == BillEstimate.sandbox_id) & (best.c.period_id == BillEstimate.period_id)
              & (best.c.delivery_id == BillEstimate.delivery_id))
        .group_by(BillEstimate.sandbox_id, BillEstimate.on_day)
    )  # fmt: skip
    for sandbox_id, day, cost, usage, pace, until in rows:
        found[sandbox_id][day] = engine.Told(cost, usage, pace, until)
    for sandbox in db.session.scalars(select(Sandbox).where(Sandbox.id.in_(sorted(ids))).order_by(Sandbox.id)):
        metering.told_by_bill(sandbox, found[sandbox.id])


def _best(ids: Collection[int]) -> Subquery:
    """By sandbox and period the delivery that counts: of the one that is booked and those after it that wait for a
    person the dearest, since what a cut file leaves out was used all the same."""
    is_booked = BillEstimate.delivery_id == BillPeriod.delivery_id
    is_newer = BillEstimate.delivery_id > func.coalesce(BillPeriod.delivery_id, 0)
    cost = func.sum(BillEstimate.cost)
    by = (BillEstimate.sandbox_id, BillEstimate.period_id)
    return (
        select(*by, BillEstimate.delivery_id)
        .join(BillPeriod, BillPeriod.id == BillEstimate.period_id)
        .join(BillDelivery, BillDelivery.id == BillEstimate.delivery_id)
        .where(BillEstimate.sandbox_id.in_(sorted(ids)), is_booked | (is_newer & BillDelivery.state.in_(WAITING)))
        .group_by(*by, BillEstimate.delivery_id, BillPeriod.delivery_id)
        .having((BillEstimate.delivery_id == BillPeriod.delivery_id) | (cost > 0))
        .ext(distinct_on(*by))
        .order_by(*by, cost.desc(), BillEstimate.delivery_id)
        .subquery()
    )


def told_of(delivery: BillDelivery) -> set[int]:
    """The ids of the sandboxes of which a delivery says something."""
    return set(
        db.session.scalars(select(BillEstimate.sandbox_id).where(BillEstimate.delivery_id == delivery.id).distinct())
    )


def forget(delivery: BillDelivery) -> None:
    """Let what a delivery said count no more."""
    db.session.execute(delete(BillEstimate).where(BillEstimate.delivery_id == delivery.id))


def estimated(periods: Collection[BillPeriod]) -> set[int]:
    """The ids of the sandboxes of which something is known in these periods."""
    of_periods = BillEstimate.period_id.in_([period.id for period in periods])
    return set(db.session.scalars(select(BillEstimate.sandbox_id).where(of_periods).distinct()))
