"""What a ranking run is worked out from, and the stored runs, each for those who may see all that went into it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, null, or_, select, union
from sqlalchemy.dialects.postgresql import distinct_on

from incubator.calls.models import CallTheme, CommitteeMember, Seat, Theme
from incubator.core.db import db
from incubator.core.sent import rows_of
from incubator.people.models import Access, Effect, Person, RoleGrant
from incubator.people.reader import for_reader
from incubator.proposals.models import Proposal, TeamMember
from incubator.reviews.engines.deciding import Leftovers, Order, Rule
from incubator.reviews.models import RankingFigure, RankingRun, Review, ReviewSummary, Round
from incubator.reviews.predicates import RANKING_ROLES, may_rank
from incubator.reviews.queries.derived import clear_of
from incubator.reviews.queries.reviews import Rows
from incubator.reviews.queries.standing import ROUND
from incubator.reviews.states import COUNTED, UNFINISHED, RoundState, RunState

LOAD = 40
"""How many reviews of one round a member is taken to manage, for the list of where one more pays."""
AGAIN = (RoundState.OPEN, RoundState.CLOSED)


@dataclass(frozen=True)
class Runs:
    """The last finished run for a reader, and the one that is being worked out (or failed last): rows of `newest`."""

    done: Any | None
    current: Any | None

    @classmethod
    def of(cls, found: Sequence[Any]) -> "Runs":
        """From the newest of those that are done and of those that are not."""
        done = next((run for run in found if run.state is RunState.DONE), None)
        later = [run for run in found if run.state is not RunState.DONE and (done is None or run.id > done.id)]
        return cls(done, max(later, key=lambda run: run.id, default=None))

    @property
    def is_busy(self) -> bool:
        """One is waiting or running."""
        return self.current is not None and self.current.state in (RunState.WAITING, RunState.RUNNING)


def runs_of(round_: Round, person: Person) -> Runs:
    """The runs a reader sees; one query."""
    return Runs.of(rows_of(newest(person), {"round_id": round_.id}))


@for_reader
def newest(person: Person) -> Rows:
    """The newest run that is done and the newest that is not, in columns. Whose: the person's own where something is
    hidden, else everybody's (null)."""
    kept_from = exists().where(ReviewSummary.round_id == ROUND, ~clear_of(ReviewSummary.proposal_id, person))
    audience = case((kept_from, person.id), else_=null())
    is_done = RankingRun.state == RunState.DONE
    return (
        select(
            RankingRun.id, RankingRun.state, RankingRun.progress, RankingRun.seed, RankingRun.inputs_hash,
            RankingRun.versions, RankingRun.result, RankingRun.finished_at,
        )
        .where(RankingRun.round_id == ROUND, RankingRun.audience_id.is_not_distinct_from(audience))
        .ext(distinct_on(is_done))
        .order_by(is_done.desc(), RankingRun.id.desc())
    )  # fmt: skip


def _figures(run: Any) -> Rows:
    figure = RankingFigure
    return (
        select(
            Proposal.public_id, Proposal.title, Proposal.lang, Proposal.number, figure.shown, figure.low, figure.high,
            figure.place, figure.plain_place, figure.expected, figure.inner, figure.outer, figure.top, figure.funded,
            figure.position, figure.extra, figure.single,
        )
        .join(Proposal, Proposal.id == figure.proposal_id)
        .where(figure.run_id == run.id)
    )  # fmt: skip


def where_one_more_pays(run: Any, size: int = 20) -> list[Any]:
    """The proposals where one more review pays most, in their order; one query."""
    rows = _figures(run).where(RankingFigure.extra.is_not(None)).order_by(RankingFigure.extra).limit(size)
    return list(db.session.execute(rows))


