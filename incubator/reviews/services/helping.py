"""Sub-reviewers, whom the office approves, and what others say of a review."""

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.notifications.services import notify
from incubator.people.models import Person
from incubator.people.queries import by_hr_number
from incubator.reviews import queries
from incubator.reviews.models import HelpState, Review, ReviewRating, SubReview
from incubator.reviews.services.conflicts import declare_conflict
from incubator.reviews.services.reviewing import check_score
from incubator.reviews.services.slots import tell_office
from incubator.reviews.states import BEFORE_SEAL, COUNTED


@action("review.ask_help")
def ask_help(actor: Person, review: Review, *, hr_number: str, reason: str) -> SubReview:
    """Ask that a colleague reads the dossier and gives an opinion; the office answers.

    Raises Invalid (field hr_number) for somebody who may not read it, in the same words whatever the cause.
    """
    words = reason.strip()
    if not words:
        raise Invalid(_("Give the reason."), field="reason")
    if review.state not in BEFORE_SEAL:
        raise WrongState(_("This review can't be changed any more. Reload the page to see where it stands."))
    person = by_hr_number(hr_number.strip())
    if person is None or not _may_be_asked(person, review):
        raise Invalid(_("Nobody with this number may read this proposal for you."), field="hr_number")
    if queries.help_of(review) is not None:
        raise WrongState(_("Somebody is asked for this review already."))
    wish = SubReview(review=review, person=person, reason=words)
    audit.created(wish, cause_id=review.cause_id, payload={"person": person.public_id, "reason": words})
    tell_office(review, "review.help_asked")
    return wish


def _may_be_asked(person: Person, review: Review) -> bool:
    """Nobody who reviews it, was asked before, has left, or is in conflict by what is written or what the records tell.

    Of a blind call the office alone looks for conflicts, when it answers: a refusal here would tell who proposes.
    """
    if not person.is_active or queries.was_asked(review, person):
        return False
    if queries.is_blind(review.proposal):
        return True
    derived = queries.derive([review.proposal], [person])[review.proposal_id].get(person.id)
    return not derived and not queries.is_conflicted(person, review.proposal)


def _lock(wish: SubReview) -> None:
    """Hold the wish, and its review against a step that ends it, both freshly read."""
    db.session.refresh(wish, with_for_update={"of": SubReview})
    db.session.refresh(wish.review, with_for_update={"read": True, "of": Review})


@action("sub_review.answer")
def answer_help(actor: Person, wish: SubReview, *, approves: bool) -> None:
    """Approve a sub-reviewer, who is asked then, or refuse."""
    _lock(wish)
    if wish.state is not HelpState.ASKED:
        raise WrongState(_("This is answered already."))
    if approves and not queries.may_read_for(wish):
        raise Invalid(_("The records show a conflict of interest since: refuse it."))
    wish.answered_by_id = actor.id
    wish.state = HelpState.APPROVED if approves else HelpState.REFUSED
    audit.record("sub_review.answer", wish, {"state": wish.state.value})
    title = queries.title_for_reviewers(wish.review.proposal)
    if approves:
        notify(wish.person_id, "review.help", f"/sub-reviews/{wish.public_id}", title=title)
    else:
        notify(wish.review.reviewer_id, "review.help_refused", f"/reviews/{wish.review.public_id}", title=title)


@action("sub_review.declare")
def declare_for_help(actor: Person, wish: SubReview, *, has_conflict: bool, statement: str = "") -> None:
    """Say whether there is a conflict of interest; only then does the dossier open."""
    _lock(wish)
    if wish.state is not HelpState.APPROVED or wish.review.state not in BEFORE_SEAL:
        raise WrongState(_("This is answered already."))
    words = statement.strip()
    if has_conflict and not words:
        raise Invalid(_("Say in a few words what the conflict is."), field="statement")
    wish.statement = words
    wish.state = HelpState.RECUSED if has_conflict else HelpState.CLEARED
    event = audit.record("sub_review.declare", wish, {"conflict": has_conflict})
    if has_conflict:
        declare_conflict(wish.review.proposal, actor, event, words)
        title = queries.title_for_reviewers(wish.review.proposal)
        notify(wish.review.reviewer_id, "review.help_refused", f"/reviews/{wish.review.public_id}", title=title)


@action("sub_review.give")
def give_opinion(
    actor: Person, wish: SubReview, *, opinion: str, scores: Mapping[str, int | None] | None = None
) -> None:
    """Give the opinion, which stays as it is; the reviewer is told.

    scores: by criterion key, where the colleague has one. Raises Invalid (field score_<key>) for one off its scale.
    """
    words = opinion.strip()
    if not words:
        raise Invalid(_("Write your opinion."), field="opinion")
    _lock(wish)
    if wish.state is not HelpState.CLEARED or wish.review.state not in BEFORE_SEAL:
        raise WrongState(_("Nothing is asked of you here any more."))
    given, criteria = scores or {}, {one.key: one for one in wish.round.rubric.criteria}
    for key, value in given.items():
        check_score(criteria.get(key), key, value)
    wish.scores = {key: given[key] for key in criteria if given.get(key) is not None}
    wish.opinion, wish.given_at, wish.state = words, clock.now(), HelpState.GIVEN
    audit.record("sub_review.give", wish)
    title = queries.title_for_reviewers(wish.review.proposal)
    notify(wish.review.reviewer_id, "review.help_given", f"/reviews/{wish.review.public_id}", title=title)


@action("review.rate")
def rate_review(actor: Person, review: Review, *, helpful: int | None, note: str = "") -> None:
    """Say how helpful a sealed review is (1 to 3); once more replaces it. Its reviewer reads it without a name."""
    if helpful not in (1, 2, 3):
        raise Invalid(_("Choose how helpful it is."), field="helpful")
    state = db.session.scalar(select(Review.state).where(Review.id == review.id).with_for_update(read=True))
    if state not in COUNTED:
        raise WrongState(_("Only a sealed review can be rated."))
    values = {"review_id": review.id, "rater_id": actor.id, "helpful": helpful, "note": note.strip()}
    fresh = insert(ReviewRating).values(created_at=clock.now(), **values)
    keep = {name: fresh.excluded[name] for name in ("helpful", "note", "created_at")}
    db.session.execute(fresh.on_conflict_do_update(index_elements=["review_id", "rater_id"], set_=keep))
    audit.record("review.rate", review, {"helpful": helpful})
