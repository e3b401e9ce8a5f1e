"""Background work: operations at providers, the meter, the ends of leases, the sweep."""

from incubator.cloud.jobs.operating import operate, reconcile
from incubator.cloud.jobs.repairing import clear, forget_exports, repair
from incubator.cloud.jobs.watching import expire, meter, sweep

__all__ = ["clear", "expire", "forget_exports", "meter", "operate", "reconcile", "repair", "sweep"]
