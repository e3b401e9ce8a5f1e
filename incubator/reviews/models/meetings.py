"""A committee at its table: the agenda, who is there, what was said and voted on each proposal."""

from enum import StrEnum
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Model, Public, Timestamp, Timestamped, Versioned, append_only, state_column
from incubator.people.models import Person
from incubator.proposals.models import Proposal
from incubator.reviews.models.rounds import Round

MINUTES_EACH = 10
"""So long a proposal is talked about, unless the chair says otherwise."""


class Choice(StrEnum):
    """What a member votes for; the rule and the signatures decide, the vote is on record beside them."""

    ACCEPT = "accept"
    SHELVE = "shelve"
    REJECT = "reject"
    ABSTAIN = "abstain"


class Meeting(Public, Timestamped, Caused, Model):
    """The meeting of a round's committee."""

    __tablename__ = "meeting"

    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"), unique=True)
    ended_at: Mapped[Timestamp | None]
    round: Mapped[Round] = relationship()


class MeetingPresence(Model):
    """That a member is at the table."""

    __tablename__ = "meeting_presence"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    person: Mapped[Person] = relationship()


class MeetingItem(Public, Versioned, Model):
    """One proposal on the agenda. allotted: minutes it may take. ballot: the vote that is open or was last, 0 for none.

    One item is open at a time. minutes: what was said, for the record.
    """

    __tablename__ = "meeting_item"
    __table_args__ = (
        UniqueConstraint("meeting_id", "proposal_id"),
        Index(
            "uq_meeting_item_open", "meeting_id", unique=True,
            postgresql_where=text("opened_at IS NOT NULL AND closed_at IS NULL"),
        ),
        CheckConstraint("allotted BETWEEN 1 AND 240", name="allotted_in_range"),
        CheckConstraint("closed_at IS NULL OR opened_at IS NOT NULL", name="closed_was_open"),
        CheckConstraint("ballot BETWEEN 0 AND 9", name="ballot_in_range"),
    )  # fmt: skip

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    position: Mapped[int]
    allotted: Mapped[int] = mapped_column(default=MINUTES_EACH)
    opened_at: Mapped[Timestamp | None]
    closed_at: Mapped[Timestamp | None]
    ballot: Mapped[int] = mapped_column(default=0)
    minutes: Mapped[str] = mapped_column(Text, default="")
    meeting: Mapped[Meeting] = relationship()
    proposal: Mapped[Proposal] = relationship()

    @property
    def round(self) -> Round:
        """The round of its meeting."""
        return self.meeting.round


class MeetingVote(Timestamped, Model):
    """One member's vote in one ballot on one item; a second ballot asks again and leaves the first on record."""

    __tablename__ = "meeting_vote"
    __table_args__ = (
        UniqueConstraint("item_id", "ballot", "person_id"),
        CheckConstraint("ballot BETWEEN 1 AND 9", name="ballot_in_range"),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("meeting_item.id"))
    ballot: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    choice: Mapped[Choice] = mapped_column(state_column(Choice, "choice_known"))


append_only(cast(Table, MeetingVote.__table__))
