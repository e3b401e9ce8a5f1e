"""Rounds over one subject: a second look at a proposal, the gate before a tranche, the evaluation of a provider."""

import datetime as dt
from enum import StrEnum
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.calls.models import Committee, DecisionRuleVersion, RubricVersion
from incubator.cloud.models import Provider
from incubator.core.db import (
    Caused,
    Data,
    Model,
    Public,
    Timestamp,
    Timestamped,
    Versioned,
    append_only,
    frozen,
    state_column,
)
from incubator.files.models import File
from incubator.people.models import Company, Person
from incubator.proposals.models import Proposal
from incubator.reviews.states import PanelReviewState, PanelState
from incubator.ventures.models import Tranche


class PanelKind(StrEnum):
    """What a round over one subject is about."""

    SECOND = "second"
    GATE = "gate"
    PROVIDER = "provider"


class PanelOutcome(StrEnum):
    """What it comes to: at a gate go, hold, pivot or kill; otherwise supported, put off, or not supported."""

    PASS = "pass"  # noqa: S105
    HOLD = "hold"
    PIVOT = "pivot"
    FAIL = "fail"


class Panel(Public, Timestamped, Caused, Versioned, Model):
    """One sitting of a committee over one subject, under one published rubric and one published decision rule.

    proposal: that of a second round, or of a gate's venture; tranche: what the gate opens; provider: who is evaluated.
    brief: what the reviewers are to go by. inputs, inputs_hash: all that the rule was given, and its SHA-256 (RFC
    8785); result: what it said, with the summary of the scores. outcome departs from the rule's only with a reason;
    nor is it cancelled without one. asks: what the venture must show (hold) or change (pivot) before its gate is set
    again; until_on: the last day of a hold, or the day by which a pivot is to be shown.
    """

    __tablename__ = "panel"
    __table_args__ = (
        CheckConstraint("(kind <> 'provider') = (proposal_id IS NOT NULL)", name="proposal_fits_kind"),
        CheckConstraint("(kind = 'gate') = (tranche_id IS NOT NULL)", name="tranche_fits_kind"),
        CheckConstraint("(kind = 'provider') = (provider_id IS NOT NULL)", name="provider_fits_kind"),
        CheckConstraint("(state IN ('open', 'cancelled')) = (outcome IS NULL)", name="outcome_when_decided"),
        CheckConstraint("state IN ('open', 'cancelled') OR inputs_hash IS NOT NULL", name="decided_has_inputs"),
        CheckConstraint("NOT override OR length(reason) > 0", name="override_has_reason"),
        CheckConstraint("(state = 'confirmed') = (confirmed_by_id IS NOT NULL)", name="confirmation_is_whole"),
        CheckConstraint("state <> 'cancelled' OR length(reason) > 0", name="cancelled_has_reason"),
        CheckConstraint("confirmed_by_id <> decided_by_id", name="two_persons"),
        CheckConstraint("until_on IS NULL OR outcome IN ('hold', 'pivot')", name="day_of_what_is_asked"),
        Index("uq_panel_proposal", "proposal_id", unique=True,
              postgresql_where=text("kind = 'second' AND state NOT IN ('confirmed', 'cancelled')")),
        Index("uq_panel_tranche", "tranche_id", unique=True,
              postgresql_where=text("state NOT IN ('confirmed', 'cancelled')")),
        Index("uq_panel_provider", "provider_id", unique=True,
              postgresql_where=text("state NOT IN ('confirmed', 'cancelled')")),
        Index("ix_panel_proposal", "proposal_id", "id"),
        Index("ix_panel_provider", "provider_id", "id"),
    )  # fmt: skip

    kind: Mapped[PanelKind] = mapped_column(state_column(PanelKind, "kind_known"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    committee_id: Mapped[int] = mapped_column(ForeignKey("committee.id"), index=True)
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_version.id"))
    rule_version_id: Mapped[int] = mapped_column(ForeignKey("decision_rule_version.id"))
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"))
    tranche_id: Mapped[int | None] = mapped_column(ForeignKey("tranche.id"))
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    brief: Mapped[str] = mapped_column(Text)
    due_on: Mapped[dt.date]
    state: Mapped[PanelState] = mapped_column(state_column(PanelState, "state_known"), default=PanelState.OPEN)
    inputs: Mapped[Data | None]
    inputs_hash: Mapped[str | None] = mapped_column(String(64))
    result: Mapped[Data | None]
    outcome: Mapped[PanelOutcome | None] = mapped_column(state_column(PanelOutcome, "outcome_known"))
    override: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    asks: Mapped[str] = mapped_column(Text, default="")
    until_on: Mapped[dt.date | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    confirmed_at: Mapped[Timestamp | None]
    company: Mapped[Company] = relationship()
    committee: Mapped[Committee] = relationship()
    rubric: Mapped[RubricVersion] = relationship()
    rule: Mapped[DecisionRuleVersion] = relationship()
    proposal: Mapped[Proposal | None] = relationship()
    tranche: Mapped[Tranche | None] = relationship()
    provider: Mapped[Provider | None] = relationship()
    decided_by: Mapped[Person | None] = relationship(foreign_keys=decided_by_id)
    confirmed_by: Mapped[Person | None] = relationship(foreign_keys=confirmed_by_id)
    reviews: Mapped[list["PanelReview"]] = relationship(back_populates="panel", order_by="PanelReview.id")

    @property
    def round(self) -> "Panel":
        """A panel is its own round, so that rules about committees read alike."""
        return self

    @property
    def subject_key(self) -> str:
        """The subject's public id, by which the rule knows it."""
        return next(one.public_id for one in (self.tranche, self.provider, self.proposal) if one is not None)


class PanelReview(Public, Timestamped, Caused, Versioned, Model):
    """One reviewer's judgement in a panel. scores: {criterion key: [value or None, note]}; total in hundredths."""

    __tablename__ = "panel_review"
    __table_args__ = (
        UniqueConstraint("panel_id", "reviewer_id"),
        CheckConstraint("(state = 'sealed') = (sealed_at IS NOT NULL)", name="seal_has_time"),
        CheckConstraint("state <> 'sealed' OR total IS NOT NULL", name="seal_has_total"),
        Index("ix_panel_review_reviewer_state", "reviewer_id", "state", "id"),
    )

    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[PanelReviewState] = mapped_column(
        state_column(PanelReviewState, "state_known"), default=PanelReviewState.ASSIGNED
    )
    declared_at: Mapped[Timestamp | None]
    statement: Mapped[str] = mapped_column(Text, default="")
    scores: Mapped[Data] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(Text, default="")
    total: Mapped[int | None]
    sealed_at: Mapped[Timestamp | None]
    panel: Mapped[Panel] = relationship(back_populates="reviews")
    reviewer: Mapped[Person] = relationship()

    @property
    def round(self) -> Panel:
        """The panel it belongs to."""
        return self.panel


class GateAnswer(Public, Timestamped, Caused, Model):
    """What a venture's lead hands in to what a gate asked (hold, pivot): words, and a file where there is one.

    Handed in again, it adds to what came before.
    """

    __tablename__ = "gate_answer"
    __table_args__ = (
        CheckConstraint("length(text) > 0", name="says_something"),
        Index("ix_gate_answer_panel", "panel_id", "id"),
    )

    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"), unique=True)
    panel: Mapped[Panel] = relationship()
    author: Mapped[Person] = relationship()
    file: Mapped[File | None] = relationship()


append_only(cast(Table, GateAnswer.__table__))
frozen(
    cast(Table, Panel.__table__),
    (
        "kind", "company_id", "committee_id", "rubric_version_id", "rule_version_id", "proposal_id", "tranche_id",
        "provider_id", "inputs", "inputs_hash", "result", "outcome", "override", "reason", "asks",
        "until_on", "decided_by_id",
        "confirmed_by_id", "cause_id",
    ),
    once="OLD.state IN ('confirmed', 'cancelled')",
)  # fmt: skip
frozen(
    cast(Table, PanelReview.__table__),
    ("panel_id", "reviewer_id", "scores", "note", "total", "sealed_at"),
    once="OLD.state = 'sealed'",
)
