"""Background work: operations at providers, the meter, the ends of leases, the sweep; prices and credits."""

from incubator.cloud.jobs.bills import look_for_bills, look_for_bills_at, take_bills, take_waiting_bills
from incubator.cloud.jobs.market import apply_prices, prove, score, watch_credits
from incubator.cloud.jobs.operating import operate, reconcile
from incubator.cloud.jobs.repairing import clear, clear_at, forget_exports, repair
from incubator.cloud.jobs.watching import compare, expire, meter, read, sweep

__all__ = [
    "apply_prices", "clear", "clear_at", "compare", "expire", "forget_exports", "look_for_bills", "look_for_bills_at",
    "meter", "operate", "prove", "read", "reconcile", "repair", "score", "sweep", "take_bills", "take_waiting_bills",
    "watch_credits",
]  # fmt: skip
