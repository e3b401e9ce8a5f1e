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
from incubator.proposals.models import Clarification, Proposal
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


@job("proposal.end_asking", every=60)
def end_asking_due() -> int:
    """Go on with the review where the time to answer questions is over; returns how many."""
    total = 0
    while ended := _end_asking_batch():
        total += ended
    return total


def _end_asking_batch() -> int:
    with transaction():
        due = db.session.scalars(
            select(Proposal)
            .join(Clarification, Clarification.proposal_id == Proposal.id)
            .where(
                Proposal.state == ProposalState.CLARIFICATION,
                Clarification.closed_at.is_(None),
                Clarification.due_at <= clock.now() - GRACE,
            )
            .order_by(Proposal.id)
            .limit(BATCH)
            .with_for_update(of=Proposal, skip_locked=True)
        ).all()
        for proposal in due:
            services.end_asking(SYSTEM, proposal)
        return len(due)


@job("proposal.fire_triggers", every=3600)
def fire_triggers() -> int:
    """Note which shelved proposals have what they waited for; returns how many triggers fired."""
    fired = 0
    with transaction():
        for trigger, call in services.due_triggers(BATCH):
            if trigger.fired_at is None:
                services.fire_trigger(SYSTEM, trigger.proposal, trigger=trigger, call=call)
                fired += 1
    return fired


@job("proposal.index_likeness", every=300)
def index_likeness() -> int:
    """Take the texts handed in since into the index of similar ones; returns how many."""
    total = 0
    while indexed := _index_batch():
        total += indexed
    return total


def _index_batch() -> int:
    with transaction():
        return services.index_new(BATCH)


@job("proposal.index_meanings", every=60)
def index_meanings() -> int:
    """Have the model read the texts in the index that it has not read; returns how many."""
    total = 0
    while indexed := _meanings_batch():
        total += indexed
    return total


def _meanings_batch() -> int:
    with transaction():
        return services.index_meanings(BATCH)


@job("proposal.fit_likeness", every=86_400)
def fit_likeness() -> int:
    """Weigh the terms of all texts anew, and see meanings from their middle; returns how many terms there are."""
    with transaction():
        return services.fit()
