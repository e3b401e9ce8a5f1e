"""What reviewers would like to review, before the assignment is worked out."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incubator.core.db import Model, Timestamped, state_column


class Wish(StrEnum):
    """A reviewer's own word on a proposal."""

    WANT = "want"
    CAN = "can"
    RATHER_NOT = "rather_not"


class ReviewBid(Timestamped, Model):
    """That a member of a call's committee wants to review a proposal, can, or would rather not; none is no wish."""

    __tablename__ = "review_bid"
    __table_args__ = (UniqueConstraint("proposal_id", "person_id"), Index("ix_review_bid_person", "person_id"))

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    wish: Mapped[Wish] = mapped_column(state_column(Wish, "wish_known"))
