"""Pages of equity: HR's plans and grants, and what a holder has. One file a noun."""

from incubator.equity.views import grants, holdings, leavers, payroll, plans, steps
from incubator.equity.views.routes import bp

__all__ = ["bp", "grants", "holdings", "leavers", "payroll", "plans", "steps"]
