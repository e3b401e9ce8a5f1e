"""Pages of equity: HR's plans and grants, and what a holder has. One file a noun."""

from incubator.equity.views import (
    accounting,
    appraisals,
    capital,
    exchange,
    grants,
    growth,
    holdings,
    leavers,
    payroll,
    people,
    plans,
    register,
    steps,
    transfers,
)
from incubator.equity.views.routes import bp

__all__ = [
    "accounting",
    "appraisals",
    "bp",
    "capital",
    "exchange",
    "grants",
    "growth",
    "holdings",
    "leavers",
    "payroll",
    "people",
    "plans",
    "register",
    "steps",
    "transfers",
]
