"""Steps that packages above take within their own actions: no @action here, the cause is theirs."""

from incubator.calls.models import Call, Theme
from incubator.core.audit import AuditEvent
from incubator.notifications.services import notify
from incubator.proposals.models import Proposal
from incubator.proposals.services import moves
from incubator.proposals.states import ProposalState
from incubator.web.words import local_words


def open_review(proposal: Proposal) -> AuditEvent:
    """Put a screened proposal before its reviewers; the event is the cause of their reviews."""
    moves.lock(proposal)
    return moves.move(proposal, "open_review")


def deliberate(proposal: Proposal) -> AuditEvent:
    """Put a reviewed proposal to the committee; the event is the cause of the decision."""
    moves.lock(proposal)
    return moves.move(proposal, "deliberate")


def decide(proposal: Proposal, outcome: ProposalState, *, cause_id: int) -> AuditEvent:
    """Give a proposal what its released decision says; cause_id: the event of the release.

    After an upheld appeal it answers the appeal, after conditions it settles them.
    """
    moves.lock(proposal)
    steps = {ProposalState.APPEALED: "answer_appeal", ProposalState.ACCEPTED_CONDITIONAL: "settle"}
    event = moves.move(proposal, steps.get(proposal.state, "decide"), to=outcome, cause_id=cause_id)
    proposal.answer_by = None
    return event


def recall(proposal: Proposal, *, call: Call, theme: Theme, reason: str, cause_id: int | None = None) -> AuditEvent:
    """Take a shelved proposal into another call, as it was handed in: the office screens it there."""
    moves.lock(proposal)
    event = moves.move(proposal, "recall", reason=reason, payload={"call": call.public_id}, cause_id=cause_id)
    proposal.call, proposal.theme = call, theme
    link, values = moves.address(proposal), {"title": proposal.title, "call": local_words(call.title)}
    notify(proposal.lead_id, "proposal.recalled", link, **values)
    return event


def charter(proposal: Proposal, *, cause_id: int) -> AuditEvent:
    """Note on an accepted proposal that its venture was opened, bound to the version handed in."""
    moves.lock(proposal)
    version = proposal.submitted_version
    payload = {"version": version.number if version else None}
    return moves.move(proposal, "charter", payload=payload, cause_id=cause_id)
