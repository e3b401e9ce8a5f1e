"""Who helps a reviewer, and what others say of a review."""

from enum import StrEnum
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Data, Model, Public, Timestamp, Timestamped, frozen, state_column
from incubator.people.models import Company, Person
from incubator.reviews.models.rounds import Review, Round


class HelpState(StrEnum):
    """Where a sub-reviewer's help stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    RECUSED = "recused"
    CLEARED = "cleared"
    GIVEN = "given"


class SubReview(Public, Timestamped, Caused, Model):
    """A colleague's opinion for a reviewer: asked for with a reason, approved by the office, given after a declaration.

    The review stays the reviewer's: the opinion is read by the reviewer alone, and counts in nothing. scores: by
    criterion key, of those the colleague scored.
    """

    __tablename__ = "sub_review"
    __table_args__ = (
        UniqueConstraint("review_id", "person_id"),
        Index("uq_sub_review_live", "review_id", unique=True,
              postgresql_where=text("state <> 'refused' AND state <> 'recused'")),
        Index("ix_sub_review_person", "person_id", "state"),
        CheckConstraint("length(reason) > 0", name="has_reason"),
        CheckConstraint("(state = 'given') = (given_at IS NOT NULL)", name="gift_has_time"),
        CheckConstraint("state = 'asked' OR answered_by_id IS NOT NULL", name="answer_has_person"),
    )  # fmt: skip

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[HelpState] = mapped_column(state_column(HelpState, "state_known"), default=HelpState.ASKED)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    statement: Mapped[str] = mapped_column(Text, default="")
    opinion: Mapped[str] = mapped_column(Text, default="")
    scores: Mapped[Data] = mapped_column(default=dict)
    given_at: Mapped[Timestamp | None]
    review: Mapped[Review] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=person_id)

    @property
    def company(self) -> Company:
        """The proposal's company, whose office answers."""
        return self.review.proposal.company

    @property
    def round(self) -> Round:
        """The round of its review."""
        return self.review.round


class ReviewRating(Timestamped, Model):
    """How helpful the chair, or another reviewer of the proposal, finds a sealed review: 1 little, 2 fairly, 3 very.

    Shown to its reviewer without a name, and to the chair.
    """

    __tablename__ = "review_rating"
    __table_args__ = (
        UniqueConstraint("review_id", "rater_id"),
        CheckConstraint("helpful BETWEEN 1 AND 3", name="helpful_in_range"),
        Index("ix_review_rating_rater", "rater_id"),
    )

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    rater_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    helpful: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    review: Mapped[Review] = relationship()
    rater: Mapped[Person] = relationship()


frozen(
    cast(Table, SubReview.__table__),
    ("review_id", "person_id", "reason", "opinion", "scores", "given_at"),
    once="OLD.state = 'given'",
)
