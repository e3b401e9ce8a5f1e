"""Background work of the reviews."""

import logging

from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.reviews import queries, services
from incubator.reviews.services import ranking_runs

log = logging.getLogger(__name__)


@job("reviews.letters", every=30)
def write_letters() -> int:
    """Render the letters that held decisions still lack, a round a transaction; answers how many were written."""
    with transaction():
        rounds = [round_.id for round_ in queries.rounds_without_letters()]
    written = 0
    for round_id in rounds:
        with transaction():
            written += services.write_letters(queries.round_by_id(round_id))
    return written


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
    """One run; what goes wrong in it is logged and said on the page, and the others go on."""
    with transaction():
        inputs, seed = ranking_runs.inputs_for(run_id)

    def report(percent: int) -> None:
        with transaction():
            ranking_runs.note_progress(run_id, percent)

    try:
        found = ranking_runs.work_out(inputs, seed, report)
    except Exception:
        log.exception("a ranking run failed", extra={"run": run_id})
        with transaction():
            ranking_runs.fail(run_id)
        return False
    with transaction():
        ranking_runs.store(run_id, *found)
    return True
