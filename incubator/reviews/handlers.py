"""What follows from events of lower packages."""

from incubator.core.db import db
from incubator.core.outbox import subscribe
from incubator.core.queue import enqueue
from incubator.core.transaction import after_commit
from incubator.notifications.services import notify
from incubator.people.events import DirectoryChanged, RoleGiven
from incubator.proposals.events import AppealReferred, ProposalAnswered
from incubator.proposals.models import Proposal
from incubator.reviews import queries, services


@subscribe(ProposalAnswered)
def tell_reviewers(event: ProposalAnswered) -> None:
    """Who has the dossier open learns that there is something new in it, before or after their seal."""
    proposal = db.session.get_one(Proposal, event.proposal_id)
    for review in queries.open_to_answers(proposal):
        notify(review.reviewer_id, "review.answered", f"/reviews/{review.public_id}", title=proposal.title)


@subscribe(AppealReferred)
def tell_committee(event: AppealReferred) -> None:
    """Who decides anew learns that an appeal was upheld."""
    services.tell_committee(db.session.get_one(Proposal, event.proposal_id))


@subscribe(RoleGiven)
def keep_out(event: RoleGiven) -> None:
    """Who is trusted with a role after proposals were handed in is kept from those in conflict as those before."""
    services.keep_onlookers_out(person_id=event.person_id)


@subscribe(DirectoryChanged)
def derive_again(_event: DirectoryChanged) -> None:
    """New managers and cost centres put others in conflict: it is found at once, not with the next periodic run."""
    after_commit(_wake_to_derive)


def _wake_to_derive() -> None:
    enqueue("reviews.conflicts")
