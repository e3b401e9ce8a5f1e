"""Reminders of reviews that are not sealed, and what happens when nobody answers: a rule, taken by a job."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import WrongState
from incubator.notifications.services import notify
from incubator.people.models import Person, Role
from incubator.people.queries import holders_of
from incubator.reviews import queries
from incubator.reviews.models import Review, ReviewReminder, Round
from incubator.reviews.states import RoundState


class Whom(StrEnum):
    """Who is told."""

    REVIEWER = "reviewer"
    CHAIR = "chair"
    OFFICE = "office"


@dataclass(frozen=True)
class Step:
    """days: after the day the review is due (below 0: before it)."""

    name: str
    days: int
    whom: Whom
    kind: str


RULE = (
    Step("week_before", -7, Whom.REVIEWER, "review.due_soon"),
    Step("day_before", -1, Whom.REVIEWER, "review.due_soon"),
    Step("late", 1, Whom.REVIEWER, "review.late"),
    Step("late_chair", 2, Whom.CHAIR, "review.late_of"),
    Step("late_office", 4, Whom.OFFICE, "review.late_of"),
)
"""In the order of their days; each is taken once a review, and of several that are due at once for one kind of reader
only the last."""


def steps_due(due_on: dt.date, today: dt.date) -> list[Step]:
    """What the rule asks for today of a review that is due on a day: for each kind of reader the last step that has
    come."""
    last = {step.whom: step for step in RULE if (today - due_on).days >= step.days}
    return list(last.values())


def remind() -> int:
    """Take the steps that are due and not yet taken; answers how many. Called by the job."""
    today, taken = clock.today(), 0
    for review in queries.reviews_to_remind(today - dt.timedelta(days=RULE[0].days)):
        for step in steps_due(review.round.call.review_due_on, today):
            if _is_new(review, step):
                _tell(review, step)
                taken += 1
    return taken


@action("round.remind")
def remind_now(actor: Person, round_: Round) -> int:
    """Remind of every review of a round that is not sealed, each once a day; answers of how many.

    Of proposals that the actor is kept from nobody is reminded. Raises WrongState once the round is closed.
    """
    if round_.state is not RoundState.OPEN:
        raise WrongState(_("The reviewing of this round is over: nobody is reminded any more."))
    kept, reminded, today = queries.kept_from(actor, round_), 0, clock.today()
    is_late = round_.call.review_due_on < today
    step = Step(f"asked_{today.isoformat()}", 0, Whom.REVIEWER, "review.late" if is_late else "review.due_soon")
    for review in queries.reviews_to_remind(round_=round_):
        if review.proposal_id not in kept and _is_new(review, step):
            _tell(review, step)
            reminded += 1
    audit.record("round.remind", round_, {"reviews": reminded})
    return reminded


def _is_new(review: Review, step: Step) -> bool:
    values = {"review_id": review.id, "step": step.name, "created_at": clock.now()}
    statement = insert(ReviewReminder).values(**values).on_conflict_do_nothing().returning(ReviewReminder.id)
    return db.session.scalar(statement) is not None


def _tell(review: Review, step: Step) -> None:
    proposal = review.proposal
    address = f"/reviews/{review.public_id}" if step.whom is Whom.REVIEWER else f"/proposals/{proposal.public_id}"
    title = queries.title_for_reviewers(proposal) if step.whom is Whom.REVIEWER else proposal.title
    for person in _readers(review, step.whom):
        if not queries.is_written_out(person, proposal):
            due = review.round.call.review_due_on.isoformat()
            notify(person.id, step.kind, address, title=title, name=review.reviewer.name, due=due)


def _readers(review: Review, whom: Whom) -> Iterable[Person]:
    if whom is Whom.REVIEWER:
        return [review.reviewer]
    if whom is Whom.CHAIR:
        chair = queries.chair_of(review.round)
        return [chair] if chair is not None else []
    return list(db.session.scalars(holders_of(Role.OFFICE, review.proposal.company)))
