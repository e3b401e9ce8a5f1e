"""What a reviewer does with an open dossier: write, and seal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import BigInteger, Boolean, Table, Text, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm.exc import StaleDataError

from incubator.calls.models import Criterion, RubricVersion
from incubator.core import clock
from incubator.core.actions import action
from incubator.core.audit import Along
from incubator.core.db import db
from incubator.core.errors import Invalid, Stale, WrongState
from incubator.people.models import Person
from incubator.reviews import queries
from incubator.reviews.engines import scoring
from incubator.reviews.engines.ranges import interval
from incubator.reviews.models import Confidence, Recommendation, Review, ReviewScore, ReviewSummary, Round
from incubator.reviews.services.counting import count_of_reviewer, owed_without
from incubator.reviews.states import BEFORE_SEAL, REVIEW, ReviewState, RoundState

MISSING = "missing"
"""The code of a refusal to seal because something is not filled in."""


@dataclass(frozen=True)
class Content:
    """What a reviewer wrote: scores and notes by criterion key; a criterion that is absent has none.

    abstained: the keys of those left out on purpose.
    """

    scores: Mapping[str, int | None] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    confidence: Confidence | None = None
    recommendation: Recommendation | None = None
    private_note: str = ""
    abstained: frozenset[str] = frozenset()


@action("review.save")
def save(actor: Person, review: Review, *, content: Content, version: int | None = None) -> Review:
    """Keep a draft; no event is written for it, but for the first.

    version: the one the reader started from; Stale when the review has moved on since. Invalid (field score_<key>)
    for a score off its criterion's scale.
    """
    _check_open(review, version)
    _fill(review, content)
    _put_scores(review, content)
    db.session.flush()
    return review


@action("review.seal")
def seal(actor: Person, review: Review, *, content: Content | None = None, version: int | None = None) -> None:
    """Hand the review in: from now on it counts, is shown to the others who sealed theirs, and stays as it is.

    Raises Invalid (code missing) while a criterion, the confidence or the recommendation is not filled in.
    """
    _check_open(review, version)
    summary, state, standing = queries.held_for_seal(review)
    if state is not RoundState.OPEN:
        raise WrongState(_("The committee has closed this round. What you wrote is kept, but it does not count."))
    if standing != review.version:
        raise StaleDataError("the review was changed by somebody else meanwhile")
    content = content or saved(review)
    _check_complete(review, content)
    counted = queries.counted_scores(review.round_id, review.proposal_id, but=review.id)
    _fill(review, content)
    review.sealed_at = clock.now()
    scores = {criterion.key: content.scores.get(criterion.key) for criterion in _asked(review)}
    counted[review.id] = scores
    put_summary(summary, engine_rubric(review.round.rubric), [counted[key] for key in sorted(counted)])
    along = Along((review, summary), put_scores, count_of_reviewer, _scores(review, content) | owed_without(review))
    REVIEW.move(review, "seal", payload={"scores": scores, "total": review.total}, along=along)
    db.session.expire(review, ["scores"])


def _asked(review: Review) -> list[Criterion]:
    """The questions of the review's rubric."""
    return review.round.rubric.criteria


def engine_rubric(rubric: RubricVersion) -> scoring.Rubric:
    """The rubric as the scoring engine takes it; its scale spans those of its criteria."""
    criteria = tuple(scoring.Criterion(c.key, c.weight_bp, c.low, c.high, c.lower_is_better) for c in rubric.criteria)
    return scoring.Rubric(criteria, min(c.low for c in rubric.criteria), max(c.high for c in rubric.criteria))


def scores_of(review: Review) -> dict[str, int | None]:
    """The review's scores by criterion key."""
    return {score.criterion.key: score.value for score in review.scores}


def saved(review: Review) -> Content:
    """What is kept of a review now."""
    return Content(
        scores=scores_of(review),
        notes={score.criterion.key: score.note for score in review.scores},
        confidence=review.confidence,
        recommendation=review.recommendation,
        private_note=review.private_note,
        abstained=frozenset(score.criterion.key for score in review.scores if score.abstained),
    )


def update_summary(round_: Round, summary: ReviewSummary) -> None:
    """Compute a proposal's summary from its counted reviews; the caller holds the summary's lock."""
    db.session.flush()
    reviews = queries.counted_scores(round_.id, summary.proposal_id)
    put_summary(summary, engine_rubric(round_.rubric), list(reviews.values()))


def put_summary(summary: ReviewSummary, rubric: scoring.Rubric, reviews: Sequence[scoring.Scores]) -> None:
    """Fill a summary from the scores of the counted reviews."""
    found = scoring.summarise(rubric, reviews)
    singles = (scoring.score_review(rubric, scores).hundredths for scores in reviews)
    summary.sealed, summary.total_hundredths = found.reviews, found.total or 0
    summary.spread_hundredths, summary.means = found.spread, dict(found.means)
    summary.ticks = sorted(total for total in singles if total is not None)
    bounds = interval(summary.total_hundredths, found.spread, found.reviews, rubric.low * 100, rubric.high * 100)
    summary.low_hundredths, summary.high_hundredths = bounds or (None, None)


