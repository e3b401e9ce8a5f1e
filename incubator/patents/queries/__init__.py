"""Reading inventions, matters and awards: one file a noun."""

from incubator.patents.queries.awards import (
    award_list,
    award_of,
    award_page,
    awards_visible_to,
    my_awards,
    payroll_lines,
)
from incubator.patents.queries.inventions import (
    is_public,
    known_to,
    may_know,
    may_read,
    mine,
    named,
    of_page,
    of_venture,
    share_in,
    venture_names,
    ventures_of,
    visible_to,
)
from incubator.patents.queries.matters import docket, event_in, live, matter_of, matter_page, matters_visible_to
from incubator.patents.queries.waiting import waiting_for

__all__ = [
    "award_list",
    "award_of",
    "award_page",
    "awards_visible_to",
    "docket",
    "event_in",
    "is_public",
    "known_to",
    "live",
    "matter_of",
    "matter_page",
    "matters_visible_to",
    "may_know",
    "may_read",
    "mine",
    "my_awards",
    "named",
    "of_page",
    "of_venture",
    "payroll_lines",
    "share_in",
    "venture_names",
    "ventures_of",
    "visible_to",
    "waiting_for",
]
