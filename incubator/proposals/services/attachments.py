"""Files beside the text: they belong to the version that is being written, and freeze with it."""

from typing import IO

from flask_babel import gettext as _

from incubator.calls.templates import FormTemplate
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.files import services as files
from incubator.people.models import Person
from incubator.proposals import queries
from incubator.proposals.models import Attachment, Proposal, ProposalVersion
from incubator.proposals.services import moves
from incubator.proposals.services.drafts import WRITABLE

MOST = 10
"""Attachments of one version."""


@action("proposal.attach")
def attach(actor: Person, proposal: Proposal, *, file: IO[bytes], name: str, field: str = "") -> Attachment:
    """Put a file beside the text that is being written; its kind is told from its bytes.

    field: the question it answers. Raises Invalid on field 'file' for what files.keep refuses, an eleventh file, or one
    that is there already; at 'field' for a question that the call does not ask or that has its file.
    """
    moves.lock(proposal)
    moves.require_state(proposal, WRITABLE)
    there = queries.attachments(proposal, queries.newest(proposal))
    if field and field not in FormTemplate.of(proposal.call.form).files:
        raise Invalid(_("The call does not ask this."), field="field")
    if field and any(one.field == field for one in there):
        raise Invalid(_("There is a file for this question. Remove it first."), field="field")
    if len(there) >= MOST:
        raise Invalid(_("A proposal has at most %(n)s attachments. Remove one first.", n=MOST), field="file")
    kept = files.keep(actor, file, name)
    if any(one.file.sha256 == kept.sha256 for one in there):
        raise Invalid(_("This very file is attached already."), field="file")
    version = _unfrozen(actor, proposal)
    attachment = Attachment(proposal=proposal, file=kept, added_in=version.number, field=field)
    db.session.add(attachment)
    db.session.flush()
    audit.record("proposal.attach", proposal, {"version": version.number, "sha256": kept.sha256.hex(), "field": field})
    return attachment


@action("proposal.detach")
def detach(actor: Person, proposal: Proposal, *, attachment: Attachment) -> None:
    """Take a file out of the text that is being written; versions handed in before keep it."""
    moves.lock(proposal)
    moves.require_state(proposal, WRITABLE)
    version = _unfrozen(actor, proposal)
    audit.record("proposal.detach", proposal, {"version": version.number, "sha256": attachment.file.sha256.hex()})
    if queries.was_handed_in_with(attachment):
        attachment.removed_in = version.number
        return
    file = attachment.file
    db.session.delete(attachment)
    db.session.flush()
    files.forget(file)


def _unfrozen(actor: Person, proposal: Proposal) -> ProposalVersion:
    """The version that is being written; a new one with the same text after one that was handed in."""
    newest = queries.newest(proposal)
    if newest.frozen_at is None:
        return newest
    version = ProposalVersion(
        proposal=proposal,
        number=newest.number + 1,
        revision=newest.revision,  # the same text: who has it open elsewhere may go on
        author=actor,
        title=newest.title,
        answers=newest.answers,
        saved_at=clock.now(),
    )
    db.session.add(version)
    db.session.flush()
    return version
