"""Reading reviews, for those who write them and those who may read them."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias, cast

from flask_babel import gettext as _
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    all_,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from incubator.calls.models import Call, CommitteeMember, Criterion, DecisionRuleVersion, RubricVersion, Seat
from incubator.core.audit import AuditEvent
from incubator.core.db import as_read, db, derived
from incubator.core.errors import Invalid
from incubator.core.sent import rows_of
from incubator.people.models import Access, Company, Effect, Person
from incubator.people.reader import NOW, Reader, for_reader, looks_up
from incubator.proposals import queries as proposals
from incubator.proposals.models import Proposal, TeamMember
from incubator.proposals.states import ProposalState
from incubator.reviews.engines.deciding import DecidingError, Rule
from incubator.reviews.models import Review, ReviewScore, ReviewSummary, ReviewVersion, Round
from incubator.reviews.queries.blinding import shown_company, shown_title
from incubator.reviews.states import COUNTED, UNFINISHED, ReviewState, RoundState
from incubator.web.language import kept

Rows: TypeAlias = Select[*tuple[Any, ...]]
"""A select of plain columns."""
PAGE = 50
CASE = "case:"
"""How the source of what an auditor's case gives begins (see transparency)."""
LISTED = (*UNFINISHED, *COUNTED, ReviewState.EXPIRED)


class Known(StrEnum):
    """What is looked up once of the reader of a page (`derived.conflicts_of`): ids of proposals.

    DENIED: an access row keeps the reader out. OWN: the reader leads it or is of its team. TOLD: the records tell of a
    conflict.
    """

    DENIED = "denied_proposals"
    OWN = "own_proposals"
    TOLD = "told_conflicts"


def unconflicted(proposal_id: Any, person: Person | Reader) -> ColumnElement[bool]:
    """A condition: nothing keeps the person from judging the proposal, and it is not the person's own."""
    if looks_up(person):
        return and_(*(proposal_id != all_(person.ids(name)) for name in (Known.DENIED, Known.OWN)))
    denied = exists().where(
        Access.person_id == person.id,
        Access.subject_type == Proposal.__tablename__,
        Access.subject_id == proposal_id,
        Access.effect == Effect.DENY,
        or_(Access.until_at.is_(None), Access.until_at > NOW),
    )
    own = aliased(Proposal)
    led = exists().where(own.id == proposal_id, own.lead_id == person.id)
    on_team = exists().where(TeamMember.proposal_id == proposal_id, TeamMember.person_id == person.id)
    return and_(~denied, ~led, ~on_team)


def has_page(proposal_id: Any, of: Any, person: Person) -> ColumnElement[bool]:
    """A condition on a row of `of`: the person may open the page of its proposal."""
    page = proposals.visible_to(person).with_only_columns(Proposal.id).where(Proposal.id == proposal_id)
    return page.correlate(of).exists()


@for_reader
def is_audited_by(person: Person) -> ColumnElement[bool]:
    """A condition: somebody else's review of a proposal that an auditor's case opens to the person now."""
    case = exists().where(
        Access.person_id == person.id,
        Access.subject_type == Proposal.__tablename__,
        Access.subject_id == Review.proposal_id,
        Access.effect == Effect.ALLOW,
        Access.source.startswith(CASE),
        or_(Access.until_at.is_(None), Access.until_at > NOW),
    )
    return and_(case, Review.reviewer_id != person.id, unconflicted(Review.proposal_id, person))


@for_reader
def visible_to(person: Person) -> Select[Review]:
    """A reviewer's own reviews, with what their page shows; none of a proposal the reviewer is in conflict with."""
    return _loaded(_is_own(person))


@for_reader
def readable_by(person: Person) -> Select[Review]:
    """The same, and every review of the proposals that an auditor's cases open, whatever became of it."""
    return _loaded(or_(_is_own(person), is_audited_by(person)))


@for_reader
def _is_own(person: Person) -> ColumnElement[bool]:
    return and_(Review.reviewer_id == person.id, Review.state.in_(LISTED), unconflicted(Review.proposal_id, person))


def _loaded(condition: ColumnElement[bool]) -> Select[Review]:
    """One review with what its page and its steps ask of it, in one row a score; give it on to `with_rubric`."""
    proposal, round_ = joinedload(Review.proposal, innerjoin=True), joinedload(Review.round, innerjoin=True)
    company, call = proposal.joinedload(Proposal.company, innerjoin=True), round_.joinedload(Round.call, innerjoin=True)
    return (
        select(Review)
        .where(condition)
        .options(
            company.load_only(Company.name, Company.path), call.defer(Call.summary), joinedload(Review.scores)
        )
    )  # fmt: skip


