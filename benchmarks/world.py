"""The few rows everything hangs on, made by the product's own services: companies, people, calls, a round."""

import datetime as dt
import hashlib
import random
import secrets
from dataclasses import dataclass, field

from benchmarks import words
from incubator.calls import services as calls
from incubator.calls.models import Call, Committee, Theme
from incubator.calls.services import ThemeBudget
from incubator.calls.templates import VENTURE
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.people import services as people
from incubator.people.models import Company, LoginSession, Person, PersonCounts, Role
from incubator.people.predicates import SYSTEM
from incubator.reviews.models import Round

REVIEWERS = 60
BUDGET = 250_000_00
"""Minor units of the theme's budget for each proposal; they ask for twice as much on average."""
COMMITTEE = {"en": "Venture committee", "zh": "创业评审委员会"}
CALLS = ({"en": "Call 2026", "zh": "2026 年征集"}, {"en": "Call 2027", "zh": "2027 年征集"})
"""The call whose proposals are in review, and the next, whose proposals come in."""


@dataclass
class World:
    """Who and what the loaded proposals belong to."""

    group: Company
    companies: list[Company]
    office: Person
    chair: Person
    reviewers: list[Person]
    everybody: Person
    theme: Theme
    call: Call
    coming: Call
    round: Round
    tokens: dict[str, str] = field(default_factory=dict)

    def sign_in(self, key: str, person: Person) -> None:
        """Open a session for a person, as the sign-in page would."""
        token, now = secrets.token_urlsafe(32), clock.now()
        hashed = hashlib.sha256(token.encode()).digest()
        ends_at = now + dt.timedelta(hours=12)
        db.session.add(LoginSession(id_hash=hashed, person_id=person.id, seen_at=now, ends_at=ends_at))
        self.tokens[key] = token


def build(size: int) -> World:
    """Make the frame for `size` proposals. Called within a transaction."""
    dice = random.Random(7)
    group = people.add_company(SYSTEM, None, name={"en": "Northlight Group", "zh": "北光集团"})
    companies = [people.add_company(SYSTEM, group, name={"en": en, "zh": zh}) for en, zh in words.COMPANIES]
    office = _person(group, "000001", "Shen Lan", Role.OFFICE)
    chair = _person(group, "000002", "Qin Zheng", Role.CHAIR)
    everybody = _person(group, "000003", "Tang Rui", *Role)
    reviewers = [
        _person(group, f"{100 + n:06}", words.name(dice), Role.REVIEWER, cost_center=f"R{n}") for n in range(REVIEWERS)
    ]
    theme = calls.create_theme(SYSTEM, group, name={"en": "Clean energy", "zh": "清洁能源"})
    calls.create_pool(SYSTEM, group, theme=theme, year=clock.today().year, amount=BUDGET * size)
    committee = calls.create_committee(SYSTEM, group, name=COMMITTEE, chair=chair, members=reviewers)
    call, coming = (_call(office, theme, committee, size, title, n) for n, title in enumerate(CALLS))
    round_ = _round(office, call)
    world = World(group, companies, office, chair, reviewers, everybody, theme, call, coming, round_)
    for key, person in {"office": office, "chair": chair, "everybody": everybody}.items():
        world.sign_in(key, person)
    for n, person in enumerate(reviewers):
        world.sign_in(f"reviewer{n}", person)
    db.session.flush()
    return world


def _person(company: Company, hr_number: str, name: str, *roles: Role, cost_center: str | None = None) -> Person:
    person = people.add_person(
        SYSTEM, company, hr_number=hr_number, name=name, email=f"p{hr_number}@example.com", cost_center=cost_center
    )
    for role in roles:
        people.give_role(SYSTEM, company, person=person, role=role)
    db.session.add(PersonCounts(person_id=person.id, counts={"notices": 3}))
    return person


def _call(  # noqa: PLR0917
    office: Person, theme: Theme, committee: Committee, size: int, title: dict[str, str], number: int
) -> Call:
    rubric, rule = calls.install_templates(SYSTEM, theme.company)
    now, today = clock.now(), clock.today()
    days = {"review_due_on": 30, "meets_on": 35, "release_on": 40}
    call = calls.create_call(
        office, theme.company, title=title, summary={"en": "Ventures for the group", "zh": "面向集团的创业项目"},
        opens_at=now - dt.timedelta(days=90), closes_at=now + dt.timedelta(days=2 + number), form=VENTURE,
        committee=committee, rubric=rubric, rule=rule, themes=[ThemeBudget(theme, today.year, BUDGET * size)],
        **{name: today + dt.timedelta(days=n) for name, n in days.items()},
    )  # fmt: skip
    return calls.publish(office, call)


def _round(office: Person, call: Call) -> Round:
    cause = audit.event_of(call, "call.publish")
    round_ = Round(call=call, committee=call.committee, rubric=call.rubric, rule=call.rule)
    with audit.because(office, "proposal.open_review"):
        audit.created(round_, cause_id=cause.id)
    return round_
