"""How the scores of each criterion lie, for the proposals of a page."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import func, select

from incubator.calls.models import Criterion
from incubator.core.db import db
from incubator.reviews.models import Review, ReviewScore, ReviewSummary
from incubator.reviews.states import COUNTED

Counts = dict[int, dict[str, dict[int, int]]]
"""summary id -> criterion's key -> value -> how many gave it."""


def counts_of(summaries: Sequence[int]) -> Counts:
    """Of the counted reviews of these summaries (ids); one query."""
    rows = (
        select(ReviewSummary.id, Criterion.key, ReviewScore.value, func.count())
        .join(
            Review,
            (Review.proposal_id == ReviewSummary.proposal_id) & (Review.round_id == ReviewSummary.round_id),
        )
        .join(ReviewScore, ReviewScore.review_id == Review.id)
        .join(Criterion, Criterion.id == ReviewScore.criterion_id)
        .where(ReviewSummary.id.in_(summaries), Review.state.in_(COUNTED), ReviewScore.value.is_not(None))
        .group_by(ReviewSummary.id, Criterion.key, ReviewScore.value)
    )
    found: Counts = defaultdict(lambda: defaultdict(dict))
    for summary, key, value, count in db.session.execute(rows):
        found[summary][key][value or 0] = count
    return found
