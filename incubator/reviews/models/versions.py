"""What a review said before the chair reopened it."""

from typing import cast

from sqlalchemy import ForeignKey, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incubator.core.db import Data, Model, Timestamp, append_only


class ReviewVersion(Model):
    """A sealed review as it stood: scores and notes by criterion, confidence, recommendation, note; total in
    hundredths. reason: why it was opened again."""

    __tablename__ = "review_version"
    __table_args__ = (UniqueConstraint("review_id", "number"),)

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    number: Mapped[int]
    content: Mapped[Data]
    total: Mapped[int | None]
    sealed_at: Mapped[Timestamp | None]
    replaced_at: Mapped[Timestamp]
    reason: Mapped[str] = mapped_column(Text)


append_only(cast(Table, ReviewVersion.__table__))
