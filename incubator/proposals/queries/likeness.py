"""Proposals that are about the same: neighbours by what their texts mean (vectors of pgvector), and by telling words
that they share (TF-IDF with PostgreSQL's inverted index)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    Double,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import joinedload

from incubator.core.db import db
from incubator.core.sent import rows_of
from incubator.core.vectors import HalfVector
from incubator.people.access import denied, within
from incubator.people.models import Company, Person, Role
from incubator.people.reader import for_reader
from incubator.proposals.engines import likeness
from incubator.proposals.engines.meaning import SIZE
from incubator.proposals.models import (
    Difference,
    LikenessQuestion,
    MeaningCentre,
    Proposal,
    ProposalLikeness,
    ProposalVersion,
    TermWeight,
)
from incubator.proposals.queries.proposals import has_part_in, is_seen_by
from incubator.proposals.queries.seeing import sees_many, shown_to_few
from incubator.proposals.queries.talk import is_joinable_by
from incubator.proposals.states import UNDECIDED
from incubator.web.keyset import plainly

MOST_SIMILAR = 5
NEAR = 20
"""Neighbours of either kind that are compared by both."""
TELLING = 12
"""The most telling terms of a text, by which others are found."""
MOST_COMPARED = 500
"""Of many texts that share a telling term so many are compared."""
LEAST = 0.12
"""Less in common than this is no likeness (the cosine of the two texts' vectors of terms)."""
LEAST_MEANING = 0.3
"""The same for meanings with words: of pairs chosen at random one in a hundred comes this close."""
BY_WORDS = 0.2
"""What shared words count beside what is meant (1)."""


def weights_of(terms: list[str]) -> dict[str, float]:
    """How telling the known ones of these terms are."""
    return dict(rows_of(_weights(), {"terms": terms}))


@cache
def _weights() -> Select[*tuple[Any, ...]]:
    return select(TermWeight.term, TermWeight.weight).where(TermWeight.term == func.any(TERMS))


def seen_from_the_centre(vector: Sequence[float] | BindParameter[Any]) -> ColumnElement[Any]:
    """A meaning less what all have in common, of length 1, in SQL."""
    kind = HalfVector(SIZE)
    centre = select(MeaningCentre.centre).scalar_subquery()
    given = cast(vector if isinstance(vector, BindParameter) else literal(vector, kind), kind)
    return func.l2_normalize(given.op("-")(func.coalesce(centre, cast(literal([0.0] * SIZE, kind), kind))))


def meaning_kept(version: ProposalVersion) -> Sequence[float] | None:
    """The vector of a text that was handed in, once the model has read it."""
    return db.session.scalar(select(ProposalLikeness.meaning).where(ProposalLikeness.version_id == version.id))


@dataclass(frozen=True)
class Similar:
    """A similar proposal. is_seen: the reader may open it; else only its company is told. alike_bp: of the whole.

    may_join: the reader may offer to join its team. difference: why the authors of the text that was compared say
    theirs is another matter; asked: what the company of one that is not open was asked, None where it was not.
    """

    public_id: str
    number: str
    title: str
    state: str
    company: dict[str, str]
    is_seen: bool
    alike_bp: int
    may_join: bool = False
    difference: str = ""
    asked: LikenessQuestion | None = None


def similar(
    person: Person,
    words: str,
    *,
    meaning: Sequence[float] | Callable[[], Sequence[float] | None] | None = None,
    besides: Proposal | None = None,
    everything: bool = False,
) -> list[Similar]:
    """At most five proposals most like a text, the most alike first; at most three statements.

    meaning: the vector of the text, where a worker said it, or what waits for it; without it only shared words count.
    everything: of all that were ever handed in, without what the person may not see but the company, and nothing of
    what is denied to them (a conflict) or of teams they are close to; else the live ones that the person may see.
    """
    values = _shared(likeness.terms(words))
    meaning = meaning() if callable(meaning) else meaning
    kinds = {"by_words": bool(values), "by_meaning": meaning is not None}
    if not any(kinds.values()):
        return []
    values |= {"meaning": meaning, "besides": besides.id if besides is not None else None}
    rows = rows_of(_ranked(person, **kinds, everything=everything), values)
    return [
        Similar(
            row.public_id,
            row.number,
            row.title,
            row.state,
            row.company,
            row.is_seen,
            _basis_points(row.alike),
            row.may_join,
        )
        for row in rows
    ]


def _is_open_or_no_conflict(person: Person) -> ColumnElement[bool]:
    """That something like it stands elsewhere is told to nobody who is close to its team and may not read it."""
    return or_(is_seen_by(person), ~has_part_in(person, Proposal.id))


def _basis_points(alike: float) -> int:
    return min(round(alike * 10_000), 10_000)


TERMS, SQUARES = bindparam("terms", type_=ARRAY(String)), bindparam("squares", type_=ARRAY(Double))
"""The most telling terms of a text, and the squares of their weights."""
WHOLE = bindparam("whole", type_=Double)
"""The length of the vector of all its terms."""


def _shared(terms: list[str]) -> dict[str, Any]:
    """What a statement is given of a text's terms; nothing where no term is known."""
    weights = weights_of(terms)
    telling = sorted(weights, key=lambda term: (-weights[term], term))[:TELLING]
    if not telling:
        return {}
    whole = sum(weights[term] ** 2 for term in weights) ** 0.5
    return {"terms": telling, "squares": [weights[term] ** 2 for term in telling], "whole": whole}


def _by_words() -> ColumnElement[Any]:
    """How alike a text is by the terms that it shares (the cosine)."""
    columns = column("term", String), column("square", Double)
    told = func.unnest(TERMS, SQUARES).table_valued(*columns).render_derived(name="told")
    have = func.unnest(ProposalLikeness.terms).table_valued(column("term", String)).render_derived(name="have")
    square = func.coalesce(func.sum(told.c.square), 0.0)
    common = select(square).select_from(have).join(told, told.c.term == have.c.term)  # takes the array apart once
    return common.correlate(ProposalLikeness).scalar_subquery() / (ProposalLikeness.norm * WHOLE)


def _by_meaning() -> ColumnElement[Any]:
    """How far a text is from the meaning that is given."""
    meant = seen_from_the_centre(bindparam("meaning", type_=HalfVector(SIZE)))
    return ProposalLikeness.centred.op("<=>", return_type=Double())(meant)


@for_reader
def _ranked(person: Person, *, by_words: bool, by_meaning: bool, everything: bool) -> Select[Any]:
    """The most alike of those allowed, but for the proposal `besides`: candidates by words and by meaning, compared by
    both. What the reader may see is a long condition: it is asked once of each row, and not again of what was chosen by
    it."""
    found: list[Select[Any]] = []
    shared: ColumnElement[Any] = _by_words() if by_words else literal(0.0)
    near: ColumnElement[Any] = literal(0.0)
    candidates = _candidates(person, everything)
    if by_words:
        scored = _sharing(candidates, shared, is_of_few=not (everything or sees_many(person)))
        telling = select(scored.c.id).where(scored.c.shared >= LEAST)
        found.append(telling.order_by(scored.c.shared.desc(), scored.c.id))
    if by_meaning:
        distance = _by_meaning()
        near = func.coalesce(1 - distance, 0.0)
        found.append(candidates.where(ProposalLikeness.centred.is_not(None)).order_by(distance))
    ids = [select(rows.limit(plainly(NEAR)).subquery().c.id) for rows in found]
    alike = near + BY_WORDS * shared if by_meaning else shared
    chosen = ProposalLikeness.id.in_(union_all(*ids)), alike >= (LEAST_MEANING if by_meaning else LEAST)
    seen = is_seen_by(person) if everything else true()
    page = (
        select(Proposal.id, seen.label("is_seen"), alike.label("alike"))
        .select_from(ProposalLikeness)
        .join(Proposal, Proposal.id == ProposalLikeness.proposal_id)
        .where(*chosen)
        .order_by(alike.desc(), Proposal.id)
        .limit(plainly(MOST_SIMILAR))
        .subquery()
    )
    return _as_told(person, page)


def _as_told(person: Person, page: Any) -> Select[Any]:
    """What is told of those on a page (id, is_seen, alike)."""
    return (
        select(
            Proposal.public_id,
            case((page.c.is_seen, Proposal.number), else_="").label("number"),
            case((page.c.is_seen, Proposal.title), else_="").label("title"),
            Proposal.state,
            Company.name.label("company"),
            page.c.is_seen,
            and_(page.c.is_seen, is_joinable_by(person)).label("may_join"),
            page.c.alike,
        )
        .select_from(page)
        .join(Proposal, Proposal.id == page.c.id)
        .join(Company, Company.id == Proposal.company_id)
        .order_by(page.c.alike.desc(), Proposal.id)
    )


def _candidates(person: Person, everything: bool) -> Select[Any]:
    """Whoever sees few has these looked up first, once for both kinds; of many an index finds those that are near."""
    rows = select(ProposalLikeness.id).join(Proposal, Proposal.id == ProposalLikeness.proposal_id)
    besides = bindparam("besides", type_=BigInteger)
    another = or_(besides.is_(None), Proposal.id != besides)
    if everything:
        return rows.where(another, ~denied(Proposal, person), _is_open_or_no_conflict(person))
    live = another, is_seen_by(person), Proposal.state.in_(UNDECIDED)
    if sees_many(person):
        return rows.where(*live)
    few = select(Proposal.id).where(Proposal.id.in_(shown_to_few(person)), *live).cte("few").prefix_with("MATERIALIZED")
    return select(ProposalLikeness.id).join(few, few.c.id == ProposalLikeness.proposal_id)


def _sharing(candidates: Select[Any], shared: ColumnElement[Any], *, is_of_few: bool) -> Any:
    """Candidates (id, shared) that share a telling term: of many, the first 500 along the terms, the most telling
    first. A term that stands in every fifth text tells little, and to compare all of these would take seconds."""
    if is_of_few:
        rows = candidates.where(ProposalLikeness.terms.overlap(TERMS))
    else:
        told = func.unnest(TERMS).table_valued(column("term", String)).render_derived(name="one")
        with_term = candidates.where(ProposalLikeness.terms.contains(array([told.c.term]))).limit(
            plainly(MOST_COMPARED)
        )
        some = with_term.lateral()
        walked = select(some.c.id).select_from(told).join(some, true()).limit(plainly(MOST_COMPARED))
        rows = select(ProposalLikeness.id).where(ProposalLikeness.id.in_(walked))
    return rows.add_columns(shared.label("shared")).offset(plainly(0)).subquery()  # worked out once for each


# ---- What people say about likeness


def difference_between(proposal: Proposal, other: Proposal) -> Difference | None:
    """Why the one is another matter than the other, as its authors say."""
    pair = (Difference.proposal_id == proposal.id, Difference.other_id == other.id)
    return db.session.scalars(select(Difference).where(*pair)).one_or_none()


def differences_of(person: Person, proposal: Proposal) -> list[Any]:
    """Columns of what the authors say sets theirs apart: public id and title of the other (empty where the reader may
    not open it), its company, reason, author; nothing of what is denied to the reader."""
    return list(rows_of(_differences(person), {"proposal": proposal.id}))


@for_reader
def _differences(person: Person) -> Select[*tuple[Any, ...]]:
    told = (
        select(Difference.id, is_seen_by(person).label("is_seen"))
        .join(Proposal, Proposal.id == Difference.other_id)
        .where(Difference.proposal_id == bindparam("proposal", type_=BigInteger))
        .offset(plainly(0))  # what the reader may see is asked once of each
        .subquery()
    )
    named = func.coalesce(func.nullif(Proposal.title, ""), Proposal.number)
    return (
        select(
            Proposal.public_id,
            case((told.c.is_seen, named), else_="").label("title"),
            Company.name.label("company"),
            Difference.reason,
            Person.name.label("author"),
            Difference.changed_at,
        )
        .select_from(told)
        .join(Difference, Difference.id == told.c.id)
        .join(Proposal, Proposal.id == Difference.other_id)
        .join(Company, Company.id == Proposal.company_id)
        .join(Person, Person.id == Difference.author_id)
        .where(~denied(Proposal, person), or_(told.c.is_seen, ~has_part_in(person, Proposal.id)))
        .order_by(Difference.id)
    )


def likeness_question(proposal: Proposal, other: Proposal) -> LikenessQuestion | None:
    """What the other's company was asked about the pair."""
    pair = (LikenessQuestion.proposal_id == proposal.id, LikenessQuestion.other_id == other.id)
    return db.session.scalars(select(LikenessQuestion).where(*pair)).one_or_none()


def likeness_questions(proposal: Proposal) -> dict[str, LikenessQuestion]:
    """What was asked about this proposal, by the public id of the other."""
    rows = (
        select(Proposal.public_id, LikenessQuestion)
        .join(Proposal, Proposal.id == LikenessQuestion.other_id)
        .where(LikenessQuestion.proposal_id == proposal.id)
        .options(joinedload(LikenessQuestion.answered_by))
    )
    return dict(db.session.execute(rows).all())


def hidden_from(person: Person) -> Select[Proposal]:
    """What was handed in and is not open to this person, but for what is denied to them, or of teams that they are
    close to: whose office can be asked."""
    unseen = (
        ~is_seen_by(person), ~denied(Proposal, person), ~has_part_in(person, Proposal.id),
    )  # fmt: skip
    return select(Proposal).where(Proposal.submitted_at.is_not(None), *unseen)


def asked_of_office(person: Person) -> Select[LikenessQuestion]:
    """Questions to the office of this person about proposals that they see, with no part in either of the two."""
    return (
        select(LikenessQuestion)
        .join(Proposal, Proposal.id == LikenessQuestion.other_id)
        .where(within(Proposal.company_id, person, Role.OFFICE), is_seen_by(person))
        .where(*(~has_part_in(person, one) for one in (LikenessQuestion.other_id, LikenessQuestion.proposal_id)))
        .options(joinedload(LikenessQuestion.other), joinedload(LikenessQuestion.asked_by))
    )
