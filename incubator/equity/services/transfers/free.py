"""What of a holder's issued units may be sold: restricted shares may not before they have vested."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from incubator.core.db import db
from incubator.equity.engines.vesting import balance_on
from incubator.equity.models import (
    EquityGrant,
    EquityPlan,
    EquitySecurity,
    EquityTransaction,
    Instrument,
    SecurityClass,
)
from incubator.equity.services import arrived, register, vesting
from incubator.equity.words import SHARE_KINDS
from incubator.people.models import Person


def restricted(security: SecurityClass, holder: str) -> list[EquityGrant]:
    """The grants of restricted shares of a class that a holder has."""
    moved = select(EquityTransaction.id).where(EquityTransaction.grant_id == EquityGrant.id).exists()
    return list(
        db.session.scalars(
            select(EquityGrant)
            .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
            .join(Person, Person.id == EquityGrant.holder_id)
            .where(
                EquityPlan.security_class_id == security.id, EquityPlan.kind.in_(SHARE_KINDS),
                Person.public_id == holder, moved,
            )
            .order_by(EquityGrant.id)
        )
    )  # fmt: skip


def unvested(grants: Sequence[EquityGrant], day: dt.date) -> dict[int, int]:
    """Smallest units of grants that have not vested on a day, a fraction of one as a whole, by the grant's row id."""
    logs = vesting.logs_of(grants)
    left = {grant.id: balance_on(vesting.timeline_of(grant, logs[grant.id]), day).unvested for grant in grants}
    return {key: int(units) + (units != int(units)) for key, units in left.items()}


def unvested_of(security: SecurityClass, holder: str, day: dt.date) -> int:
    """All that a holder has of a class and that has not vested on a day; five statements, however many there are."""
    came = arrived.vesting_shares(security, holder)
    left, there = arrived.unvested(came, day), register.units_of([one.security for one in came])
    kept = sum(min(left[one.security_id], there[one.security.public_id]) for one in came)
    return kept + sum(unvested(restricted(security, holder), day).values())


def sellable(security: SecurityClass, holder: str, day: dt.date) -> list[tuple[EquitySecurity, int]]:
    """A holder's securities of a class, held for this transaction, with the units that may leave each on a day.

    Oldest first, those that never were restricted before those that were. Seven statements, however many there are.
    """
    locked = unvested(restricted(security, holder), day)
    came = arrived.unvested(arrived.vesting_shares(security, holder), day)
    held = db.session.scalars(
        select(EquitySecurity)
        .where(
            EquitySecurity.class_public_id == security.public_id, EquitySecurity.holder_public_id == holder,
            EquitySecurity.instrument == Instrument.SHARE,
        )
        .order_by(EquitySecurity.id)
    ).all()  # fmt: skip
    units, found = register.lock_all(held), []
    for one in sorted(held, key=lambda one: (one.grant_id in locked or one.id in came, one.id)):
        there = units[one.public_id]
        kept = min(there, locked.get(one.grant_id or 0, 0) + came.get(one.id, 0))
        if kept and one.grant_id in locked:
            locked[one.grant_id or 0] -= kept
        if there > kept:
            found.append((one, there - kept))
    return found
