"""Keeping the index of what proposals are about: new texts soon, the weights of terms and the middle of all meanings
once a day."""

import logging
import math
from typing import Any

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from incubator.calls.models import Call
from incubator.calls.templates import Audience, FormTemplate
from incubator.core.answers import Question, answers, ask
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.transaction import attempt
from incubator.proposals import queries
from incubator.proposals.engines import likeness, meaning
from incubator.proposals.models import Proposal, ProposalLikeness, ProposalVersion, TermWeight

logger = logging.getLogger(__name__)
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

CENTRE = """
INSERT INTO meaning_centre (is_only, centre)
SELECT true, middle FROM (SELECT avg(meaning) AS middle, count(meaning) AS number FROM proposal_likeness) AS found
 WHERE number >= :least
    ON CONFLICT (is_only) DO UPDATE SET centre = EXCLUDED.centre
 WHERE meaning_centre.centre <-> EXCLUDED.centre > :moved
RETURNING id
"""
CENTRED = """
UPDATE proposal_likeness SET centred = l2_normalize(meaning - coalesce(
  (SELECT centre FROM meaning_centre), array_fill(0, ARRAY[:size])::halfvec))
 WHERE meaning IS NOT NULL
"""
LEAST = 100
"""Texts from which on their middle tells something."""
MOVED = 0.02
"""The centre is taken anew, and all vectors from it, when it has moved further (of length 1)."""
PLACES = 6
"""Decimal places of a vector that a worker tells: PostgreSQL keeps no more, and they are read and sent in half the
time."""


def words_of(title: str, given: dict[str, Any], form: dict[str, Any]) -> str:
    """Title and answers as one text, but for those that the authors and the office alone read (form: of the call)."""
    fields = FormTemplate.of(form).fields
    told = (given.get(key) for key, spec in fields.items() if spec.audience is Audience.ALL)
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
    for proposal_id, version_id, title, given, form in found:
        try:
            with attempt():
                _index(proposal_id, version_id, likeness.terms(_words_of(title, given, form)))
        except DBAPIError:
            logger.exception("proposal %s has words that cannot be kept: nothing is found to be like it", proposal_id)
            _index(proposal_id, version_id, [])
    return len(found)


def _index(proposal_id: int, version_id: int, terms: list[str]) -> None:
    weights = queries.weights_of(terms)
    norm = math.sqrt(sum(weights.get(term, 1.0) ** 2 for term in terms)) or 1.0
    values = {"version_id": version_id, "terms": terms, "norm": norm, "meaning": None, "centred": None}
    statement = insert(ProposalLikeness).values(proposal_id=proposal_id, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["proposal_id"], set_=values))


def _words_of(title: str, given: dict[str, Any], form: dict[str, Any]) -> str:
    """The same for a job, which goes on: of a form that cannot be read nobody knows what all may read, so the title."""
    try:
        return words_of(title, given, form)
    except Invalid:
        logger.exception("a form of a call cannot be read")
        return title


def index_meanings(limit: int) -> int:
    """Ask the model what texts mean that have no vector yet; answers how many."""
    rows = (
        select(ProposalLikeness.id, ProposalVersion.title, ProposalVersion.answers, Call.form)
        .join(ProposalVersion, ProposalVersion.id == ProposalLikeness.version_id)
        .join(Proposal, Proposal.id == ProposalLikeness.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(ProposalLikeness.meaning.is_(None))
        .order_by(ProposalLikeness.id)
        .limit(limit)
        .with_for_update(of=ProposalLikeness, skip_locked=True)
    )
    found = db.session.execute(rows).all()
    vectors = meaning.meanings([_words_of(title, given, form) for _id, title, given, form in found])
    for (key, *_text), vector in zip(found, vectors, strict=True):
        values = {"meaning": vector, "centred": queries.seen_from_the_centre(vector)}
        row = update(ProposalLikeness).where(ProposalLikeness.id == key).values(values)
        db.session.execute(row.execution_options(synchronize_session=False))
    return len(found)


@answers("proposal.meaning")
def say_meaning(words: str) -> list[float]:
    """The vector of a text, for a page that asks a worker."""
    return [round(number, PLACES) for number in meaning.meanings([words])[0]]


def meaning_of(words: str) -> list[float] | None:
    """The vector of a text as a worker says it; None when none is there: words alone then say what is alike."""
    found: list[float] | None = ask_meaning(words).answer()
    return found


def ask_meaning(words: str) -> Question:
    """Ask a worker for the vector of a text, to be told later."""
    return ask("proposal.meaning", words[: meaning.LONGEST]) if words else Question(None)


def fit() -> int:
    """Weigh every term by how rare it is now, and every text by its terms; see meanings from where their middle is
    now. Answers how many terms there are."""
    if db.session.execute(text(CENTRE), {"least": LEAST, "moved": MOVED}).first():
        db.session.execute(text(CENTRED), {"size": meaning.SIZE})
    db.session.execute(delete(TermWeight))
    db.session.execute(text(FIT))
    db.session.execute(text(NORMS))
    return db.session.scalar(select(func.count(TermWeight.id))) or 0