def named_by(run: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """What a run names by key: proposals (number, title, lang) that calibration moved over the line, and reviewers."""
    keys = [key for theme in run.result["themes"].values() for key in (*theme["enters"], *theme["leaves"])]
    columns = (Proposal.public_id, Proposal.number, Proposal.title, Proposal.lang)
    moved = {row.public_id: row for row in db.session.execute(select(*columns).where(Proposal.public_id.in_(keys)))}
    people = select(Person.public_id, Person.name).where(
        Person.public_id.in_([one[0] for one in run.result["severity"]])
    )
    return moved, dict(db.session.execute(people).all())


def inputs_of(round_: Round, reader: Person | None) -> dict[str, Any]:
    """All that goes into a run: for a reader who is kept from some of its proposals, or for all others (None)."""
    rule = Rule.from_data(round_.rule.data)
    shown = clear_of(ReviewSummary.proposal_id, reader) if reader is not None else None
    proposals = (
        select(Proposal.public_id, Theme.public_id, ReviewSummary.asked)
        .join(ReviewSummary, ReviewSummary.proposal_id == Proposal.id)
        .join(Theme, Theme.id == ReviewSummary.theme_id)
        .where(ReviewSummary.round_id == round_.id)
    )
    reviews = (
        select(Proposal.public_id, Person.public_id, Review.total)
        .join(Proposal, Proposal.id == Review.proposal_id)
        .join(Person, Person.id == Review.reviewer_id)
        .join(ReviewSummary, and_(ReviewSummary.proposal_id == Proposal.id, ReviewSummary.round_id == round_.id))
        .where(Review.round_id == round_.id, Review.state.in_(COUNTED), Review.total.is_not(None))
    )
    if shown is not None:
        proposals, reviews = proposals.where(shown), reviews.where(shown)
    budgets = select(Theme.public_id, CallTheme.budget).join(CallTheme, CallTheme.theme_id == Theme.id)
    return {
        "reviews": sorted([*row] for row in db.session.execute(reviews)),
        "proposals": {key: [theme, asked] for key, theme, asked in db.session.execute(proposals)},
        "budgets": dict(db.session.execute(budgets.where(CallTheme.call_id == round_.call_id)).all()),
        "minimum": rule.minimum,
        "stops": rule.leftovers is Leftovers.STOP,
        "by_score": rule.order is Order.TOTAL,
        "spare": _spare(round_, shown),
        "settled": True,
    }


def _spare(round_: Round, shown: ColumnElement[bool] | None) -> int:
    """How many more reviews the committee's members could take on in this round; hidden ones are not counted."""
    members = select(func.count(CommitteeMember.id)).where(
        CommitteeMember.committee_id == round_.committee_id, CommitteeMember.seat == Seat.MEMBER
    )
    held = (
        select(func.count(Review.id))
        .join(ReviewSummary, ReviewSummary.proposal_id == Review.proposal_id)
        .where(
            Review.round_id == round_.id,
            ReviewSummary.round_id == round_.id,
            Review.state.in_((*UNFINISHED, *COUNTED)),
        )
    )
    held = held if shown is None else held.where(shown)
    return max(0, LOAD * (db.session.scalar(members) or 0) - (db.session.scalar(held) or 0))


def audiences_of(round_: Round) -> list[Person | None]:
    """For whom a round is worked out: everybody who is kept from nothing, and each who may rank it and is from some."""
    inside = select(ReviewSummary.proposal_id).where(ReviewSummary.round_id == round_.id)
    kept = union(
        select(Access.person_id).where(
            Access.subject_type == Proposal.__tablename__,
            Access.subject_id.in_(inside),
            Access.effect == Effect.DENY,
        ),
        select(Proposal.lead_id).where(Proposal.id.in_(inside)),
        select(TeamMember.person_id).where(TeamMember.proposal_id.in_(inside)),
    ).subquery()
    chairs = select(CommitteeMember.person_id).where(
        CommitteeMember.committee_id == round_.committee_id, CommitteeMember.seat == Seat.CHAIR
    )
    holders = select(RoleGrant.person_id).where(RoleGrant.role.in_(RANKING_ROLES))
    rows = select(Person).where(Person.id.in_(select(kept.c[0])), or_(Person.id.in_(chairs), Person.id.in_(holders)))
    found = db.session.scalars(rows.order_by(Person.id))
    return [None, *(person for person in found if may_rank(person, round_))]


def rounds_to_rank() -> list[Round]:
    """Rounds held here that still change, open or closed, and those decided before their first run was done; of both
    those with a review that counts."""
    done = exists().where(RankingRun.round_id == Round.id, RankingRun.state.in_((RunState.DONE, RunState.FAILED)))
    counted = exists().where(
        ReviewSummary.round_id == Round.id, ReviewSummary.proposal_id == Review.proposal_id,
        Review.round_id == Round.id, Review.state.in_(COUNTED), Review.total.is_not(None),
    )  # fmt: skip
    rows = select(Round).where(or_(Round.state.in_(AGAIN), ~done), counted, Round.imported_hash.is_(None))
    return list(db.session.scalars(rows.order_by(Round.id)))


def rounds_to_watch() -> list[Round]:
    """Rounds held here that are not released: who may judge and sign in them still counts."""
    rows = select(Round).where(Round.state != RoundState.RELEASED, Round.imported_hash.is_(None))
    return list(db.session.scalars(rows.order_by(Round.id)))


def latest_hash(round_: Round, reader: Person | None) -> str | None:
    """What went into the last finished run for a reader."""
    return db.session.scalar(
        select(RankingRun.inputs_hash)
        .where(
            RankingRun.round_id == round_.id,
            RankingRun.audience_id.is_not_distinct_from(reader.id if reader else None),
            RankingRun.state == RunState.DONE,
        )
        .order_by(RankingRun.id.desc())
        .limit(1)
    )
