"""Files that inventions, applications and families were read from, and what came of each line."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Model, Public, Timestamp, Timestamped, Versioned, state_column
from incubator.files.models import File
from incubator.patents.models.disclosures import Disclosure
from incubator.people.models import Person


class ImportKind(StrEnum):
    """What a file holds."""

    DISCLOSURES = "disclosures"
    MATTERS = "matters"
    FAMILY = "family"


class PatentImport(Public, Timestamped, Versioned, Model):
    """A file that was handed in, looked at, and applied in one step.

    disclosure: the invention that a family belongs to. report: what came of each line, once it was applied.
    """

    __tablename__ = "patent_import"
    __table_args__ = (
        Index("ix_patent_import_author", "author_id", "id"),
        CheckConstraint("(kind = 'family') = (disclosure_id IS NOT NULL)", name="family_of_invention"),
        CheckConstraint("(applied_at IS NULL) = (report IS NULL)", name="applied_with_report"),
    )

    kind: Mapped[ImportKind] = mapped_column(state_column(ImportKind, "kind_known"))
    file_id: Mapped[int] = mapped_column(ForeignKey("file.id"), unique=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    disclosure_id: Mapped[int | None] = mapped_column(ForeignKey("disclosure.id"), index=True)
    applied_at: Mapped[Timestamp | None]
    report: Mapped[list[list[str]] | None] = mapped_column(JSONB(none_as_null=True))
    file: Mapped[File] = relationship()
    author: Mapped[Person] = relationship()
    disclosure: Mapped[Disclosure | None] = relationship()
