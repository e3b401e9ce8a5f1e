"""The files beside a text."""

from collections.abc import Sequence
from functools import cache
from pathlib import PurePosixPath

from flask_babel import gettext as _
from sqlalchemy import BigInteger, Select, bindparam, exists, or_, select
from sqlalchemy.orm import joinedload

from incubator.calls.templates import Audience, FieldSpec, FormTemplate
from incubator.core.db import db
from incubator.core.errors import NotFound
from incubator.proposals.models import Attachment, Proposal, ProposalVersion


def attachments(proposal: Proposal, version: ProposalVersion) -> Sequence[Attachment]:
    """The attachments that a version has, with their files, in the order they came."""
    return db.session.scalars(_attachments(), {"proposal": proposal.id, "number": version.number}).all()


@cache
def _attachments() -> Select[Attachment]:
    """Those that the version `number` of the proposal has."""
    number = bindparam("number", type_=BigInteger)
    return (
        select(Attachment)
        .where(
            Attachment.proposal_id == bindparam("proposal", type_=BigInteger),
            Attachment.added_in <= number,
            or_(Attachment.removed_in.is_(None), Attachment.removed_in > number),
        )
        .order_by(Attachment.id)
        .options(joinedload(Attachment.file))
    )


def attachment_of(proposal: Proposal, version: ProposalVersion, public_id: str) -> Attachment:
    """One of them. Raises NotFound."""
    found = next((one for one in attachments(proposal, version) if one.public_id == public_id), None)
    if found is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return found


def is_for_all(proposal: Proposal, attachment: Attachment) -> bool:
    """Whether every reader of the proposal may have it: it answers no question, or one that the office alone does not
    read. A question that its call does not ask any more counts as the office's."""
    if not attachment.field:
        return True
    spec = FormTemplate.of(proposal.call.form).files.get(attachment.field)
    return spec is not None and spec.audience is Audience.ALL


def missing_files(proposal: Proposal, version: ProposalVersion) -> list[FieldSpec]:
    """The required questions of its call that a file answers and that have none, in order."""
    asked = FormTemplate.of(proposal.call.form).files
    if not any(spec.required for spec in asked.values()):
        return []
    there = {one.field for one in attachments(proposal, version)}
    return [spec for key, spec in asked.items() if spec.required and key not in there]


def was_handed_in_with(attachment: Attachment) -> bool:
    """Tell whether a frozen version has it."""
    frozen = exists().where(
        ProposalVersion.proposal_id == attachment.proposal_id,
        ProposalVersion.number >= attachment.added_in,
        ProposalVersion.frozen_at.is_not(None),
    )
    return bool(db.session.scalar(select(frozen)))


def kind_of(attachment: Attachment) -> str:
    """PDF, DOCX… as the name ends, which is as the bytes are."""
    return PurePosixPath(attachment.file.name).suffix[1:].upper()
