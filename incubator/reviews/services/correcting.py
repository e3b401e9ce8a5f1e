"""What becomes of a review beside being written: declined by its reviewer, reopened or struck by the chair."""

from flask_babel import gettext as _

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.notifications.services import notify
from incubator.people.models import Person
from incubator.reviews import queries
from incubator.reviews.models import Review, ReviewVersion
from incubator.reviews.services.counting import recount
from incubator.reviews.services.reviewing import saved, update_summary
from incubator.reviews.services.slots import free, tell_office
from incubator.reviews.states import REVIEW, RoundState


@action("review.decline")
def decline(actor: Person, review: Review, *, reason: str) -> None:
    """Not take a review on, before the dossier opens: the place becomes free, and the office is asked for another."""
    words = _given(reason)
    REVIEW.move(review, "decline", reason=words)
    free(review)
    tell_office(review, "review.declined")


@action("review.reopen")
def reopen(actor: Person, review: Review, *, reason: str) -> None:
    """Hand a sealed review back to its reviewer; what was sealed is kept as a version and counts no more."""
    words = _given(reason)
    _check_round(review, RoundState.OPEN)
    keep_version(review, words)
    REVIEW.move(review, "reopen", reason=words)
    update_summary(review.round, queries.summary_of(review.round, review.proposal, lock=True))
    recount(review.reviewer_id)
    title = queries.title_for_reviewers(review.proposal)
    notify(review.reviewer_id, "review.reopened", f"/reviews/{review.public_id}", title=title)


@action("review.exclude")
def exclude(actor: Person, review: Review, *, reason: str) -> None:
    """Strike a sealed review: it is kept, shown to the auditor, and not counted."""
    words = _given(reason)
    _check_round(review, RoundState.OPEN, RoundState.CLOSED)
    review.excluded = words
    REVIEW.move(review, "exclude", reason=words)
    free(review)
    update_summary(review.round, queries.summary_of(review.round, review.proposal, lock=True))


def keep_version(review: Review, reason: str) -> ReviewVersion:
    """What a review says now, kept for good."""
    content = saved(review)
    version = ReviewVersion(
        review_id=review.id,
        number=queries.versions_count(review) + 1,
        content={
            "scores": dict(content.scores),
            "notes": dict(content.notes),
            "confidence": content.confidence,
            "recommendation": content.recommendation,
            "private_note": content.private_note,
            "abstained": sorted(content.abstained),
        },
        total=review.total,
        sealed_at=review.sealed_at,
        reason=reason,
        replaced_at=clock.now(),
    )
    db.session.add(version)
    db.session.flush()
    audit.record("review.keep", review, {"version": version.number, "total": review.total})
    return version


def _given(reason: str) -> str:
    words = reason.strip()
    if not words:
        raise Invalid(_("Give the reason."), field="reason")
    return words


def _check_round(review: Review, *states: RoundState) -> None:
    if queries.lock(review.round, shared=True).state not in states:
        raise WrongState(_("The round has moved on: this review stands as it is."))
