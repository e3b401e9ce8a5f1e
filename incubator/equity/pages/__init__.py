"""What each page of equity shows, gathered in a fixed number of statements: one file a noun."""

from incubator.equity.pages.common import CHARTED, Chart, chart_of, labels, quantity
from incubator.equity.pages.grants import Answers, answers, check_page, grant_page
from incubator.equity.pages.holdings import Holding, holdings
from incubator.equity.pages.plans import drafting, plan_page

__all__ = [
    "CHARTED",
    "Answers",
    "Chart",
    "Holding",
    "answers",
    "chart_of",
    "check_page",
    "drafting",
    "grant_page",
    "holdings",
    "labels",
    "plan_page",
    "quantity",
]
