"""What equity does by itself: letters are typeset, windows, offers and notices close, stopped ventures stop vesting,
lines are checked, and what stood at the ends of months is derived, and what gates opened is put to signature."""

import logging

from incubator.core import clock
from incubator.core.errors import DomainError
from incubator.core.jobs import job
from incubator.core.log import named
from incubator.core.transaction import attempt, transaction
from incubator.equity import queries
from incubator.equity.services import grants, leaving, milestones, rebuild_months, rebuilding, transfers, typeset
from incubator.people.predicates import SYSTEM

log = logging.getLogger(__name__)


@job("equity.letters", every=60)
def write_letters() -> int:
    """Typeset the letters that are missing; how many were written."""
    with transaction():
        return sum(typeset.write(grant) for grant in typeset.unwritten())


@job("equity.windows", every=3_600)
def close_windows() -> int:
    """Lapse what leavers have not exercised in time; how many grants."""
    closed = 0
    with transaction():
        for step in queries.windows(clock.today()):
            closed += leaving.close_window(step, clock.today())
    return closed


@job("equity.offers", every=3_600)
def lapse_offers() -> int:
    """Lapse the offers that nobody accepted in time; how many."""
    with transaction():
        return grants.lapse_offers(clock.today())


@job("equity.stopped_ventures", every=600)
def end_ventures() -> int:
    """Stop vesting in stopped ventures by the rule of each plan; how many grants. One that cannot be is logged."""
    ended = 0
    with transaction():
        for venture in leaving.ended_ventures():
            try:
                with attempt():
                    ended += leaving.end_venture(venture)
            except (DomainError, LookupError) as error:
                log.warning(
                    "the vesting of a stopped venture goes on", extra={"venture": venture.id, "why": named(error)}
                )
    return ended


@job("equity.milestones", every=600)
def put_milestones() -> int:
    """Put to signature what gates opened while it could not be put, or before a grant was in force, a venture a
    transaction; how many steps. What fails is logged and tried again with the next run."""
    with transaction():
        ventures = [(venture.id, venture) for venture in milestones.ventures_with_milestones()]
    put = 0
    for key, venture in ventures:
        try:
            with transaction():
                put += milestones.put_milestones(venture)
        except Exception:
            log.exception("the milestones of a venture were not put", extra={"venture": key})
    return put


@job("equity.rebuild", every=86_400)
def rebuild_lines() -> int:
    """Compute every vesting line anew from the log, and store those that differ (another engine); how many grants."""
    changed, after = 0, 0
    while True:
        with transaction():
            done = rebuilding.rebuild_batch(after)
        changed += done.changed
        if done.last is None:
            return changed
        after = done.last


@job("equity.months", every=600)
def derive_months() -> int:
    """Derive what stood at the ends of months, each in its own transaction, so that movements get in between."""
    written = 0
    for issuer in queries.issuers_with_register():
        while True:
            with transaction():
                done = rebuild_months(issuer, most=1)
            if not done:
                break
            written += done
    return written


@job("equity.notices", every=3_600)
def close_notices() -> int:
    """End the notices of first refusal whose time is over: silence waives; how many."""
    with transaction():
        return transfers.close_due(SYSTEM)
