"""All that a search finds, for a file."""

from sqlalchemy import ColumnElement, String, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from incubator.people.models import Company, Person
from incubator.people.reader import for_reader
from incubator.proposals.models import Proposal, ProposalVersion
from incubator.proposals.queries.filters import Filter
from incubator.proposals.queries.proposals import Rows, authors_shown, is_authored_by
from incubator.proposals.queries.searching import fitting


@for_reader
def all_hits(person: Person, wanted: Filter, *, has_words: bool) -> Rows:
    """What fits a filter and, with has_words, has the words of the parameter `asked` in its text, the newest first: its
    newest text for its authors, the one that was handed in for others.

    Columns: number, title, state, lead, state_at, public_id, company, confidentiality; lead and company are None where
    the reader is not told who proposes.
    """
    company = case((authors_shown(person), Company.name)).label("company")
    rows = fitting(person, wanted).add_columns(company, Proposal.confidentiality)
    rows = rows.join(Company, Company.id == Proposal.company_id)
    if has_words:
        rows = rows.where(_says(person))
    return rows.order_by(Proposal.state_at.desc(), Proposal.public_id.desc())


def _says(person: Person) -> ColumnElement[bool]:
    asked = func.websearch_to_tsquery("simple", bindparam("asked", type_=String))
    any_version = aliased(ProposalVersion)
    latest = select(func.max(any_version.number)).where(any_version.proposal_id == ProposalVersion.proposal_id)
    found = select(ProposalVersion.proposal_id).where(ProposalVersion.words.bool_op("@@")(asked))
    handed_in = select(ProposalVersion.id).where(
        ProposalVersion.words.bool_op("@@")(asked), ProposalVersion.frozen_at.is_not(None)
    )
    return or_(
        and_(~is_authored_by(person), Proposal.submitted_version_id.in_(handed_in)),
        and_(
            is_authored_by(person),
            Proposal.id.in_(found.where(ProposalVersion.number == latest.scalar_subquery())),
        ),
    )
