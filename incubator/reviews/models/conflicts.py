"""Conflicts that somebody else lifted."""

from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Model, Timestamped, append_only
from incubator.people.models import Person
from incubator.reviews.models.rounds import Conflict


class ConflictLift(Timestamped, Caused, Model):
    """That a conflict keeps its person from the proposal no more: who says so (never the person), and why."""

    __tablename__ = "conflict_lift"
    __table_args__ = (CheckConstraint("length(reason) > 0", name="lift_has_reason"),)

    conflict_id: Mapped[int] = mapped_column(ForeignKey("conflict.id"), unique=True)
    lifted_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    conflict: Mapped[Conflict] = relationship()
    lifted_by: Mapped[Person] = relationship()


append_only(cast(Table, ConflictLift.__table__))
