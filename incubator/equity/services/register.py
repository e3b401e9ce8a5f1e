"""Writing the register: securities, and the append-only movements of their units.

Called by the services that have a right and an event; nothing here is an action of its own.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.equity.models import (
    EquityGrant,
    EquitySecurity,
    EquityTransaction,
    Instrument,
    Movement,
    SecurityClass,
    SecurityVesting,
)


def issue(
    security: SecurityClass,
    *,
    holder: str,
    instrument: Instrument,
    quantity: int,
    effective_on: dt.date,
    event: AuditEvent,
    kind: Movement = Movement.ISSUANCE,
    price_minor: int | None = None,
    grant: EquityGrant | None = None,
    parent: EquitySecurity | None = None,
    details: dict[str, Any] | None = None,
) -> EquitySecurity:
    """Put so many smallest units of a class into a holder's hands as a new security. Raises Invalid below 1."""
    if quantity < 1:
        raise Invalid(_("Enter at least 1"), field="units")
    made = EquitySecurity(
        issuer_public_id=security.issuer.public_id, class_public_id=security.public_id, holder_public_id=holder,
        instrument=instrument, grant_id=grant.id if grant else None, parent_id=parent.id if parent else None,
        price_minor=price_minor,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    enter(made, kind, quantity, effective_on, event, price_minor=price_minor, details=details)
    return made


def enter(
    security: EquitySecurity,
    kind: Movement,
    quantity: int,
    effective_on: dt.date,
    event: AuditEvent,
    *,
    price_minor: int | None = None,
    details: dict[str, Any] | None = None,
    reverses: EquityTransaction | None = None,
) -> EquityTransaction:
    """Write one movement of a security; the database refuses one that would leave it below zero."""
    row = EquityTransaction(
        issuer_public_id=security.issuer_public_id, class_public_id=security.class_public_id,
        holder_public_id=security.holder_public_id, security_public_id=security.public_id,
        instrument=security.instrument, grant_id=security.grant_id, kind=kind, quantity=quantity,
        effective_on=effective_on, price_minor=price_minor, details=details or {}, trigger=event.name,
        cause_id=event.id, reverses_id=reverses.id if reverses else None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def lock(security: EquitySecurity) -> int:
    """Hold a security for this transaction; the smallest units that are in it."""
    return lock_all([security])[security.public_id]


def lock_all(securities: Sequence[EquitySecurity]) -> dict[str, int]:
    """Hold securities for this transaction; the smallest units that are in each, by its public id. Two statements."""
    held = select(EquitySecurity.id).where(EquitySecurity.id.in_([one.id for one in securities]))
    db.session.scalars(held.order_by(EquitySecurity.id).with_for_update(key_share=True)).all()
    return units_of(securities)


def units_in(security: EquitySecurity) -> int:
    """The smallest units of a security: the sum of its movements."""
    return units_of([security])[security.public_id]


def units_of(securities: Sequence[EquitySecurity]) -> dict[str, int]:
    """The smallest units of securities, by public id; one statement."""
    row, keys = EquityTransaction, [one.public_id for one in securities]
    sums = (
        select(row.security_public_id, func.sum(row.quantity))
        .where(row.security_public_id.in_(keys))
        .group_by(row.security_public_id)
    )
    return dict.fromkeys(keys, 0) | {key: int(units) for key, units in db.session.execute(sums)}


def take(
    security: EquitySecurity,
    kind: Movement,
    quantity: int,
    effective_on: dt.date,
    event: AuditEvent,
    *,
    price_minor: int | None = None,
    details: dict[str, Any] | None = None,
) -> EquitySecurity | None:
    """Move units out of a security, which ends it; the security with the balance, None when nothing is left.

    Raises Invalid at `units` for less than 1 or more than there are.
    """
    there = lock(security)
    if not 1 <= quantity <= there:
        raise Invalid(_("There are not so many units"), field="units", code="short")
    left = there - quantity
    balance = _balance(security) if left else None
    more = {"balance_security": balance.public_id} if balance else {}
    enter(security, kind, -quantity, effective_on, event, price_minor=price_minor, details=(details or {}) | more)
    if balance:
        enter(security, Movement.BALANCE, -left, effective_on, event)
        enter(balance, Movement.BALANCE, left, effective_on, event, details={"parent_security": security.public_id})
    return balance


def _balance(security: EquitySecurity) -> EquitySecurity:
    made = EquitySecurity(
        issuer_public_id=security.issuer_public_id, class_public_id=security.class_public_id,
        holder_public_id=security.holder_public_id, instrument=security.instrument, grant_id=security.grant_id,
        parent_id=security.id, price_minor=security.price_minor,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    if security.grant_id is None:
        _vests_on(security, made)
    return made


def _vests_on(security: EquitySecurity, balance: EquitySecurity) -> None:
    """What is left of a security that came in vests as it would have."""
    came = db.session.scalar(select(SecurityVesting).where(SecurityVesting.security_id == security.id))
    if came is not None:
        db.session.add(SecurityVesting(
            security=balance, root_id=came.root_id, stock_plan_id=came.stock_plan_id, award=came.award,
            units=came.units, terms=came.terms,
        ))  # fmt: skip


def reverse(row: EquityTransaction, effective_on: dt.date, event: AuditEvent, reason: str) -> EquityTransaction:
    """Take a movement back by its counter-entry. Raises WrongState when that has been done."""
    if row.kind is Movement.CORRECTION or db.session.scalar(
        select(EquityTransaction.id).where(EquityTransaction.reverses_id == row.id)
    ):
        raise WrongState(_("This was corrected already."))
    security = of_transaction(row)
    lock(security)
    details = {"reverses": row.public_id, "kind": row.kind.value, "reason": reason}
    return enter(security, Movement.CORRECTION, -row.quantity, effective_on, event, details=details, reverses=row)


def of_transaction(row: EquityTransaction) -> EquitySecurity:
    """The security that a movement is about."""
    return db.session.scalars(select(EquitySecurity).where(EquitySecurity.public_id == row.security_public_id)).one()


def of_grant(grant: EquityGrant) -> Sequence[EquitySecurity]:
    """The securities of a grant that hold units, oldest first."""
    sums = (
        select(EquityTransaction.security_public_id)
        .where(EquityTransaction.grant_id == grant.id)
        .group_by(EquityTransaction.security_public_id)
        .having(func.sum(EquityTransaction.quantity) > 0)
    )
    return db.session.scalars(
        select(EquitySecurity).where(EquitySecurity.public_id.in_(sums)).order_by(EquitySecurity.id)
    ).all()
