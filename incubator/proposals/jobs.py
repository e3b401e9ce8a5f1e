"""What happens to proposals by themselves."""

import datetime as dt

from sqlalchemy import select

from incubator.calls.models import Call
from incubator.core import clock
from incubator.core.db import db
from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.people.predicates import SYSTEM
from incubator.proposals import services
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState

GRACE = dt.timedelta(minutes=2)
"""A request begun before the closing counts; by now it has ended."""
BATCH = 100


@job("proposal.lapse", every=60)
def lapse_due() -> int:
    """Let the drafts of closed calls lapse; returns how many. A second run, or one beside it, finds nothing to do."""
    total = 0
    while lapsed := _lapse_batch():
        total += lapsed
    return total


def _lapse_batch() -> int:
    with transaction():
        due = db.session.scalars(
            select(Proposal)
            .join(Call, Call.id == Proposal.call_id)
            .where(
                Proposal.state.in_((ProposalState.DRAFT, ProposalState.AWAITING_TEAM)),
                Call.closes_at <= clock.now() - GRACE,
            )
            .order_by(Proposal.id)
            .limit(BATCH)
            .with_for_update(of=Proposal, skip_locked=True)
        ).all()
        for proposal in due:
            services.lapse(SYSTEM, proposal)
        return len(due)
