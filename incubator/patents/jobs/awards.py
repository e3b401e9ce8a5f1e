"""Reminding HR of awards that are due."""

from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.patents.services import award_reminders


@job("awards.remind", every=3_600)
def remind_of_awards() -> int:
    """Remind HR of awards that are due or overdue; returns how many."""
    done = 0
    while True:
        with transaction():
            found = award_reminders.remind()
        done += found
        if not found:
            return done
