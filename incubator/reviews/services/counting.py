"""The number beside "Reviews" in the menu."""

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, select

from incubator.core.db import db
from incubator.people.services import count_set, set_count
from incubator.reviews.models import Review
from incubator.reviews.states import UNFINISHED


def recount(reviewer_id: int) -> None:
    """Count again what a reviewer owes."""
    db.session.flush()
    owed = select(func.count(Review.id)).where(Review.reviewer_id == reviewer_id, Review.state.in_(UNFINISHED))
    set_count(reviewer_id, "reviews", owed.scalar_subquery())


def owed_without(review: Review) -> dict[str, Any]:
    """The parameters of count_of_reviewer for one who has just finished this review."""
    return {"counted_person": review.reviewer_id, "counted_but": review.id}


@cache
def count_of_reviewer() -> Any:
    """The same count in a statement that finishes one of the reviews: it does not count any more."""
    person = bindparam("counted_person", type_=BigInteger)
    owed = select(func.count(Review.id)).where(
        Review.reviewer_id == person,
        Review.state.in_(UNFINISHED),
        Review.id != bindparam("counted_but", type_=BigInteger),
    )
    return count_set(person, "reviews", owed.scalar_subquery())
