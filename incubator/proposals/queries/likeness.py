"""Proposals that are about the same: TF-IDF with PostgreSQL's inverted index (GIN)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select

from incubator.core.db import db
from incubator.people.models import Company, Person
from incubator.proposals.engines import likeness
from incubator.proposals.models import Proposal, ProposalLikeness, TermWeight
from incubator.proposals.queries.proposals import is_seen_by
from incubator.proposals.states import UNDECIDED

MOST_SIMILAR = 5
TELLING = 12
"""The most telling terms of a text, by which others are found."""
LEAST = 0.12
"""Less in common than this is no likeness (the cosine of the two texts' vectors)."""


def weights_of(terms: list[str]) -> dict[str, float]:
    """How telling the known ones of these terms are."""
    rows = select(TermWeight.term, TermWeight.weight).where(TermWeight.term == func.any(terms))
    return dict(db.session.execute(rows).all())


@dataclass(frozen=True)
class Similar:
    """A similar proposal. is_seen: the reader may open it; else only its company is told. alike_bp: of the whole."""

    public_id: str
    number: str
    title: str
    state: str
    company: dict[str, str]
    is_seen: bool
    alike_bp: int


def similar(person: Person, text: str, *, besides: Proposal | None = None, everything: bool = False) -> list[Similar]:
    """At most five proposals most like a text, the most alike first; two statements.

    everything: of all that were ever handed in, without what the person may not see but the company; else the live
    ones that the person may see.
    """
    terms = likeness.terms(text)
    weights = weights_of(terms)
    telling = sorted(weights, key=lambda term: (-weights[term], term))[:TELLING]
    if not telling:
        return []
    whole = sum(weights[term] ** 2 for term in weights) ** 0.5
    rows = _ranked(person, {term: weights[term] for term in telling}, whole)
    if besides is not None:
        rows = rows.where(Proposal.id != besides.id)
    if not everything:
        rows = rows.where(is_seen_by(person), Proposal.state.in_(UNDECIDED))
    found = db.session.execute(rows.limit(MOST_SIMILAR))
    return [
        Similar(row.public_id, row.number, row.title, row.state, row.company, row.is_seen, round(row.alike * 10_000))
        for row in found
    ]


def _ranked(person: Person, telling: dict[str, float], whole: float) -> Select[Any]:
    shared: ColumnElement[Any] = literal(0.0)
    for term, weight in telling.items():
        shared = shared + case((literal(term) == func.any(ProposalLikeness.terms), weight**2), else_=0.0)
    alike = shared / (ProposalLikeness.norm * whole)
    seen = is_seen_by(person)
    return (
        select(
            Proposal.public_id,
            case((seen, Proposal.number), else_="").label("number"),
            case((seen, Proposal.title), else_="").label("title"),
            Proposal.state,
            Company.name.label("company"),
            seen.label("is_seen"),
            alike.label("alike"),
        )
        .select_from(ProposalLikeness)
        .join(Proposal, Proposal.id == ProposalLikeness.proposal_id)
        .join(Company, Company.id == Proposal.company_id)
        .where(ProposalLikeness.terms.overlap(list(telling)), alike >= LEAST)
        .order_by(alike.desc(), Proposal.id)
    )
