"""A reviewer's place at a proposal: given free, and the office told."""

from incubator.core.db import db
from incubator.notifications.services import notify
from incubator.people import access
from incubator.people.models import Role
from incubator.people.queries import holders_of
from incubator.proposals import queries as proposals
from incubator.proposals.predicates import has_part_in
from incubator.reviews import queries
from incubator.reviews.models import Review
from incubator.reviews.services.counting import recount


def free(review: Review) -> None:
    """Count the place as empty and close the dossier."""
    access.withdraw(review.reviewer_id, review.proposal, "assignment")
    queries.summary_of(review.round, review.proposal, lock=True).assigned -= 1
    recount(review.reviewer_id)


def tell_office(review: Review, kind: str) -> None:
    """Ask the office for another reviewer; never its authors, who is close to them, or whom it is denied to."""
    proposal = review.proposal
    for officer in db.session.scalars(holders_of(Role.OFFICE, proposal.company)):
        if proposals.sees(officer, proposal) and not has_part_in(officer, proposal):
            address = f"/proposals/{proposal.public_id}/committee"
            notify(officer.id, kind, address, title=proposal.title, name=review.reviewer.name)
