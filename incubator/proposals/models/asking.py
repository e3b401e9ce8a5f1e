"""Questions of a committee to a proposer, and their answers."""

import datetime as dt
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core import clock
from incubator.core.db import Caused, Model, Public, Timestamp, Timestamped, frozen
from incubator.people.models import Person
from incubator.proposals.models.proposals import Proposal

EPOCH = dt.datetime(1970, 1, 1, tzinfo=clock.UTC)


class Clarification(Public, Timestamped, Caused, Model):
    """Questions that the chair asked together, until a moment; one at a time is open.

    saved_at: when the proposer last kept answers; closed_at: when they were sent, or their time was over; sent: which
    of the two.
    """

    __tablename__ = "clarification"
    __table_args__ = (
        Index("uq_clarification_open", "proposal_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ix_clarification_proposal", "proposal_id", "id"),
        Index("ix_clarification_due", "due_at", postgresql_where=text("closed_at IS NULL")),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    due_at: Mapped[Timestamp]
    saved_at: Mapped[Timestamp | None]
    closed_at: Mapped[Timestamp | None]
    sent: Mapped[bool] = mapped_column(default=False)
    proposal: Mapped[Proposal] = relationship()
    asked_by: Mapped[Person] = relationship()
    questions: Mapped[list["ClarificationQuestion"]] = relationship(
        back_populates="clarification", order_by="ClarificationQuestion.position"
    )

    @property
    def revision(self) -> int:
        """Which answers stand: the microsecond at which they were kept, 0 while none were."""
        return 0 if self.saved_at is None else (self.saved_at - EPOCH) // dt.timedelta(microseconds=1)


class ClarificationQuestion(Model):
    """One question and its answer; it may be about one answer of the text (field, its key), else about all of it."""

    __tablename__ = "clarification_question"
    __table_args__ = (
        UniqueConstraint("clarification_id", "position"),
        CheckConstraint("word_limit BETWEEN 20 AND 2000", name="limit_in_range"),
        CheckConstraint("length(question) > 0", name="question_asks"),
    )

    clarification_id: Mapped[int] = mapped_column(ForeignKey("clarification.id"))
    position: Mapped[int]
    field: Mapped[str] = mapped_column(String(40), default="")
    question: Mapped[str] = mapped_column(Text)
    word_limit: Mapped[int]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[Timestamp | None]
    clarification: Mapped[Clarification] = relationship(back_populates="questions")


frozen(cast(Table, Clarification.__table__), ("proposal_id", "asked_by_id", "cause_id"))
frozen(
    cast(Table, ClarificationQuestion.__table__), ("clarification_id", "position", "field", "question", "word_limit")
)
