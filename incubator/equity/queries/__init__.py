"""Reading plans and grants: who sees which, what stands on the pages, what waits for whom. One file a noun."""

from incubator.equity.queries.due import BoardLine, Line, Table, appraisals_of, appraisals_visible_to, board_lines, class_of, classes_of, companies_for_issuers, entries_of, entries_visible_to, free_in_pools, from incubator.equity.queries.accounting import grants_for_accounts, from incubator.equity.queries.capital import (, grants_in_approval, grants_to_cost, grants_to_cost_of_board, held_on, holder_called, issuer_list, issuers_visible_to, leavers, open_windows, person_called, table_of, to_pay, vestings, windows
from incubator.equity.queries.grants import Record, grants_of, grants_visible_to, held_by, own_in_venture, pending_units, records_of, transactions_of
from incubator.equity.queries.payroll import batch_list, batches_visible_to, lines_of
from incubator.equity.queries.plans import plan_list, plans_of_venture, plans_visible_to, ventures_for_plans
from incubator.equity.queries.steps import departures, steps_of, steps_visible_to, ventures_stopped, waiting_steps
from incubator.equity.queries.transfers import answer_for, class_to_sell, classes_held_by, transfer_list, transfers_visible_to
from incubator.equity.queries.vesting import Vested, vested
from incubator.equity.queries.waiting import waiting_for

__all__ = [
    "BoardLine",
    "Line",
    "Record",
    "Table",
    "Vested",
    "answer_for",
    "appraisals_of",
    "appraisals_visible_to",
    "batch_list",
    "batches_visible_to",
    "board_lines",
    "class_of",
    "class_to_sell",
    "classes_held_by",
    "classes_of",
    "companies_for_issuers",
    "departures",
    "entries_of",
    "entries_visible_to",
    "free_in_pools",
    "from incubator.equity.queries.accounting import grants_for_accounts",
    "from incubator.equity.queries.capital import (",
    "grants_in_approval",
    "grants_of",
    "grants_to_cost",
    "grants_to_cost_of_board",
    "grants_visible_to",
    "held_by",
    "held_on",
    "holder_called",
    "issuer_list",
    "issuers_visible_to",
    "leavers",
    "lines_of",
    "open_windows",
    "own_in_venture",
    "pending_units",
    "person_called",
    "plan_list",
    "plans_of_venture",
    "plans_visible_to",
    "records_of",
    "steps_of",
    "steps_visible_to",
    "table_of",
    "to_pay",
    "transactions_of",
    "transfer_list",
    "transfers_visible_to",
    "ventures_for_plans",
    "ventures_stopped",
    "vested",
    "vestings",
    "waiting_for",
    "waiting_steps",
    "windows",
]
