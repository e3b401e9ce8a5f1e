"""What beside the text belongs to a proposal's way: questions, changes of the team, an appeal, triggers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from incubator.calls.models import Call
from incubator.calls.states import CallState
from incubator.calls.templates import FormTemplate
from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import NotFound
from incubator.people.models import Company, Person
from incubator.proposals.models import (
    Appeal,
    BackgroundIp,
    Clarification,
    Consent,
    Proposal,
    ShelfTrigger,
    TeamChange,
    TeamChangePart,
    TeamMember,
)
from incubator.proposals.queries.proposals import is_authored_by, is_seen_by
from incubator.proposals.states import ChangeState
from incubator.proposals.states import ProposalState as S

MOST_CHOICES = 200


def open_clarification(proposal: Proposal) -> Clarification:
    """The questions that wait for answers, as they stand now. Raises NotFound when none do."""
    rows = _clarifications(proposal).where(Clarification.closed_at.is_(None)).execution_options(populate_existing=True)
    found = db.session.scalars(rows).one_or_none()
    if found is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return found


def _clarifications(proposal: Proposal) -> Select[Clarification]:
    return (
        select(Clarification)
        .where(Clarification.proposal_id == proposal.id)
        .options(selectinload(Clarification.questions), joinedload(Clarification.asked_by))
        .order_by(Clarification.id)
    )


def asked_now(person: Person, proposal: Proposal) -> list[tuple[str, str]]:
    """The questions that wait for this person's answers, each with what it is about (empty: all of it)."""
    if proposal.state is not S.CLARIFICATION or proposal.lead_id != person.id:
        return []
    fields = FormTemplate.of(proposal.call.form).fields
    return [
        (one.question, str(fields[one.field].label) if one.field in fields else "")
        for one in open_clarification(proposal).questions
    ]


@dataclass(frozen=True)
class Exchange:
    """A question with its answer as it is read. about: the call's question it is about; is_new: since a moment."""

    about: str
    question: str
    answer: str
    answered_at: Any
    is_new: bool


def exchanges(proposal: Proposal, since: Any = None) -> list[Exchange]:
    """All questions that are closed, with what was answered; since: a reader's last look, None marks nothing as new."""
    if proposal.questioned_at is None:
        return []
    fields = FormTemplate.of(proposal.call.form).fields
    rows = _clarifications(proposal).where(Clarification.closed_at.is_not(None))
    return [
        Exchange(
            str(fields[one.field].label) if one.field in fields else "",
            one.question,
            one.answer,
            one.answered_at,
            bool(since and asked.closed_at and asked.closed_at > since),
        )
        for asked in db.session.scalars(rows)
        for one in asked.questions
    ]


def open_change(proposal: Proposal) -> TeamChange | None:
    """The change of the team that waits for answers."""
    rows = select(TeamChange).where(TeamChange.proposal_id == proposal.id, TeamChange.state == ChangeState.PROPOSED)
    return db.session.scalar(rows)


def changes_for(person: Person) -> Select[TeamChange]:
    """Changes of teams that concern this person, or of proposals they wrote, or that they proposed."""
    concerns = TeamChange.id.in_(select(TeamChangePart.team_change_id).where(TeamChangePart.person_id == person.id))
    mine = TeamChange.proposal_id.in_(select(Proposal.id).where(is_authored_by(person)))
    return (
        select(TeamChange)
        .where(or_(concerns, mine, TeamChange.proposer_id == person.id))
        .options(
            joinedload(TeamChange.proposer),
            joinedload(TeamChange.merged),
            joinedload(TeamChange.proposal).selectinload(Proposal.team).joinedload(TeamMember.person),
            selectinload(TeamChange.parts).joinedload(TeamChangePart.person),
        )
    )


def appeal_of(proposal: Proposal) -> Appeal | None:
    """The proposal's one appeal."""
    return db.session.scalar(
        select(Appeal).where(Appeal.proposal_id == proposal.id).options(joinedload(Appeal.answered_by))
    )