def _check_open(review: Review, version: int | None) -> None:
    if review.state not in BEFORE_SEAL:
        raise WrongState(_("This review can't be changed any more. Reload the page to see where it stands."))
    if version is not None and version != review.version:
        raise Stale(_("This review was changed in another window meanwhile. Both texts are shown below."))


def _fill(review: Review, content: Content) -> None:
    """Put the content into the review's own row; it is written after the scores, and the slower of two saves fails
    there."""
    criteria = {criterion.key: criterion for criterion in review.round.rubric.criteria}
    _check_scores(criteria, content)
    if review.state is ReviewState.CLEARED:
        REVIEW.move(review, "start")
    review.confidence, review.recommendation = content.confidence, content.recommendation
    review.private_note, review.saved_at = content.private_note.strip(), clock.now()
    result = scoring.score_review(engine_rubric(review.round.rubric), content.scores)
    review.total, review.scored = result.hundredths, len(criteria) - len(result.missing)


def _put_scores(review: Review, content: Content) -> None:
    """All of a review's scores in one statement, new or changed."""
    with db.session.no_autoflush:
        db.session.execute(put_scores(), _scores(review, content))
    db.session.expire(review, ["scores"])


def _scores(review: Review, content: Content) -> dict[str, Any]:
    """The parameters of put_scores."""
    asked = _asked(review)
    values = [content.scores.get(criterion.key) for criterion in asked]
    return {
        "scored_review": review.id, "scored_criteria": [criterion.id for criterion in asked], "scored_values": values,
        "scored_notes": [content.notes.get(criterion.key, "").strip() for criterion in asked],
        "scored_abstained": [
            criterion.key in content.abstained and value is None for criterion, value in zip(asked, values, strict=True)
        ],
    }  # fmt: skip


@cache
def put_scores() -> Any:
    """A review's scores, new or changed."""
    types = {"criteria": BigInteger, "values": BigInteger, "notes": Text, "abstained": Boolean}
    given = func.unnest(*(bindparam(f"scored_{name}", type_=ARRAY(kind)) for name, kind in types.items()))
    rows = given.table_valued(*(column(name, kind) for name, kind in types.items())).render_derived(name="given")
    review = bindparam("scored_review", type_=BigInteger)
    names = ["review_id", "criterion_id", "value", "note", "abstained"]
    fresh = insert(cast(Table, ReviewScore.__table__)).from_select(names, select(review, *rows.c))
    changed = {name: fresh.excluded[name] for name in names[2:]}
    put = fresh.on_conflict_do_update(index_elements=names[:2], set_=changed)
    return put.returning(column("id", BigInteger))


def _check_answer(criterion: Criterion, content: Content) -> None:
    value = content.scores.get(criterion.key)
    if value is None and not (criterion.may_abstain and criterion.key in content.abstained):
        words = _("Choose a score from %(low)s to %(high)s.", low=criterion.low, high=criterion.high)
        raise Invalid(words, field=f"score_{criterion.key}", code=MISSING)
    if value is not None and criterion.needs_note(value) and not content.notes.get(criterion.key, "").strip():
        words = _("Say what this score rests on: this criterion asks for it.")
        raise Invalid(words, field=f"note_{criterion.key}", code=MISSING)


def _check_scores(criteria: Mapping[str, Criterion], content: Content) -> None:
    for key, value in content.scores.items():
        check_score(criteria.get(key), key, value)


def check_score(criterion: Criterion | None, key: str, value: int | None) -> None:
    """Raise Invalid (field score_<key>) for a score off its criterion's scale, or of no criterion."""
    if criterion is None:
        raise Invalid(_("The rubric has no such criterion."), field=f"score_{key}")
    if value is not None and not criterion.low <= value <= criterion.high:
        words = _("Choose a score from %(low)s to %(high)s.", low=criterion.low, high=criterion.high)
        raise Invalid(words, field=f"score_{key}")


def _check_complete(review: Review, content: Content) -> None:
    for criterion in review.round.rubric.criteria:
        _check_answer(criterion, content)
    if scoring.score_review(engine_rubric(review.round.rubric), content.scores).hundredths is None:
        raise Invalid(_("Score criteria that carry at least half of the weight."), code=MISSING)
    if content.confidence is None:
        raise Invalid(_("Say how sure you are."), field="confidence", code=MISSING)
    if content.recommendation is None:
        raise Invalid(_("Say what you recommend."), field="recommendation", code=MISSING)
