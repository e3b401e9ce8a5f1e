"""Words that are sought in proposals: the best first, a page at a time."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Float,
    Integer,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from incubator.core.sent import rows_of
from incubator.people.models import Person
from incubator.people.reader import for_reader
from incubator.proposals.models import Proposal, ProposalVersion
from incubator.proposals.queries.filters import ANYTHING, Filter, narrowed
from incubator.proposals.queries.proposals import Rows, authors_shown, is_authored_by, is_seen_by
from incubator.proposals.queries.seeing import given_to, sees_many, written_by
from incubator.web.keyset import FIRST, LAST, Place, plainly

MOST_HITS = 50
"""Hits on a page."""
MOST_WEIGHED = 200
LOOKED_AT, OFTEN = 50, 5
"""Of so many of the next texts at least so many have a word that is common: the next 2,000 have enough of them."""
MOST_WALKED = 2_000
MOST_TERMS = 20
MILLIONTHS = 1_000_000
IDEOGRAPH = re.compile(r"([\u3400-\u9fff\uf900-\ufaff])")
NUMBER = re.compile(r"^V-[0-9A-Z]{6}$")

_SOUGHT = (Proposal.id, Proposal.submitted_version_id.label("version_id"), Proposal.state_at, Proposal.public_id)


@dataclass(frozen=True)
class Found:
    """A page of hits and the places of its neighbours, None where there is none.

    number: of hits; is_more: there are more than that.
    """

    rows: list[Any]
    number: int
    is_more: bool = False
    previous: Place | None = None
    next: Place | None = None


def search(person: Person, text: str, wanted: Filter = ANYTHING, at: Place = FIRST) -> Found:
    """A page of at most 50 proposals whose title or text has all the words, among what the person may see.

    The newest 200 that have them come first, the best of these before the others; then the next 200, in the same way: a
    word that stands in every text weighs nothing, and to weigh it in each would take seconds. A filter by people or
    company finds only what tells the reader who proposes: a blind review stays blind.

    The index over words (GIN) answers it: each Chinese character is a word there, so a run of them is asked for as a
    phrase and found wherever it stands. Authors search their newest version, others the one that was handed in.
    """
    if is_number(text):
        rows = list(rows_of(_numbered(person, wanted), {"number": text.strip().upper()}))
        return Found(rows, len(rows))
    values = {"asked": search_words(text)} | at.values
    rows = list(rows_of(_hits(person, wanted, at.side, at.toward), values))
    if not rows and at != FIRST:
        return search(person, text, wanted)  # what stood there is gone
    more, rows = len(rows) > MOST_HITS, rows[:MOST_HITS]
    if at.toward == "better":
        rows.reverse()
    return _placed(person, wanted, at, rows, more=more, values=values)


def is_number(text: str) -> bool:
    """Whether this is a proposal's number, such as V-7K3M2Q."""
    return NUMBER.match(text.strip().upper()) is not None


def _placed(person: Person, wanted: Filter, at: Place, rows: list[Any], *, more: bool, values: Any) -> Found:
    """The rows with the places of their neighbours: in the same 200, or else in the 200 newer or older ones."""
    weighed = rows[0].weighed if rows else 0
    is_back = at.toward == "better"
    has_better = more if is_back else at.toward == "worse"
    has_worse = at.within != LAST if is_back else more
    previous = at.within_by("better", rows[0].rank, rows[0].public_id) if has_better else None
    following = at.within_by("worse", rows[-1].rank, rows[-1].public_id) if has_worse else None
    is_one_of_many = at.side is not None or weighed > MOST_WEIGHED
    if (at.side is not None and not previous) or (is_one_of_many and not following):
        newer, older = _beside(person, wanted, at, values)
        previous, following = previous or newer, following or older
    return Found(rows, MOST_WEIGHED if is_one_of_many else weighed, is_one_of_many, previous, following)


def _beside(person: Person, wanted: Filter, at: Place, values: Any) -> tuple[Place | None, Place | None]:
    """The last page of the 200 hits that are newer, and the first of the 200 that are older."""
    rows = list(rows_of(_edges(person, wanted, at.side), values))
    more, ends = len(rows) > MOST_WEIGHED, [rows[0], rows[min(len(rows), MOST_WEIGHED) - 1]]
    newest, oldest = ends[::-1] if at.side == "after" else ends
    has_newer = more if at.side == "after" else at.side == "before"
    has_older = True if at.side == "after" else more
    newer = Place("after", (newest.state_at, newest.public_id), "better", LAST) if has_newer else None
    return newer, Place("before", (oldest.state_at, oldest.public_id)) if has_older else None