def is_referred(proposal: Proposal) -> bool:
    """Whether its appeal was upheld and waits for the committee's new decision."""
    if proposal.state is not S.APPEALED:
        return False
    made = appeal_of(proposal)
    return made is not None and bool(made.upheld)


def background(proposal: Proposal) -> Sequence[BackgroundIp]:
    """What the companies of the team bring along, in the order it was said."""
    rows = select(BackgroundIp).where(BackgroundIp.proposal_id == proposal.id).order_by(BackgroundIp.id)
    return db.session.scalars(rows.options(joinedload(BackgroundIp.company))).all()


def companies_of(proposal: Proposal) -> Sequence[Company]:
    """The companies that the team's members belong to."""
    home = select(Person.company_id).join(TeamMember, TeamMember.person_id == Person.id)
    rows = select(Company).where(Company.id.in_(home.where(TeamMember.proposal_id == proposal.id)))
    return db.session.scalars(rows.order_by(Company.path)).all()


def background_of(proposal: Proposal, public_id: str) -> BackgroundIp:
    """One of them. Raises NotFound."""
    found: BackgroundIp = _one([one for one in background(proposal) if one.public_id == public_id])
    return found


def triggers(proposal: Proposal) -> Sequence[ShelfTrigger]:
    """What a shelved proposal waits for, and what has come."""
    rows = select(ShelfTrigger).where(ShelfTrigger.proposal_id == proposal.id, ShelfTrigger.dropped_at.is_(None))
    return db.session.scalars(rows.options(joinedload(ShelfTrigger.call)).order_by(ShelfTrigger.id)).all()


def trigger_of(proposal: Proposal, public_id: str) -> ShelfTrigger:
    """One of them. Raises NotFound."""
    found: ShelfTrigger = _one([one for one in triggers(proposal) if one.public_id == public_id])
    return found


def _one(found: list[Any]) -> Any:
    if not found:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return found[0]


def triggers_with_a_call(waiting: Select[Any]) -> Select[Any]:
    """Of these triggers, those whose word an open call addressed to the proposal's company has: (trigger, call)."""
    said = func.lower(func.concat_ws(" ", *(column[key].as_string() for column in (Call.title, Call.summary)
                                            for key in ("en", "zh"))))  # fmt: skip
    home, caller = Company.__table__.alias(), Company.__table__.alias()
    return (
        waiting.add_columns(Call)
        .join(home, home.c.id == Proposal.company_id)
        .join(Call, and_(Call.state == CallState.PUBLISHED, Call.closes_at > clock.now(), Call.id != Proposal.call_id))
        .join(caller, and_(caller.c.id == Call.company_id, home.c.path.startswith(caller.c.path)))
        .where(ShelfTrigger.word.is_not(None), func.strpos(said, func.lower(ShelfTrigger.word)) > 0)
        .order_by(ShelfTrigger.id, Call.id)
        .with_for_update(of=ShelfTrigger, skip_locked=True)
    )


def mergeable(person: Person, proposal: Proposal) -> list[Any]:
    """Columns of what a proposal may be merged into: public id, number, title; of its call, handed in, not decided."""
    states = (S.SUBMITTED, S.SCREENING, S.RETURNED, S.IN_REVIEW, S.CLARIFICATION, S.DELIBERATION)
    rows = select(Proposal.public_id, Proposal.number, Proposal.title).where(
        Proposal.call_id == proposal.call_id, Proposal.id != proposal.id, Proposal.state.in_(states), is_seen_by(person)
    )
    return list(db.session.execute(rows.order_by(Proposal.title, Proposal.id).limit(MOST_CHOICES)))


def asks_consent(person: Person) -> Select[Any]:
    """Ids of open changes that wait for this person."""
    return (
        select(TeamChange.id)
        .join(TeamChangePart, TeamChangePart.team_change_id == TeamChange.id)
        .where(
            TeamChangePart.person_id == person.id,
            TeamChangePart.consent == Consent.ASKED,
            TeamChange.state == ChangeState.PROPOSED,
        )
    )
