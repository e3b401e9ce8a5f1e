"""The office's part: is it complete and eligible?"""

import datetime as dt
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from incubator.core import clock
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.errors import Invalid
from incubator.notifications.services import notify
from incubator.people.models import Person
from incubator.proposals.models import Proposal
from incubator.proposals.services import moves

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


@action("proposal.rule_out")
def rule_out(actor: Person, proposal: Proposal, *, reason: str) -> Proposal:
    """Find it not eligible, with a reason."""
    moves.lock(proposal)
    reason = moves.require_reason(reason)
    moves.move(proposal, "rule_out", reason=reason)
    notify(proposal.lead_id, "proposal.ruled_out", moves.address(proposal), title=proposal.title)
    return proposal
