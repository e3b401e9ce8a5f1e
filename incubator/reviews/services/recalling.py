"""From the shelf into another call: the decision that shelved it is superseded, so that a new one can be made."""

from flask_babel import gettext as _

from incubator.calls.models import Call
from incubator.core.actions import action
from incubator.core.errors import Invalid
from incubator.people.models import Person
from incubator.proposals import queries as proposal_queries
from incubator.proposals import services as proposals
from incubator.proposals.models import Proposal
from incubator.reviews import queries
from incubator.reviews.states import DECISION, DecisionState, RoundState


@action("proposal.recall")
def recall(actor: Person, proposal: Proposal, *, call: Call, reason: str) -> Proposal:
    """Take a shelved proposal into another call that asks what its text answers; it is screened there as it stands.

    Raises Invalid at call where that call has no place for it, or asks other questions: then its proposer carries the
    text on; at reason where there is none.
    """
    if not reason.strip():
        raise Invalid(_("Say why: the proposer reads it."), field="reason")
    _check(proposal, call)
    theme = next((one.theme for one in call.themes if one.theme_id == proposal.theme_id), None)
    if theme is None:
        raise Invalid(_("This call does not have the theme of the proposal."), field="call")
    decision = queries.released_decision(proposal)
    event = proposals.recall(proposal, call=call, theme=theme, reason=reason.strip())
    if decision is not None and decision.state is DecisionState.RELEASED:
        DECISION.move(decision, "supersede", cause_id=event.id, reason=reason.strip())
    return proposal


def _check(proposal: Proposal, call: Call) -> None:
    """The call's round must still take it, and its form ask what the text answers."""
    if call.id == proposal.call_id or call not in queries.calls_that_recall(proposal):
        raise Invalid(_("Choose another call whose reviewing has not ended."), field="call")
    round_ = queries.round_of(call)
    if round_ is not None and round_.state is not RoundState.OPEN:
        raise Invalid(_("Choose another call whose reviewing has not ended."), field="call")
    version = proposal.submitted_version
    if version is None:
        raise Invalid(_("There is no text that was handed in."), field="call")
    if not proposal_queries.fits(version, call):
        words = _("This call asks other questions. Its proposer can carry the text on into it instead.")
        raise Invalid(words, field="call")
