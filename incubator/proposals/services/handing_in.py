"""Handing in: what must be there, the frozen document, and what ends a draft."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from incubator.core import clock
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.notifications.services import notify
from incubator.people import access
from incubator.people.models import Person, Role
from incubator.people.queries import holders_of
from incubator.proposals import queries
from incubator.proposals.engines import document
from incubator.proposals.models import Proposal, ProposalVersion
from incubator.proposals.predicates import is_author, is_close_to_team
from incubator.proposals.services import moves
from incubator.proposals.states import ProposalState
from incubator.web.words import local_words


def require_complete(proposal: Proposal) -> None:
    """Raise Invalid while something is missing; the check page lists it all."""
    if gaps := queries.gaps(proposal, queries.newest(proposal)):
        raise Invalid(_("Still missing: %(what)s", what=str(gaps[0].label)), code="incomplete")


@action("proposal.submit")
def submit(actor: Person, proposal: Proposal, *, begun_at: dt.datetime | None = None) -> Proposal:
    """Hand a returned proposal in again: a changed text, before the day the office named."""
    moves.lock(proposal)
    moves.require_state(proposal, (ProposalState.RETURNED,))
    moment = begun_at or clock.now()
    if proposal.answer_by is not None and moment >= proposal.answer_by:
        raise WrongState(_("The time to hand it in again is over."))
    if queries.newest(proposal).frozen_at is not None:
        raise Invalid(_("Change the text first: this version is the one that was returned."))
    require_complete(proposal)
    hand_in(proposal, moment)
    return proposal


def hand_in(proposal: Proposal, moment: dt.datetime) -> None:
    """Freeze the newest version of a locked, complete proposal and hand it in; moment: when the request began."""
    version = queries.newest(proposal)
    version.content = contents(proposal, version)
    version.hash = document.digest(version.content)
    version.frozen_at = clock.now()
    proposal.submitted_at, proposal.submitted_version = moment, version
    proposal.answer_by = None
    moves.move(proposal, "submit", payload={"version": version.number, "sha256": version.hash.hex()})
    keep_out(proposal)
    link = moves.address(proposal, "/receipt")
    values = {"title": proposal.title, "number": proposal.number, "version": version.number, "hash": version.hash.hex()}
    notify(proposal.lead_id, "proposal.receipt", link, **values)


def keep_out(proposal: Proposal) -> None:
    """Hide it from those of the office who are close to its team: others screen it, here or above."""
    for officer in db.session.scalars(holders_of(Role.OFFICE, proposal.company)):
        if not is_author(officer, proposal) and is_close_to_team(officer, proposal):
            access.deny(officer.id, proposal, "conflict")


def contents(proposal: Proposal, version: ProposalVersion) -> dict[str, Any]:
    """The whole document as plain JSON values; amounts in minor units, shares in basis points."""
    return {
        "v": 1,
        "number": proposal.number,
        "call": proposal.call.public_id,
        "version": version.number,
        "lang": proposal.lang,
        "title": version.title,
        "theme": proposal.theme.public_id if proposal.theme else None,
        "asked": proposal.asked,
        "currency": proposal.currency,
        "answers": version.answers,
        "team": [
            {"person": member.person.public_id, "part": member.part, "share_bp": member.share_bp}
            for member in proposal.team
        ],
        "background_ip": [
            {"company": one.company.public_id, "what": one.what, "terms": one.terms}
            for one in queries.background(proposal)
        ],
        "attachments": [
            {"name": one.file.name, "type": one.file.media_type, "size": one.file.size, "sha256": one.file.sha256.hex()}
            | ({"field": one.field} if one.field else {})
            for one in queries.attachments(proposal, version)
        ],
    }


@action("proposal.withdraw")
def withdraw(actor: Person, proposal: Proposal, *, reason: str = "") -> Proposal:
    """Take a proposal out, any time before it is decided; its text is kept."""
    moves.lock(proposal)
    moves.move(proposal, "withdraw", reason=reason.strip() or None)
    return proposal


@action("proposal.lapse")
def lapse(actor: Actor, proposal: Proposal) -> Proposal:
    """Let a draft of a closed call lapse; its text is kept. Raises WrongState while the call is open."""
    moves.lock(proposal)
    if proposal.call.closes_at > clock.now():
        raise WrongState(_("The call is still open."))
    moves.move(proposal, "lapse")
    return proposal


def tell_of_more_time(call_id: int) -> None:
    """Tell who has a draft in a call that it closes later than it said; called by the event's handler."""
    drafts = select(Proposal).where(
        Proposal.call_id == call_id, Proposal.state.in_((ProposalState.DRAFT, ProposalState.AWAITING_TEAM))
    )
    for proposal in db.session.scalars(drafts.options(joinedload(Proposal.call)).order_by(Proposal.id)):
        values = {"call": local_words(proposal.call.title), "title": proposal.title or proposal.number}
        last = (proposal.call.closes_at - dt.timedelta(seconds=1)).astimezone(clock.GROUP_ZONE).date()
        notify(proposal.lead_id, "call.extended", moves.address(proposal), day=last.isoformat(), **values)
