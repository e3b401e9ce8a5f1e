"""Who is shown many proposals, and which are shown to the others: theirs are looked through one by one, where of the
many an index finds some."""

from sqlalchemy import CompoundSelect, Select, select, union_all

from incubator.people.models import Access, Effect, Person, Role
from incubator.people.reader import roles_of
from incubator.proposals.models import Proposal, TeamMember

SEEING_MANY = frozenset({Role.OFFICE, Role.CHAIR})


def sees_many(person: Person) -> bool:
    """Whether a role may show this person most of what was handed in."""
    return bool(SEEING_MANY & roles_of(person))


def given_to(person: Person) -> Select[int]:
    """The ids of proposals that `access` opens, or opened, to this person."""
    return select(Access.subject_id).where(
        Access.person_id == person.id,
        Access.subject_type == Proposal.__tablename__,
        Access.effect == Effect.ALLOW,
    )


def written_by(person: Person) -> CompoundSelect[int]:
    """The ids of this person's own proposals: led, or as one of the team."""
    joined = select(TeamMember.proposal_id).where(TeamMember.person_id == person.id)
    return union_all(select(Proposal.id).where(Proposal.lead_id == person.id), joined)


def shown_to_few(person: Person) -> CompoundSelect[int]:
    """The ids of all that somebody can see who does not see many (is_seen_by says which of them)."""
    return union_all(given_to(person), select(Proposal.id).where(Proposal.lead_id == person.id))
