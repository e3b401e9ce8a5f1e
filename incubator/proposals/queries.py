"""Reading proposals: every list, page and search selects through `visible_to`'s condition."""

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, DateTime, Select, and_, case, cast, exists, func, literal, null, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from incubator.calls.models import Call, CallTheme
from incubator.calls.states import CallState
from incubator.calls.templates import FieldSpec, FormTemplate, Kind
from incubator.core import clock
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.people.access import row_access, visible, within
from incubator.people.models import Company, Effect, Person, Role
from incubator.people.predicates import has_role
from incubator.people.queries import by_hr_number, colleagues
from incubator.proposals import words
from incubator.proposals.engines import answers, shares
from incubator.proposals.models import Consent, Proposal, ProposalVersion, TeamMember
from incubator.proposals.states import OUTCOMES
from incubator.proposals.states import ProposalState as S

Rows: TypeAlias = Select[*tuple[Any, ...]]
MOST_HITS = 50
MOST_TERMS = 20
MOST_WAITING = 20
MOST_COUNTED = 1_001
BESIDE_WHAT_WAS_HANDED_IN = (S.RETURNED, S.WITHDRAWN)
"""States in which the authors may have a newer text than the one that was handed in."""
DECIDED = (*OUTCOMES, S.APPEALED)
AUTHORS = "authors"
"""The field of `access` without which a reader is not told who proposes."""
is_office = has_role(Role.OFFICE)
AT_THE_OFFICE = (S.SUBMITTED, S.SCREENING, S.RETURNED)
IDEOGRAPH = re.compile(r"([\u3400-\u9fff\uf900-\ufaff])")
NUMBER = re.compile(r"^V-[0-9A-Z]{6}$")
NO_DATE = cast(null(), DateTime(timezone=True))
NAMED = func.coalesce(func.nullif(Proposal.title, ""), Proposal.number)


def _is_seen_by(person: Person) -> ColumnElement[bool]:
    """Its proposer; the office of its company once it was handed in; whoever has an access row; nobody denied."""
    handed_in = and_(Proposal.submitted_at.is_not(None), within(Proposal.company_id, person, Role.OFFICE))
    return visible(Proposal, person, Proposal.lead_id == person.id, handed_in)


def _is_member(person: Person) -> ColumnElement[bool]:
    return exists().where(TeamMember.proposal_id == Proposal.id, TeamMember.person_id == person.id)


def _is_authored_by(person: Person) -> ColumnElement[bool]:
    return or_(Proposal.lead_id == person.id, _is_member(person))


def _shows_authors(person: Person) -> ColumnElement[bool]:
    """Of what may be seen: its authors and the office always, others once it is decided or where `access` says so."""
    return or_(
        Proposal.state.in_(DECIDED),
        _is_authored_by(person),
        within(Proposal.company_id, person, Role.OFFICE),
        row_access(Proposal, person, Effect.ALLOW, AUTHORS),
    )


def shows_authors(person: Person, proposal: Proposal) -> bool:
    """Whether this reader is told who proposes: a committee's chair is not before the decision."""
    if proposal.state in DECIDED or share_of(person, proposal) is not None or is_office(person, proposal):
        return True
    return bool(db.session.scalar(select(_shows_authors(person)).where(Proposal.id == proposal.id)))


def visible_to(person: Person) -> Select[Proposal]:
    """Every proposal this person may see."""
    return select(Proposal).where(_is_seen_by(person))


def for_page(person: Person) -> Select[Proposal]:
    """The same, with call, theme, team and people at hand."""
    return visible_to(person).options(
        joinedload(Proposal.call),
        joinedload(Proposal.theme),
        joinedload(Proposal.lead),
        joinedload(Proposal.company),
        joinedload(Proposal.submitted_version),
        selectinload(Proposal.team).joinedload(TeamMember.person),
    )


