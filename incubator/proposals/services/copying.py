"""Carrying a text on into a new call."""

from typing import Any

from flask_babel import gettext as _

from incubator.calls.models import Call
from incubator.calls.templates import FormTemplate
from incubator.core import audit, clock, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.files import services as files
from incubator.people.models import Person
from incubator.proposals import queries
from incubator.proposals.engines import answers as engine
from incubator.proposals.models import Attachment, Consent, Proposal, ProposalVersion, TeamMember
from incubator.proposals.services import moves
from incubator.proposals.states import ProposalState

ENDED = (ProposalState.REJECTED, ProposalState.SHELVED, ProposalState.WITHDRAWN, ProposalState.LAPSED)
"""States from which a text may be carried on."""


@action("proposal.copy_on")
def copy_on(actor: Person, proposal: Proposal, *, call: Call) -> Proposal:
    """A new draft in an open call with what the old proposal says, as far as the call asks it, and its attachments.

    The team is asked anew; who has left is off it. Raises Invalid on field 'call' when that call takes none.
    """
    moves.lock(proposal)
    moves.require_state(proposal, ENDED)
    if not call.is_open_at(clock.now()) or not call.is_for(actor):
        raise Invalid(_("This call takes no proposal of yours now."), field="call")
    before = queries.newest(proposal)
    draft = _draft(actor, proposal, call)
    event = audit.record("proposal.copy_on", proposal, {"call": call.public_id, "number": draft.number})
    audit.created(draft, cause_id=event.id, payload={"call": call.public_id, "parent": proposal.public_id})
    kept = _answers(before, call)
    version = ProposalVersion(number=1, author=actor, title=before.title, answers=kept, saved_at=clock.now())
    version.proposal = draft
    db.session.add(version)
    _bring_team(proposal, draft)
    _bring_files(actor, proposal, draft, before)
    db.session.flush()
    return draft


def _draft(actor: Person, proposal: Proposal, call: Call) -> Proposal:
    offered = {entry.theme_id for entry in call.themes}
    theme = proposal.theme if proposal.theme_id in offered else None
    return Proposal(
        number=keys.spoken("V"),
        call=call,
        company=actor.company,
        lead=actor,
        parent=proposal,
        title=proposal.title,
        lang=proposal.lang,
        theme=theme,
        asked=proposal.asked,
    )


def _answers(before: ProposalVersion, call: Call) -> dict[str, Any]:
    """The answers to questions that the new call asks too, and that fit there."""
    form = FormTemplate.of(call.form)
    asked = {key: value for key, value in before.answers.items() if key in form.fields}
    faulty = {problem.key for problem in engine.check(form, before.title, asked)}
    return {key: value for key, value in asked.items() if key not in faulty}


def _bring_files(actor: Person, proposal: Proposal, draft: Proposal, before: ProposalVersion) -> None:
    """The attachments, each for its question where the new call asks it; what only the office read stays behind where
    it does not."""
    asked = FormTemplate.of(draft.call.form).files
    for one in queries.attachments(proposal, before):
        if one.field in asked or queries.is_for_all(proposal, one):
            field = one.field if one.field in asked else ""
            copy = files.duplicate(actor, one.file)
            db.session.add(Attachment(proposal=draft, file=copy, added_in=1, field=field))


def _bring_team(proposal: Proposal, draft: Proposal) -> None:
    for member in proposal.team:
        if member.person.is_active:
            consent = Consent.ACCEPTED if member.person_id == draft.lead_id else Consent.ASKED
            place = {"person": member.person, "part": member.part, "share_bp": member.share_bp, "consent": consent}
            db.session.add(TeamMember(proposal=draft, **place))
