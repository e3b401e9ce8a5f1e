"""What is said about a proposal, by whom, and who may read it."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import joinedload

from incubator.calls.models import Call, CommitteeMember
from incubator.core.db import db
from incubator.people.access import within
from incubator.people.models import Access, Effect, Person, Role
from incubator.people.reader import NOW, for_reader
from incubator.proposals.models import Comment, CommentMention, Follow, JoinOffer, Proposal, TeamMember
from incubator.proposals.predicates import IS_JUDGING, OPENS_TO_TALK, talks
from incubator.proposals.queries.proposals import is_authored_by, is_seen_by
from incubator.proposals.states import JOINABLE, OfferState

MOST_COMMENTS = 200
MOST_NAMED = 30
"""People who are offered to be mentioned."""


def sees(person: Person, proposal: Proposal) -> bool:
    """Whether this person may open it now."""
    return bool(db.session.scalar(select(Proposal.id).where(Proposal.id == proposal.id, is_seen_by(person))))


def comments(proposal: Proposal) -> list[Comment]:
    """What was said, oldest first; the newest 200. With authors and mentions: one statement."""
    newest = select(Comment).where(Comment.proposal_id == proposal.id).order_by(Comment.id.desc())
    whole = (joinedload(Comment.author), joinedload(Comment.mentions).joinedload(CommentMention.person))
    return list(reversed(db.session.scalars(newest.limit(MOST_COMMENTS).options(*whole)).unique().all()))


def comments_on(proposal: Proposal) -> Select[Comment]:
    """The remarks on one proposal."""
    return select(Comment).where(Comment.proposal_id == proposal.id)


def talkers(proposal: Proposal) -> list[Person]:
    """Who can be mentioned: those who may read this talk and are on the team, said something, follow, offered to
    join, or are its office. By name, at most 30."""
    rows = select(Person).where(talks(proposal))
    return list(db.session.scalars(rows.order_by(Person.name, Person.id).limit(MOST_NAMED)))


def talkers_in(proposal: Proposal, text: str) -> list[Person]:
    """Those of them, all of whom there are, whose names stand in a text, in any case."""
    named = func.strpos(func.lower(text), func.lower(Person.name)) > 0
    return list(db.session.scalars(select(Person).where(talks(proposal), named).order_by(Person.name, Person.id)))


def told_of(comment: Comment) -> list[tuple[Person, bool]]:
    """Whom a remark is told to, and whether it names them: who follows, the proposer, and who is mentioned; of these
    who may read it, without its author."""
    proposal = comment.proposal
    named = select(CommentMention.person_id).where(CommentMention.comment_id == comment.id)
    rows = (
        select(Person, Person.id.in_(named))
        .where(
            talks(proposal),
            Person.id != comment.author_id,
            or_(Person.id == proposal.lead_id, Person.id.in_(named), Person.id.in_(_followers(proposal))),
        )
        .order_by(Person.id)
    )
    return [(person, bool(is_named)) for person, is_named in db.session.execute(rows)]


def _followers(proposal: Proposal) -> Select[Any]:
    return select(Follow.person_id).where(Follow.proposal_id == proposal.id)


def followers(proposal: Proposal) -> list[Person]:
    """Who follows it and may read what is said about it still, without the proposer, who is told of each step."""
    rows = select(Person).where(talks(proposal), Person.id.in_(_followers(proposal)), Person.id != proposal.lead_id)
    return list(db.session.scalars(rows.order_by(Person.id)))


def is_followed(proposal: Proposal) -> bool:
    """Whether anybody follows it."""
    return bool(db.session.scalar(_followers(proposal).limit(1)))


@for_reader
def is_joinable_by(person: Person) -> ColumnElement[bool]:
    """A condition on a proposal that the person sees: predicates.may_join, while its team can grow."""
    mine = and_(
        Access.person_id == person.id,
        Access.subject_type == Proposal.__tablename__,
        Access.subject_id == Proposal.id,
        or_(Access.until_at.is_(None), Access.until_at > NOW),
    )
    sits = exists().where(
        Call.id == Proposal.call_id,
        CommitteeMember.committee_id == Call.committee_id,
        CommitteeMember.person_id == person.id,
    )
    judges = or_(sits, exists().where(mine, Access.effect == Effect.ALLOW, IS_JUDGING))
    return and_(
        Proposal.state.in_(JOINABLE),
        exists().where(mine, OPENS_TO_TALK),
        ~or_(judges, is_authored_by(person), within(Proposal.company_id, person, Role.OFFICE)),
    )


def follow_of(person: Person, proposal: Proposal) -> Follow | None:
    """That this person follows it."""
    rows = select(Follow).where(Follow.proposal_id == proposal.id, Follow.person_id == person.id)
    return db.session.scalars(rows).one_or_none()


def offers(person: Person, proposal: Proposal) -> list[JoinOffer]:
    """Who would join the team: the team reads all, others what they offered themselves."""
    own = JoinOffer.person_id == person.id
    mate = select(TeamMember.id).where(TeamMember.proposal_id == proposal.id, TeamMember.person_id == person.id)
    rows = select(JoinOffer).where(JoinOffer.proposal_id == proposal.id, or_(own, mate.exists()))
    return list(db.session.scalars(rows.order_by(JoinOffer.id).options(joinedload(JoinOffer.person)).limit(100)))


def offers_to(proposal: Proposal) -> Select[JoinOffer]:
    """The offers to join one team."""
    return select(JoinOffer).where(JoinOffer.proposal_id == proposal.id)


def open_offer(person: Person, proposal: Proposal) -> JoinOffer | None:
    """What this person offered and nobody has answered."""
    rows = offers_to(proposal).where(JoinOffer.person_id == person.id, JoinOffer.state == OfferState.MADE)
    return db.session.scalars(rows).one_or_none()


def number_of_comments(proposal: Proposal) -> int:
    """Remarks that stand; counting stops at 200."""
    some = select(literal(1)).where(Comment.proposal_id == proposal.id, Comment.withdrawn_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(some.limit(MOST_COMMENTS).subquery())) or 0
