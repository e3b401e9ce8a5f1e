"""What reviewers read where the proposer is hidden from them."""

from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Data, Model, Timestamp, Timestamped, Versioned, frozen
from incubator.proposals.models import ProposalVersion


class AnonymisedText(Timestamped, Versioned, Model):
    """A handed-in text without what tells who proposes, written by the office and, once approved, frozen.

    answers: by field key, as in the version. A key that is absent or empty is empty to reviewers: nothing is ever read
    from the version in its place.
    """

    __tablename__ = "anonymised_text"
    __table_args__ = (
        CheckConstraint("(approved_at IS NULL) = (approved_by_id IS NULL)", name="approval_is_whole"),
        CheckConstraint("approved_at IS NULL OR length(title) > 0", name="approved_has_title"),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("proposal_version.id"), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    answers: Mapped[Data]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    approved_at: Mapped[Timestamp | None]
    of: Mapped[ProposalVersion] = relationship()


frozen(
    cast(Table, AnonymisedText.__table__),
    ("version_id", "title", "answers", "written_by_id", "approved_by_id", "approved_at"),
    once="OLD.approved_at IS NOT NULL",
)
