"""What people say about likeness: authors why theirs is another matter, an office whether a hidden one is the same."""

from flask_babel import gettext as _

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.notifications.services import notify
from incubator.people.models import Person, Role
from incubator.people.queries import holders_of
from incubator.proposals import queries
from incubator.proposals.models import Difference, LikenessQuestion, Proposal
from incubator.proposals.predicates import is_free_of
from incubator.proposals.services import moves


@action("difference.give")
def give_difference(actor: Person, proposal: Proposal, *, other: Proposal, reason: str) -> Difference:
    """Say why one's own is another matter than a similar proposal; whoever screens it reads that. Said again, the
    newest reason stands, and the trail has the former ones. Raises Invalid at reason."""
    reason = moves.plain(reason)
    if not reason:
        raise Invalid(_("Say in a sentence what is different."), field="reason")
    if other.id == proposal.id:
        raise Invalid(_("Name another proposal."), field="reason")
    moves.lock(proposal)
    found = queries.difference_between(proposal, other)
    payload = {"other": other.public_id, "reason": reason}
    if found is None:
        found = Difference(proposal=proposal, other=other, author=actor, reason=reason, changed_at=clock.now())
        audit.created(found, cause_id=audit.event_of(proposal, "proposal.create").id, payload=payload)
    else:
        found.author, found.reason, found.changed_at = actor, reason, clock.now()
        audit.record("difference.give", found, payload)
    db.session.flush()
    return found


@action("likeness.ask")
def ask_likeness(actor: Person, proposal: Proposal, *, other: Proposal, question: str) -> LikenessQuestion:
    """Ask the company of a similar proposal whose text is not open whether it is the same. Once a pair.

    Raises Invalid at question, WrongState when it was asked already.
    """
    question = moves.plain(question)
    if not question:
        raise Invalid(_("Say in your own words what the proposal is about: they do not read it."), field="question")
    moves.lock(proposal)
    if queries.likeness_question(proposal, other) is not None:
        raise WrongState(_("This was asked already."))
    asked = LikenessQuestion(proposal=proposal, other=other, asked_by=actor, question=question)
    event = audit.created(asked, cause_id=audit.event_of(proposal, "proposal.create").id)
    audit.record("likeness.ask", asked, {"question": question}, cause_id=event.id)
    office = db.session.scalars(holders_of(Role.OFFICE, other.company)).all()
    for person in office:
        if person.id != actor.id and queries.sees(person, other) and is_free_of(person, asked):
            notify(person.id, "likeness.asked", f"/likeness/{asked.public_id}", name=actor.name, title=other.title)
    return asked


@action("likeness.answer")
def answer_likeness(actor: Person, asked: LikenessQuestion, *, is_same: bool, remark: str = "") -> LikenessQuestion:
    """Say yes or no, perhaps with a remark; whoever asked is told that there is an answer."""
    db.session.refresh(asked, ["is_same", "answered_at"], with_for_update=True)
    if asked.answered_at is not None:
        raise WrongState(_("This was answered already."))
    asked.is_same, asked.remark = is_same, moves.plain(remark)
    asked.answered_by, asked.answered_at = actor, clock.now()
    audit.record("likeness.answer", asked, {"is_same": is_same})
    proposal = asked.proposal
    if queries.sees(asked.asked_by, proposal):
        link = moves.address(proposal, "/similar")
        notify(asked.asked_by_id, "likeness.answered", link, title=proposal.title)
    return asked
