"""Rounds of a committee, its reviews, conflicts of interest, decisions and letters."""

import secrets
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.calls.models import Call, Committee, Criterion, DecisionRuleVersion, RubricVersion
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
    install_sql,
    state_column,
)
from incubator.files.models import File
from incubator.people.models import Company, Person
from incubator.proposals.models import Proposal
from incubator.reviews.engines.deciding import Verdict
from incubator.reviews.states import DecisionState, ReviewState, RoundState


def new_seed() -> str:
    """A secret random number in hex, 64 digits."""
    return secrets.token_hex(32)


class Confidence(StrEnum):
    """How sure a reviewer is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Recommendation(StrEnum):
    """What a reviewer would do; the rule decides by the scores, the committee reads this."""

    DECLINE = "decline"
    CHANGE = "change"
    FUND = "fund"


class ConflictKind(StrEnum):
    """Why a person may not judge, or see, a proposal."""

    TEAM_MEMBER = "team_member"
    LINE_MANAGER = "line_manager"
    COST_CENTER = "cost_center"
    CO_INVENTOR = "co_inventor"
    TEAM_MATE = "team_mate"
    CO_PROPOSER = "co_proposer"
    HOME_COMPANY = "home_company"
    DECLARED = "declared"


class Round(Public, Timestamped, Caused, Versioned, Model):
    """One sitting of a committee over the proposals of one call, under one rubric and one decision rule.

    imported_hash: SHA-256 of the files an imported round came from, None for a round held here. seed: secret until the
    release; its SHA-256 stands in the event of the round's birth, before any score, so nobody can choose it afterwards.
    """

    __tablename__ = "review_round"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), unique=True)
    committee_id: Mapped[int] = mapped_column(ForeignKey("committee.id"), index=True)
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_version.id"))
    rule_version_id: Mapped[int] = mapped_column(ForeignKey("decision_rule_version.id"))
    state: Mapped[RoundState] = mapped_column(state_column(RoundState, "state_known"), default=RoundState.OPEN)
    imported_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    seed: Mapped[str] = mapped_column(String(64), default=new_seed)
    call: Mapped[Call] = relationship()
    committee: Mapped[Committee] = relationship()
    rubric: Mapped[RubricVersion] = relationship()
    rule: Mapped[DecisionRuleVersion] = relationship()

    @property
    def round(self) -> "Round":
        """A round is its own, so that rules about rounds and what hangs on them read alike."""
        return self


class Review(Public, Timestamped, Caused, Versioned, Model):
    """One reviewer's judgement of one proposal.

    statement: what was declared about a conflict of interest. scored: how many criteria have a score. total: in
    hundredths of the rubric's scale, None until enough is scored. excluded: why the chair struck it.
    """

    __tablename__ = "review"
    __table_args__ = (
        Index(
            "uq_review_live", "round_id", "proposal_id", "reviewer_id", unique=True,
            postgresql_where=text("state NOT IN ('declined', 'recused', 'expired', 'excluded')"),
        ),
        Index("ix_review_proposal", "proposal_id", "id"),
        Index("ix_review_reviewer_state", "reviewer_id", "state", "id"),
        CheckConstraint("state NOT IN ('sealed', 'locked') OR sealed_at IS NOT NULL", name="seal_has_time"),
        CheckConstraint("state NOT IN ('sealed', 'locked') OR total IS NOT NULL", name="seal_has_total"),
        CheckConstraint("state <> 'excluded' OR excluded IS NOT NULL", name="exclusion_has_reason"),
    )  # fmt: skip

    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[ReviewState] = mapped_column(state_column(ReviewState, "state_known"), default=ReviewState.ASSIGNED)
    declared_at: Mapped[Timestamp | None]
    statement: Mapped[str] = mapped_column(Text, default="")
    confidence: Mapped[Confidence | None] = mapped_column(state_column(Confidence, "confidence_known"))
    recommendation: Mapped[Recommendation | None] = mapped_column(state_column(Recommendation, "recommendation_known"))
    private_note: Mapped[str] = mapped_column(Text, default="")
    scored: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    saved_at: Mapped[Timestamp | None]
    sealed_at: Mapped[Timestamp | None]
    excluded: Mapped[str | None] = mapped_column(Text)
    round: Mapped[Round] = relationship()
    proposal: Mapped[Proposal] = relationship()
    reviewer: Mapped[Person] = relationship()
    scores: Mapped[list["ReviewScore"]] = relationship(back_populates="review", order_by="ReviewScore.criterion_id")


class ReviewScore(Model):
    """One answer to one question of the rubric; the service holds the value to the criterion's own scale.

    abstained: the reviewer left the question out on purpose, which is no score and never a zero.
    """

    __tablename__ = "review_score"
    __table_args__ = (
        UniqueConstraint("review_id", "criterion_id"),
        CheckConstraint("value BETWEEN 0 AND 100", name="value_in_range"),
        CheckConstraint("NOT abstained OR value IS NULL", name="abstention_has_no_value"),
    )

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    value: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    abstained: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    review: Mapped[Review] = relationship(back_populates="scores")
    criterion: Mapped[Criterion] = relationship()


class Conflict(Timestamped, Caused, Model):
    """Why a person is kept from a proposal. declared_by: the person's own word, None when it was derived."""

    __tablename__ = "conflict"
    __table_args__ = (
        UniqueConstraint("person_id", "proposal_id", "kind"),
        Index("ix_conflict_proposal", "proposal_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    kind: Mapped[ConflictKind] = mapped_column(state_column(ConflictKind, "kind_known"))
    declared_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    statement: Mapped[str] = mapped_column(Text, default="")
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    proposal: Mapped[Proposal] = relationship()

    @property
    def company(self) -> Company:
        """The proposal's company, whose office may lift it."""
        return self.proposal.company


class ReviewSummary(Versioned, Model):
    """What a round knows of a proposal, written in the transaction that seals a review, so that no page computes it.

    total, spread, low, high and ticks are hundredths of the rubric's scale; total is 0 while sealed is 0. low and high
    bound the mean by what its own reviews tell (see engines/ranges.py), None for fewer than two. asked and theme are
    copies of the frozen proposal's, for the ranking's index. The versions of a theme's rows only grow, so their sum
    tells whether anything in its ranking has changed.
    """

    __tablename__ = "review_summary"
    __table_args__ = (
        UniqueConstraint("round_id", "proposal_id"),
        Index(
            "ix_review_summary_ranking",
            "round_id",
            "theme_id",
            "total_hundredths",
            "id",
            postgresql_include=["version"],
        ),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"))
    asked: Mapped[int]
    assigned: Mapped[int] = mapped_column(default=0)
    sealed: Mapped[int] = mapped_column(default=0)
    total_hundredths: Mapped[int] = mapped_column(default=0)
    spread_hundredths: Mapped[int | None]
    low_hundredths: Mapped[int | None]
    high_hundredths: Mapped[int | None]
    means: Mapped[Data] = mapped_column(default=dict)
    ticks: Mapped[list[int]] = mapped_column(JSONB, default=list)
    proposal: Mapped[Proposal] = relationship()


class Evaluation(Public, Timestamped, Caused, Model):
    """One run of the decision rule over a round: everything that went in, and its SHA-256 (RFC 8785)."""

    __tablename__ = "evaluation"

    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"), index=True)
    rule_version_id: Mapped[int] = mapped_column(ForeignKey("decision_rule_version.id"))
    inputs: Mapped[Data]
    inputs_hash: Mapped[str] = mapped_column(String(64))
    rule: Mapped[DecisionRuleVersion] = relationship()


class Decision(Public, Timestamped, Caused, Versioned, Model):
    """The committee's word on a proposal. result is what the rule said with its figures; outcome is what is decided.

    They differ only where override is set, which takes a reason. Never edited once signed, never deleted; one
    current decision a proposal.
    """

    __tablename__ = "decision"
    __table_args__ = (
        Index("uq_decision_current", "proposal_id", unique=True, postgresql_where=text("state <> 'superseded'")),
        Index("ix_decision_round", "round_id", "id"),
        CheckConstraint("NOT override OR length(reason) > 0", name="override_has_reason"),
        CheckConstraint("outcome <> 'not_decidable'", name="outcome_decidable"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id"), index=True)
    rule_version_id: Mapped[int] = mapped_column(ForeignKey("decision_rule_version.id"))
    state: Mapped[DecisionState] = mapped_column(
        state_column(DecisionState, "state_known"), default=DecisionState.PREPARED
    )
    outcome: Mapped[Verdict] = mapped_column(state_column(Verdict, "outcome_known"))
    result: Mapped[Data]
    reason: Mapped[str] = mapped_column(Text, default="")
    override: Mapped[bool] = mapped_column(default=False)
    released_at: Mapped[Timestamp | None]
    round: Mapped[Round] = relationship()
    proposal: Mapped[Proposal] = relationship()
    evaluation: Mapped[Evaluation] = relationship()
    rule: Mapped[DecisionRuleVersion] = relationship()
    signatures: Mapped[list["DecisionSignature"]] = relationship(order_by="DecisionSignature.id")
    letters: Mapped[list["Letter"]] = relationship(order_by="Letter.language")

    @property
    def inputs(self) -> dict[str, Any]:
        """Everything the rule was given."""
        return self.evaluation.inputs

    @property
    def inputs_hash(self) -> str:
        """The SHA-256 of the inputs, in hex."""
        return self.evaluation.inputs_hash


class DecisionSignature(Timestamped, Model):
    """One member's signature under one decision."""

    __tablename__ = "decision_signature"
    __table_args__ = (UniqueConstraint("decision_id", "person_id"),)

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    person: Mapped[Person] = relationship()


class Letter(Timestamped, Model):
    """The decision as a letter in one language, rendered while it is held; the release binds its hash.

    hash: SHA-256 of the file, a PDF; of the text in letters from before there were files. voided_at: its decision was
    superseded, and it says nothing any more.
    """

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("decision_id", "language"),
        CheckConstraint("language IN ('en', 'zh')", name="language_known"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    language: Mapped[str] = mapped_column(String(2))
    body: Mapped[str] = mapped_column(Text)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"))
    file: Mapped[File | None] = relationship()
    released_at: Mapped[Timestamp | None]
    voided_at: Mapped[Timestamp | None]


class ImportedResult(Model):
    """What an imported round's files say of a proposal beside its reviews.

    put_to_vote False: assessed, and absent from the published results. given_* go into the decision rule; published_*
    are what the replay compares with (score in hundredths).
    """

    __tablename__ = "imported_result"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True)
    label: Mapped[str] = mapped_column(String(40))
    put_to_vote: Mapped[bool]
    given_order: Mapped[int | None]
    given_flag: Mapped[bool | None]
    net_votes: Mapped[int | None]
    published_score: Mapped[int | None]
    published_assessments: Mapped[int | None]
    published_funded: Mapped[bool | None]


SCORES_STAND = """
CREATE OR REPLACE FUNCTION refuse_change_of_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT state FROM review WHERE id = OLD.review_id) IN ('sealed', 'locked', 'excluded') THEN
    RAISE EXCEPTION 'review % is sealed', OLD.review_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$
"""
install_sql(
    cast(Table, ReviewScore.__table__),
    [
        SCORES_STAND,
        "CREATE TRIGGER sealed BEFORE UPDATE OR DELETE ON review_score "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_sealed()",
    ],
)
frozen(
    cast(Table, Review.__table__),
    ("round_id", "proposal_id", "reviewer_id", "confidence", "recommendation", "private_note", "total", "sealed_at"),
    once="OLD.state = 'sealed' OR OLD.state = 'locked' OR OLD.state = 'excluded'",
)
frozen(
    cast(Table, Decision.__table__),
    (
        "number",
        "round_id",
        "proposal_id",
        "evaluation_id",
        "rule_version_id",
        "outcome",
        "result",
        "reason",
        "override",
        "cause_id",
    ),
    once="OLD.state <> 'prepared'",
)
frozen(cast(Table, Letter.__table__), ("decision_id", "language", "body", "hash"))
for _kept in (Conflict, Evaluation, DecisionSignature):
    append_only(cast(Table, _kept.__table__))
