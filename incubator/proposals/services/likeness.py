"""Keeping the index of what proposals are about: new texts soon, the weights of terms once a day."""

import math
from typing import Any

from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from incubator.calls.models import Call
from incubator.calls.templates import Audience, FormTemplate
from incubator.core.db import db
from incubator.proposals import queries
from incubator.proposals.engines import likeness
from incubator.proposals.models import Proposal, ProposalLikeness, ProposalVersion, TermWeight

FIT = """
INSERT INTO term_weight (term, weight)
SELECT term, ln((SELECT count(*) + 1.0 FROM proposal_likeness) / (count(*) + 0.5)) + 1.0
  FROM proposal_likeness, unnest(terms) AS term GROUP BY term
"""
NORMS = """
UPDATE proposal_likeness SET norm = found.norm FROM (
  SELECT proposal_id, sqrt(sum(weight * weight)) AS norm
    FROM proposal_likeness, unnest(terms) AS one JOIN term_weight ON term_weight.term = one GROUP BY proposal_id
) AS found WHERE found.proposal_id = proposal_likeness.proposal_id
"""


def words_of(title: str, answers: dict[str, Any], form: dict[str, Any]) -> str:
    """Title and answers as one text, but for those that the authors and the office alone read (form: of the call)."""
    fields = FormTemplate.of(form).fields
    told = (answers.get(key) for key, spec in fields.items() if spec.audience is Audience.ALL)
    return " ".join([title, *(value for value in told if isinstance(value, str))])


def index_new(limit: int) -> int:
    """Take in what was handed in, or handed in again, since; answers how many."""
    rows = (
        select(Proposal.id, ProposalVersion.id, ProposalVersion.title, ProposalVersion.answers, Call.form)
        .join(Call, Call.id == Proposal.call_id)
        .join(ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id)
        .outerjoin(ProposalLikeness, ProposalLikeness.proposal_id == Proposal.id)
        .where(or_(ProposalLikeness.id.is_(None), ProposalLikeness.version_id != Proposal.submitted_version_id))
        .order_by(Proposal.id)
        .limit(limit)
    )
    found = db.session.execute(rows).all()
    for proposal_id, version_id, title, answers, form in found:
        terms = likeness.terms(words_of(title, answers, form))
        weights = queries.weights_of(terms)
        norm = math.sqrt(sum(weights.get(term, 1.0) ** 2 for term in terms)) or 1.0
        values = {"version_id": version_id, "terms": terms, "norm": norm}
        statement = insert(ProposalLikeness).values(proposal_id=proposal_id, **values)
        db.session.execute(statement.on_conflict_do_update(index_elements=["proposal_id"], set_=values))
    return len(found)


def fit() -> int:
    """Weigh every term by how rare it is now, and every text by its terms; answers how many terms there are."""
    db.session.execute(delete(TermWeight))
    db.session.execute(text(FIT))
    db.session.execute(text(NORMS))
    return db.session.scalar(select(func.count(TermWeight.id))) or 0
