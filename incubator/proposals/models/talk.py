"""What people who may see a proposal say to each other: comments, who follows it, and who would join its team."""

from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Model, Public, Timestamp, Timestamped, Versioned, frozen, state_column
from incubator.people.models import Person
from incubator.proposals.models.proposals import Proposal
from incubator.proposals.states import OfferState


class Comment(Public, Timestamped, Caused, Model):
    """A remark; withdrawn_at: when its author took it back, since when nobody is shown what it said."""

    __tablename__ = "proposal_comment"
    __table_args__ = (
        Index("ix_proposal_comment_proposal", "proposal_id", "id"),
        CheckConstraint("length(text) > 0", name="says_something"),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    text: Mapped[str] = mapped_column(String(4000))
    withdrawn_at: Mapped[Timestamp | None]
    proposal: Mapped[Proposal] = relationship()
    author: Mapped[Person] = relationship()
    mentions: Mapped[list["CommentMention"]] = relationship(back_populates="comment", order_by="CommentMention.id")


class CommentMention(Model):
    """Somebody whom a comment names, and who may see the proposal."""

    __tablename__ = "comment_mention"
    __table_args__ = (UniqueConstraint("comment_id", "person_id"),)

    comment_id: Mapped[int] = mapped_column(ForeignKey("proposal_comment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    comment: Mapped[Comment] = relationship(back_populates="mentions")
    person: Mapped[Person] = relationship()


class Follow(Timestamped, Model):
    """Somebody wants to be told when a proposal moves on or is talked about."""

    __tablename__ = "proposal_follow"
    __table_args__ = (UniqueConstraint("proposal_id", "person_id"),)

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    proposal: Mapped[Proposal] = relationship()
    person: Mapped[Person] = relationship()


class TeamOpening(Public, Timestamped, Caused, Model):
    """A proposer tells colleagues whom the call addresses what the proposal is about and whom its team looks for.

    summary, wanted: what they read beside the title, and nothing else. closed_at: since when it is closed again.
    """

    __tablename__ = "team_opening"
    __table_args__ = (
        CheckConstraint("length(summary) > 0", name="says_what"),
        CheckConstraint("length(wanted) > 0", name="says_whom"),
        Index("ix_team_opening_open", "opened_at", "public_id", postgresql_where=text("closed_at IS NULL")),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True)
    summary: Mapped[str] = mapped_column(String(1000))
    wanted: Mapped[str] = mapped_column(String(500))
    opened_at: Mapped[Timestamp]
    closed_at: Mapped[Timestamp | None]
    proposal: Mapped[Proposal] = relationship()


class JoinOffer(Public, Timestamped, Caused, Versioned, Model):
    """Somebody would join the team, with these skills; the proposer answers. One at a time is open for a person."""

    __tablename__ = "join_offer"
    __table_args__ = (
        Index("ix_join_offer_proposal", "proposal_id", "id"),
        Index(
            "uq_join_offer_open", "proposal_id", "person_id", unique=True, postgresql_where=text("state = 'made'")
        ),
        CheckConstraint("length(skills) > 0", name="skills_named"),
        CheckConstraint("(state = 'made') = (answered_at IS NULL)", name="answered_whole"),
    )  # fmt: skip

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    skills: Mapped[str] = mapped_column(String(500))
    message: Mapped[str] = mapped_column(String(1000), default="")
    state: Mapped[OfferState] = mapped_column(state_column(OfferState, "state_known"), default=OfferState.MADE)
    answer: Mapped[str] = mapped_column(String(1000), default="")
    answered_at: Mapped[Timestamp | None]
    proposal: Mapped[Proposal] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def is_open(self) -> bool:
        """Nobody has answered it, and it was not taken back."""
        return self.state is OfferState.MADE


frozen(cast(Table, Comment.__table__), ("proposal_id", "author_id", "text", "cause_id"))
frozen(cast(Table, JoinOffer.__table__), ("proposal_id", "person_id", "skills", "message", "cause_id"))
