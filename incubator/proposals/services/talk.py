"""Talk about a proposal among those who may see it: remarks with mentions, following, and offers to join its team."""

import re
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import audit, clock, outbox
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.notifications.services import notify
from incubator.people.models import Person
from incubator.proposals import queries
from incubator.proposals.events import CommentWritten
from incubator.proposals.models import Comment, CommentMention, Follow, JoinOffer, Proposal, TeamMember
from incubator.proposals.services import moves
from incubator.proposals.services.teams import LARGEST, add_member
from incubator.proposals.states import JOIN_OFFER, JOINABLE, ProposalState

LONGEST = 4_000
"""Characters of a remark."""
AT = re.compile(r"(?<![\w.])@(\w[\w .'’·-]{0,80})")
"""A mention: '@' with a name behind it; not the '@' of a mail address."""


# ---- Remarks


@action("comment.write")
def write_comment(actor: Person, proposal: Proposal, *, text: str) -> Comment:
    """Say something; '@' with a name mentions somebody who may read it. Those concerned are told.

    Raises Invalid at text where it is empty, too long, or names nobody who may read it.
    """
    text = moves.plain(text)
    if not text:
        raise Invalid(_("Write something first."), field="text")
    if len(text) > LONGEST:
        raise Invalid(_("Shorten this to at most %(n)s characters.", n=LONGEST), field="text")
    named = mentioned(text, queries.talkers_in(proposal, text)) if AT.search(text) else []
    comment = Comment(proposal=proposal, author=actor, text=text)
    comment.mentions = [CommentMention(person=person) for person in named]
    event = audit.event_of(proposal, "proposal.create")
    audit.created(comment, cause_id=event.id, payload={"mentions": [person.public_id for person in named]})
    outbox.publish(CommentWritten(comment_id=comment.id))
    return comment


def mentioned(text: str, people: Sequence[Person]) -> list[Person]:
    """Whom a text names, each once; the longest name that fits counts. Raises Invalid where a name fits nobody, in
    the same words whether there is no such person or one who may not read it."""
    found: dict[int, Person] = {}
    for match in AT.finditer(text):
        words = match.group(1).casefold()
        fitting = [person for person in people if words.startswith(person.name.casefold())]
        if not fitting:
            shown = " ".join(match.group(1).split()[:2])
            raise Invalid(_("Nobody of the name “%(name)s” can be mentioned here.", name=shown), field="text")
        longest = max(len(person.name) for person in fitting)
        found |= {person.id: person for person in fitting if len(person.name) == longest}
    return list(found.values())


@action("comment.withdraw")
def withdraw_comment(actor: Person, comment: Comment) -> Comment:
    """Take a remark back: that it was there stays, what it said is shown to nobody."""
    if comment.withdrawn_at is None:
        comment.withdrawn_at = clock.now()
        audit.record("comment.withdraw", comment)
    return comment


def tell_of_comment(comment_id: int) -> None:
    """Tell whom a remark names, who follows, and the proposer; who may not read it (any more) learns nothing."""
    comment = db.session.get(Comment, comment_id)
    if comment is None or comment.withdrawn_at is not None:
        return
    proposal = comment.proposal
    link = moves.address(proposal, f"/talk#comment-{comment.public_id}")
    for person, is_named in queries.told_of(comment):
        if not queries.sees(person, proposal):
            continue  # in a conflict that the records tell
        kind = "comment.mentioned" if is_named else "comment.written"
        notify(person.id, kind, link, name=comment.author.name, title=proposal.title or proposal.number)


# ---- Following


@action("proposal.follow")
def follow(actor: Person, proposal: Proposal) -> None:
    """Be told when it moves on or is talked about; repeatable."""
    if queries.follow_of(actor, proposal) is None:
        db.session.add(Follow(proposal=proposal, person=actor))
        db.session.flush()


@action("proposal.unfollow")
def unfollow(actor: Person, proposal: Proposal) -> None:
    """No longer be told; repeatable."""
    found = queries.follow_of(actor, proposal)
    if found is not None:
        db.session.delete(found)
        db.session.flush()


