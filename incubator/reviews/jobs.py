"""Background work of the reviews."""

from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.reviews import queries, services


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
