"""Reading plans and grants: who sees which, what stands on the pages, what waits for whom. One file a noun."""

from incubator.equity.queries.due import (
    grants_in_approval,
    leavers,
    open_windows,
    to_pay,
    vestings,
    windows,
)
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
from incubator.equity.queries.payroll import batch_list, batches_visible_to, lines_of
from incubator.equity.queries.plans import plan_list, plans_of_venture, plans_visible_to, ventures_for_plans
from incubator.equity.queries.steps import departures, steps_of, steps_visible_to, ventures_stopped, waiting_steps
from incubator.equity.queries.vesting import Vested, vested
from incubator.equity.queries.waiting import waiting_for

__all__ = [
    "Record",
    "Vested",
    "batch_list",
    "batches_visible_to",
    "departures",
    "grants_in_approval",
    "grants_of",
    "grants_visible_to",
    "held_by",
    "leavers",
    "lines_of",
    "open_windows",
    "own_in_venture",
    "pending_units",
    "plan_list",
    "plans_of_venture",
    "plans_visible_to",
    "records_of",
    "steps_of",
    "steps_visible_to",
    "to_pay",
    "transactions_of",
    "ventures_for_plans",
    "ventures_stopped",
    "vested",
    "vestings",
    "waiting_for",
    "waiting_steps",
    "windows",
]
