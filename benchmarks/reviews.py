"""Reviews of the loaded proposals: three sealed ones each, and drafts to measure with."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from benchmarks import words
from benchmarks.copying import Copier
from benchmarks.proposals import Made
from benchmarks.world import REVIEWERS, World
from incubator.people.models import Access, Effect
from incubator.reviews.engines import scoring
from incubator.reviews.models import (
    Confidence,
    Conflict,
    ConflictKind,
    Recommendation,
    Review,
    ReviewScore,
    ReviewSummary,
)
from incubator.reviews.services.reviewing import engine_rubric, put_summary
from incubator.reviews.states import ReviewState

SEALED = 3
MEASURING = 8
"""The first reviewers hold drafts, for queues of 50 and for saving."""
DRAFTS = 50
ON = 100
"""All drafts are on the first proposals, as many there are, so that other pages do not change with them."""


def drafts_on(number: int) -> Iterator[int]:
    """Which measuring reviewers hold a draft on the proposal of this number."""
    return (k for k in range(MEASURING) if number < ON and (number + k) % 2 == 0)


class Maker:
    """Makes reviews with their scores, events, rights to read and summaries."""

    def __init__(self, copier: Copier, world: World) -> None:
        self.copier = copier
        self.world = world
        self.dice = copier.random
        self.criteria = list(world.round.rubric.criteria)
        self.rubric = engine_rubric(world.round.rubric)
        self.reviewers = [person.id for person in world.reviewers]
        self.public_ids = [person.public_id for person in world.reviewers]

    def seal(self, made: Made) -> None:
        """Three sealed reviews and their summary; every 25th proposal has a reviewer who is kept from it."""
        given = []
        for turn in range(SEALED):
            scores = self._scores()
            self._review(made, self._turn(made.number, turn), ReviewState.SEALED, scores)
            given.append(scores)
        summary = ReviewSummary()
        put_summary(summary, self.rubric, given)
        assigned = SEALED + sum(1 for _ in drafts_on(made.number))
        figures = {
            name: getattr(summary, name)
            for name in (
                "sealed", "total_hundredths", "spread_hundredths", "low_hundredths", "high_hundredths", "means", "ticks"
            )
        }  # fmt: skip
        self.copier.add(
            ReviewSummary, round_id=self.world.round.id, proposal_id=made.id, theme_id=self.world.theme.id,
            asked=made.asked, assigned=assigned, **figures,
        )  # fmt: skip
        if made.number % 25 == 24:
            self._conflict(made, self._turn(made.number, SEALED))

    def draft(self, made: Made, k: int) -> str:
        """A review that is written but not sealed; answers its public id."""
        return self._review(made, k, ReviewState.DRAFT, self._scores())

    def _turn(self, number: int, turn: int) -> int:
        """A reviewer who holds no draft on the proposal."""
        return MEASURING + (number * SEALED + turn) % (REVIEWERS - MEASURING)

    def _scores(self) -> dict[str, int | None]:
        return {criterion.key: self.dice.choice((1, 2, 3, 3, 4, 4, 5)) for criterion in self.criteria}

    def _review(self, made: Made, reviewer: int, state: ReviewState, scores: dict[str, int | None]) -> str:
        person, public_id = self.reviewers[reviewer], self.copier.public_id()
        is_sealed = state is ReviewState.SEALED
        at = made.at + dt.timedelta(days=1, minutes=reviewer)
        key = self.copier.add(
            Review, public_id=public_id, round_id=self.world.round.id, proposal_id=made.id, reviewer_id=person,
            state=state, declared_at=at, statement="", confidence=Confidence.HIGH, recommendation=Recommendation.FUND,
            private_note="", scored=len(scores), total=scoring.score_review(self.rubric, scores).hundredths,
            saved_at=at, sealed_at=at if is_sealed else None, cause_id=made.opened_id,
        )  # fmt: skip
        for criterion in self.criteria:
            note = words.text(self.dice, "en", 2)
            value = scores[criterion.key]
            self.copier.add(ReviewScore, review_id=key, criterion_id=criterion.id, value=value, note=note)
        self._events(made, key, reviewer, at, scores if is_sealed else None)
        return public_id

    def _events(self, made: Made, key: int, reviewer: int, at: dt.datetime, sealed: dict[str, Any] | None) -> None:
        person, office = self.reviewers[reviewer], self.world.office.id
        said = {"reviewer": self.public_ids[reviewer]}
        created = self._event("review.create", key, office, made.at, made.opened_id, payload=said)
        cleared = self._event("review.clear", key, person, at, created, payload={"conflict": False})
        started = self._event("review.start", key, person, at, cleared)
        if sealed is not None:
            self._event("review.seal", key, person, at, started, payload={"scores": sealed})
        self.copier.add(
            Access, person_id=person, subject_type="proposal", subject_id=made.id, effect=Effect.ALLOW,
            source="assignment", cause_id=cleared,
        )  # fmt: skip

    def _event(self, name: str, key: int, actor: int, at: dt.datetime, parent: int, **details: Any) -> int:
        return self.copier.event(name, Review, key, actor_id=actor, at=at, parent_id=parent, **details)

    def _conflict(self, made: Made, reviewer: int) -> None:
        person = self.reviewers[reviewer]
        values = {"proposal_id": made.id, "kind": ConflictKind.COST_CENTER, "statement": ""}
        key = self.copier.add(Conflict, person_id=person, cause_id=made.opened_id, **values)
        event = self.copier.event(
            "conflict.create", Conflict, key, actor_id=self.world.office.id, at=made.at, parent_id=made.opened_id
        )
        self.copier.add(
            Access, person_id=person, subject_type="proposal", subject_id=made.id, effect=Effect.DENY,
            source="conflict", cause_id=event,
        )  # fmt: skip
