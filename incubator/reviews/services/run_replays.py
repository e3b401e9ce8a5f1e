"""Proving a run of a solver again: a job works it out from what was kept, and says what came out otherwise."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from incubator.core import audit, clock, queue
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import NotFound, WrongState
from incubator.core.transaction import after_commit
from incubator.people.models import Person
from incubator.reviews import queries
from incubator.reviews.models import AssignmentRun, RankingRun, Round, RunReplay
from incubator.reviews.services.found import Found
from incubator.reviews.states import RunState


@action("round.replay")
def replay_run(actor: Person, round_: Round, *, run: str) -> RunReplay:
    """Have a run of the round (ranking or assignment, by public id) worked out again.

    Raises NotFound for one the actor may not see, WrongState where it is not done or its inputs were not kept.
    """
    found = queries.run_to_replay(round_, actor, run)
    if found is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    if found.state is not RunState.DONE or found.inputs is None:
        raise WrongState(_("This run can’t be worked out again: it is not done, or what went in was not kept then."))
    is_ranking = isinstance(found, RankingRun)
    replay = RunReplay(
        ranking_run_id=found.id if is_ranking else None,
        assignment_run_id=None if is_ranking else found.id,
        asked_by_id=actor.id,
    )
    db.session.add(replay)
    db.session.flush()
    audit.record("round.replay", round_, {"run": run, "replay": replay.public_id})
    after_commit(wake)
    return replay


def wake() -> None:
    """Have a worker look."""
    queue.enqueue("reviews.replay")


@dataclass(frozen=True)
class Kept:
    """What was kept of the run that is worked out again."""

    is_ranking: bool
    inputs: dict[str, Any]
    seed: str
    inputs_hash: str
    rows_hash: str
    result: dict[str, Any]


def claim_replay() -> int | None:
    """Take on the next one; None when there is none."""
    replay = queries.replay_to_work_on()
    if replay is None:
        return None
    replay.state, replay.started_at, replay.progress = RunState.RUNNING, clock.now(), 5
    db.session.flush()
    return replay.id


def kept_of(replay_id: int) -> Kept:
    """What the run went by, and what it said."""
    run = _run_of(db.session.get_one(RunReplay, replay_id))
    return Kept(
        isinstance(run, RankingRun), run.inputs or {}, run.seed, run.inputs_hash or "", run.rows_hash or "", run.result
    )


def _run_of(replay: RunReplay) -> RankingRun | AssignmentRun:
    if replay.ranking_run_id is not None:
        return db.session.get_one(RankingRun, replay.ranking_run_id)
    return db.session.get_one(AssignmentRun, replay.assignment_run_id)


def note_replay_progress(replay_id: int, percent: int) -> None:
    """Say how far it is."""
    db.session.get_one(RunReplay, replay_id).progress = percent


def store_replay(replay_id: int, found: Found, *, kept: Kept) -> None:
    """Keep the answer: equal, or what differs."""
    replay = db.session.get_one(RunReplay, replay_id)
    same = {
        "inputs": found.digest == kept.inputs_hash,
        "result": found.result == kept.result,
        "rows": found.rows_hash == kept.rows_hash,
    }
    replay.differences = [name for name, holds in same.items() if not holds]
    replay.equal, replay.versions = not replay.differences, found.versions
    replay.state, replay.progress, replay.finished_at = RunState.DONE, 100, clock.now()


def fail_replay(replay_id: int) -> None:
    """Say that it could not be worked out; the log says why."""
    replay = db.session.get_one(RunReplay, replay_id)
    replay.state, replay.finished_at = RunState.FAILED, clock.now()
