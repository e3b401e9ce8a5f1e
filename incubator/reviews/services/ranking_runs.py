"""Ranking runs: asked for by a person or by the schedule, worked out by a job that holds no lock meanwhile."""

import hashlib
from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from incubator.core import audit, clock, keys, queue
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.transaction import after_commit
from incubator.people.models import Person
from incubator.proposals.models import Proposal
from incubator.reviews import queries
from incubator.reviews.models import RankingFigure, RankingRun, Round
from incubator.reviews.services.found import Found, keep_found
from incubator.reviews.states import LOST, RunState


@action("round.rank")
def rank(actor: Person, round_: Round) -> None:
    """Ask for the round's ranking to be worked out now; a second wish joins one that waits."""
    reader_id = actor.id if queries.hides_some_from(actor, round_) else None
    made = _ask(round_, reader_id, asked_by_id=actor.id)
    if made is not None:
        audit.record("round.rank", round_, {"run": made})
    after_commit(wake)


def wake() -> None:
    """Have a worker look."""
    queue.enqueue("reviews.rank")


def ask_for_stale() -> int:
    """Ask for each ranking whose reviews have changed since; answers how many. Called by the job."""
    from incubator.reviews.engines.calibration import inputs_hash

    asked = 0
    for round_ in queries.rounds_to_rank():
        for reader in queries.audiences_of(round_):
            inputs = queries.inputs_of(round_, reader)
            if inputs["reviews"] and inputs_hash(inputs) != queries.latest_hash(round_, reader):
                asked += _ask(round_, reader.id if reader else None) is not None
    return asked


def ask_for(round_: Round) -> None:
    """Have a round that no longer changes worked out once, for everybody who is kept from nothing in it."""
    _ask(round_, None)
    after_commit(wake)


def _ask(round_: Round, reader_id: int | None, **details: Any) -> str | None:
    """A waiting run, unless one waits already; answers its public id."""
    seed = hashlib.sha256(f"{round_.seed}:ranking".encode()).hexdigest()
    values = {
        "public_id": keys.public_id(), "created_at": clock.now(), "round_id": round_.id, "audience_id": reader_id,
        "state": RunState.WAITING, "progress": 0, "seed": seed, "versions": {}, "result": {},
    }  # fmt: skip
    statement = insert(RankingRun).values(**values, **details).on_conflict_do_nothing()
    return db.session.scalar(statement.returning(RankingRun.public_id))


def claim() -> int | None:
    """Take on the next run; None when there is none. Each is taken by one worker."""
    lost = (RankingRun.state == RunState.RUNNING) & (RankingRun.started_at < clock.now() - LOST)
    run = db.session.scalar(
        select(RankingRun)
        .where(or_(RankingRun.state == RunState.WAITING, lost))
        .order_by(RankingRun.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if run is None:
        return None
    run.state, run.started_at, run.progress = RunState.RUNNING, clock.now(), 5
    db.session.flush()
    return run.id


def inputs_for(run_id: int) -> tuple[dict[str, Any], str]:
    """What goes into a run, and its seed."""
    run = db.session.get_one(RankingRun, run_id)
    reader = db.session.get_one(Person, run.audience_id) if run.audience_id is not None else None
    return queries.inputs_of(run.round, reader), run.seed


def note_progress(run_id: int, percent: int) -> None:
    """Say how far a run is."""
    db.session.get_one(RankingRun, run_id).progress = percent


def store(run_id: int, found: Found) -> None:
    """Keep what a run found; the figures of the runs before it of the same audience go, their results stay."""
    result, rows = found.result, found.rows
    run = db.session.get_one(RankingRun, run_id)
    before = select(RankingRun.id).where(
        RankingRun.round_id == run.round_id,
        RankingRun.audience_id.is_not_distinct_from(run.audience_id),
        RankingRun.id <= run.id,
    )
    db.session.execute(delete(RankingFigure).where(RankingFigure.run_id.in_(before)))
    ids = dict(db.session.execute(
        select(Proposal.public_id, Proposal.id).where(Proposal.public_id.in_([row["key"] for row in rows]))
    ).all())  # fmt: skip
    single = set(result["single"])
    figures = [
        {name: value for name, value in row.items() if name != "key"}
        | {"run_id": run.id, "proposal_id": ids[row["key"]], "single": row["key"] in single}
        | {"draws": bytes.fromhex(row["draws"]) if row["draws"] else None}
        for row in rows
    ]
    if figures:
        db.session.execute(insert(RankingFigure), figures)
    keep_found(run, found)


def fail(run_id: int) -> None:
    """Say that a run came to nothing; the log says why."""
    run = db.session.get_one(RankingRun, run_id)
    run.state, run.finished_at = RunState.FAILED, clock.now()


def work_out(inputs: dict[str, Any], seed: str, report: Callable[[int], None]) -> Found:
    """What comes of a run; no database, and seconds for thousands of proposals."""
    import numpy as np
    import scipy

    from incubator.reviews.engines import calibration

    result, rows = calibration.rank_round(inputs, seed, report)
    versions = {"engine": calibration.ENGINE_VERSION, "numpy": np.__version__, "scipy": scipy.__version__}
    return Found(inputs, calibration.inputs_hash(inputs), result, rows, versions)
