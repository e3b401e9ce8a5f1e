"""Words that are sought, and what waits for a person."""

import re
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    String,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from incubator.calls.models import Call
from incubator.calls.states import CallState
from incubator.core import clock
from incubator.core.db import db
from incubator.people.access import within
from incubator.people.models import Person, Role
from incubator.people.reader import NOW, for_reader, roles_of
from incubator.proposals.models import (
    Appeal,
    Consent,
    JoinOffer,
    LikenessQuestion,
    Proposal,
    ProposalVersion,
    ShelfTrigger,
    TeamChange,
    TeamMember,
)
from incubator.proposals.queries.filters import ANYTHING, Filter, narrowed
from incubator.proposals.queries.proposals import (
    NAMED,
    NO_DATE,
    Rows,
    authors_shown,
    has_part_in,
    is_authored_by,
    is_seen_by,
)
from incubator.proposals.queries.steps import asks_consent
from incubator.proposals.states import UNDECIDED, OfferState
from incubator.proposals.states import ProposalState as S

MOST_HITS = 50
MOST_WEIGHED = 200
MOST_TERMS = 20
MOST_WAITING = 20
"""States in which the authors may have a newer text than the one that was handed in."""
"""The field of `access` without which a reader is not told who proposes."""
IDEOGRAPH = re.compile(r"([\u3400-\u9fff\uf900-\ufaff])")
ZONE = clock.GROUP_ZONE.key
NUMBER = re.compile(r"^V-[0-9A-Z]{6}$")


def search(person: Person, text: str, wanted: Filter = ANYTHING) -> list[Any]:
    """At most 50 proposals whose title or text has all the words, best first, among what the person may see; where more
    than 200 have them, the best of the newest 200.

    Without words: those that fit the filter, the newest first. A filter by people or company finds only what tells the
    reader who proposes: a blind review stays blind.

    The index over words (GIN) answers it: each Chinese character is a word there, so a run of them is asked for as a
    phrase and found wherever it stands. Authors search their newest version, others the one that was handed in.
    """
    if NUMBER.match(text.strip().upper()):
        return list(db.session.execute(_numbered(person, wanted), {"number": text.strip().upper()}))
    if not text.strip():
        return list(db.session.execute(_fitting(person, wanted)))
    return list(db.session.execute(_found(person, wanted), {"asked": search_words(text)}))


@for_reader
def _numbered(person: Person, wanted: Filter) -> Rows:
    return _hits(person, wanted).where(Proposal.number == bindparam("number", type_=String)).limit(1)


@for_reader
def _fitting(person: Person, wanted: Filter) -> Rows:
    return _hits(person, wanted).order_by(Proposal.state_at.desc(), Proposal.public_id).limit(MOST_HITS)


@for_reader
def _found(person: Person, wanted: Filter) -> Rows:
    """The newest that have the words, the best of them first: a word that stands in every text weighs nothing, and to
    weigh it in each would take seconds."""
    asked = func.websearch_to_tsquery("simple", bindparam("asked", type_=String))
    both = union_all(_handed_in(person, wanted, asked), _ones_own(person, wanted, asked)).subquery()
    newest = select(both).order_by(both.c.state_at.desc(), both.c.id).limit(MOST_WEIGHED).subquery()
    return (
        _columns(person)
        .join(newest, newest.c.id == Proposal.id)
        .join(ProposalVersion, ProposalVersion.id == newest.c.version_id)
        .order_by(func.ts_rank(ProposalVersion.words, asked).desc(), Proposal.public_id)
        .limit(MOST_HITS)
    )


def _handed_in(person: Person, wanted: Filter, asked: ColumnElement[Any]) -> Rows:
    """Proposals of others whose text, as it was handed in, has the words; found by the index over frozen versions."""
    matched = (
        select(ProposalVersion.id)
        .where(ProposalVersion.words.bool_op("@@")(asked), ProposalVersion.frozen_at.is_not(None))
        .cte("matched")
        .prefix_with("MATERIALIZED")
    )
    rows = select(Proposal.id, Proposal.submitted_version_id.label("version_id"), Proposal.state_at)
    return rows.join(matched, matched.c.id == Proposal.submitted_version_id).where(
        ~is_authored_by(person), is_seen_by(person), *_narrowed(person, wanted)
    )


def _ones_own(person: Person, wanted: Filter, asked: ColumnElement[Any]) -> Rows:
    """The reader's own, by their newest text."""
    any_version = aliased(ProposalVersion)
    latest = select(func.max(any_version.number)).where(any_version.proposal_id == Proposal.id).scalar_subquery()
    led = select(Proposal.id).where(Proposal.lead_id == person.id)
    joined = select(TeamMember.proposal_id).where(TeamMember.person_id == person.id)
    return (
        select(Proposal.id, ProposalVersion.id.label("version_id"), Proposal.state_at)
        .join(ProposalVersion, ProposalVersion.proposal_id == Proposal.id)
        .where(Proposal.id.in_(union_all(led, joined)), ProposalVersion.number == latest)
        .where(ProposalVersion.words.bool_op("@@")(asked), is_seen_by(person), *_narrowed(person, wanted))
    )


def _hits(person: Person, wanted: Filter) -> Rows:
    return _columns(person).where(is_seen_by(person), *_narrowed(person, wanted))


def _columns(person: Person) -> Rows:
    lead = case((authors_shown(person), Person.name)).label("lead")
    rows = select(Proposal.number, Proposal.title, Proposal.state, lead, Proposal.public_id)
    return rows.join(Person, Person.id == Proposal.lead_id)


def _narrowed(person: Person, wanted: Filter) -> list[ColumnElement[bool]]:
    return [*narrowed(wanted), *([authors_shown(person)] if wanted.tells_authors else [])]


def search_words(text: str) -> str:
    """The query for `websearch_to_tsquery`: words, and each run of Chinese characters as a phrase."""
    terms = re.sub(r'["\x00]', " ", text).split()[:MOST_TERMS]
    return " ".join(_phrase(term) if IDEOGRAPH.search(term) else term for term in terms)


def _phrase(term: str) -> str:
    spaced = IDEOGRAPH.sub(r" \1 ", term).strip()
    return f'"{spaced}"'


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
