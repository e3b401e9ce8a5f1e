"""What may follow when a proposal was not accepted: an appeal, and being taken from the shelf again."""

import datetime as dt
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.calls.models import Call
from incubator.core.db import Caused, Model, Public, Timestamp, Timestamped, frozen, state_column
from incubator.people.models import Person
from incubator.proposals.models.proposals import Proposal
from incubator.proposals.states import ProposalState


class Appeal(Public, Timestamped, Caused, Model):
    """The proposer's appeal, once a proposal; before: the state it was made in; upheld: None while unanswered."""

    __tablename__ = "appeal"
    __table_args__ = (CheckConstraint("(upheld IS NULL) = (answered_at IS NULL)", name="answered_whole"),)

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True)
    before: Mapped[ProposalState] = mapped_column(state_column(ProposalState, "before_known"))
    reason: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="")
    upheld: Mapped[bool | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    answered_at: Mapped[Timestamp | None]
    proposal: Mapped[Proposal] = relationship()
    answered_by: Mapped[Person | None] = relationship()


class ShelfTrigger(Public, Timestamped, Caused, Model):
    """When a shelved proposal is to be looked at again: on a day, or when an open call has a word.

    fired_at: when that came to pass; call: the call that has the word.
    """

    __tablename__ = "shelf_trigger"
    __table_args__ = (
        CheckConstraint("(on_day IS NULL) <> (word IS NULL)", name="day_or_word"),
        CheckConstraint("length(word) > 1", name="word_tells"),
        Index("ix_shelf_trigger_proposal", "proposal_id", "id"),
        Index("ix_shelf_trigger_waiting", "id", postgresql_where=text("fired_at IS NULL AND dropped_at IS NULL")),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    set_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    on_day: Mapped[dt.date | None]
    word: Mapped[str | None] = mapped_column(String(60))
    fired_at: Mapped[Timestamp | None]
    dropped_at: Mapped[Timestamp | None]
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"), index=True)
    proposal: Mapped[Proposal] = relationship()
    set_by: Mapped[Person] = relationship()
    call: Mapped[Call | None] = relationship()


frozen(cast(Table, Appeal.__table__), ("proposal_id", "before", "reason", "cause_id"))
frozen(cast(Table, ShelfTrigger.__table__), ("proposal_id", "set_by_id", "on_day", "word", "cause_id"))
