"""An auditor's time-limited cases."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core import clock
from incubator.core.db import Caused, Model, Public, Timestamp, Timestamped
from incubator.people.models import Company, Person


class CaseGrant(Public, Timestamped, Caused, Model):
    """An auditor may read one share's chain until a moment, for a stated reason; opening and closing are events.

    number: what was quoted, such as the number of the grant.
    """

    __tablename__ = "case_grant"
    __table_args__ = (
        CheckConstraint("length(reason) > 0", name="has_reason"),
        CheckConstraint("until_at > created_at", name="ends_after_start"),
        Index("ix_case_grant_auditor", "auditor_id", "id"),
    )

    auditor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int]
    number: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text)
    until_at: Mapped[Timestamp]
    closed_at: Mapped[Timestamp | None]
    auditor: Mapped[Person] = relationship()
    company: Mapped[Company] = relationship()

    @property
    def is_open(self) -> bool:
        """It gives access now."""
        return self.closed_at is None and self.until_at > clock.now()

    @property
    def source(self) -> str:
        """What the rows of `access` that it gives are marked with."""
        return f"case:{self.public_id}"
