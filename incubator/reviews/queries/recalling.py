"""Which calls may take a shelved proposal, and whose reviews have something new to read."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from incubator.calls.models import Call, CallTheme
from incubator.calls.states import CallState
from incubator.core.db import db
from incubator.proposals.models import Proposal
from incubator.reviews.models import Review, Round
from incubator.reviews.states import COUNTED, UNFINISHED, ReviewState, RoundState

MOST = 50


def calls_that_recall(proposal: Proposal) -> Sequence[Call]:
    """Calls addressed to the proposal's company, but its own, that are published or closed and still reviewing."""
    ended = select(Round.call_id).where(Round.state != RoundState.OPEN)
    return db.session.scalars(
        select(Call)
        .where(
            Call.company_id.in_(proposal.company.and_above),
            Call.id != proposal.call_id,
            or_(Call.state == CallState.PUBLISHED, Call.state == CallState.CLOSED),
            Call.id.not_in(ended),
        )
        .options(selectinload(Call.themes).joinedload(CallTheme.theme))
        .order_by(Call.closes_at.desc(), Call.id)
        .limit(MOST)
    ).all()


def open_to_answers(proposal: Proposal) -> Sequence[Review]:
    """The reviews whose reviewer has the dossier open: declared free of conflict, sealed or not."""
    states = [state for state in (*UNFINISHED, *COUNTED) if state is not ReviewState.ASSIGNED]
    rows = select(Review).where(Review.proposal_id == proposal.id, Review.state.in_(states)).order_by(Review.id)
    return db.session.scalars(rows).all()
