"""Builds rows with sensible defaults, each in a transaction of its own."""

import datetime as dt
import hashlib
import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from incubator.calls.models import (
    Blinding,
    Call,
    CallTheme,
    Committee,
    CommitteeMember,
    CreditPool,
    Criterion,
    DecisionRuleVersion,
    RubricVersion,
    Seat,
    Theme,
    Visibility,
)
from incubator.calls.states import CallState
from incubator.core import audit, clock, keys
from incubator.core.audit import AuditEvent
from incubator.core.db import Model, db
from incubator.core.transaction import transaction
from incubator.ledger import services as ledger
from incubator.people import services as people
from incubator.people.models import Company, LoginSession, Person, Role, RoleGrant
from incubator.people.predicates import SYSTEM
from incubator.proposals.models import Consent, Proposal, ProposalVersion, TeamMember
from incubator.proposals.states import ProposalState
from incubator.ventures.models import Venture, VentureMember

M = TypeVar("M", bound=Model)
_numbers = itertools.count(1)


class Make:
    """What tests start from. Every method commits."""

    def add(self, row: M) -> M:
        """Save a row as it is."""
        with transaction():
            db.session.add(row)
        return row

    @contextmanager
    def acting(self, actor: Any = SYSTEM, name: str = "test.act") -> Iterator[audit.Cause]:
        """A transaction with a cause, for calling services that have no @action."""
        with transaction(), audit.because(actor, name) as cause:
            yield cause

    def event(self, subject: Model, name: str = "test.happened") -> AuditEvent:
        """Something that happened to a row."""
        with self.acting():
            return audit.record(name, subject)

    def company(self, parent: Company | None = None, name: str = "Northlight Energy") -> Company:
        """A company of the group."""
        with transaction():
            return people.add_company(SYSTEM, parent, name={"en": f"{name} {next(_numbers)}", "zh": "北光能源"})

    def person(
        self,
        company: Company | None = None,
        *roles: Role,
        name: str = "Lin Yue",
        manager: Person | None = None,
        cost_center: str | None = None,
        language: str = "en",
    ) -> Person:
        """An employee with roles over the company."""
        company = company or self.company()
        number = f"{next(_numbers):06}"
        with transaction():
            person = people.add_person(
                SYSTEM, company, hr_number=number, name=name, email=f"p{number}@example.com",
                language=language, manager=manager, cost_center=cost_center,
            )  # fmt: skip
            for role in roles:
                person.roles.append(RoleGrant(company_id=company.id, role=role, from_on=clock.today()))
        return person

    def theme(self, company: Company | None = None) -> Theme:
        """A strategic theme."""
        return self.add(Theme(company=company or self.company(), name={"en": "Clean energy", "zh": "清洁能源"}))

    def pool(self, theme: Theme, amount: int = 100_000_000, company: Company | None = None) -> CreditPool:
        """A funded credit pool of a company for a theme and this year, in fen."""
        pool = self.add(
            CreditPool(company=company or theme.company, theme=theme, year=clock.today().year, currency="CNY")
        )
        with self.acting():
            cause = audit.record("credit_pool.fund", pool)
            outside = ledger.account_of("external", pool.company, "CNY", min_balance=None)
            inside = ledger.account_of("pool", pool, "CNY")
            if amount:
                legs = [ledger.Leg(outside, -amount), ledger.Leg(inside, amount)]
                ledger.post(f"fund-{pool.public_id}", legs, memo="Fund the pool", cause_id=cause.id)
        return pool

    def rubric(self, **flags: dict[str, bool]) -> RubricVersion:
        """A published rubric of four criteria, 1 to 5; flags: more of a criterion by its key."""
        weights = {"uniqueness": 3500, "continuity": 3000, "team": 2000, "fit": 1500}
        anchors = {str(n): {"en": f"Level {n}", "zh": f"{n} 级"} for n in range(1, 6)}
        criteria = [
            Criterion(
                position=i, key=key, name={"en": key.title(), "zh": key}, hint={"en": "", "zh": ""},
                weight_bp=weight, anchors=anchors, **flags.get(key, {}),
            )
            for i, (key, weight) in enumerate(weights.items())
        ]  # fmt: skip
        return self.add(
            RubricVersion(
                code=f"rubric-{next(_numbers)}", number=1, name={"en": "Default", "zh": "默认"},
                published_at=clock.now(), criteria=criteria,
            )
        )  # fmt: skip

    def rule(self, data: dict[str, Any] | None = None) -> DecisionRuleVersion:
        """A published decision rule."""
        return self.add(
            DecisionRuleVersion(
                code=f"rule-{next(_numbers)}", number=1, name={"en": "Threshold and budget", "zh": "分数线与预算"},
                data=data or {}, published_at=clock.now(),
            )
        )  # fmt: skip

    def committee(self, company: Company, chair: Person | None = None, *members: Person) -> Committee:
        """A committee with a chair and members."""
        chair = chair or self.person(company, Role.CHAIR, name="Qin Zheng")
        committee = Committee(company=company, name={"en": "Venture committee", "zh": "创业评审委员会"})
        committee.members = [CommitteeMember(person=chair, seat=Seat.CHAIR)]
        committee.members += [CommitteeMember(person=member, seat=Seat.MEMBER) for member in members]
        return self.add(committee)

    def call(
        self,
        company: Company | None = None,
        *,
        committee: Committee | None = None,
        theme: Theme | None = None,
        rule: DecisionRuleVersion | None = None,
        rubric: RubricVersion | None = None,
        budget: int = 50_000_000,
        form: dict[str, Any] | None = None,
        state: CallState = CallState.PUBLISHED,
        days: int = 9,
        blinding: Blinding = Blinding.REVIEWER_HIDDEN,
        visibility: Visibility = Visibility.CLOSED,
    ) -> Call:
        """A published call that closes in some days, with one theme."""
        company = company or self.company()
        today = clock.today()
        call = Call(
            company=company, title={"en": "Call 2027", "zh": "2027 年征集"}, summary={"en": "Ideas", "zh": "创意"},
            opens_at=clock.now() - dt.timedelta(days=1), closes_at=clock.now() + dt.timedelta(days=days),
            review_due_on=today + dt.timedelta(days=20), meets_on=today + dt.timedelta(days=25),
            release_on=today + dt.timedelta(days=30), form=form or {"sections": []}, state=state,
            committee=committee or self.committee(company), rubric=rubric or self.rubric(),
            rule=rule or self.rule(), blinding=blinding, visibility=visibility,
        )  # fmt: skip
        theme = theme or self.theme(company)
        call.themes = [CallTheme(theme=theme, year=today.year, budget=budget, currency="CNY")]
        self.add(call)
        self.event(call, "call.publish")
        return call

    def proposal(
        self,
        call: Call | None = None,
        lead: Person | None = None,
        *,
        state: ProposalState = ProposalState.DRAFT,
        title: str = "Heat from server rooms",
        asked: int = 1_000_000,
        shares: dict[Person, int] | None = None,
    ) -> Proposal:
        """A proposal in a state; handed-in ones have their frozen version. shares: basis points by person."""
        call = call or self.call()
        lead = lead or self.person(call.company)
        now = clock.now()
        with self.acting(lead, "proposal.create"):
            origin = audit.record("test.origin", call)
            proposal = Proposal(
                number=keys.spoken("V"), call=call, theme=call.themes[0].theme, company=lead.company, lead=lead,
                title=title, lang="en", state=state, asked=asked, cause_id=origin.id,
            )  # fmt: skip
            db.session.add(proposal)
            db.session.flush()
            version = ProposalVersion(
                proposal=proposal, number=1, author=lead, title=title, answers={"summary": "Reuse the heat."},
                saved_at=now,
            )  # fmt: skip
            for person, share in (shares or {lead: 10_000}).items():
                member = TeamMember(proposal=proposal, person=person, share_bp=share, consent=Consent.ACCEPTED)
                db.session.add(member)
            db.session.add(version)
            if state not in {ProposalState.DRAFT, ProposalState.AWAITING_TEAM}:
                version.frozen_at, version.hash = now, hashlib.sha256(title.encode()).digest()
                db.session.flush()
                proposal.submitted_at, proposal.submitted_version = now, version
            audit.record("proposal.create", proposal)
        return proposal

    def venture(self, proposal: Proposal | None = None, *, members: dict[Person, int] | None = None) -> Venture:
        """A chartered venture of an accepted proposal."""
        proposal = proposal or self.proposal(state=ProposalState.ACCEPTED, shares=members)
        version = proposal.submitted_version
        assert version is not None
        with self.acting(SYSTEM, "proposal.charter"):
            cause = audit.record("decision.release", proposal)
            venture = Venture(
                number=proposal.number, name=proposal.title, proposal=proposal, proposal_version=version,
                company=proposal.company, lead=proposal.lead,
            )  # fmt: skip
            audit.created(venture, cause_id=cause.id)
            for member in proposal.team:
                db.session.add(
                    VentureMember(venture=venture, person=member.person, part=member.part, share_bp=member.share_bp)
                )
        return venture

    def session_for(self, person: Person) -> str:
        """A signed-in browser's cookie."""
        token = secrets.token_urlsafe(32)
        now = clock.now()
        self.add(
            LoginSession(
                id_hash=hashlib.sha256(token.encode()).digest(), person_id=person.id, seen_at=now,
                ends_at=now + dt.timedelta(hours=1),
            )
        )  # fmt: skip
        return token
