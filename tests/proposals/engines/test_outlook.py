import datetime as dt

import pytest

from incubator.core import clock
from incubator.proposals.engines.outlook import Coming, Dates, outlook
from incubator.proposals.states import ProposalState as S

CLOSES = dt.datetime(2026, 12, 1, tzinfo=clock.UTC)
DATES = Dates(CLOSES, dt.date(2026, 12, 9), dt.date(2026, 12, 20), dt.date(2026, 12, 22), dt.date(2026, 12, 24))
ANSWER_BY = dt.datetime(2026, 12, 8, tzinfo=clock.UTC)
SCREENED = Coming("screened", DATES.screening_due_on)
REVIEWED = Coming("reviewed", DATES.review_due_on)
END = [Coming("meeting", DATES.meets_on), Coming("release", DATES.release_on)]


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        (S.DRAFT, [Coming("handed_in", CLOSES), SCREENED, REVIEWED, *END]),
        (S.AWAITING_TEAM, [Coming("agreed", CLOSES), SCREENED, REVIEWED, *END]),
        (S.RETURNED, [Coming("handed_in", ANSWER_BY), SCREENED, REVIEWED, *END]),
        (S.CLARIFICATION, [Coming("answered", ANSWER_BY), REVIEWED, *END]),
        (S.SUBMITTED, [SCREENED, REVIEWED, *END]),
        (S.IN_REVIEW, [REVIEWED, *END]),
        (S.DELIBERATION, END),
        (S.ACCEPTED, []),
        (S.WITHDRAWN, []),
    ],
)
def test_what_is_to_come_and_by_when(state, steps):
    assert outlook(state, DATES, ANSWER_BY) == steps


def test_no_day_is_promised_that_what_comes_before_may_outlast():
    until = dt.datetime(2026, 12, 23, tzinfo=clock.UTC)  # the end of the 22nd
    assert outlook(S.CLARIFICATION, DATES, until) == [Coming("answered", until), Coming("reviewed", None), *END]
