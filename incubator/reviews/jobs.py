"""Background work of the reviews."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.reviews import queries, services
from incubator.reviews.services import assignment_runs, ranking_runs, reminding, run_replays, stopping
from incubator.reviews.services.found import Found

log = logging.getLogger(__name__)


@job("reviews.letters", every=30)
def write_letters() -> int:
    """Render the letters that held decisions still lack, a round a transaction; answers how many were written."""
    with transaction():
        rounds = [round_.id for round_ in queries.rounds_without_letters()]
    written = 0
    for round_id in rounds:
        with one_item("the letters of a round failed", round_id), transaction():
            written += services.write_letters(queries.round_by_id(round_id))
    return written


@contextmanager
def one_item(words: str, *which: int) -> Iterator[None]:
    """Log what goes wrong with one thing of many, so that the others are done; it is tried again with the next run."""
    try:
        yield
    except Exception:
        log.exception(words, extra={"which": which})


@job("reviews.rank", every=30)
def rank_rounds() -> int:
    """Work out the rankings that were asked for or whose reviews changed; answers how many were done."""
    with transaction():
        ranking_runs.ask_for_stale()
    done = 0
    while True:
        with transaction():
            run_id = ranking_runs.claim()
        if run_id is None:
            return done
        done += _rank(run_id)


def _rank(run_id: int) -> bool:
    """One ranking run."""
    runs = ranking_runs
    return _solve(run_id, Steps(runs.inputs_for, runs.work_out, runs.note_progress, runs.store, runs.fail))


@job("reviews.assign", every=30)
def assign_reviewers() -> int:
    """Work out the assignments that were asked for; answers how many were done."""
    runs, done = assignment_runs, 0
    while True:
        with transaction():
            run_id = runs.claim_assignment()
        if run_id is None:
            return done
        steps = Steps(
            runs.assignment_inputs_for, runs.work_out_assignment, runs.note_assignment_progress, runs.store_assignment,
            runs.fail_assignment,
        )  # fmt: skip
        done += _solve(run_id, steps)


@job("reviews.replay", every=30)
def replay_runs() -> int:
    """Work out again the runs that somebody checks; answers how many were done."""
    runs, done = run_replays, 0
    while True:
        with transaction():
            replay_id = runs.claim_replay()
        if replay_id is None:
            return done
        with transaction():
            kept = runs.kept_of(replay_id)
        again = ranking_runs.work_out if kept.is_ranking else assignment_runs.work_out_assignment
        steps = Steps(
            partial(_kept, kept), again, runs.note_replay_progress, partial(runs.store_replay, kept=kept),
            runs.fail_replay,
        )  # fmt: skip
        done += _solve(replay_id, steps)


def _kept(kept: run_replays.Kept, _replay_id: int) -> tuple[dict[str, Any], str]:
    return kept.inputs, kept.seed


@job("reviews.place", every=30)
def place_reviewers() -> int:
    """Give the proposals of published assignments to their reviewers, one a transaction; answers how many were."""
    with transaction():
        waiting = queries.to_place()
    placed = 0
    for run_id, proposal_id in waiting:
        with one_item("placing the reviewers of a proposal failed", run_id, proposal_id), transaction():
            placed += assignment_runs.place(run_id, proposal_id)
    return placed


@job("reviews.remind", every=3600)
def remind_reviewers() -> int:
    """Remind of reviews that are due, and tell chair and office of late ones; answers how many were told of."""
    with transaction():
        return reminding.remind()


@job("reviews.stopped_ventures", every=300)
def close_sandboxes() -> int:
    """End the leases of stopped ventures that go on, such as one that was ordered beside the stop; answers how many."""
    ended = 0
    with transaction():
        ventures = [(venture.id, venture) for venture in queries.stopped_with_sandboxes()]
    for key, venture in ventures:
        with one_item("the sandboxes of a stopped venture go on", key), transaction():
            ended += stopping.close_sandboxes(venture)
    return ended


@job("reviews.conflicts", every=300)
def derive_conflicts() -> int:
    """Derive the conflicts of officers and auditors, and of the committees of the rounds that are not released, a round
    a transaction; answers how many are new."""
    with transaction():
        rounds = [round_.id for round_ in queries.rounds_to_watch()]
    found = 0
    with one_item("the conflicts of onlookers failed"), transaction():
        found += services.keep_onlookers_out()
    for round_id in rounds:
        with one_item("the conflicts of a round failed", round_id), transaction():
            found += services.recompute(queries.round_by_id(round_id))
    with one_item("the conflicts of second rounds failed"), transaction():
        services.close_to_conflicted()
    return found


@dataclass(frozen=True)
class Steps:
    """What is done with a run: its inputs read, worked out without the database, its progress told, its result or
    failure kept."""

    inputs: Callable[[int], tuple[dict[str, Any], str]]
    work_out: Callable[[dict[str, Any], str, Callable[[int], None]], Found]
    note: Callable[[int, int], None]
    store: Callable[..., None]
    fail: Callable[[int], None]


def _solve(run_id: int, steps: Steps) -> bool:
    """One run, no transaction held while it is worked out; what goes wrong in it is logged and said on its page."""

    def report(percent: int) -> None:
        with transaction():
            steps.note(run_id, percent)

    try:
        with transaction():
            inputs, seed = steps.inputs(run_id)
        found = steps.work_out(inputs, seed, report)
    except Exception:
        log.exception("a run of a solver failed", extra={"run": run_id})
        with transaction():
            steps.fail(run_id)
        return False
    with transaction():
        steps.store(run_id, found)
    return True