def for_writing(person: Person) -> Select[Proposal]:
    """What this person may write: as proposer or on the team."""
    committee = joinedload(Proposal.call).joinedload(Call.committee)
    return for_page(person).where(_is_authored_by(person)).options(committee)


def for_editing(person: Person) -> Select[Proposal]:
    """The same, with the themes of the call."""
    themes = joinedload(Proposal.call).selectinload(Call.themes).joinedload(CallTheme.theme)
    return for_writing(person).options(themes)


def asked_of(person: Person) -> Select[Proposal]:
    """Proposals in which this person has a share and is not the proposer."""
    return for_page(person).where(_is_member(person), Proposal.lead_id != person.id)


def screened_by(person: Person) -> Select[Proposal]:
    """What this person sees as an office."""
    return for_page(person).where(within(Proposal.company_id, person, Role.OFFICE))


def mine(person: Person) -> Rows:
    """Columns of my list: number, title, state, the call's title, closing, last save; key: creation, public id."""
    saved = (
        select(func.max(ProposalVersion.saved_at)).where(ProposalVersion.proposal_id == Proposal.id).scalar_subquery()
    )
    return (
        select(
            Proposal.number,
            Proposal.title,
            Proposal.state,
            Call.title.label("call"),
            Call.closes_at,
            saved.label("saved_at"),
            Proposal.created_at,
            Proposal.public_id,
        )
        .join(Call, Call.id == Proposal.call_id)
        .where(_is_authored_by(person), _is_seen_by(person))
    )


def board(person: Person, state: str | None = None) -> Rows:
    """Columns of the office's list, of one state or all: number, title, state, company, lead, amount; key: handed in,
    public id."""
    rows = (
        select(
            Proposal.number,
            Proposal.title,
            Proposal.state,
            Company.name.label("company"),
            Person.name.label("lead"),
            Proposal.asked,
            Proposal.currency,
            Proposal.submitted_at,
            Proposal.public_id,
        )
        .join(Company, Company.id == Proposal.company_id)
        .join(Person, Person.id == Proposal.lead_id)
        .where(Proposal.submitted_at.is_not(None), within(Proposal.company_id, person, Role.OFFICE))
        .where(_is_seen_by(person))
    )
    return rows.where(Proposal.state == S(state)) if state in set(S) else rows


def at_the_office(person: Person) -> dict[str, int]:
    """How many are submitted, in screening and returned; counting stops at 1,001 in all."""
    some = (
        select(Proposal.state)
        .where(Proposal.state.in_(AT_THE_OFFICE), within(Proposal.company_id, person, Role.OFFICE))
        .where(_is_seen_by(person))
        .limit(MOST_COUNTED)
        .subquery()
    )
    found = db.session.execute(select(some.c.state, func.count()).group_by(some.c.state))
    counts = {state.value: number for state, number in found}
    return {state.value: counts.get(state.value, 0) for state in AT_THE_OFFICE}


def untouched(person: Person, call: Call) -> Proposal | None:
    """A draft this person began for a call and wrote nothing into."""
    saved = ProposalVersion.proposal_id == Proposal.id
    written = exists().where(saved, or_(ProposalVersion.title != "", ProposalVersion.answers != {}))
    begun = (Proposal.call_id == call.id, Proposal.lead_id == person.id, Proposal.state == S.DRAFT)
    empty = (Proposal.asked.is_(None), Proposal.theme_id.is_(None), ~written)
    found = visible_to(person).where(*begun, *empty).order_by(Proposal.created_at.desc())
    return db.session.scalars(found.limit(1)).one_or_none()


