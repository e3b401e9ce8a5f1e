"""What the meter is told of a sandbox by bills: as soon as one is read, whether it is booked or held.

A runaway sandbox must not go on because its bill waits for a person; nothing is posted of a bill that does.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select

from incubator.cloud.engines import billing as engine
from incubator.cloud.engines import focus
from incubator.cloud.models import BillEstimate, BillPeriod, Lease, Sandbox
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


def note(period: BillPeriod, owners: Owners, days: Iterable[Day], *, is_held: bool = False) -> set[int]:
    """Keep what a delivery says of a period's sandboxes; the ids of those of which something else was known before.

    is_held: it, or a newer one, waits for a person. Then the dearer counts: what a cut file leaves out was used all
    the same.
    """
    told, known = _told(owners, days), _known(period)
    if is_held:
        dearer = {one for one, found in told.items() if _sum(found) > _sum(known.get(one, {}))}
        changed = {one for one in dearer if told[one] != known.get(one)}
    else:
        changed = {one for one in {*told, *known} if told.get(one) != known.get(one)}
    _keep(period, {one: told.get(one, {}) for one in changed})
    return changed


def _sum(days: Days) -> Decimal:
    return sum((one.cost for one in days.values()), Decimal(0))


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


def _known(period: BillPeriod) -> dict[int, Days]:
    rows = db.session.scalars(select(BillEstimate).where(BillEstimate.period_id == period.id))
    found: dict[int, Days] = defaultdict(dict)
    for row in rows:
        found[row.sandbox_id][row.on_day] = engine.Told(row.cost, row.usage, row.pace, row.until)
    return found


def _keep(period: BillPeriod, told: Mapping[int, Days]) -> None:
    ours = (BillEstimate.period_id == period.id, BillEstimate.sandbox_id.in_(sorted(told)))
    db.session.execute(delete(BillEstimate).where(*ours))
    rows = [
        {"period_id": period.id, "sandbox_id": sandbox_id, "on_day": day, **one._asdict()}
        for sandbox_id, days in sorted(told.items())
        for day, one in sorted(days.items())
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(BillEstimate), rows)


def tell(ids: Collection[int]) -> None:
    """Tell the meters of these sandboxes what all bills say of them. They are locked already."""
    found: dict[int, Days] = defaultdict(dict)
    rows = db.session.execute(
        select(BillEstimate.sandbox_id, BillEstimate.on_day, func.sum(BillEstimate.cost),
               func.sum(BillEstimate.usage), func.sum(BillEstimate.pace), func.max(BillEstimate.until))
        .where(BillEstimate.sandbox_id.in_(sorted(ids)))
        .group_by(BillEstimate.sandbox_id, BillEstimate.on_day)
    )  # fmt: skip
    for sandbox_id, day, cost, usage, pace, until in rows:
        found[sandbox_id][day] = engine.Told(cost, usage, pace, until)
    for sandbox in db.session.scalars(select(Sandbox).where(Sandbox.id.in_(sorted(ids))).order_by(Sandbox.id)):
        metering.told_by_bill(sandbox, found[sandbox.id])


def estimated(periods: Collection[BillPeriod]) -> set[int]:
    """The ids of the sandboxes of which something is known in these periods."""
    of_periods = BillEstimate.period_id.in_([period.id for period in periods])
    return set(db.session.scalars(select(BillEstimate.sandbox_id).where(of_periods).distinct()))
