"""What proposals are about, and how telling each term is: the index that similar ones are found by."""

from sqlalchemy import Double, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Model
from incubator.proposals.models.proposals import Proposal


class ProposalLikeness(Model):
    """The terms of the version that was handed in; norm: the length of its vector, so that long texts do not win."""

    __tablename__ = "proposal_likeness"
    __table_args__ = (Index("ix_proposal_likeness_terms", "terms", postgresql_using="gin"),)

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("proposal_version.id"), index=True)
    terms: Mapped[list[str]] = mapped_column(ARRAY(String(80)))
    norm: Mapped[float] = mapped_column(Double)
    proposal: Mapped[Proposal] = relationship()


class TermWeight(Model):
    """How telling a term is: the logarithm of how many proposals there are for each that has it (fitted by a job)."""

    __tablename__ = "term_weight"

    term: Mapped[str] = mapped_column(String(80), unique=True)
    weight: Mapped[float] = mapped_column(Double)
