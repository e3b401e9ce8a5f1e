"""Background work of the ledger."""

from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.ledger import days


@job("ledger.total_days", queue="billing", every=300)
def total_days() -> int:
    """Total yesterday and today of every account that moved; returns how many rows changed."""
    with transaction():
        return days.total()
