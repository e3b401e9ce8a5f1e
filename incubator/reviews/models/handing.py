"""What surrounds a reviewer's evening: reminders that went out, and wishes to hand a review to somebody else."""

from enum import StrEnum
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Model, Public, Timestamp, Timestamped, append_only, state_column
from incubator.people.models import Company, Person
from incubator.reviews.models.rounds import Review, Round


class ReviewReminder(Timestamped, Model):
    """That a step of the reminding rule was taken for a review (see services/reminding.py)."""

    __tablename__ = "review_reminder"
    __table_args__ = (UniqueConstraint("review_id", "step"),)

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    step: Mapped[str] = mapped_column(String(20))


append_only(cast(Table, ReviewReminder.__table__))


class HandOverState(StrEnum):
    """Where a wish to hand a review over stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


class HandOver(Public, Timestamped, Caused, Model):
    """A reviewer's wish that another member of the committee takes a review over; the office answers it."""

    __tablename__ = "hand_over"
    __table_args__ = (
        Index("uq_hand_over_asked", "review_id", unique=True, postgresql_where=text("state = 'asked'")),
        CheckConstraint("length(reason) > 0", name="has_reason"),
        CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name="answer_has_time"),
    )

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[HandOverState] = mapped_column(
        state_column(HandOverState, "state_known"), default=HandOverState.ASKED
    )
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    answered_at: Mapped[Timestamp | None]
    review: Mapped[Review] = relationship()
    to: Mapped[Person] = relationship(foreign_keys=to_id)

    @property
    def company(self) -> Company:
        """The proposal's company, whose office answers."""
        return self.review.proposal.company

    @property
    def round(self) -> Round:
        """The round of its review."""
        return self.review.round
