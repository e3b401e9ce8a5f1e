"""Background work of patents: deadlines and letters."""

from incubator.patents.jobs.deadlines import recompute, recompute_all, recompute_range, remind
from incubator.patents.jobs.letters import write_award_letters

__all__ = ["recompute", "recompute_all", "recompute_range", "remind", "write_award_letters"]
