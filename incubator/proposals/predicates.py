"""Yes-or-no questions about a proposal, for the permission table and the pages."""

from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    any_,
    bindparam,
    exists,
    false,
    literal,
    or_,
    select,
)

from incubator.calls.models import CommitteeMember, Seat
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.sent import rows_of
from incubator.people.models import Access, Effect, Person, Role, RoleGrant
from incubator.people.predicates import has_role
from incubator.people.reader import NOW, TODAY, asked_once
from incubator.proposals.models import (
    Comment,
    Follow,
    JoinOffer,
    LikenessQuestion,
    Proposal,
    ScreeningBatch,
    TeamChange,
    TeamMember,
)

is_office = has_role(Role.OFFICE)
JUDGING = ("assignment", "committee")
"""The sources of `access` that let somebody read a proposal to judge it, beside those of second rounds."""
SECOND_ROUND = "panel:"
"""How the source of `access` begins that a second round gives."""
CASE = "case:"
"""How the source of `access` begins that an auditor's case gives (see transparency)."""
IS_JUDGING = or_(Access.source.in_(JUDGING), Access.source.startswith(SECOND_ROUND))
"""A condition on a row of `access`: it is there so that somebody judges."""
OPENS_TO_TALK = and_(
    Access.effect == Effect.ALLOW, Access.fields.is_(None), ~IS_JUDGING, ~Access.source.startswith(CASE)
)
"""The same: it opens the whole proposal to somebody whose name its authors may learn."""


def is_lead(actor: Any, proposal: Proposal | None) -> bool:
    """The person who proposes; without a proposal: anybody who works here."""
    return isinstance(actor, Person) and (proposal is None or proposal.lead_id == actor.id)


def is_author(actor: Any, proposal: Proposal | None) -> bool:
    """The proposer or somebody of the team."""
    if not isinstance(actor, Person) or proposal is None:
        return False
    return proposal.lead_id == actor.id or any(member.person_id == actor.id for member in proposal.team)


def is_close_to_team(actor: Any, proposal: Proposal | None) -> bool:
    """Manager or report of somebody of the team, or of the same cost centre: not the one to judge it."""
    if not isinstance(actor, Person) or proposal is None:
        return False
    return any(are_close(actor, member.person) for member in proposal.team)


def has_part_in(actor: Any, proposal: Proposal | None) -> bool:
    """Of its team, or close to it: nobody of an office who is told of it as such."""
    return is_author(actor, proposal) or is_close_to_team(actor, proposal)


def are_close(one: Person, other: Person) -> bool:
    """One manages the other, or both belong to one cost centre."""
    if one.id == other.id:
        return False
    has_same_center = bool(one.cost_center) and one.cost_center == other.cost_center
    return one.id == other.manager_id or other.id == one.manager_id or has_same_center


def is_asked(actor: Any, member: TeamMember | None) -> bool:
    """The very person whose share it is, and not the proposer, who agrees by asking."""
    return (
        isinstance(actor, Person)
        and member is not None
        and member.person_id == actor.id
        and member.proposal.lead_id != actor.id
    )


def is_mate(actor: Any, proposal: Proposal | None) -> bool:
    """Somebody of the team who is not the proposer."""
    return is_author(actor, proposal) and not is_lead(actor, proposal)


def is_its_chair(actor: Any, proposal: Proposal | None) -> bool:
    """The chair of its call's committee, who has no part in it and is not close to its team."""
    if not isinstance(actor, Person) or proposal is None or is_author(actor, proposal):
        return False
    return not is_close_to_team(actor, proposal) and bool(_part_of(actor, proposal).chairs)


