"""The versions of a text, and what each changed."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.calls.templates import FieldSpec, FormTemplate, Kind
from incubator.core.db import db
from incubator.core.errors import NotFound
from incubator.core.money import Money
from incubator.people.models import Person
from incubator.proposals.engines.changes import Piece, changes
from incubator.proposals.models import Proposal, ProposalVersion
from incubator.proposals.queries.dossiers import in_lines
from incubator.web.formats import money, number

MOST_VERSIONS = 200


def versions(proposal: Proposal) -> list[Any]:
    """Columns of its versions, newest first, at most 200: number, title, author, saved_at, frozen_at, public_id."""
    rows = (
        select(
            ProposalVersion.number,
            ProposalVersion.title,
            Person.name.label("author"),
            ProposalVersion.saved_at,
            ProposalVersion.frozen_at,
            ProposalVersion.public_id,
        )
        .join(Person, Person.id == ProposalVersion.author_id)
        .where(ProposalVersion.proposal_id == proposal.id)
        .order_by(ProposalVersion.number.desc())
        .limit(MOST_VERSIONS)
    )
    return list(db.session.execute(rows))


def version_of(proposal: Proposal, public_id: str) -> ProposalVersion:
    """One version. Raises NotFound."""
    mine = (ProposalVersion.proposal_id == proposal.id, ProposalVersion.public_id == public_id)
    found = db.session.scalar(select(ProposalVersion).where(*mine))
    if found is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return found


def before(version: ProposalVersion) -> ProposalVersion | None:
    """The version that came before."""
    rows = select(ProposalVersion).where(
        ProposalVersion.proposal_id == version.proposal_id, ProposalVersion.number < version.number
    )
    return db.session.scalar(rows.order_by(ProposalVersion.number.desc()).limit(1))


@dataclass(frozen=True)
class Changed:
    """A question whose answer changed, piece by piece."""

    label: str
    pieces: list[Piece]


def changed(proposal: Proposal, old: ProposalVersion | None, new: ProposalVersion) -> list[Changed]:
    """Where two versions differ, in the order of the form; old None: everything is new."""
    answers = old.answers if old else {}
    pairs = [(_("Title"), old.title if old else "", new.title)]
    for key, spec in FormTemplate.of(proposal.call.form).fields.items():
        pairs.append((str(spec.label), _plain(spec, answers.get(key)), _plain(spec, new.answers.get(key))))
    return [Changed(label, changes(one, other)) for label, one, other in pairs if one != other]


def _plain(spec: FieldSpec, value: Any) -> str:
    """An answer as people read it."""
    if value is None:
        return ""
    if spec.kind is Kind.CHOICE:
        return next((str(choice.label) for choice in spec.choices if choice.value == value), str(value))
    if spec.kind is Kind.TABLE:
        return in_lines(spec, value)
    if spec.kind is Kind.MONEY:
        return money(Money("CNY", value))
    return number(value) if spec.kind is Kind.NUMBER else str(value)
