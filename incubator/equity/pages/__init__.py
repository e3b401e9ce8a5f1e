"""What each page of equity shows, gathered in a fixed number of statements: one file a noun."""

from incubator.equity.pages.accounting import COLUMNS as EXPENSE_COLUMNS
from incubator.equity.pages.accounting import cost_by_year, expense_page, export_rows
from incubator.equity.pages.capital import (
    COLUMNS,
    ROUND_COLUMNS,
    appraisal_page,
    board_page,
    cap_table_rows,
    contributed,
    day_asked,
    entry_page,
    issuer_page,
    lines_of_file,
    round_page,
)
from incubator.equity.pages.common import CHARTED, Chart, chart_of, labels, quantity
from incubator.equity.pages.exchange import import_page
from incubator.equity.pages.grants import Answers, answers, check_page, facts_page, grant_page, vesting_page
from incubator.equity.pages.holdings import Holding, has_growth, holdings
from incubator.equity.pages.plans import drafting, plan_page, plan_rows
from incubator.equity.pages.register import REGISTER, class_of, class_page, holder_page, register_rows
from incubator.equity.pages.transfers import transfer_page, windows

__all__ = [
    "CHARTED",
    "COLUMNS",
    "EXPENSE_COLUMNS",
    "REGISTER",
    "ROUND_COLUMNS",
    "Answers",
    "Chart",
    "Holding",
    "answers",
    "appraisal_page",
    "board_page",
    "cap_table_rows",
    "chart_of",
    "check_page",
    "class_of",
    "class_page",
    "contributed",
    "cost_by_year",
    "day_asked",
    "drafting",
    "entry_page",
    "expense_page",
    "export_rows",
    "facts_page",
    "grant_page",
    "has_growth",
    "holder_page",
    "holdings",
    "import_page",
    "issuer_page",
    "labels",
    "lines_of_file",
    "plan_page",
    "plan_rows",
    "quantity",
    "register_rows",
    "round_page",
    "transfer_page",
    "vesting_page",
    "windows",
]
