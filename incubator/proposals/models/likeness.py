"""What proposals are about: the index that similar ones are found by, and what people say about likeness."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Boolean, CheckConstraint, Double, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Model, Public, Timestamp, Timestamped, frozen
from incubator.core.vectors import HalfVector
from incubator.people.models import Company, Person
from incubator.proposals.engines.meaning import SIZE
from incubator.proposals.models.proposals import Proposal


class ProposalLikeness(Model):
    """The terms of the version that was handed in; norm: the length of its vector, so that long texts do not win.

    meaning: the vector of its text as the model gives it, None until a job has asked; centred: the same seen from the
    middle of all (MeaningCentre), of length 1, by which neighbours are found.
    """

    __tablename__ = "proposal_likeness"
    __table_args__ = (
        Index("ix_proposal_likeness_terms", "terms", postgresql_using="gin"),
        Index(
            "ix_proposal_likeness_centred", "centred",
            postgresql_using="hnsw", postgresql_ops={"centred": "halfvec_cosine_ops"},
        ),
        Index("ix_proposal_likeness_to_read", "id", postgresql_where=text("meaning IS NULL")),
    )  # fmt: skip

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("proposal_version.id"), index=True)
    terms: Mapped[list[str]] = mapped_column(ARRAY(String(80)))
    norm: Mapped[float] = mapped_column(Double)
    meaning: Mapped[Sequence[float] | None] = mapped_column(HalfVector(SIZE), deferred=True)
    centred: Mapped[Sequence[float] | None] = mapped_column(HalfVector(SIZE), deferred=True)
    proposal: Mapped[Proposal] = relationship()


class TermWeight(Model):
    """How telling a term is: the logarithm of how many proposals there are for each that has it (fitted by a job)."""

    __tablename__ = "term_weight"

    term: Mapped[str] = mapped_column(String(80), unique=True)
    weight: Mapped[float] = mapped_column(Double)


class MeaningCentre(Model):
    """The mean of all meanings (one row, fitted by a job): what all proposals of a group have in common tells nothing
    about any of them, and without it those in other words lie closer."""

    __tablename__ = "meaning_centre"
    __table_args__ = (CheckConstraint("is_only", name="only_one"), UniqueConstraint("is_only"))

    is_only: Mapped[bool] = mapped_column(Boolean, default=True)
    centre: Mapped[Sequence[float]] = mapped_column(HalfVector(SIZE))


class Difference(Public, Timestamped, Caused, Model):
    """Why an author's proposal is another matter than a similar one that they saw; screeners read it."""

    __tablename__ = "difference"
    __table_args__ = (
        UniqueConstraint("proposal_id", "other_id"),
        CheckConstraint("proposal_id <> other_id", name="another"),
        CheckConstraint("length(reason) > 0", name="reason_given"),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(String(1000))
    changed_at: Mapped[Timestamp]
    proposal: Mapped[Proposal] = relationship(foreign_keys=proposal_id)
    other: Mapped[Proposal] = relationship(foreign_keys=other_id)
    author: Mapped[Person] = relationship()


class LikenessQuestion(Public, Timestamped, Caused, Model):
    """A screener asks the company of a similar proposal that is not open to them: is it the same?

    proposal: what is screened; other: whose text is not open; is_same: the answer of the other's office.
    """

    __tablename__ = "likeness_question"
    __table_args__ = (
        UniqueConstraint("proposal_id", "other_id"),
        CheckConstraint("proposal_id <> other_id", name="another"),
        CheckConstraint("(is_same IS NULL) = (answered_at IS NULL)", name="answered_whole"),
        CheckConstraint("length(question) > 0", name="question_asks"),
        Index("ix_likeness_question_open", "other_id", postgresql_where=text("answered_at IS NULL")),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    question: Mapped[str] = mapped_column(String(1000))
    is_same: Mapped[bool | None]
    remark: Mapped[str] = mapped_column(String(500), default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    answered_at: Mapped[Timestamp | None]
    proposal: Mapped[Proposal] = relationship(foreign_keys=proposal_id)
    other: Mapped[Proposal] = relationship(foreign_keys=other_id)
    asked_by: Mapped[Person] = relationship(foreign_keys=asked_by_id)
    answered_by: Mapped[Person | None] = relationship(foreign_keys=answered_by_id)

    @property
    def company(self) -> Company:
        """Whose office answers."""
        return self.other.company


frozen(cast(Table, Difference.__table__), ("proposal_id", "other_id", "cause_id"))
frozen(cast(Table, LikenessQuestion.__table__), ("proposal_id", "other_id", "asked_by_id", "question", "cause_id"))
