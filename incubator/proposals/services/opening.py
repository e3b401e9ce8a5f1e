"""Telling colleagues what a proposal is about, so that they may offer to join its team."""

from flask_babel import gettext as _

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.errors import Invalid, WrongState
from incubator.people.models import Person
from incubator.proposals import queries
from incubator.proposals.models import Proposal, TeamOpening
from incubator.proposals.services import moves

LONGEST_SUMMARY, LONGEST_WANTED = 1000, 500
"""Characters."""


@action("team_opening.open")
def open_to_colleagues(actor: Person, proposal: Proposal, *, summary: str, wanted: str) -> TeamOpening:
    """Tell colleagues whom the call addresses the title, this paragraph and whom the team looks for; or tell them
    something else from now on.

    Raises Invalid at summary or wanted; WrongState where the call, the class or the state do not allow it.
    """
    moves.lock(proposal)
    if not queries.may_be_opened(proposal):
        raise WrongState(_("This proposal can’t be opened to colleagues: its call, its class or its state forbid it."))
    if not proposal.title:
        raise Invalid(_("Give the proposal a title first: colleagues read it."), field="summary")
    values = {"summary": _one_line(summary), "wanted": _one_line(wanted)}
    for name, limit in (("summary", LONGEST_SUMMARY), ("wanted", LONGEST_WANTED)):
        if not values[name]:
            raise Invalid(_("Say it in a sentence or two: colleagues read nothing else."), field=name)
        if len(values[name]) > limit:
            raise Invalid(_("Shorten this to at most %(n)s characters.", n=limit), field=name)
    opening = queries.opening_of(proposal)
    if opening is None:
        opening = TeamOpening(proposal=proposal, opened_at=clock.now(), **values)
        audit.created(opening, cause_id=audit.event_of(proposal, "proposal.create").id, payload=values)
        return opening
    opening.summary, opening.wanted = values["summary"], values["wanted"]
    if opening.closed_at is not None:
        opening.opened_at, opening.closed_at = clock.now(), None
    audit.record("team_opening.open", opening, values)
    return opening


def _one_line(text: str) -> str:
    return " ".join(moves.plain(text).split())


@action("team_opening.close")
def close_to_colleagues(actor: Person, proposal: Proposal) -> None:
    """Tell colleagues no more; offers that were made stand. Repeatable."""
    moves.lock(proposal)
    opening = queries.opening_of(proposal)
    if opening is not None and opening.closed_at is None:
        opening.closed_at = clock.now()
        audit.record("team_opening.close", opening)
