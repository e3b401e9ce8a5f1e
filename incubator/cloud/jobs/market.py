"""Prices that become due, credits that are watched, the nightly proof and the monthly scorecards."""

import datetime as dt
import logging

from sqlalchemy import select

from incubator.cloud.jobs.snapshots import in_one_snapshot
from incubator.cloud.queries import crediting as queries
from incubator.cloud.services import crediting, prices, proving, scoring
from incubator.core import audit
from incubator.core.db import db
from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.people.predicates import SYSTEM
from incubator.ventures.models import CreditGrant, Venture

log = logging.getLogger(__name__)
DAY = 86_400


@job("cloud.apply_prices", every=60)
def apply_prices() -> int:
    """Let plans take over the prices whose moment has come; how many."""
    with transaction(), audit.because(SYSTEM, "plan.reprice"):
        return prices.apply_due()


@job("cloud.watch_credits", queue="billing", every=300)
def watch_credits() -> int:
    """Look at every venture that was granted credits, each in a transaction of its own; how many."""
    with transaction():
        ids = list(db.session.scalars(select(CreditGrant.venture_id).distinct().order_by(CreditGrant.venture_id)))
    for venture_id in ids:
        try:
            _watch(venture_id)
        except Exception:  # the others are looked at all the same
            log.exception("a venture's credits could not be watched", extra={"venture": venture_id})
    return len(ids)


def _watch(venture_id: int) -> None:
    with transaction():
        venture = db.session.get_one(Venture, venture_id)
        with audit.because(SYSTEM, "credit.watch", parent_id=venture.cause_id):
            crediting.watch(venture)


@job("cloud.prove", queue="billing", every=DAY)
def prove() -> int:
    """Prove the credits as one snapshot of the books shows them; how many findings stand."""
    with transaction():
        proving.make_ready()
    seen = in_one_snapshot(proving.look)
    with transaction(), audit.because(SYSTEM, "credit.prove"):
        return proving.keep(seen).faults


@job("cloud.score", queue="billing", every=DAY)
def score() -> int:
    """Count this month and the last one of every provider; how many scorecards."""
    with transaction():
        ids = scoring.providers()
    this = queries.this_month()
    months = ((this - dt.timedelta(days=1)).replace(day=1), this)
    for provider_id in ids:
        for month in months:
            try:
                with transaction():
                    scoring.score(provider_id, month)
            except Exception:  # the others are counted all the same
                log.exception("a scorecard could not be counted", extra={"provider": provider_id})
    return len(ids) * len(months)
