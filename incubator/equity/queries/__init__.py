"""Reading plans and grants: who sees which, what stands on the pages, what waits for whom. One file a noun."""

from incubator.equity.queries.grants import (
    Record,
    grants_of,
    grants_visible_to,
    held_by,
    own_in_venture,
    pending_units,
    records_of,
    transactions_of,
)
from incubator.equity.queries.plans import plan_list, plans_of_venture, plans_visible_to, ventures_for_plans
from incubator.equity.queries.vesting import Vested, vested
from incubator.equity.queries.waiting import waiting_for

__all__ = [
    "Record",
    "Vested",
    "grants_of",
    "grants_visible_to",
    "held_by",
    "own_in_venture",
    "pending_units",
    "plan_list",
    "plans_of_venture",
    "plans_visible_to",
    "records_of",
    "transactions_of",
    "ventures_for_plans",
    "vested",
    "waiting_for",
]