def with_rubric(review: Review) -> Review:
    """The review with its round's rubric, which is published, so frozen: it is read once and kept."""
    rubric: RubricVersion = kept(("rubric", review.round.rubric_version_id), _rubric, review.round.rubric_version_id)
    set_committed_value(review.round, "rubric", rubric)
    criteria = {criterion.id: criterion for criterion in rubric.criteria}
    for score in review.scores:
        set_committed_value(score, "criterion", criteria[score.criterion_id])
    return review


def _rubric(key: int) -> RubricVersion:
    """A rubric with its criteria, of no session; one statement."""
    rubrics, criteria = (cast(Table, model.__table__) for model in (RubricVersion, Criterion))
    both = select(*rubrics.c, *criteria.c).join(criteria, criteria.c.rubric_version_id == rubrics.c.id)
    rows = db.session.execute(both.where(rubrics.c.id == key).order_by(criteria.c.position)).all()
    names, split = [column.name for column in (*rubrics.c, *criteria.c)], len(rubrics.c)
    rubric = as_read(RubricVersion, **dict(zip(names[:split], rows[0][:split], strict=True)))
    questions = [as_read(Criterion, **dict(zip(names[split:], row[split:], strict=True))) for row in rows]
    set_committed_value(rubric, "criteria", questions)
    return rubric


def steps_of(review: Review) -> list[Any]:
    """What happened to a review, oldest first: name, time, who, reason, the event's public id; one query."""
    return list(
        db.session.execute(
            select(AuditEvent.name, AuditEvent.at, Person.name.label("actor"), AuditEvent.reason, AuditEvent.public_id)
            .outerjoin(Person, Person.id == AuditEvent.actor_id)
            .where(AuditEvent.subject_type == Review.__tablename__, AuditEvent.subject_id == review.id)
            .order_by(AuditEvent.id)
        )
    )


@dataclass(frozen=True)
class Queue:
    """A page of a reviewer's list: rows, and the public id the next page starts after (None at the end)."""

    rows: list[Any]
    after: str | None


def queue(person: Person, *, done: bool = False, after: str | None = None, size: int = PAGE) -> Queue:
    """What a reviewer has to do, the first due first, or what is done; columns only, one query."""
    rows = _queue(person, done=done, starts_after=after is not None)
    found = list(rows_of(rows, {"after": after, "size": size + 1}))
    return Queue(found[:size], found[size - 1].public_id if len(found) > size else None)


@for_reader
def _queue(person: Person, *, done: bool, starts_after: bool) -> Rows:
    states = (*COUNTED, ReviewState.EXPIRED) if done else UNFINISHED
    rows = _columns().where(
        Review.reviewer_id == person.id, Review.state.in_(states), unconflicted(Review.proposal_id, person)
    )
    if not done:
        rows = rows.where(Proposal.state == ProposalState.IN_REVIEW)
    if starts_after:
        rows = rows.where(_comes_after())
    return rows.order_by(Call.review_due_on, Review.id).limit(bindparam("size", type_=Integer))


def _columns() -> Rows:
    return (
        select(
            Review.public_id, Review.state, Review.scored, Review.total, shown_title().label("title"), Proposal.number,
            Proposal.lang, shown_company().label("company"), Call.review_due_on.label("due_on"),
            Call.title.label("call"), Call.rubric_version_id,
        )
        .join(Proposal, Proposal.id == Review.proposal_id)
        .join(Company, Company.id == Proposal.company_id)
        .join(Call, Call.id == Proposal.call_id)
    )  # fmt: skip


def _comes_after() -> ColumnElement[bool]:
    """A condition: the row stands after the review with public id `after` in the order of due day and assignment."""
    other, its_proposal, its_call = aliased(Review), aliased(Proposal), aliased(Call)
    joined = (
        select(its_call.review_due_on, other.id)
        .join(its_proposal, its_proposal.id == other.proposal_id)
        .join(its_call, its_call.id == its_proposal.call_id)
        .where(other.public_id == bindparam("after", type_=String))
        .subquery()
    )
    due, key = select(joined.c.review_due_on).scalar_subquery(), select(joined.c.id).scalar_subquery()
    return or_(Call.review_due_on > due, and_(Call.review_due_on == due, Review.id > key))


def chaired_by(person: Person) -> Select[Review]:
    """Every review of the rounds whose committee the person chairs, but for proposals in conflict."""
    chairs = exists().where(
        Round.id == Review.round_id,
        CommitteeMember.committee_id == Round.committee_id,
        CommitteeMember.person_id == person.id,
        CommitteeMember.seat == Seat.CHAIR,
    )
    return _loaded(and_(chairs, unconflicted(Review.proposal_id, person)))


