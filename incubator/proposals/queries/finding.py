"""What waits for a person."""

from sqlalchemy import (
    Date,
    DateTime,
    cast,
    exists,
    func,
    literal,
    select,
)

from incubator.calls.models import Call
from incubator.calls.states import CallState
from incubator.core import clock
from incubator.people.access import within
from incubator.people.models import Person, Role
from incubator.people.reader import NOW, roles_of
from incubator.proposals.models import (
    Appeal,
    Consent,
    JoinOffer,
    LikenessQuestion,
    Proposal,
    ShelfTrigger,
    TeamChange,
    TeamMember,
)
from incubator.proposals.queries.proposals import (
    NAMED,
    NO_DATE,
    Rows,
    has_part_in,
    is_seen_by,
)
from incubator.proposals.queries.steps import asks_consent
from incubator.proposals.states import UNDECIDED, OfferState
from incubator.proposals.states import ProposalState as S

MOST_WAITING = 20
ZONE = clock.GROUP_ZONE.key


def waiting_for(person: Person) -> list[Rows]:
    """What of proposals needs this person."""
    address = literal("/proposals/") + Proposal.public_id
    shares_to_accept = (
        select(literal("proposal.accept_share"), NAMED, address + "/consent", Call.closes_at, TeamMember.asked_at)
        .select_from(TeamMember)
        .join(Proposal, Proposal.id == TeamMember.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(
            TeamMember.person_id == person.id,
            TeamMember.consent == Consent.ASKED,
            TeamMember.asked_at.is_not(None),
            Proposal.state == S.AWAITING_TEAM,
        )
    )
    returned = select(
        literal("proposal.put_right"), NAMED, address, Proposal.answer_by, Proposal.state_at
    ).where(Proposal.lead_id == person.id, Proposal.state == S.RETURNED)  # fmt: skip
    drafts = (
        select(literal("proposal.finish"), NAMED, address + "/edit", Call.closes_at, Proposal.created_at)
        .join(Call, Call.id == Proposal.call_id)
        .where(
            Proposal.lead_id == person.id,
            Proposal.state == S.DRAFT,
            Call.state == CallState.PUBLISHED,
            Call.closes_at > NOW,
        )
    )
    office = [_at_office(person, S.SUBMITTED, "proposal.screen"), _at_office(person, S.SCREENING, "proposal.put")]
    return [shares_to_accept, returned, drafts, *office, *_of_steps(person)]


def _of_steps(person: Person) -> list[Rows]:
    """Questions to answer and changes of a team to agree to; for the office, appeals and what was shelved until now."""
    address = literal("/proposals/") + Proposal.public_id
    questions = select(
        literal("proposal.answer_questions"), NAMED, address + "/answers", Proposal.answer_by, Proposal.state_at
    ).where(Proposal.lead_id == person.id, Proposal.state == S.CLARIFICATION)  # fmt: skip
    changes = (
        select(
            literal("proposal.answer_change"), NAMED, literal("/team-changes/") + TeamChange.public_id, NO_DATE,
            TeamChange.created_at,
        )
        .join(Proposal, Proposal.id == TeamChange.proposal_id)
        .where(TeamChange.id.in_(asks_consent(person)), Proposal.state.in_(UNDECIDED))
    )  # fmt: skip
    offers = (
        select(literal("join_offer.answer"), NAMED, address + "/talk", NO_DATE, func.min(JoinOffer.created_at))
        .join(JoinOffer, JoinOffer.proposal_id == Proposal.id)
        .where(Proposal.lead_id == person.id, JoinOffer.state == OfferState.MADE)
        .group_by(Proposal.id)
    )
    found = [questions, changes, offers]
    if Role.OFFICE in roles_of(person):
        found += [_appeals(person), _due_on_the_shelf(person), _likeness_questions(person)]
    return found


def _appeals(person: Person) -> Rows:
    address = literal("/proposals/") + Proposal.public_id + "/appeal"
    return select(
        literal("proposal.answer_appeal"), NAMED, address, Proposal.answer_by, Proposal.state_at
    ).where(
        Proposal.state == S.APPEALED, within(Proposal.company_id, person, Role.OFFICE), Proposal.lead_id != person.id,
        is_seen_by(person), exists().where(Appeal.proposal_id == Proposal.id, Appeal.answered_at.is_(None)),
    )  # fmt: skip


def _due_on_the_shelf(person: Person) -> Rows:
    address = literal("/proposals/") + Proposal.public_id + "/shelf"
    fired = select(ShelfTrigger.proposal_id, func.max(ShelfTrigger.fired_at).label("at")).where(
        ShelfTrigger.fired_at.is_not(None), ShelfTrigger.dropped_at.is_(None)
    )
    due = fired.group_by(ShelfTrigger.proposal_id).subquery()
    return (
        select(literal("proposal.recall"), NAMED, address, NO_DATE, due.c.at)
        .join(due, due.c.proposal_id == Proposal.id)
        .where(Proposal.state == S.SHELVED, within(Proposal.company_id, person, Role.OFFICE))
        .where(Proposal.lead_id != person.id, is_seen_by(person))
    )


def _likeness_questions(person: Person) -> Rows:
    """Of other offices, about proposals of this one's companies; for those with no part in either of the two."""
    address = literal("/likeness/") + LikenessQuestion.public_id
    return (
        select(literal("likeness.answer"), NAMED, address, NO_DATE, LikenessQuestion.created_at)
        .join(Proposal, Proposal.id == LikenessQuestion.other_id)
        .where(LikenessQuestion.answered_at.is_(None), within(Proposal.company_id, person, Role.OFFICE))
        .where(~has_part_in(person, LikenessQuestion.other_id), is_seen_by(person))
        .where(~has_part_in(person, LikenessQuestion.proposal_id))
    )


def _at_office(person: Person, state: S, kind: str) -> Rows:
    """The 20 that have waited longest, with the day by which their call says that they are checked; the rest stand on
    the board."""
    due = func.timezone(ZONE, cast(cast(Call.screening_due_on, Date) + 1, DateTime(timezone=False)))
    longest = (
        select(literal(kind), NAMED, literal("/proposals/") + Proposal.public_id, due, Proposal.state_at)
        .join(Call, Call.id == Proposal.call_id)
        .where(Proposal.state == state, within(Proposal.company_id, person, Role.OFFICE), Proposal.lead_id != person.id)
        .where(is_seen_by(person))
        .order_by(Proposal.state_at)
        .limit(MOST_WAITING)
        .subquery()
    )
    return select(*longest.c)
