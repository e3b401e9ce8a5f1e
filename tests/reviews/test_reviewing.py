"""Writing and sealing a review, and what is stored of it for the ranking."""

import threading

import pytest
from flask import Flask
from sqlalchemy.orm.exc import StaleDataError

from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, Stale, WrongState
from incubator.core.transaction import transaction
from incubator.reviews import queries, services
from incubator.reviews.models import Confidence, Recommendation, Review, ReviewSummary
from incubator.reviews.services import Content
from incubator.reviews.states import ReviewState
from tests.make import Make
from tests.reviews.conftest import KEYS, Story, content


@pytest.fixture
def cleared(story: Story):
    """A review that is open to its reviewer."""
    review, _ = story.put(story.proposal())
    with transaction():
        services.declare(story.first, review, has_conflict=False)
    return review


def test_a_draft_keeps_scores_notes_and_counts_what_is_scored(story: Story, cleared) -> None:
    with transaction():
        services.save(
            story.first, cleared,
            content=Content(scores={"uniqueness": 5, "continuity": 3}, notes={"team": " Small "}, private_note="Ask"),
        )  # fmt: skip
    db.session.expire_all()
    assert services.saved(cleared) == Content(
        scores={"uniqueness": 5, "continuity": 3, "team": None, "fit": None},
        notes={"uniqueness": "", "continuity": "", "team": "Small", "fit": ""},
        private_note="Ask",
    )
    assert (cleared.state, cleared.scored, cleared.total) == (ReviewState.DRAFT, 2, 408)


def test_a_second_save_moves_no_state_and_the_version_grows(story: Story, cleared) -> None:
    versions = []
    for score in (2, 3):
        with transaction():
            versions.append(
                services.save(story.first, cleared, content=content(score), version=cleared.version).version
            )
    assert versions[0] < versions[1]
    with pytest.raises(Stale), transaction():
        services.save(story.first, cleared, content=content(4), version=versions[0])
    assert services.saved(cleared).scores == dict.fromkeys(KEYS, 3)


@pytest.mark.parametrize(
    ("scores", "field"), [({"fit": 6}, "score_fit"), ({"fit": 0}, "score_fit"), ({"x": 1}, "score_x")]
)
def test_a_score_off_the_scale_or_of_no_criterion_is_refused_at_its_field(story: Story, cleared, scores, field) -> None:
    with pytest.raises(Invalid) as refused, transaction():
        services.save(story.first, cleared, content=Content(scores=scores))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (content(4, 4, None, 4), "score_team"),
        (content(4, confidence=None), "confidence"),
        (content(4, recommendation=None), "recommendation"),
    ],
)
def test_sealing_needs_every_criterion_confidence_and_recommendation(story: Story, cleared, given, field) -> None:
    with pytest.raises(Invalid) as refused, transaction():
        services.seal(story.first, cleared, content=given)
    assert (refused.value.field, refused.value.code) == (field, "missing")


def test_a_sealed_review_stands_as_it_is_and_only_its_reviewer_seals(story: Story, cleared) -> None:
    with pytest.raises(NotAllowed), transaction():
        services.seal(story.second, cleared, content=content(4))
    with transaction():
        services.save(story.first, cleared, content=content(4))
        services.seal(story.first, cleared)
    assert (cleared.state, cleared.total, cleared.confidence, cleared.recommendation) == (
        ReviewState.SEALED, 400, Confidence.HIGH, Recommendation.FUND,
    )  # fmt: skip
    for step in (services.save, services.seal):
        with pytest.raises(WrongState), transaction():
            step(story.first, cleared, content=content(5))


def test_the_summary_holds_totals_means_spread_interval_and_ticks_of_the_sealed_reviews(story: Story) -> None:
    proposal = story.reviewed((5, 4, 4, 4), (3, 3, 3, 3))
    summary = queries.summary_of(story.round, proposal)
    assert (summary.sealed, summary.assigned, summary.total_hundredths, summary.ticks) == (2, 2, 368, [300, 435])
    assert summary.means == {"uniqueness": 400, "continuity": 350, "team": 350, "fit": 350}
    assert (summary.spread_hundredths, summary.low_hundredths, summary.high_hundredths) == (95, 100, 500)


def test_after_the_round_closed_a_draft_cannot_be_sealed(story: Story, cleared) -> None:
    from incubator.reviews.states import RoundState

    with transaction():
        story.round.state = RoundState.CLOSED
    with pytest.raises(WrongState, match="closed this round"), transaction():
        services.seal(story.first, cleared, content=content(4))


def test_others_are_read_after_ones_own_seal_through_the_page_query(story: Story) -> None:
    proposal = story.reviewed((5, 4, 4, 4), (3, 3, 3, 3))
    mine = db.session.scalars(queries.visible_to(story.first)).unique().one()
    assert [(r.reviewer_id, r.total) for r in queries.of_others(mine)] == [(story.second.id, 300)]
    assert [row.name for row in queries.of_proposal(proposal, story.first)] == ["Gao Min", "He Wen"]


@pytest.mark.committed
def test_two_reviews_of_a_proposal_sealed_at_once_both_count_and_the_slower_of_two_windows_seals_nothing(
    app: Flask, make: Make
) -> None:
    story = Story(make)
    reviews = story.put(story.proposal())
    for person, review in zip((story.first, story.second), reviews, strict=True):
        with transaction():
            services.declare(person, review, has_conflict=False)
    chosen, gate, refused = [reviews[0].id, reviews[0].id, reviews[1].id], threading.Barrier(3), []

    def run(key: int) -> None:
        with app.app_context():
            review = db.session.get(Review, key)
            actor = review.reviewer
            gate.wait()
            try:
                with transaction():
                    services.seal(actor, review, content=content(4))
            except (StaleDataError, WrongState) as error:
                refused.append(error)

    ids = (story.round.id, reviews[0].proposal_id)
    db.session.rollback()
    threads = [threading.Thread(target=run, args=(key,)) for key in chosen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    summary = db.session.query(ReviewSummary).filter_by(round_id=ids[0], proposal_id=ids[1]).one()
    assert (len(refused), summary.sealed, summary.ticks, summary.total_hundredths) == (1, 2, [400, 400], 400)
    assert db.session.query(AuditEvent).filter_by(name="review.seal").count() == 2
