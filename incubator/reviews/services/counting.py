"""The number beside "Reviews" in the menu."""

from sqlalchemy import func, select

from incubator.core.db import db
from incubator.people.services import set_count
from incubator.reviews.models import Review
from incubator.reviews.states import UNFINISHED


def recount(reviewer_id: int) -> None:
    """Count again what a reviewer owes."""
    db.session.flush()
    owed = select(func.count(Review.id)).where(Review.reviewer_id == reviewer_id, Review.state.in_(UNFINISHED))
    set_count(reviewer_id, "reviews", owed.scalar_subquery())