def newest(proposal: Proposal) -> ProposalVersion:
    """The newest version, as it is in the database now."""
    return db.session.scalars(
        select(ProposalVersion)
        .where(ProposalVersion.proposal_id == proposal.id)
        .order_by(ProposalVersion.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one()


def text_for(person: Person, proposal: Proposal) -> ProposalVersion:
    """What this person reads: the authors the newest version, everybody else the one that was handed in."""
    handed_in = proposal.submitted_version
    is_author = share_of(person, proposal) is not None
    if handed_in is not None and not (is_author and proposal.state in BESIDE_WHAT_WAS_HANDED_IN):
        return handed_in
    return newest(proposal)


@dataclass(frozen=True)
class Entry:
    """One answer as it is read; a choice's value is its label."""

    label: str
    kind: str
    value: str | int | None


@dataclass(frozen=True)
class Part:
    """One section of a proposal as it is read."""

    title: str
    entries: list[Entry]


def dossier(proposal: Proposal, version: ProposalVersion) -> list[Part]:
    """The answers of a version under the call's questions, in the reader's language."""
    form = FormTemplate.of(proposal.call.form)
    return [
        Part(
            str(section.title),
            [
                Entry(str(spec.label), spec.kind.value, _shown(spec, version.answers.get(spec.key)))
                for spec in section.fields
            ],
        )
        for section in form.sections
    ]


def _shown(spec: FieldSpec, value: Any) -> str | int | None:
    if spec.kind is Kind.CHOICE:
        return next((str(choice.label) for choice in spec.choices if choice.value == value), None)
    return value  # type: ignore[no-any-return]


def fields_of(proposal: Proposal) -> list[tuple[str, list[FieldSpec]]]:
    """The sections of the call's form with their questions, in the reader's language."""
    form = FormTemplate.of(proposal.call.form)
    return [(str(section.title), list(section.fields)) for section in form.sections]


def differences(proposal: Proposal, mine: dict[str, Any], theirs: ProposalVersion) -> list[tuple[str, Any, Any]]:
    """Where two texts differ, in order: label, my answer, the answer that stands."""
    cleaned = {key: answers.clean(value) for key, value in mine["answers"].items()}
    found = [(_("Title"), mine["title"], theirs.title)] if mine["title"] != theirs.title else []
    return found + [
        (str(spec.label), _shown(spec, cleaned.get(key)), _shown(spec, theirs.answers.get(key)))
        for key, spec in FormTemplate.of(proposal.call.form).fields.items()
        if cleaned.get(key) != theirs.answers.get(key)
    ]


@dataclass(frozen=True)
class Gap:
    """Something that is missing before handing in: in words, and where to change it."""

    label: str
    page: str


def gaps(proposal: Proposal, version: ProposalVersion) -> list[Gap]:
    """What is missing before this newest version of the proposal can be handed in."""
    found = [] if version.title else [Gap(_("Title"), "/edit#title")]
    found += [] if proposal.theme_id else [Gap(_("Theme"), "/edit#theme")]
    found += [] if proposal.asked else [Gap(_("Cloud credits asked"), "/edit#asked")]
    form = FormTemplate.of(proposal.call.form)
    found += [Gap(str(spec.label), f"/edit#answer_{spec.key}") for spec in answers.missing(form, version.answers)]
    numbers = [member.share_bp for member in proposal.team]
    if fault := shares.fault_of(numbers):
        found.append(Gap(words.share_fault(fault, sum(numbers)), "/team"))
    return found


@dataclass(frozen=True)
class Happened:
    """One step on a proposal's way: what, when, who (None: the system), why, and the event's public id."""

    name: str
    at: Any
    actor: str | None
    reason: str | None
    event: str


ALONE = ("proposal.ask_team", "proposal.submit")
"""Who proposes alone has nobody to ask: only the handing in is told."""


def history(proposal: Proposal, *, anonymous: bool = False) -> list[Happened]:
    """The steps that readers of the proposal are shown, oldest first; one statement. anonymous: its authors as such."""
    authors = [proposal.lead_id, *(member.person_id for member in proposal.team)] if anonymous else []
    actor = case((AuditEvent.actor_id.in_(authors), literal(_("Its authors"))), else_=Person.name)
    rows = db.session.execute(
        select(AuditEvent.name, AuditEvent.at, actor, AuditEvent.reason, AuditEvent.public_id)
        .outerjoin(Person, Person.id == AuditEvent.actor_id)
        .where(
            AuditEvent.subject_type == Proposal.__tablename__,
            AuditEvent.subject_id == proposal.id,
            AuditEvent.name.in_(words.STEPS),
        )
        .order_by(AuditEvent.id)
    )
    steps = [Happened(*row) for row in rows]
    after = [*(step.name for step in steps[1:]), None]
    return [step for step, then in zip(steps, after, strict=True) if (step.name, then) != ALONE]


def share_of(person: Person, proposal: Proposal) -> TeamMember | None:
    """This person's place in the team."""
    return next((member for member in proposal.team if member.person_id == person.id), None)


def own_share(person: Person, proposal: Proposal) -> TeamMember:
    """The same, where `asked_of` has found the proposal."""
    return next(member for member in proposal.team if member.person_id == person.id)


def colleague(named: str) -> Person:
    """The one colleague of this HR number or full name. Raises Invalid when there is none, or more than one."""
    if (person := by_hr_number(named)) is not None:
        return person
    found = list(db.session.scalars(colleagues(named, limit=3))) if named else []
    exact = [one for one in found if named.casefold() in (one.name.casefold(), one.name_latin.casefold())] or found
    if not exact:
        raise Invalid(_("Nobody of that name or HR number."), field="person")
    if len(exact) > 1:
        raise Invalid(_("Several people are called that: enter the HR number."), field="person")
    return exact[0]


def search(person: Person, text: str) -> list[Any]:
    """At most 50 proposals whose title or text has all the words, best first, among what the person may see.

    The index over words (GIN) answers it: each Chinese character is a word there, so a run of them is asked for as a
    phrase and found wherever it stands. Authors search their newest version, others the one that was handed in.
    """
    if NUMBER.match(text.strip().upper()):
        return list(db.session.execute(_hits(person).where(Proposal.number == text.strip().upper()).limit(1)))
    asked = func.websearch_to_tsquery("simple", search_words(text))
    any_version = aliased(ProposalVersion)
    latest = select(func.max(any_version.number)).where(any_version.proposal_id == Proposal.id).scalar_subquery()
    read = or_(
        and_(_is_authored_by(person), ProposalVersion.number == latest),
        and_(~_is_authored_by(person), ProposalVersion.id == Proposal.submitted_version_id),
    )
    rank = func.ts_rank(ProposalVersion.words, asked)
    return list(
        db.session.execute(
            _hits(person)
            .join(ProposalVersion, ProposalVersion.proposal_id == Proposal.id)
            .where(ProposalVersion.words.bool_op("@@")(asked), read)
            .order_by(rank.desc(), Proposal.public_id)
            .limit(MOST_HITS)
        )
    )


def _hits(person: Person) -> Rows:
    lead = case((_shows_authors(person), Person.name)).label("lead")
    return (
        select(Proposal.number, Proposal.title, Proposal.state, lead, Proposal.public_id)
        .join(Person, Person.id == Proposal.lead_id)
        .where(_is_seen_by(person))
    )


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
            Call.closes_at > clock.now(),
        )
    )
    office = [_at_office(person, S.SUBMITTED, "proposal.screen"), _at_office(person, S.SCREENING, "proposal.put")]
    return [shares_to_accept, returned, drafts, *office]


def _at_office(person: Person, state: S, kind: str) -> Rows:
    """The 20 that have waited longest; the rest stand on the board."""
    longest = (
        select(literal(kind), NAMED, literal("/proposals/") + Proposal.public_id, NO_DATE, Proposal.state_at)
        .where(Proposal.state == state, within(Proposal.company_id, person, Role.OFFICE), Proposal.lead_id != person.id)
        .where(_is_seen_by(person))
        .order_by(Proposal.state_at)
        .limit(MOST_WAITING)
        .subquery()
    )
    return select(*longest.c)
