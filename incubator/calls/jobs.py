"""What happens to calls by themselves."""

import datetime as dt

from sqlalchemy import select

from incubator.calls import services
from incubator.calls.models import Call
from incubator.calls.states import CallState
from incubator.core import clock
from incubator.core.db import db
from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.people.predicates import SYSTEM

GRACE = dt.timedelta(minutes=2)
"""A request begun before the closing counts; by now it has ended."""


@job("call.close", every=60)
def close_due() -> int:
    """Close the calls whose time is over; returns how many. A second run finds nothing."""
    with transaction():
        due = db.session.scalars(
            select(Call)
            .where(Call.state == CallState.PUBLISHED, Call.closes_at <= clock.now() - GRACE)
            .order_by(Call.id)
            .with_for_update(skip_locked=True)
        ).all()
        for call in due:
            services.close(SYSTEM, call)
        return len(due)
