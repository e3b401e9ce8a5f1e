"""The office's part: is it complete and eligible?"""

import datetime as dt
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from incubator.calls.models import Call
from incubator.calls.states import CallState
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.errors import Invalid, WrongState
from incubator.notifications.services import notify
from incubator.people.models import Person
from incubator.proposals import queries
from incubator.proposals.models import Confidentiality, Proposal
from incubator.proposals.predicates import is_author
from incubator.proposals.services import moves
from incubator.proposals.services.drafts import WRITABLE
from incubator.proposals.states import ProposalState
from incubator.web.words import local_words

DAYS = dt.timedelta(days=7)
"""How long a proposer has when the office names no day."""


@action("proposal.screen")
def screen(actor: Actor, proposal: Proposal) -> Proposal:
    """Begin the eligibility check of the frozen version."""
    moves.lock(proposal)
    moves.move(proposal, "screen")
    return proposal


@action("proposal.return")
def return_(actor: Person, proposal: Proposal, *, reason: str, due_on: dt.date | None = None) -> Proposal:
    """Give it back to be put right until the end of a day (a week from now by default), with a reason."""
    moves.lock(proposal)
    reason = moves.require_reason(reason)
    zone = ZoneInfo(proposal.company.time_zone)
    today = clock.today(zone)
    day = due_on or today + DAYS
    if day < today:
        raise Invalid(_("Name today or a later day."), field="due_on")
    moves.move(proposal, "return", reason=reason, payload={"due_on": day.isoformat()})
    proposal.answer_by = clock.end_of(day, zone)
    link = moves.address(proposal)
    notify(proposal.lead_id, "proposal.returned", link, title=proposal.title, day=day.isoformat())
    return proposal


@action("proposal.put_back")
def put_back(actor: Person, proposal: Proposal) -> Proposal:
    """Undo the beginning of an eligibility check: it waits again as it was handed in."""
    moves.lock(proposal)
    moves.move(proposal, "put_back")
    return proposal


@action("proposal.take_return_back")
def take_return_back(actor: Person, proposal: Proposal) -> Proposal:
    """Undo a return that the proposer has not begun to answer. Raises WrongState when the text has been changed."""
    moves.lock(proposal)
    if queries.newest(proposal).frozen_at is None:
        raise WrongState(_("The proposer has begun to put it right."))
    moves.move(proposal, "take_return_back")
    proposal.answer_by = None
    notify(proposal.lead_id, "proposal.return_taken_back", moves.address(proposal), title=proposal.title)
    return proposal


@action("proposal.route")
def route(actor: Person, proposal: Proposal, *, call: Call, reason: str) -> Proposal:
    """Put a proposal that is not yet under review into another call that is open to its company and asks what it
    answers, as it was handed in. Raises Invalid at call or reason."""
    moves.lock(proposal)
    moves.require_state(proposal, (ProposalState.SUBMITTED, ProposalState.SCREENING))
    reason = moves.require_reason(reason)
    _check_call(proposal, call)
    before, proposal.call = proposal.call, call
    payload = {"from": before.public_id, "to": call.public_id}
    audit.record("proposal.route", proposal, payload, reason=reason)
    values = {"title": proposal.title, "call": local_words(call.title)}
    notify(proposal.lead_id, "proposal.routed", moves.address(proposal), **values)
    return proposal


def _check_call(proposal: Proposal, call: Call) -> None:
    """The call is another, not yet judged, addressed to the company, with the theme, and asks what the text answers."""
    home, version = proposal.company.path, proposal.submitted_version
    if call.id == proposal.call_id or call.state is CallState.DRAFT or not home.startswith(call.company.path):
        raise Invalid(_("Choose another call that is addressed to its company."), field="call")
    if call.meets_on < clock.today(ZoneInfo(proposal.company.time_zone)):
        raise Invalid(_("The committee of this call has met already."), field="call")
    if proposal.theme_id not in {one.theme_id for one in call.themes}:
        raise Invalid(_("This call does not have the theme of the proposal."), field="call")
    if version is None or not queries.fits(version, call):
        raise Invalid(_("This call asks other questions. Return it, so that its proposer answers them."), field="call")


@action("proposal.classify")
def classify(actor: Person, proposal: Proposal, *, confidentiality: Confidentiality) -> Proposal:
    """Say how carefully it is handled: its authors while they write, the office from then on."""
    moves.lock(proposal)
    if is_author(actor, proposal):
        moves.require_state(proposal, WRITABLE)
    elif proposal.submitted_at is None:
        raise WrongState(_("It has not been handed in yet."))
    if confidentiality is proposal.confidentiality:
        raise Invalid(_("It is in this class already."), field="confidentiality")
    before, proposal.confidentiality = proposal.confidentiality, confidentiality
    audit.record("proposal.classify", proposal, {"from": before.value, "to": confidentiality.value})
    return proposal


@action("proposal.rule_out")
def rule_out(actor: Person, proposal: Proposal, *, reason: str) -> Proposal:
    """Find it not eligible, with a reason."""
    moves.lock(proposal)
    reason = moves.require_reason(reason)
    moves.move(proposal, "rule_out", reason=reason)
    notify(proposal.lead_id, "proposal.ruled_out", moves.address(proposal), title=proposal.title)
    return proposal
