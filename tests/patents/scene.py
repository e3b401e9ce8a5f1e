"""A venture with its inventors, counsel, HR and office, and the steps of an invention's life."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.patents import services
from incubator.patents.engines.completeness import Funding
from incubator.patents.engines.numbers import PatentKind, check_digit
from incubator.patents.models import Award, Disclosure, InventorShare, Matter, SecurityReview
from incubator.patents.states import Decision
from incubator.people.models import Person, Role
from incubator.proposals.states import ProposalState
from incubator.rules import queries as rules
from incubator.rules import services as rule_services
from tests.make import Make

TEXT: dict[str, Any] = {
    "title": "Heat pump for server rooms",
    "problem": "Waste heat leaves unused.",
    "solution": "A two-stage pump lifts it to 70 degrees.",
}
COMPLETE: dict[str, Any] = {
    "prior_art": "Single-stage pumps reach 50 degrees.", "nothing_shown": True, "funding": Funding.OWN,
    "no_rights": True,
}  # fmt: skip
"""What a disclosure must say besides, before anybody decides on it."""


def application_number(year: int = 2023, kind: int = 1, serial: int = 601862) -> str:
    """A well-formed number with its check digit."""
    digits = f"{year}{kind}{serial:07}"
    return f"{digits}.{check_digit(digits)}"


def from_today(details: dict[str, Any]) -> dict[str, Any]:
    """A test's parameters with its spans counted from the day on which it runs, not on which it was collected."""
    return {name: clock.today() + one if isinstance(one, dt.timedelta) else one for name, one in details.items()}


class Scene:
    """Lead 60 %, mate 40 % in the venture; one IP counsel, two HR, one office."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.company = make.company()
        self.lead = make.person(self.company, name="Lin Yue")
        self.mate = make.person(self.company, name="Zhao Min")
        self.counsel = make.person(self.company, Role.IP_COUNSEL, name="Gu Lan")
        self.office = make.person(self.company, Role.OFFICE, name="Office")
        self.hr_a = make.person(self.company, Role.HR, name="Hr A")
        self.hr_b = make.person(self.company, Role.HR, name="Hr B")
        proposal = make.proposal(
            make.call(self.company), self.lead, state=ProposalState.ACCEPTED,
            shares={self.lead: 6000, self.mate: 4000},
        )  # fmt: skip
        self.venture = make.venture(proposal)
        with transaction():
            rule_services.install_packs()

    def disclose(self, shares: Sequence[tuple[Person, int]] | None = None, **details: Any) -> Disclosure:
        with transaction():
            shares = shares or [(self.lead, 6000), (self.mate, 4000)]
            return services.disclose(self.lead, self.venture, shares=shares, **(TEXT | self.details(details)))

    def details(self, given: dict[str, Any]) -> dict[str, Any]:
        """A complete disclosure; a day that is given is something shown."""
        shown = any(given.get(name) for name in ("published_on", "planned_on", "sold_on", "sale_planned_on"))
        return COMPLETE | {"nothing_shown": not shown} | given

    def share(self, disclosure: Disclosure, person: Person) -> InventorShare:
        return next(share for share in disclosure.shares if share.person_id == person.id)

    def agreed(self, shares: Sequence[tuple[Person, int]] | None = None) -> Disclosure:
        disclosure = self.disclose(shares)
        for share in disclosure.shares:
            if share.person_id != self.lead.id:
                with transaction():
                    services.accept_share(share.person, share)
        return disclosure

    def taken_up(self, disclosure: Disclosure | None = None) -> Disclosure:
        """Counsel looks after it, and so may read it."""
        disclosure = disclosure or self.disclose()
        with transaction():
            services.take_up(self.counsel, disclosure, reason="Search and assessment")
        return disclosure

    def assessed(self, shares: Sequence[tuple[Person, int]] | None = None) -> Disclosure:
        disclosure = self.taken_up(self.agreed(shares))
        with transaction():
            services.assess(self.counsel, disclosure, assessment="New and inventive.")
        return disclosure

    def assessed_abroad(self) -> Disclosure:
        """Made outside China, so that no security review is needed."""
        disclosure = self.disclose(made_in_china=False)
        for share in disclosure.shares[1:]:
            with transaction():
                services.accept_share(share.person, share)
        self.taken_up(disclosure)
        with transaction():
            services.assess(self.counsel, disclosure, assessment="New and inventive.")
        return disclosure

    def proposed(self, disclosure: Disclosure | None = None, kind: PatentKind = PatentKind.INVENTION) -> Disclosure:
        disclosure = disclosure or self.assessed()
        with transaction():
            services.propose(
                self.counsel, disclosure, decision=Decision.FILE, kind=kind, reason="It carries the venture."
            )
        return disclosure

    def decided(self, decision: Decision, disclosure: Disclosure | None = None, **details: Any) -> Disclosure:
        disclosure = disclosure or self.assessed()
        with transaction():
            services.propose(self.counsel, disclosure, decision=decision, reason="It carries the venture.", **details)
        with transaction():
            services.decide(self.office, disclosure)
        return disclosure

    def matter(self, disclosure: Disclosure | None = None, kind: PatentKind = PatentKind.INVENTION) -> Matter:
        disclosure = self.proposed(disclosure, kind)
        with transaction():
            matter = services.decide(self.office, disclosure)
        assert matter is not None
        return matter

    def filed(self, on: dt.date = dt.date(2023, 3, 1), matter: Matter | None = None) -> Matter:
        matter = matter or self.matter()
        kind = {PatentKind.INVENTION: 1, PatentKind.UTILITY_MODEL: 2, PatentKind.DESIGN: 3}[matter.kind]
        with transaction():
            services.record_filing(
                self.counsel, matter, happened_on=on, number=application_number(on.year, kind), evidence="Receipt"
            )
        return matter

    def granted(self, on: dt.date | None = None, matter: Matter | None = None) -> Award:
        on = on or clock.today()
        matter = matter or self.filed(min(on, dt.date(2023, 3, 1)))
        with transaction():
            award = services.record_grant(self.counsel, matter, happened_on=on)
        assert award is not None
        return award

    def cleared(self, matter: Matter) -> None:
        """The security review lets the invention go abroad."""
        found = select(SecurityReview).where(SecurityReview.disclosure_id == matter.disclosure_id)
        review, day = db.session.scalars(found).one(), clock.today()
        with transaction():
            services.request_review(self.counsel, review, requested_on=day)
            services.clear_review(self.counsel, review, decided_on=day)

    def confirm_rule(self, award: Award) -> None:
        for person in (self.hr_a, self.counsel):
            with transaction():
                rule_services.confirm(person, award.rule)
        assert rules.is_confirmed(award.rule)

    def calculated(self, award: Award | None = None) -> Award:
        award = award or self.granted()
        with transaction():
            services.calculate(self.hr_a, award)
        return award

    def in_payroll(self, award: Award | None = None) -> Award:
        award = self.calculated(award)
        self.confirm_rule(award)
        with transaction():
            services.approve(self.hr_b, award)
        db.session.refresh(award)
        return award
