"""What every step of a proposal shares: its lock, its move, its address."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import clock, outbox, states
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.proposals import queries
from incubator.proposals.events import ProposalMoved
from incubator.proposals.models import Proposal, TeamMember
from incubator.proposals.states import LIFE, ProposalState


def lock(proposal: Proposal) -> None:
    """Hold the proposal until the transaction ends, and see it and its team as they are now."""
    fresh = {"populate_existing": True}
    row = select(Proposal).where(Proposal.id == proposal.id).with_for_update().execution_options(**fresh)
    db.session.scalars(row).one()
    team = select(TeamMember).where(TeamMember.proposal_id == proposal.id).execution_options(**fresh)
    db.session.scalars(team).all()
    db.session.expire(proposal, ["team"])


def move(
    proposal: Proposal,
    step: str,
    *,
    to: ProposalState | None = None,
    reason: str | None = None,
    payload: dict[str, Any] | None = None,
    cause_id: int | None = None,
) -> AuditEvent:
    """Take a step of a locked proposal, note when, and let those who follow it know."""
    event = LIFE.move(proposal, step, to=to, reason=reason, payload=payload, cause_id=cause_id)
    proposal.state_at = event.at
    if queries.is_followed(proposal):
        outbox.publish(ProposalMoved(proposal_id=proposal.id))
    return event


def require_state(proposal: Proposal, allowed: Collection[ProposalState]) -> None:
    """Raise WrongState unless the proposal is in one of these states."""
    if proposal.state not in allowed:
        raise WrongState(
            _(
                "This has moved on meanwhile: it is now “%(state)s”. Reload the page to see where it stands.",
                state=states.word("proposal", proposal.state),
            )
        )


def require_open(proposal: Proposal, begun_at: dt.datetime | None) -> dt.datetime:
    """The moment that counts: when the request began, else now. Raises WrongState when the call is not open then."""
    moment = begun_at or clock.now()
    if not proposal.call.is_open_at(moment):
        raise WrongState(_("The call is closed: it takes no more proposals."))
    return moment


def require_reason(reason: str) -> str:
    """The reason, stripped. Raises Invalid when there is none."""
    if not plain(reason):
        raise Invalid(_("Say why: the proposer reads it."), field="reason")
    return plain(reason)


def plain(text: str) -> str:
    """What was typed, stripped, with line ends of one kind and without NUL."""
    return text.replace("\x00", "").replace("\r\n", "\n").strip()


def address(proposal: Proposal, page: str = "") -> str:
    """Where a page of the proposal is."""
    return f"/proposals/{proposal.public_id}{page}"