def has_ruled_out(actor: Any, proposal: Proposal | None) -> bool:
    """Whoever last found it not eligible: not the one to answer an appeal against that."""
    if not isinstance(actor, Person) or proposal is None:
        return False
    ruled = (
        select(AuditEvent.actor_id)
        .where(
            AuditEvent.subject_type == Proposal.__tablename__,
            AuditEvent.subject_id == proposal.id,
            AuditEvent.name == "proposal.rule_out",
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    return db.session.scalar(ruled) == actor.id


def is_concerned(actor: Any, change: TeamChange | None) -> bool:
    """Somebody whose share a change of the team would change."""
    return (
        isinstance(actor, Person)
        and change is not None
        and any(part.person_id == actor.id and part.before_bp != part.after_bp for part in change.parts)
    )


def is_change_proposer(actor: Any, change: TeamChange | None) -> bool:
    """Whoever proposed a change of the team."""
    return isinstance(actor, Person) and change is not None and change.proposer_id == actor.id


def has_taken(actor: Any, batch: ScreeningBatch | None) -> bool:
    """Whoever took a step on many proposals."""
    return isinstance(actor, Person) and batch is not None and batch.actor_id == actor.id


def is_addressed(actor: Any, call: Any) -> bool:
    """An employee whom a call is addressed to."""
    return isinstance(actor, Person) and actor.is_active and (call is None or call.is_for(actor))


# ---- Talk about a proposal


def talks(proposal: Proposal) -> ColumnElement[bool]:
    """A condition on a person: may read and say what is said about a proposal. Its team; its office once it was handed
    in; whoever else may see all of it, but for those who judge or audit it, whose names its authors are not to learn,
    and those it is denied to."""
    above = literal(list(proposal.company.and_above), ARRAY(BigInteger)) if proposal.submitted_at else None
    return _talks(literal(proposal.id), literal(proposal.call.committee_id), literal(proposal.lead_id), above)


def _talks(proposal_id: Any, committee_id: Any, lead_id: Any, offices: Any) -> ColumnElement[bool]:
    """offices: the ids of the companies whose office it is; None where it has none yet."""
    given = and_(
        Access.person_id == Person.id,
        Access.subject_type == Proposal.__tablename__,
        Access.subject_id == proposal_id,
        or_(Access.until_at.is_(None), Access.until_at > NOW),
    )
    denied = exists().where(given, Access.effect == Effect.DENY)
    allowed = exists().where(given, OPENS_TO_TALK)
    sits = exists().where(CommitteeMember.committee_id == committee_id, CommitteeMember.person_id == Person.id)
    judges = or_(sits, exists().where(given, Access.effect == Effect.ALLOW, IS_JUDGING))
    on_team = exists().where(TeamMember.proposal_id == proposal_id, TeamMember.person_id == Person.id)
    others = and_(~judges, or_(allowed, false() if offices is None else _is_office(offices)))
    who = or_(Person.id == lead_id, and_(allowed, on_team), others)
    return and_(Person.left_on.is_(None), ~denied, who)


def _is_office(companies: Any) -> ColumnElement[bool]:
    return exists().where(
        RoleGrant.person_id == Person.id,
        RoleGrant.role == Role.OFFICE,
        RoleGrant.company_id == any_(companies),
        RoleGrant.from_on <= TODAY,
        or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= TODAY),
    )


def may_talk(actor: Any, proposal: Proposal | None) -> bool:
    """Somebody who may read and say what is said about it."""
    if not isinstance(actor, Person) or proposal is None:
        return False
    return bool(_part_of(actor, proposal).talks)


def follows(actor: Person, proposal: Proposal) -> bool:
    """Whoever is told when it moves on or is talked about."""
    return bool(_part_of(actor, proposal).follows)


def _part_of(actor: Person, proposal: Proposal) -> Any:
    """What part somebody has in it: chairs, talks, follows; one statement, asked once for the reader of a page."""
    of: dict[str, Any] = {"person": actor.id, "proposal": proposal.id, "lead": proposal.lead_id}
    of |= {"committee": proposal.call.committee_id, "offices": list(proposal.company.and_above)}
    return asked_once(actor, ("part", proposal.id), lambda: rows_of(_part(proposal.submitted_at is not None), of)[0])


@cache
def _part(is_handed_in: bool) -> Select[*tuple[Any, ...]]:
    proposal, committee, lead = (bindparam(name, type_=BigInteger) for name in ("proposal", "committee", "lead"))
    offices = bindparam("offices", type_=ARRAY(BigInteger)) if is_handed_in else None
    chairs = exists().where(
        CommitteeMember.committee_id == committee,
        CommitteeMember.person_id == Person.id,
        CommitteeMember.seat == Seat.CHAIR,
    )
    follows = exists().where(Follow.proposal_id == proposal, Follow.person_id == Person.id)
    parts = chairs.label("chairs"), _talks(proposal, committee, lead, offices).label("talks"), follows.label("follows")
    return select(*parts).where(Person.id == bindparam("person", type_=BigInteger))


def may_join(actor: Any, proposal: Proposal | None) -> bool:
    """The same, without those who are on the team and the office, which judges it."""
    if not isinstance(actor, Person) or proposal is None or is_author(actor, proposal):
        return False
    return not is_office(actor, proposal) and may_talk(actor, proposal)


def is_commenter(actor: Any, comment: Comment | None) -> bool:
    """Who said it."""
    return isinstance(actor, Person) and comment is not None and comment.author_id == actor.id


def is_offerer(actor: Any, offer: JoinOffer | None) -> bool:
    """Who offered to join."""
    return isinstance(actor, Person) and offer is not None and offer.person_id == actor.id


def is_lead_of_offer(actor: Any, offer: JoinOffer | None) -> bool:
    """The proposer whose team somebody would join."""
    return isinstance(actor, Person) and offer is not None and offer.proposal.lead_id == actor.id


def is_free_of(actor: Any, asked: LikenessQuestion | None) -> bool:
    """Neither of the team of one of the two proposals that an office is asked to compare, nor close to it."""
    if asked is None:
        return True
    return not any(has_part_in(actor, one) for one in (asked.other, asked.proposal))
