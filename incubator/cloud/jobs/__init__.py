"""Background work: operations at providers, the meter, the ends of leases, the sweep."""

from incubator.cloud.jobs.operating import operate, reconcile
from incubator.cloud.jobs.watching import expire, meter, sweep

__all__ = ["expire", "meter", "operate", "reconcile", "sweep"]