def versions_of(review: Review) -> list[ReviewVersion]:
    """What a review said before it was reopened, the newest first."""
    rows = select(ReviewVersion).where(ReviewVersion.review_id == review.id)
    return list(db.session.scalars(rows.order_by(ReviewVersion.number.desc())))


def versions_count(review: Review) -> int:
    """How many versions are kept of a review."""
    return db.session.scalar(select(func.count(ReviewVersion.id)).where(ReviewVersion.review_id == review.id)) or 0


def next_unfinished(person: Person, review: Review) -> str | None:
    """The public id of the review to do next after this one, in the list's order; past its end the first again."""
    rows = derived(_queue(person, done=False, starts_after=False), "ids", _ids)
    found = rows_of(rows, {"size": 2, "after": review.public_id})
    return next((public_id for (public_id,) in found if public_id != review.public_id), None)


def _ids(rows: Rows) -> Select[str]:
    """Those that come after the review `after` first."""
    ordered = rows.order_by(None).order_by(_comes_after().desc(), Call.review_due_on, Review.id)
    return ordered.with_only_columns(Review.public_id)


def of_others(review: Review) -> list[Review]:
    """The other counted reviews of the same proposal with their scores; whose they are is shown in open calls alone;
    one query."""
    return list(
        db.session.scalars(
            select(Review)
            .where(
                Review.round_id == review.round_id,
                Review.proposal_id == review.proposal_id,
                Review.id != review.id,
                Review.state.in_(COUNTED),
            )
            .order_by(Review.id)
            .options(joinedload(Review.scores), joinedload(Review.reviewer))
        ).unique()
    )


def quorum_of(rule: DecisionRuleVersion) -> int:
    """How many counted reviews the decision rule asks of a proposal. Raises Invalid for a rule no engine knows."""
    try:
        return Rule.from_data(rule.data).quorum
    except DecidingError as error:
        raise Invalid(_("The decision rule can't be applied: %(why)s", why=str(error))) from error


def summary_of(round_: Round, proposal: Proposal, *, lock: bool = False) -> ReviewSummary:
    """A proposal's summary in a round; lock: until the end of the transaction, freshly read."""
    rows = select(ReviewSummary).where(ReviewSummary.round_id == round_.id, ReviewSummary.proposal_id == proposal.id)
    if lock:
        rows = rows.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(rows).one()


def held_for_seal(review: Review) -> tuple[ReviewSummary, RoundState, int]:
    """The proposal's summary and the review, locked until the end of the transaction, and the round, which nobody can
    close until then: the summary as it is now, the round's state, and the review's version. One statement."""
    values = {"review": review.id, "round": review.round_id, "proposal": review.proposal_id}
    summary, state, version = db.session.execute(_held_for_seal(), values).one()
    return summary, state, version


@cache
def _held_for_seal() -> Select[Any]:
    """The review is locked before the summary, as by whoever hands it over or takes it back."""
    key = bindparam("round", type_=BigInteger)
    held = select(Round.state).where(Round.id == key).with_for_update(read=True).cte("held")
    of_review = select(Review.version).where(Review.id == bindparam("review", type_=BigInteger))
    mine = of_review.with_for_update(key_share=True).cte("mine")
    return (
        select(ReviewSummary, held.c.state, mine.c.version)
        .select_from(ReviewSummary)
        .join(held, true())
        .join(mine, true())
        .where(ReviewSummary.round_id == key, ReviewSummary.proposal_id == bindparam("proposal", type_=BigInteger))
        .with_for_update(of=ReviewSummary)
        .execution_options(populate_existing=True)
    )


def counted_scores(round_id: int, proposal_id: int, *, but: int | None = None) -> dict[int, dict[str, int | None]]:
    """The scores of a proposal's counted reviews, but for one: review id -> criterion's key -> score; one statement."""
    values = {"round": round_id, "proposal": proposal_id, "but": but or 0}
    found: dict[int, dict[str, int | None]] = {}
    for review_id, key, value in db.session.execute(_counted_scores(), values):
        found.setdefault(review_id, {})[key] = value
    return found


@cache
def _counted_scores() -> Rows:
    return (
        select(Review.id, Criterion.key, ReviewScore.value)
        .join(ReviewScore, ReviewScore.review_id == Review.id)
        .join(Criterion, Criterion.id == ReviewScore.criterion_id)
        .where(
            Review.round_id == bindparam("round", type_=BigInteger),
            Review.proposal_id == bindparam("proposal", type_=BigInteger),
            Review.id != bindparam("but", type_=BigInteger),
            Review.state.in_(COUNTED),
        )
        .order_by(Review.id)
    )
