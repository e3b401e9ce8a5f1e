"""Background work of patents: deadlines, awards and letters."""

from incubator.patents.jobs.awards import remind_of_awards
from incubator.patents.jobs.deadlines import recompute, recompute_all, recompute_parts, remind
from incubator.patents.jobs.letters import write_award_letters

__all__ = ["recompute", "recompute_all", "recompute_parts", "remind", "remind_of_awards", "write_award_letters"]
