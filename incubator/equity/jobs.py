"""What happens to capital by itself: notices end, and the ends of months are derived."""

from sqlalchemy import select

from incubator.core.db import db
from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.equity.models import Issuer
from incubator.equity.services import capital, transfers
from incubator.people.predicates import SYSTEM

HOUR = 3_600


@job("transfer.close_due", every=HOUR)
def close_due() -> int:
    """End the notices whose time is over; returns how many. A second run finds nothing to do."""
    with transaction():
        return transfers.close_due(SYSTEM)


@job("capital.rebuild_months", every=6 * HOUR)
def rebuild_months() -> int:
    """Derive the month-end positions that are missing, an issuer a transaction; returns how many months."""
    with transaction():
        keys = db.session.scalars(select(Issuer.id).order_by(Issuer.id)).all()
    total = 0
    for key in keys:
        with transaction():
            total += capital.rebuild_months(db.session.get_one(Issuer, key))
    return total
