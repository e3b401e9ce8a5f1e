"""What a proposal's page tells of who judges it, in one statement: its reviews and its second rounds."""

from typing import Any

from sqlalchemy import BigInteger, bindparam, exists, func, select, true
from sqlalchemy.orm import aliased

from incubator.calls.models import CommitteeMember, Seat
from incubator.core.db import db
from incubator.core.sent import rows_of
from incubator.people.models import Person
from incubator.people.reader import asked_once, for_reader
from incubator.proposals.models import Proposal
from incubator.reviews.models import Panel, PanelKind, Review
from incubator.reviews.queries.panels import is_panel_seen, panels_visible_to
from incubator.reviews.queries.reviews import Rows


def of_proposal(proposal: Proposal, reader: Person) -> list[Any]:
    """Who reviews a proposal and how far they are, for the office and the chair, and on each row whether the reader is
    the chair; columns only."""
    return [row for row in _judged(proposal, reader) if row.public_id is not None]


def panels_of_proposal(proposal: Proposal, reader: Person) -> list[Panel]:
    """The second rounds of a proposal that a reader may see; no query of its own where there are none, as a rule."""
    found = _judged(proposal, reader)[0].second_rounds
    if not found:
        return []
    return list(db.session.scalars(panels_visible_to(reader).where(Panel.id.in_(found)).order_by(Panel.id)))


def _judged(proposal: Proposal, reader: Person) -> Any:
    values = {"proposal": proposal.id, "committee": proposal.call.committee_id, "reader": reader.id}
    return asked_once(reader, ("judged", proposal.id), lambda: rows_of(_rows(reader), values))


@for_reader
def _rows(person: Person) -> Rows:
    """One row a review, or one without; second_rounds on each: the ids of those the person sees, or null."""
    proposal = bindparam("proposal", type_=BigInteger)
    second = select(func.array_agg(Panel.id).label("second_rounds")).where(
        Panel.proposal_id == proposal, Panel.kind == PanelKind.SECOND, is_panel_seen(person)
    )
    chairs = exists().where(
        CommitteeMember.committee_id == bindparam("committee", type_=BigInteger),
        CommitteeMember.person_id == bindparam("reader", type_=BigInteger),
        CommitteeMember.seat == Seat.CHAIR,
    )
    reviewer = aliased(Person)
    reviews = (
        select(
            Review.id, reviewer.name, Review.public_id, Review.state, Review.total, Review.recommendation,
            Review.sealed_at, Review.scored, chairs.label("is_chair"),
        )
        .join(reviewer, reviewer.id == Review.reviewer_id)
        .where(Review.proposal_id == proposal)
        .subquery()
    )  # fmt: skip
    rounds = second.subquery()
    return select(reviews, rounds).select_from(rounds).outerjoin(reviews, true()).order_by(reviews.c.id)