@for_reader
def _numbered(person: Person, wanted: Filter) -> Rows:
    number = bindparam("number", type_=String)
    return fitting(person, wanted).where(Proposal.number == number).limit(1)


@for_reader
def fitting(person: Person, wanted: Filter) -> Rows:
    """What fits a filter, whatever its words; its moment and public id are the last columns."""
    rows = _columns(person).add_columns(Proposal.state_at, Proposal.public_id)
    return rows.where(is_seen_by(person), *_narrowed(person, wanted))


@for_reader
def _hits(person: Person, wanted: Filter, side: str | None, toward: str | None) -> Rows:
    """One page of the 200 on one side of a moment: `toward` which end of them it is read from its place on."""
    asked = _asked()
    some = _newest(person, wanted, side).cte("some")
    weight = cast(func.ts_rank(ProposalVersion.words, asked, type_=Float) * MILLIONTHS, Integer).label("rank")
    weighed = (
        select(some.c.id, some.c.public_id, weight)
        .join(ProposalVersion, ProposalVersion.id == some.c.version_id)
        .where(some.c.place <= plainly(MOST_WEIGHED))
        .subquery()
    )
    page = _one_page(weighed, toward).subquery()
    number = select(func.count()).select_from(some).scalar_subquery().label("weighed")
    best_first = (page.c.rank.desc(), page.c.public_id.desc())
    order = (page.c.rank, page.c.public_id) if toward == "better" else best_first
    rows = _columns(person).add_columns(Proposal.public_id, page.c.rank, number)
    return rows.join(page, page.c.id == Proposal.id).order_by(*order)


def _one_page(weighed: Any, toward: str | None) -> Rows:
    key = tuple_(weighed.c.rank, weighed.c.public_id)
    place = tuple_(bindparam("rank", type_=BigInteger), bindparam("ranked", type_=String))
    rows, limit = select(weighed), plainly(MOST_HITS + 1)
    if toward == "better":
        return rows.where(key > place).order_by(weighed.c.rank, weighed.c.public_id).limit(limit)
    rows = rows.where(key < place) if toward == "worse" else rows
    return rows.order_by(weighed.c.rank.desc(), weighed.c.public_id.desc()).limit(limit)


@for_reader
def _edges(person: Person, wanted: Filter, side: str | None) -> Rows:
    some = _newest(person, wanted, side).subquery()
    return select(some.c.state_at, some.c.public_id).order_by(some.c.place)


def _newest(person: Person, wanted: Filter, side: str | None) -> Rows:
    """The first 201 with the words on one side of a moment (of all: the newest), numbered from there."""
    asked = _asked()
    both = union_all(*_handed_in(person, wanted, asked, side), _ones_own(person, wanted, asked)).subquery()
    some = _along(select(both), both.c, side).limit(plainly(MOST_WEIGHED + 1)).subquery()
    return select(some, func.row_number().over(order_by=_order(some.c, side)).label("place"))


def _along(rows: Any, of: Any, side: str | None) -> Any:
    """Rows on one side of a moment, in the order in which they are read from it."""
    key = tuple_(of.state_at, of.public_id)
    place = tuple_(bindparam("moment", type_=DateTime(timezone=True)), bindparam("public_id", type_=String))
    if side is not None:
        rows = rows.where(key > place if side == "after" else key < place)
    return rows.order_by(*_order(of, side))


def _order(of: Any, side: str | None) -> tuple[Any, ...]:
    order = (of.state_at, of.public_id)
    return order if side == "after" else tuple(one.desc() for one in order)


def _asked() -> ColumnElement[Any]:
    return func.websearch_to_tsquery("simple", bindparam("asked", type_=String))


