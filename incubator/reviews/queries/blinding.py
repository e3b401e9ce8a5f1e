"""What a reviewer may read of a proposal: the whole, or where the proposer is hidden the anonymised text alone."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from incubator.calls.models import Blinding, Call
from incubator.core.db import db
from incubator.people.models import Company
from incubator.proposals import queries as proposals
from incubator.proposals.models import Proposal
from incubator.reviews.models import AnonymisedText

NOBODY = {"en": "Hidden", "zh": "匿名"}
"""Stands for the company of a proposer who is hidden."""


@dataclass(frozen=True)
class Shown:
    """A proposal as its reviewers read it. company: name words, None while it is hidden. answers: for summaries."""

    title: str
    company: dict[str, str] | None
    sections: list[Any]
    answers: dict[str, Any]

    @property
    def is_blind(self) -> bool:
        """Nothing tells who proposes."""
        return self.company is None


def is_blind(proposal: Proposal) -> bool:
    """Whether its reviewers may not know who proposes."""
    return proposal.call.blinding is Blinding.BOTH_HIDDEN


def anonymised(proposal: Proposal) -> AnonymisedText | None:
    """The anonymised text of what was handed in, approved or not."""
    return db.session.scalar(select(AnonymisedText).where(AnonymisedText.version_id == proposal.submitted_version_id))


def approved_text(proposal: Proposal) -> AnonymisedText | None:
    """The anonymised text that reviewers read."""
    found = anonymised(proposal)
    return found if found is not None and found.approved_at is not None else None


def shown_to_reviewers(proposal: Proposal, *, whole: bool = True) -> Shown:
    """What reviewers read; whole: with the sections."""
    if not is_blind(proposal):
        version = proposal.submitted_version
        sections = proposals.dossier(proposal, version) if version and whole else []
        return Shown(proposal.title, proposal.company.name, sections, version.answers if version else {})
    text = approved_text(proposal)
    answers = {key: value for key, value in (text.answers if text else {}).items() if value not in (None, "")}
    sections = proposals.told(proposal, answers) if whole else []
    for part in sections:
        part.entries[:] = [entry for entry in part.entries if entry.value is not None]
    return Shown(text.title if text else proposal.number, None, [part for part in sections if part.entries], answers)


def heading_for_reviewers(proposal: Proposal) -> Shown:
    """The same, but where the proposer is known without the text, which the reader's page has from `handed_in_text`."""
    return shown_to_reviewers(proposal) if is_blind(proposal) else Shown(proposal.title, proposal.company.name, [], {})


def title_for_reviewers(proposal: Proposal) -> str:
    """What reviewers call it."""
    return shown_to_reviewers(proposal, whole=False).title if is_blind(proposal) else proposal.title


def shown_title() -> ColumnElement[str]:
    """The title that reviewers read, in a statement over Call and Proposal."""
    text = (
        select(AnonymisedText.title)
        .where(AnonymisedText.version_id == Proposal.submitted_version_id, AnonymisedText.approved_at.is_not(None))
        .scalar_subquery()
    )
    blind = Call.blinding == Blinding.BOTH_HIDDEN
    return case((blind, cast(func.coalesce(text, Proposal.number), String)), else_=cast(Proposal.title, String))


def shown_company() -> ColumnElement[Any]:
    """The proposer's company as reviewers read it, in a statement over Call and Company."""
    return case((Call.blinding == Blinding.BOTH_HIDDEN, literal(NOBODY, JSONB)), else_=Company.name)
