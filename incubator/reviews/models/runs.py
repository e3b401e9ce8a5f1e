"""Runs of the solvers over a round, and what they found; a page reads them and computes nothing."""

from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.calls.models import Call
from incubator.core.db import Data, Model, Public, Timestamp, Timestamped, frozen, state_column
from incubator.people.models import Company, Person
from incubator.proposals.models import Proposal
from incubator.reviews.models.rounds import Round, new_seed
from incubator.reviews.states import RunState


class RankingRun(Public, Timestamped, Model):
    """One calibration and ranking of a round by a job.

    audience_id: the person it is for, who is kept from some of its proposals and whose run is worked out without them;
    None for everybody who is kept from none. asked_by_id: who wanted it, None for the schedule. inputs: all that went
    in, and inputs_hash its SHA-256 (RFC 8785); rows_hash: of what was said of each proposal. Both None in runs from
    before they were kept. seed: of the draws. result: what it says of the whole round.
    """

    __tablename__ = "ranking_run"
    __table_args__ = (
        Index("ix_ranking_run_latest", "round_id", "audience_id", "id"),
        Index(
            "uq_ranking_run_waiting", "round_id", "audience_id", unique=True,
            postgresql_where=text("state = 'waiting'"), postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress_in_range"),
        CheckConstraint("state <> 'done' OR inputs_hash IS NOT NULL", name="done_has_hash"),
    )  # fmt: skip

    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    audience_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[RunState] = mapped_column(state_column(RunState, "state_known"), default=RunState.WAITING)
    progress: Mapped[int] = mapped_column(default=0)
    seed: Mapped[str] = mapped_column(String(64))
    inputs: Mapped[Data | None] = mapped_column(deferred=True)
    inputs_hash: Mapped[str | None] = mapped_column(String(64))
    rows_hash: Mapped[str | None] = mapped_column(String(64))
    versions: Mapped[Data] = mapped_column(default=dict)
    result: Mapped[Data] = mapped_column(default=dict)
    started_at: Mapped[Timestamp | None]
    finished_at: Mapped[Timestamp | None]
    round: Mapped[Round] = relationship()


class RankingFigure(Model):
    """What a run says of one proposal of its theme. A newer run of the same audience takes its place.

    shown, low, high: the calibrated score and its 90 % interval, hundredths. place and plain_place: by the calibrated
    score and by the mean. expected: hundredths of a rank. inner and outer: the 50 % and the 90 % interval of the rank,
    each [best, worst]. top and funded: basis points, as all that rests on chances None where none can be given.
    extra: its turn among those where one more review pays most. single: it has one review. draws: the first of the
    run's draws of its score, two bytes each (signed, little-endian, hundredths), one draw at one place in all rows.
    """

    __tablename__ = "ranking_figure"
    __table_args__ = (Index("uq_ranking_figure", "run_id", "proposal_id", unique=True),)

    run_id: Mapped[int] = mapped_column(ForeignKey("ranking_run.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    shown: Mapped[int]
    low: Mapped[int | None]
    high: Mapped[int | None]
    place: Mapped[int]
    plain_place: Mapped[int]
    expected: Mapped[int | None]
    inner: Mapped[list[int] | None] = mapped_column(JSONB)
    outer: Mapped[list[int] | None] = mapped_column(JSONB)
    top: Mapped[int | None]
    funded: Mapped[int | None]
    position: Mapped[str | None] = mapped_column(String(10))
    extra: Mapped[int | None]
    single: Mapped[bool] = mapped_column(default=False)
    draws: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    proposal: Mapped[Proposal] = relationship()


class AssignmentRun(Public, Timestamped, Model):
    """One assignment of a call's proposals to its committee by a job: proposed, looked at, changed by hand, published.

    settings: loads, seats and rules as the office set them. inputs, rows_hash: as in a ranking run, over the pairs as
    they were proposed. result: what came out, with the certificate and its check.
    """

    __tablename__ = "assignment_run"
    __table_args__ = (
        Index("ix_assignment_run_call", "call_id", "id"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress_in_range"),
        CheckConstraint("state <> 'done' OR inputs_hash IS NOT NULL", name="done_has_hash"),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[RunState] = mapped_column(state_column(RunState, "state_known"), default=RunState.WAITING)
    progress: Mapped[int] = mapped_column(default=0)
    seed: Mapped[str] = mapped_column(String(64), default=new_seed)
    settings: Mapped[Data]
    inputs: Mapped[Data | None] = mapped_column(deferred=True)
    inputs_hash: Mapped[str | None] = mapped_column(String(64))
    rows_hash: Mapped[str | None] = mapped_column(String(64))
    versions: Mapped[Data] = mapped_column(default=dict)
    result: Mapped[Data] = mapped_column(default=dict)
    started_at: Mapped[Timestamp | None]
    finished_at: Mapped[Timestamp | None]
    published_at: Mapped[Timestamp | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    call: Mapped[Call] = relationship()
    asked_by: Mapped[Person] = relationship(foreign_keys=asked_by_id)

    @property
    def company(self) -> Company:
        """The call's company, whose office it belongs to."""
        return self.call.company


class RunReplay(Public, Timestamped, Model):
    """A run of a solver worked out a second time from what was kept of it, by a job, for somebody who checks.

    One of ranking_run_id and assignment_run_id. differences: the names of what came out otherwise; equal is None until
    it is done. versions: of what worked it out this time.
    """

    __tablename__ = "run_replay"
    __table_args__ = (
        CheckConstraint("num_nonnulls(ranking_run_id, assignment_run_id) = 1", name="one_run"),
        CheckConstraint("state <> 'done' OR equal IS NOT NULL", name="done_has_answer"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress_in_range"),
        Index("ix_run_replay_ranking", "ranking_run_id", "id"),
        Index("ix_run_replay_assignment", "assignment_run_id", "id"),
        Index("ix_run_replay_waiting", "id", postgresql_where=text("state = 'waiting'")),
    )

    ranking_run_id: Mapped[int | None] = mapped_column(ForeignKey("ranking_run.id"))
    assignment_run_id: Mapped[int | None] = mapped_column(ForeignKey("assignment_run.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[RunState] = mapped_column(state_column(RunState, "state_known"), default=RunState.WAITING)
    progress: Mapped[int] = mapped_column(default=0)
    equal: Mapped[bool | None]
    differences: Mapped[list[str]] = mapped_column(JSONB, default=list)
    versions: Mapped[Data] = mapped_column(default=dict)
    started_at: Mapped[Timestamp | None]
    finished_at: Mapped[Timestamp | None]
    ranking_run: Mapped[RankingRun | None] = relationship()
    assignment_run: Mapped[AssignmentRun | None] = relationship()


class AssignmentPair(Model):
    """A pair that a run proposes. score: affinity in 1e-6. by_hand: added by a person; dropped: taken out by one.

    why: the explanation, by public ids: rank and who was passed over for what. placed: published; problem: why not.
    """

    __tablename__ = "assignment_pair"
    __table_args__ = (
        Index("uq_assignment_pair", "run_id", "proposal_id", "reviewer_id", unique=True),
        CheckConstraint("score BETWEEN 0 AND 1000000", name="score_in_range"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("assignment_run.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    score: Mapped[int | None]
    by_hand: Mapped[bool] = mapped_column(default=False)
    dropped: Mapped[bool] = mapped_column(default=False)
    why: Mapped[Data] = mapped_column(default=dict)
    placed: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[str | None] = mapped_column(Text)
    proposal: Mapped[Proposal] = relationship()
    reviewer: Mapped[Person] = relationship()


frozen(
    cast(Table, RankingRun.__table__),
    ("round_id", "audience_id", "seed", "inputs", "inputs_hash", "rows_hash", "result"),
    once="OLD.state = 'done'",
)
frozen(
    cast(Table, AssignmentRun.__table__),
    ("call_id", "asked_by_id", "seed", "settings", "inputs", "inputs_hash", "rows_hash", "result"),
    once="OLD.state = 'done'",
)
frozen(
    cast(Table, RunReplay.__table__),
    ("ranking_run_id", "assignment_run_id", "asked_by_id", "equal", "differences", "versions"),
    once="OLD.state = 'done'",
)
