"""What an auditor proves again: the runs of a round's solvers, and what came of working them out a second time."""

from typing import Any

from sqlalchemy import Select, and_, exists, func, literal, or_, select, union_all

from incubator.core import clock
from incubator.core.db import db
from incubator.people.models import Person
from incubator.proposals.models import Proposal
from incubator.reviews.models import AssignmentPair, AssignmentRun, RankingRun, ReviewSummary, Round, RunReplay
from incubator.reviews.queries.derived import clear_of
from incubator.reviews.queries.rounds import hides_some_from
from incubator.reviews.states import LOST, RunState

NEWEST = {"ranking": 1, "assignment": 20}
"""So many runs of each kind are listed: of rankings the last one alone, since who is kept from something since reads
runs of their own from then on, and the others must not be seen to vanish."""


def _ranking_runs(round_: Round, person: Person) -> Select[RankingRun]:
    """The runs that are for the person, but for those that a proposal went into which the person is kept from now,
    by what is written down or by what the records tell and nobody wrote down yet."""
    audience = person.id if hides_some_from(person, round_) else None
    went_in = or_(RankingRun.inputs.is_(None), RankingRun.inputs["proposals"].has_key(Proposal.public_id))
    hidden = exists().where(
        ReviewSummary.round_id == round_.id, Proposal.id == ReviewSummary.proposal_id, went_in,
        ~clear_of(Proposal.id, person),
    )  # fmt: skip
    return select(RankingRun).where(
        RankingRun.round_id == round_.id, RankingRun.audience_id.is_not_distinct_from(audience), ~hidden
    )


def _assignment_runs(round_: Round, person: Person) -> Select[AssignmentRun]:
    """The runs of the round's call, but for those with a proposal that the person is kept from."""
    hidden = exists().where(AssignmentPair.run_id == AssignmentRun.id, ~clear_of(AssignmentPair.proposal_id, person))
    return select(AssignmentRun).where(AssignmentRun.call_id == round_.call_id, ~hidden)


def run_to_replay(round_: Round, person: Person, public_id: str) -> RankingRun | AssignmentRun | None:
    """The run of the round with this public id, for somebody who may see all that went into it."""
    ranking = _ranking_runs(round_, person).where(RankingRun.public_id == public_id)
    assignment = _assignment_runs(round_, person).where(AssignmentRun.public_id == public_id)
    return db.session.scalar(ranking) or db.session.scalar(assignment)


def replay_to_work_on() -> RunReplay | None:
    """The next replay that waits or lost its worker, for one worker."""
    lost = and_(RunReplay.state == RunState.RUNNING, RunReplay.started_at < clock.now() - LOST)
    rows = select(RunReplay).where(or_(RunReplay.state == RunState.WAITING, lost))
    return db.session.scalar(rows.order_by(RunReplay.id).limit(1).with_for_update(skip_locked=True))


def replayable(round_: Round, person: Person) -> list[Any]:
    """The newest finished runs of a round with the last replay of each; columns only, one query (and one about what
    is hidden)."""
    kinds = (
        (RankingRun, _ranking_runs(round_, person), "ranking", RunReplay.ranking_run_id),
        (AssignmentRun, _assignment_runs(round_, person), "assignment", RunReplay.assignment_run_id),
    )
    parts = []
    for model, rows, kind, key in kinds:
        newest = rows.where(model.state == RunState.DONE).order_by(model.id.desc()).limit(NEWEST[kind])
        run = newest.with_only_columns(
            model.id, model.public_id, model.finished_at, model.seed, model.inputs_hash, model.versions,
            model.inputs.is_not(None).label("is_kept"), literal(kind).label("kind"),
        ).subquery()  # fmt: skip
        last = select(func.max(RunReplay.id)).where(key == run.c.id).correlate(run).scalar_subquery()
        parts.append(
            select(
                *run.c, RunReplay.state.label("again"), RunReplay.equal, RunReplay.differences,
                RunReplay.versions.label("versions_again"), RunReplay.finished_at.label("again_at"), RunReplay.progress,
            ).outerjoin(RunReplay, RunReplay.id == last)
        )  # fmt: skip
    found = union_all(*parts).subquery()
    return list(db.session.execute(select(found).order_by(found.c.kind.desc(), found.c.finished_at.desc())))
