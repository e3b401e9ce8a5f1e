"""Handing a review to another member: asked by its reviewer, answered by the office."""

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.notifications.services import notify
from incubator.people.models import Person
from incubator.reviews import queries
from incubator.reviews.models import HandOver, HandOverState, Review
from incubator.reviews.services.assigning import assign
from incubator.reviews.services.slots import free, tell_office
from incubator.reviews.states import REVIEW, UNFINISHED


@action("review.ask_hand_over")
def ask_hand_over(actor: Person, review: Review, *, to: str, reason: str) -> HandOver:
    """Ask that another member of the committee (public id) takes a review over."""
    words = reason.strip()
    if not words:
        raise Invalid(_("Give the reason."), field="reason")
    members = {row.public_id: row.id for row in queries.colleagues(review)}
    if to not in members:
        raise Invalid(_("Choose a member."), field="to")
    if review.state not in UNFINISHED:
        raise WrongState(_("This review can't be changed any more. Reload the page to see where it stands."))
    waiting = select(HandOver.id).where(HandOver.review_id == review.id, HandOver.state == HandOverState.ASKED)
    if db.session.scalar(waiting) is not None:
        raise WrongState(_("You have asked already; the office answers."))
    wish = HandOver(review_id=review.id, to_id=members[to], reason=words)
    audit.created(wish, cause_id=review.cause_id, payload={"to": to, "reason": words})
    tell_office(review, "review.hand_over")
    return wish


@action("hand_over.answer")
def answer_hand_over(actor: Person, wish: HandOver, *, approves: bool) -> None:
    """Approve it, so that the other member is asked to review and the place of this one is free; or refuse it.

    Raises Invalid where the other member may not review the proposal: refuse it then, and choose somebody.
    """
    db.session.refresh(wish, with_for_update={"of": HandOver})
    if wish.state is not HandOverState.ASKED:
        raise WrongState(_("This is answered already."))
    wish.state = HandOverState.APPROVED if approves else HandOverState.REFUSED
    wish.answered_by_id, wish.answered_at = actor.id, clock.now()
    audit.record("hand_over.answer", wish, {"state": wish.state.value})
    review = wish.review
    address, title = f"/reviews/{review.public_id}", queries.title_for_reviewers(review.proposal)
    if not approves:
        notify(review.reviewer_id, "review.hand_over_refused", address, title=title)
        return
    REVIEW.move(review, "hand_over", reason=wish.reason)
    free(review)
    db.session.flush()
    assign(actor, review.proposal, reviewers=[wish.to])
    notify(review.reviewer_id, "review.handed_over", "/reviews/", title=title)
