"""What is still to come for a proposal, and by when."""

import datetime as dt
from dataclasses import dataclass

from incubator.proposals.states import ProposalState as S

SCREENED = "screened"
REVIEWED = "reviewed"
MEETING = "meeting"
RELEASE = "release"
HANDED_IN = "handed_in"
AGREED = "agreed"
ANSWERED = "answered"
APPEAL_ANSWERED = "appeal_answered"
DECIDED_ANEW = "decided_anew"
BEFORE_HANDING_IN = (S.DRAFT, S.AWAITING_TEAM, S.RETURNED)
AT_SCREENING = (*BEFORE_HANDING_IN, S.SUBMITTED, S.SCREENING)
IN_REVIEW = (*AT_SCREENING, S.IN_REVIEW, S.CLARIFICATION)
OPEN = (*IN_REVIEW, S.DELIBERATION)


@dataclass(frozen=True)
class Dates:
    """The phases of a call."""

    closes_at: dt.datetime
    screening_due_on: dt.date | None
    review_due_on: dt.date
    meets_on: dt.date
    release_on: dt.date


@dataclass(frozen=True)
class Coming:
    """A step to come; by: until when, None where the call does not say."""

    key: str
    by: dt.date | dt.datetime | None


def outlook(state: S, dates: Dates, answer_by: dt.datetime | None, *, is_referred: bool = False) -> list[Coming]:
    """The steps that a proposal in this state has before it, the next one first; none once it is decided and no appeal
    waits. is_referred: its appeal was upheld and the committee decides anew.

    A step has no day where the call's day comes before the one that the next step may take.
    """
    due = answer_by if state is S.RETURNED else dates.closes_at
    steps = (
        ((S.CLARIFICATION,), Coming(ANSWERED, answer_by)),
        ((S.APPEALED,), Coming(DECIDED_ANEW if is_referred else APPEAL_ANSWERED, answer_by)),
        ((S.AWAITING_TEAM,), Coming(AGREED, due)),
        ((S.DRAFT, S.RETURNED), Coming(HANDED_IN, due)),
        (AT_SCREENING, Coming(SCREENED, dates.screening_due_on)),
        (IN_REVIEW, Coming(REVIEWED, dates.review_due_on)),
        (OPEN, Coming(MEETING, dates.meets_on)),
        (OPEN, Coming(RELEASE, dates.release_on)),
    )
    found = [coming for states, coming in steps if state in states]
    return found[:1] + [_after(one, found[0].by) for one in found[1:]]


def _after(step: Coming, awaited: dt.date | dt.datetime | None) -> Coming:
    """A step without its day where what comes before it may take longer: the call's day is no promise then."""
    if not isinstance(awaited, dt.datetime) or not step.by or isinstance(step.by, dt.datetime):
        return step
    last = (awaited - dt.timedelta(microseconds=1)).date()
    return Coming(step.key, None) if step.by < last else step
