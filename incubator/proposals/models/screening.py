"""Many proposals screened at once: what was asked for, and what became of each."""

import datetime as dt
from enum import StrEnum
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.calls.models import Call
from incubator.core.audit import AuditEvent
from incubator.core.db import Data, Model, Public, Timestamp, Timestamped, frozen, state_column
from incubator.people.models import Person
from incubator.proposals.models.proposals import Confidentiality, Proposal


class BatchStep(StrEnum):
    """What is done with each of many proposals."""

    SCREEN = "screen"
    RETURN = "return"
    ROUTE = "route"
    CLASSIFY = "classify"


class ScreeningBatch(Public, Timestamped, Model):
    """One step on many proposals by one officer. reason, due_on: of a return; reason, call: of routing; undone_at: when
    counter-steps were taken where nothing had happened since."""

    __tablename__ = "screening_batch"
    __table_args__ = (Index("ix_screening_batch_actor", "actor_id", "created_at"),)

    actor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    step: Mapped[BatchStep] = mapped_column(state_column(BatchStep, "step_known"))
    reason: Mapped[str] = mapped_column(Text, default="")
    due_on: Mapped[dt.date | None]
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"), index=True)
    confidentiality: Mapped[Confidentiality | None] = mapped_column(
        state_column(Confidentiality, "confidentiality_known")
    )
    undone_at: Mapped[Timestamp | None]
    actor: Mapped[Person] = relationship()
    call: Mapped[Call | None] = relationship()
    items: Mapped[list["ScreeningItem"]] = relationship(back_populates="batch", order_by="ScreeningItem.position")


class ScreeningItem(Model):
    """What became of one of them. refused: why the step was not taken; event: the step, None where it was refused.

    before: what a counter-step needs (call, theme and class as they were). kept: why it was not undone; None before.
    """

    __tablename__ = "screening_item"
    __table_args__ = (
        UniqueConstraint("batch_id", "position"),
        UniqueConstraint("batch_id", "proposal_id"),
        CheckConstraint("(event_id IS NULL) = (refused IS NOT NULL)", name="taken_or_refused"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("screening_batch.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    position: Mapped[int]
    refused: Mapped[str | None] = mapped_column(String(500))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("audit_event.id"), index=True)
    before: Mapped[Data] = mapped_column(default=dict)
    kept: Mapped[str | None] = mapped_column(String(500))
    batch: Mapped[ScreeningBatch] = relationship(back_populates="items")
    proposal: Mapped[Proposal] = relationship()
    event: Mapped[AuditEvent | None] = relationship()


frozen(cast(Table, ScreeningBatch.__table__), ("actor_id", "step", "reason", "due_on", "call_id", "confidentiality"))
frozen(cast(Table, ScreeningItem.__table__), ("batch_id", "proposal_id", "position", "refused", "event_id"))
