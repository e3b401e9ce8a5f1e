"""Wishes to hand a review over, and reviews to remind of."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from incubator.calls.models import Call, CommitteeMember, Seat
from incubator.core.db import db
from incubator.people import access
from incubator.people.models import Person, Role
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews.models import HandOver, HandOverState, Review, Round
from incubator.reviews.queries.reviews import unconflicted
from incubator.reviews.states import UNFINISHED, RoundState


def colleagues(review: Review) -> list[Any]:
    """The other members of the round's committee who score: id, public id, name; one query."""
    rows = (
        select(Person.id, Person.public_id, Person.name)
        .join(CommitteeMember, CommitteeMember.person_id == Person.id)
        .where(
            CommitteeMember.committee_id == review.round.committee_id,
            CommitteeMember.seat == Seat.MEMBER,
            Person.id != review.reviewer_id,
            Person.left_on.is_(None),
        )
        .order_by(Person.name_latin, Person.id)
    )
    return list(db.session.execute(rows))


def hand_over_asked(review: Review) -> HandOver | None:
    """The wish that waits for an answer."""
    rows = select(HandOver).where(HandOver.review_id == review.id, HandOver.state == HandOverState.ASKED)
    return db.session.scalar(rows.options(joinedload(HandOver.to)))


def hand_overs_for(person: Person) -> Select[HandOver]:
    """The wishes that an office answers, but for proposals in conflict."""
    review = joinedload(HandOver.review)
    return (
        select(HandOver)
        .join(Review, Review.id == HandOver.review_id)
        .join(Proposal, Proposal.id == Review.proposal_id)
        .where(access.within(Proposal.company_id, person, Role.OFFICE), unconflicted(Proposal.id, person))
        .options(review.joinedload(Review.proposal), review.joinedload(Review.reviewer), joinedload(HandOver.to))
    )


def hand_overs_waiting(person: Person, size: int = 100) -> list[HandOver]:
    """Those that are not answered, the oldest first; one query."""
    rows = hand_overs_for(person).where(HandOver.state == HandOverState.ASKED).order_by(HandOver.id).limit(size)
    return list(db.session.scalars(rows))


def reviews_to_remind(until: dt.date = dt.date.max, round_: Round | None = None) -> Sequence[Review]:
    """Reviews of open rounds (or of this one) that are not sealed and due by a day."""
    rows = (
        select(Review)
        .join(Round, Round.id == Review.round_id)
        .join(Call, Call.id == Round.call_id)
        .join(Proposal, Proposal.id == Review.proposal_id)
        .where(
            Review.state.in_(UNFINISHED),
            Round.state == RoundState.OPEN,
            Round.imported_hash.is_(None),
            Proposal.state == ProposalState.IN_REVIEW,
            Call.review_due_on <= until,
        )
        .options(
            joinedload(Review.proposal).joinedload(Proposal.company),
            joinedload(Review.reviewer),
            joinedload(Review.round).joinedload(Round.call),
        )
        .order_by(Review.id)
    )
    if round_ is not None:
        rows = rows.where(Review.round_id == round_.id)
    return db.session.scalars(rows).all()
