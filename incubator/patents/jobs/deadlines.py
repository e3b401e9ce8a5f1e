"""Deadlines in the background: computed anew after events and each day, and people reminded of them."""

import datetime as dt

from sqlalchemy import select

from incubator.core import clock, queue
from incubator.core.db import db
from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.patents.models import DeadlineRun, RunReason
from incubator.patents.services import deadlines
from incubator.patents.services.deadlines.reading import library

DAY = dt.timedelta(hours=23)
HANDS = 2
"""Workers that are called for the whole; more may help."""


@job("deadlines.recompute", every=60)
def recompute() -> int:
    """Compute what waits since an event, batch by batch; returns how many applications."""
    done = 0
    while True:
        with transaction():
            found = deadlines.recompute_stale()
        done += found
        if not found:
            return done


@job("deadlines.recompute_all", every=3_600)
def recompute_all() -> int:
    """Once a day, and when rules or calendars have changed, have every application computed; returns the parts."""
    with transaction():
        reason = _reason()
        parts = deadlines.plan_all(reason) if reason is not None else 0
    for _ in range(min(parts, HANDS)):
        queue.enqueue("deadlines.recompute_parts")
    return parts


@job("deadlines.recompute_parts", every=60)
def recompute_parts() -> int:
    """Compute the parts that wait, each in a transaction, beside others who do the same; what a killed one had in hand
    waits again. Returns how many were done."""
    done = 0
    while True:
        with transaction():
            if deadlines.recompute_part() is None:
                return done
        done += 1


def _reason() -> RunReason | None:
    """Why all should be computed now; None when they were, by these rules, within a day."""
    last = db.session.execute(
        select(DeadlineRun.fingerprint, DeadlineRun.created_at)
        .where(DeadlineRun.reason != RunReason.EVENT)
        .order_by(DeadlineRun.id.desc())
        .limit(1)
    ).first()
    if last is not None and last.fingerprint != library().fingerprint:
        return RunReason.RULES
    return RunReason.DAILY if last is None or last.created_at < clock.now() - DAY else None


@job("deadlines.remind", every=3_600)
def remind() -> int:
    """Remind people of what is due; returns how many deadlines."""
    done = 0
    while True:
        with transaction():
            found = deadlines.remind()
        done += found
        if not found:
            return done
