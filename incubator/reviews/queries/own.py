"""A reviewer's own figures: progress, averages, how own scores lie against the committee's; and repeated notes."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from incubator.calls.models import Criterion, RubricVersion
from incubator.core.db import db
from incubator.people.models import Person
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews.models import Review, ReviewScore, Round
from incubator.reviews.queries.reviews import unconflicted
from incubator.reviews.states import BEFORE_SEAL, COUNTED, UNFINISHED

FEWEST, FEWEST_OTHERS = 10, 3
"""So many reviews by so many others, or the committee's figures are not shown: nobody can be told from them."""
SHORTEST = 20
"""A note of fewer characters may well be written twice."""
MOST = 50


@dataclass(frozen=True)
class Own:
    """done of all; mean: of one's sealed totals, committee: of the others' in the same rounds (hundredths, None where
    there are too few). scores: per criterion (name words, low, high, own counts, the committee's counts or None)."""

    done: int
    all: int
    mean: int | None
    committee: int | None
    scores: list[Any]


def own_figures(person: Person) -> Own:
    """Of the rounds in which the person sealed a review, without proposals in conflict; four queries."""
    mine = Review.reviewer_id == person.id
    seen = unconflicted(Review.proposal_id, person)
    states = dict(db.session.execute(select(Review.state, func.count()).where(mine, seen).group_by(Review.state)).all())
    done = sum(n for state, n in states.items() if state in COUNTED)
    owed = sum(n for state, n in states.items() if state in UNFINISHED)
    rounds = select(Review.round_id).where(mine, Review.state.in_(COUNTED)).distinct()
    inside = (Review.round_id.in_(rounds), Review.state.in_(COUNTED), seen)
    row = db.session.execute(
        select(
            func.avg(Review.total).filter(mine),
            func.avg(Review.total).filter(~mine),
            func.count().filter(~mine),
            func.count(func.distinct(Review.reviewer_id)).filter(~mine),
        ).where(*inside)
    ).one()
    enough = row[2] >= FEWEST and row[3] >= FEWEST_OTHERS
    return Own(
        done, done + owed, None if row[0] is None else round(row[0]), round(row[1]) if enough else None,
        _scores(person, inside, enough) if done else [],
    )  # fmt: skip


def _scores(person: Person, inside: tuple[Any, ...], enough: bool) -> list[Any]:
    mine = Review.reviewer_id == person.id
    rows = db.session.execute(
        select(Criterion.id, ReviewScore.value, func.count().filter(mine), func.count().filter(~mine))
        .join(Review, Review.id == ReviewScore.review_id)
        .join(Criterion, Criterion.id == ReviewScore.criterion_id)
        .where(*inside, ReviewScore.value.is_not(None))
        .group_by(Criterion.id, ReviewScore.value)
    )
    counts: dict[tuple[int, bool], Counter[int]] = defaultdict(Counter)
    for criterion, value, own, others in rows:
        counts[criterion, True] += Counter({value or 0: own})
        counts[criterion, False] += Counter({value or 0: others})
    ids = {key for key, _own in counts}
    found = db.session.execute(
        select(Criterion.id, Criterion.name, Criterion.low, Criterion.high)
        .where(Criterion.id.in_(ids))
        .order_by(Criterion.rubric_version_id, Criterion.position)
    )
    return [
        (name, low, high, counts[key, True], counts[key, False] if enough else None)
        for key, name, low, high in found
        if counts[key, True]
    ]


def repeated_notes(review: Review) -> list[str]:
    """The criteria (keys) whose note stands word for word in another review by the same person; one query."""
    return list(db.session.scalars(_repeated_notes(), {"review": review.id, "reviewer": review.reviewer_id}))


@cache
def _repeated_notes() -> Select[str]:
    other, other_review = aliased(ReviewScore), aliased(Review)
    review, reviewer = (bindparam(name, type_=BigInteger) for name in ("review", "reviewer"))
    elsewhere = (
        select(other.id)
        .join(other_review, other_review.id == other.review_id)
        .where(other_review.reviewer_id == reviewer, other_review.id != review, other.note == ReviewScore.note)
        .exists()
    )
    return (
        select(Criterion.key)
        .join(ReviewScore, ReviewScore.criterion_id == Criterion.id)
        .where(ReviewScore.review_id == review, func.length(ReviewScore.note) >= SHORTEST, elsewhere)
        .order_by(Criterion.position)
    )


def to_score(person: Person, call: str | None = None) -> list[Review]:
    """A reviewer's open reviews (cleared and not sealed) of the call first due, or of the one with this public id, with
    all that a table of them shows; a fixed number of queries."""
    proposal, round_ = joinedload(Review.proposal), joinedload(Review.round)
    rows = (
        select(Review)
        .join(Proposal, Proposal.id == Review.proposal_id)
        .where(
            Review.reviewer_id == person.id,
            Review.state.in_(BEFORE_SEAL),
            Proposal.state == ProposalState.IN_REVIEW,
            unconflicted(Review.proposal_id, person),
        )
        .options(
            proposal.joinedload(Proposal.submitted_version),
            round_.joinedload(Round.call),
            round_.joinedload(Round.rubric).selectinload(RubricVersion.criteria),
            selectinload(Review.scores).joinedload(ReviewScore.criterion),
        )
        .order_by(Review.id)
    )
    found = sorted(db.session.scalars(rows), key=lambda one: (one.round.call.review_due_on, one.id))
    wanted = call or (found[0].round.call.public_id if found else None)
    return [one for one in found if one.round.call.public_id == wanted][:MOST]
