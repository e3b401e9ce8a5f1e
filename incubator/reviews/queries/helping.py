"""Wishes before an assignment, sub-reviewers, and what others say of reviews."""

from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from incubator.calls.models import Call, CommitteeMember, Seat, Theme
from incubator.core.db import db
from incubator.people import access
from incubator.people.models import Company, Person, Role
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews.models import HelpState, Review, ReviewBid, ReviewRating, Round, SubReview
from incubator.reviews.queries.blinding import shown_company, shown_title
from incubator.reviews.queries.derived import clear_of
from incubator.reviews.queries.reviews import chaired_by, unconflicted
from incubator.reviews.states import BEFORE_SEAL, COUNTED

MOST_BIDS = 500
ENDED = (HelpState.REFUSED, HelpState.RECUSED)


def bids_asked_of(person: Person, call: Call | None = None) -> list[Any]:
    """What can be given out soon to a committee member who scores, but for proposals in conflict: title, theme and
    company as reviewers read them, and the member's wish; columns only, one query."""
    sits = exists().where(
        CommitteeMember.committee_id == Call.committee_id, CommitteeMember.person_id == person.id,
        CommitteeMember.seat == Seat.MEMBER,
    )  # fmt: skip
    rows = (
        select(
            Proposal.public_id, Proposal.id.label("proposal_id"), Proposal.number, Proposal.lang,
            shown_title().label("title"), shown_company().label("company"), Theme.name.label("theme"), ReviewBid.wish,
            Call.public_id.label("call"), Call.title.label("call_title"),
        )
        .join(Call, Call.id == Proposal.call_id)
        .join(Company, Company.id == Proposal.company_id)
        .join(Theme, Theme.id == Proposal.theme_id)
        .outerjoin(ReviewBid, and_(ReviewBid.proposal_id == Proposal.id, ReviewBid.person_id == person.id))
        .where(Proposal.state == ProposalState.SCREENING, sits, clear_of(Proposal.id, person))
        .order_by(Call.review_due_on, Call.id, Proposal.id)
        .limit(MOST_BIDS)
    )  # fmt: skip
    return list(db.session.execute(rows if call is None else rows.where(Proposal.call_id == call.id)))


def calls_asking(person: Person) -> Select[Call]:
    """The calls whose committee the person scores in."""
    sits = exists().where(
        CommitteeMember.committee_id == Call.committee_id, CommitteeMember.person_id == person.id,
        CommitteeMember.seat == Seat.MEMBER,
    )  # fmt: skip
    return select(Call).where(sits)


def wishes_of(ids: dict[int, str], people: dict[int, str]) -> list[list[str]]:
    """[proposal, reviewer, wish] by public id, in a fixed order; one query."""
    rows = db.session.execute(
        select(ReviewBid.proposal_id, ReviewBid.person_id, ReviewBid.wish).where(
            ReviewBid.proposal_id.in_(ids), ReviewBid.person_id.in_(people)
        )
    )
    return sorted([ids[p], people[r], wish.value] for p, r, wish in rows)


def help_of(review: Review) -> SubReview | None:
    """The sub-reviewer of a review who was not refused and has not stepped back."""
    rows = select(SubReview).where(SubReview.review_id == review.id, SubReview.state.not_in(ENDED))
    return db.session.scalar(rows.options(joinedload(SubReview.person)))


def was_asked(review: Review, person: Person) -> bool:
    """Tell whether a person reviews the proposal in this round, or was asked for this review before."""
    reviews = select(Review.id).where(
        Review.round_id == review.round_id, Review.proposal_id == review.proposal_id, Review.reviewer_id == person.id
    )
    asked = select(SubReview.id).where(SubReview.review_id == review.id, SubReview.person_id == person.id)
    return bool(db.session.scalar(select(or_(reviews.exists(), asked.exists()))))


def may_read_for(wish: SubReview) -> bool:
    """Tell whether nothing keeps a sub-reviewer from the proposal now."""
    rows = select(Proposal.id).where(Proposal.id == wish.review.proposal_id, clear_of(Proposal.id, wish.person))
    return db.session.scalar(rows) is not None


def _sub_reviews() -> Select[SubReview]:
    review = joinedload(SubReview.review)
    proposal = review.joinedload(Review.proposal)
    return (
        select(SubReview)
        .join(Review, Review.id == SubReview.review_id)
        .join(Proposal, Proposal.id == Review.proposal_id)
        .options(
            joinedload(SubReview.person), review.joinedload(Review.reviewer), proposal.joinedload(Proposal.company),
            proposal.joinedload(Proposal.submitted_version), proposal.joinedload(Proposal.call),
        )
    )  # fmt: skip


def sub_reviews_for(person: Person) -> Select[SubReview]:
    """Those that an office answers, but for proposals in conflict and an officer's own part in one."""
    in_scope = access.within(Proposal.company_id, person, Role.OFFICE)
    apart = and_(SubReview.person_id != person.id, Review.reviewer_id != person.id)
    return _sub_reviews().where(in_scope, apart, unconflicted(Proposal.id, person))


def sub_reviews_waiting(person: Person, size: int = 100) -> list[SubReview]:
    """Those that are not answered, the oldest first; one query."""
    rows = sub_reviews_for(person).where(SubReview.state == HelpState.ASKED).order_by(SubReview.id).limit(size)
    return list(db.session.scalars(rows))


def sub_reviews_of(person: Person) -> Select[SubReview]:
    """The opinions that are asked of a person while the review is not sealed, or were given, of proposals that nothing
    keeps the person from."""
    asked = and_(SubReview.state.in_((HelpState.APPROVED, HelpState.CLEARED)), Review.state.in_(BEFORE_SEAL))
    seen = or_(asked, SubReview.state == HelpState.GIVEN)
    return _sub_reviews().where(SubReview.person_id == person.id, seen, clear_of(Proposal.id, person))


def rateable_by(person: Person) -> Select[Review]:
    """The reviews that a person may rate: as the chair, or as another who sealed one of the same proposal."""
    own = aliased(Review)
    beside = exists().where(
        own.round_id == Review.round_id, own.proposal_id == Review.proposal_id, own.reviewer_id == person.id,
        own.state.in_(COUNTED),
    )  # fmt: skip
    chaired = chaired_by(person).with_only_columns(Review.id).options()
    return (
        select(Review)
        .where(Review.reviewer_id != person.id, Review.state.in_(COUNTED), unconflicted(Review.proposal_id, person))
        .where(or_(beside, Review.id.in_(chaired)))
        .options(joinedload(Review.round).joinedload(Round.committee), joinedload(Review.proposal))
    )


def ratings_of(review: Review) -> list[Any]:
    """What was said of a review: helpful, note; without names, one query."""
    rows = select(ReviewRating.helpful, ReviewRating.note).where(ReviewRating.review_id == review.id)
    return list(db.session.execute(rows.order_by(ReviewRating.helpful.desc(), ReviewRating.id)))


def helpfulness_of(person: Person) -> dict[int, int]:
    """How often a reviewer's reviews were found little (1), fairly (2) and very (3) helpful; one query."""
    rows = (
        select(ReviewRating.helpful, func.count())
        .join(Review, Review.id == ReviewRating.review_id)
        .where(Review.reviewer_id == person.id, unconflicted(Review.proposal_id, person))
        .group_by(ReviewRating.helpful)
    )
    return dict(db.session.execute(rows).all())