def _handed_in(person: Person, wanted: Filter, asked: ColumnElement[Any], side: str | None) -> list[Rows]:
    """Proposals of others whose text, as it was handed in, has the words.

    Who sees few has these looked through. For the others the index over frozen versions finds them; but of words that
    stand in every text it would find each, to keep 201: where many of the next texts have them, one walks along these.
    """
    if not sees_many(person):
        return [_of_few(person, wanted, asked)]
    walked = _walked(person, wanted, asked, side).cte("walked")
    is_enough = select(func.count() > plainly(MOST_WEIGHED)).select_from(walked).scalar_subquery()
    return [select(*walked.c).where(is_enough), _by_index(person, wanted, asked).where(~is_enough)]


def _of_few(person: Person, wanted: Filter, asked: ColumnElement[Any]) -> Rows:
    rows = select(*_SOUGHT).join(ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id)
    words = ProposalVersion.words.bool_op("@@")(asked)
    return rows.where(Proposal.id.in_(given_to(person)), words, *_of_others(person, wanted))


def _by_index(person: Person, wanted: Filter, asked: ColumnElement[Any]) -> Rows:
    matched = (
        select(ProposalVersion.id, ProposalVersion.proposal_id)
        .where(ProposalVersion.words.bool_op("@@")(asked), ProposalVersion.frozen_at.is_not(None))
        .cte("matched")
        .prefix_with("MATERIALIZED")
    )
    is_handed_in = and_(matched.c.proposal_id == Proposal.id, matched.c.id == Proposal.submitted_version_id)
    return select(*_SOUGHT).join(matched, is_handed_in).where(*_of_others(person, wanted))


def _walked(person: Person, wanted: Filter, asked: ColumnElement[Any], side: str | None) -> Rows:
    """Of the next 2,000 the first 201 with the words; none where few of the next 50 have them."""
    near = _along(select(Proposal.submitted_version_id), Proposal, side)
    near = near.where(Proposal.submitted_version_id.is_not(None)).limit(plainly(LOOKED_AT)).subquery()
    has_words = ProposalVersion.words.bool_op("@@")(asked)
    common = (
        select(func.count() >= plainly(OFTEN))
        .select_from(near)
        .join(ProposalVersion, ProposalVersion.id == near.c.submitted_version_id)
        .where(has_words)
        .scalar_subquery()
    )
    following = _along(select(*_SOUGHT), Proposal, side).where(*_of_others(person, wanted))
    some = following.limit(plainly(MOST_WALKED)).subquery()
    says = select(has_words).where(ProposalVersion.id == some.c.version_id).scalar_subquery()  # of each as one walks by
    rows = select(some).where(says, common)
    return rows.order_by(*_order(some.c, side)).limit(plainly(MOST_WEIGHED + 1))


def _of_others(person: Person, wanted: Filter) -> list[ColumnElement[bool]]:
    return [~is_authored_by(person), is_seen_by(person), *_narrowed(person, wanted)]


def _ones_own(person: Person, wanted: Filter, asked: ColumnElement[Any]) -> Rows:
    """The reader's own, by their newest text."""
    any_version = aliased(ProposalVersion)
    latest = select(func.max(any_version.number)).where(any_version.proposal_id == Proposal.id).scalar_subquery()
    return (
        select(Proposal.id, ProposalVersion.id.label("version_id"), Proposal.state_at, Proposal.public_id)
        .join(ProposalVersion, ProposalVersion.proposal_id == Proposal.id)
        .where(Proposal.id.in_(written_by(person)), ProposalVersion.number == latest)
        .where(ProposalVersion.words.bool_op("@@")(asked), is_seen_by(person), *_narrowed(person, wanted))
    )


def _columns(person: Person) -> Rows:
    lead = case((authors_shown(person), Person.name)).label("lead")
    return select(Proposal.number, Proposal.title, Proposal.state, lead).join(Person, Person.id == Proposal.lead_id)


def _narrowed(person: Person, wanted: Filter) -> list[ColumnElement[bool]]:
    return [*narrowed(wanted), *([authors_shown(person)] if wanted.tells_authors else [])]


def search_words(text: str) -> str:
    """The query for `websearch_to_tsquery`: words, and each run of Chinese characters as a phrase."""
    terms = re.sub(r'["\x00]', " ", text).split()[:MOST_TERMS]
    return " ".join(_phrase(term) if IDEOGRAPH.search(term) else term for term in terms)


def _phrase(term: str) -> str:
    spaced = IDEOGRAPH.sub(r" \1 ", term).strip()
    return f'"{spaced}"'