def tell_followers(proposal_id: int) -> None:
    """Tell who follows that it has moved on; where it stands the page says, to whom may read it."""
    proposal = db.session.get_one(Proposal, proposal_id)
    for person in queries.followers(proposal):
        if queries.sees(person, proposal):
            notify(person.id, "proposal.moved", moves.address(proposal), title=proposal.title or proposal.number)


# ---- Joining


@action("join_offer.make")
def offer_to_join(actor: Person, proposal: Proposal, *, skills: str, message: str = "") -> JoinOffer:
    """Offer to join the team with skills; the proposer answers. Raises Invalid at skills, WrongState when the team no
    longer grows or an offer is open."""
    moves.lock(proposal)
    moves.require_state(proposal, JOINABLE)
    skills = moves.plain(skills)
    if not skills:
        raise Invalid(_("Say what you would bring: skills, time, equipment."), field="skills")
    if queries.open_offer(actor, proposal) is not None:
        raise WrongState(_("You have offered already; the proposer is going to answer."))
    offer = JoinOffer(proposal=proposal, person=actor, skills=skills, message=moves.plain(message))
    audit.created(offer, cause_id=audit.event_of(proposal, "proposal.create").id)
    link = moves.address(proposal, "/talk#offers")
    notify(proposal.lead_id, "join_offer.made", link, name=actor.name, title=proposal.title or proposal.number)
    return offer


@action("join_offer.accept")
def accept_offer(actor: Person, offer: JoinOffer, *, answer: str = "") -> JoinOffer:
    """Welcome somebody: in a draft they are put on the team, their share is agreed there; once it was handed in the
    proposer proposes new shares, which everybody concerned agrees to."""
    proposal = _lock(offer)
    moves.require_state(proposal, JOINABLE)
    if proposal.state is ProposalState.DRAFT and not _is_on_team(offer):
        if len(proposal.team) >= LARGEST:
            raise Invalid(_("A team has at most %(n)s people.", n=LARGEST), field="answer")
        add_member(actor, proposal, person=offer.person, part=offer.skills[:120])
    _answer(offer, "accept", answer)
    return offer


def _is_on_team(offer: JoinOffer) -> bool:
    pair = (TeamMember.proposal_id == offer.proposal_id, TeamMember.person_id == offer.person_id)
    return db.session.scalar(select(TeamMember.id).where(*pair)) is not None


@action("join_offer.decline")
def decline_offer(actor: Person, offer: JoinOffer, *, answer: str = "") -> JoinOffer:
    """Say no, perhaps with a word."""
    _lock(offer)
    _answer(offer, "decline", answer)
    return offer


@action("join_offer.withdraw")
def withdraw_offer(actor: Person, offer: JoinOffer) -> JoinOffer:
    """Take one's own offer back while it is open."""
    _lock(offer)
    _close(offer, "withdraw")
    return offer


def _lock(offer: JoinOffer) -> Proposal:
    moves.lock(offer.proposal)
    db.session.refresh(offer, ["state", "answered_at", "version"], with_for_update=True)
    if not offer.is_open:
        raise WrongState(_("This offer was answered or taken back."))
    return offer.proposal


def _close(offer: JoinOffer, step: str) -> None:
    offer.answered_at = clock.now()  # the row is written whole, with its state
    JOIN_OFFER.move(offer, step)


def _where_answered(person: Person, proposal: Proposal) -> str:
    """Where somebody reads the answer to an offer; empty where they may read nothing of the proposal any more."""
    if queries.sees(person, proposal):
        return moves.address(proposal, "/talk#offers")
    on_team = any(member.person_id == person.id for member in proposal.team)
    is_told = on_team or queries.is_told_of(person, proposal)
    opening = queries.opening_of(proposal) if is_told else None
    return f"/openings/{opening.public_id}" if opening else ""


def _answer(offer: JoinOffer, step: str, answer: str) -> None:
    offer.answer = moves.plain(answer)
    _close(offer, step)
    proposal, person = offer.proposal, offer.person
    link = _where_answered(person, proposal)
    if link:
        kind = "join_offer.accepted" if step == "accept" else "join_offer.declined"
        notify(person.id, kind, link, name=proposal.lead.name, title=proposal.title or proposal.number)
