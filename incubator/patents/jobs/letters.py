"""Letters to inventors, typeset in the background."""

from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.patents import queries
from incubator.patents.services import letters


@job("patents.award_letters", every=30)
def write_award_letters() -> int:
    """Typeset the letters that parts in the payroll still lack, a part a transaction; answers how many were written."""
    with transaction():
        waiting = queries.shares_without_letters()
    written = 0
    for share_id in waiting:
        with transaction():
            written += letters.write(share_id)
    return written
