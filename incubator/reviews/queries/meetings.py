"""Reading a committee's meeting: the agenda without what the reader is kept from, who is there, who must leave."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from incubator.calls.models import Call, CommitteeMember, Seat
from incubator.core.db import db
from incubator.people import access
from incubator.people.models import Person
from incubator.people.reader import for_reader
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews.models import (
    Decision,
    Meeting,
    MeetingItem,
    MeetingPresence,
    MeetingVote,
    RankingFigure,
    RankingRun,
    ReviewSummary,
    Round,
)
from incubator.reviews.predicates import RANKING_ROLES
from incubator.reviews.queries.reviews import unconflicted
from incubator.reviews.queries.rounds import _loaded, _seat_of
from incubator.reviews.states import DecisionState, RoundState, RunState

AT_TABLE = (RoundState.CLOSED, RoundState.DECIDED, RoundState.RELEASED)
"""A committee meets once the reviews are closed."""


@for_reader
def tables_visible_to(person: Person) -> Select[Round]:
    """Rounds whose meeting the person may see: the committee from the close on, the office and auditors in scope."""
    rows = select(Round).join(Call, Call.id == Round.call_id)
    in_scope = access.within(Call.company_id, person, *RANKING_ROLES)
    sits = _seat_of(person, Seat.CHAIR, Seat.MEMBER)
    return _loaded(rows.where(Round.state.in_(AT_TABLE), or_(sits, in_scope)))


def items_visible_to(person: Person) -> Select[MeetingItem]:
    """Items of the meetings the person may see, but for proposals in conflict."""
    rounds = tables_visible_to(person).with_only_columns(Round.id).options()
    return (
        select(MeetingItem)
        .join(Meeting, Meeting.id == MeetingItem.meeting_id)
        .where(Meeting.round_id.in_(rounds), unconflicted(MeetingItem.proposal_id, person))
        .options(
            joinedload(MeetingItem.meeting).joinedload(Meeting.round).joinedload(Round.committee),
            joinedload(MeetingItem.proposal),
        )
    )


def meeting_of(round_: Round) -> Meeting | None:
    """The round's meeting, None before it was convened."""
    return db.session.scalar(select(Meeting).where(Meeting.round_id == round_.id))


def to_discuss(round_: Round) -> list[int]:
    """The proposals of a round in the order of a fresh agenda: those whose chance is nearest one half first, then the
    best first; one query."""
    newest = (
        select(func.max(RankingRun.id))
        .where(RankingRun.round_id == round_.id, RankingRun.audience_id.is_(None), RankingRun.state == RunState.DONE)
        .scalar_subquery()
    )
    rows = (
        select(Proposal.id)
        .join(ReviewSummary, ReviewSummary.proposal_id == Proposal.id)
        .outerjoin(RankingFigure, and_(RankingFigure.run_id == newest, RankingFigure.proposal_id == Proposal.id))
        .where(ReviewSummary.round_id == round_.id, Proposal.state == ProposalState.DELIBERATION)
        .order_by(
            func.abs(RankingFigure.top - 5_000).asc().nulls_last(),
            ReviewSummary.total_hundredths.desc(),
            ReviewSummary.id,
        )
    )
    return list(db.session.scalars(rows))


def agenda(meeting: Meeting, person: Person) -> list[Any]:
    """The items a reader may see, in order, with what is known of each; columns only, one query."""
    return list(
        db.session.execute(
            select(
                MeetingItem.id, MeetingItem.public_id, MeetingItem.position, MeetingItem.allotted,
                MeetingItem.opened_at, MeetingItem.closed_at, MeetingItem.ballot, MeetingItem.minutes,
                MeetingItem.proposal_id, Proposal.title, Proposal.lang, Proposal.number, Proposal.currency,
                Proposal.public_id.label("proposal"), ReviewSummary.total_hundredths.label("total"),
                ReviewSummary.spread_hundredths.label("spread"), ReviewSummary.sealed, ReviewSummary.asked,
                Decision.public_id.label("decision"), Decision.outcome, Decision.state.label("decision_state"),
            )
            .join(Proposal, Proposal.id == MeetingItem.proposal_id)
            .join(Meeting, Meeting.id == MeetingItem.meeting_id)
            .join(
                ReviewSummary,
                and_(ReviewSummary.proposal_id == Proposal.id, ReviewSummary.round_id == Meeting.round_id),
            )
            .outerjoin(
                Decision, and_(Decision.proposal_id == Proposal.id, Decision.state != DecisionState.SUPERSEDED)
            )
            .where(MeetingItem.meeting_id == meeting.id, unconflicted(MeetingItem.proposal_id, person))
            .order_by(MeetingItem.position, MeetingItem.id)
        )
    )  # fmt: skip


def at_table(meeting: Meeting) -> list[Any]:
    """The committee's members: public id, name, seat, whether present; columns only, one query."""
    here = (
        select(MeetingPresence.id)
        .where(MeetingPresence.meeting_id == meeting.id, MeetingPresence.person_id == Person.id)
        .exists()
    )
    return list(
        db.session.execute(
            select(Person.id, Person.public_id, Person.name, CommitteeMember.seat, here.label("is_here"))
            .join(CommitteeMember, CommitteeMember.person_id == Person.id)
            .join(Round, Round.committee_id == CommitteeMember.committee_id)
            .where(Round.id == meeting.round_id)
            .order_by(CommitteeMember.seat, Person.name_latin, Person.id)
        )
    )


def must_leave(meeting: Meeting, proposal_id: int) -> set[int]:
    """The members who are kept from a proposal, by person id; one query."""
    kept: Any = Person
    rows = (
        select(Person.id)
        .join(CommitteeMember, CommitteeMember.person_id == Person.id)
        .join(Round, Round.committee_id == CommitteeMember.committee_id)
        .where(Round.id == meeting.round_id, ~unconflicted(proposal_id, kept))
    )
    return set(db.session.scalars(rows))


@dataclass(frozen=True)
class Votes:
    """The ballots of a meeting: (item, ballot) -> how many chose what; and who has voted in each."""

    counts: dict[tuple[int, int], Counter[str]]
    voters: dict[tuple[int, int], set[int]]


def votes_of(meeting: Meeting, person: Person) -> Votes:
    """The votes on the items the reader may see; one query."""
    rows = (
        select(MeetingVote.item_id, MeetingVote.ballot, MeetingVote.person_id, MeetingVote.choice)
        .join(MeetingItem, MeetingItem.id == MeetingVote.item_id)
        .where(MeetingItem.meeting_id == meeting.id, unconflicted(MeetingItem.proposal_id, person))
    )
    counts: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    voters: dict[tuple[int, int], set[int]] = defaultdict(set)
    for item, ballot, voter, choice in db.session.execute(rows):
        counts[item, ballot][choice.value] += 1
        voters[item, ballot].add(voter)
    return Votes(counts, voters)
