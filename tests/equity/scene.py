"""A venture with a plan under it, for the tests of equity and of the auditor's walk."""

import datetime as dt
from typing import Any

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.equity import services
from incubator.equity.models import Appraisal, EquityGrant, EquityPlan
from incubator.people.models import Person, Role
from incubator.rules import queries as rules
from incubator.rules import services as rule_services
from incubator.ventures.models import Venture
from tests.make import Make

START = dt.date(2026, 3, 31)
PLAN: dict[str, Any] = {
    "title": {"en": "Founders' plan", "zh": "创始团队激励计划"},
    "kind": "option",
    "regime": "plan",
    "issuer_kind": "limited",
    "size": "small",
    "unit": {"en": "shares", "zh": "股"},
    "total_units": 10_000_000,
    "pool_units": 600_000,
    "starts_on": START,
}


STATE_RULES = ("cn.equity.total", "cn.equity.person", "cn.equity.lock", "cn.equity.price", "cn.equity.once")


class Scene:
    """A group with two HR persons; a venture with a lead and a second member; an auditor."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.group = make.company()
        self.company = make.company(self.group)
        self.maker = make.person(self.company, Role.HR, name="Song Jia")
        self.checker = make.person(self.company, Role.HR, name="Tang Min")
        self.lead = make.person(self.company, name="Zhao Min")
        self.member = make.person(self.company, name="Wu Han")
        self.auditor = make.person(self.group, Role.AUDITOR, name="Bai Lu")
        self.venture = self._venture()
        self._finance: Person | None = None

    def _venture(self) -> Venture:
        from incubator.proposals.states import ProposalState

        call = self.make.call(self.company)
        proposal = self.make.proposal(
            call, self.lead, state=ProposalState.ACCEPTED, shares={self.lead: 6_000, self.member: 4_000}
        )
        return self.make.venture(proposal)

    def install_rules(self, *, confirmed: bool = True) -> None:
        """The shipped rules; confirmed by both HR persons when wanted."""
        with transaction():
            rule_services.install_packs()
        for code in STATE_RULES if confirmed else ():
            rule = rules.in_force(code, clock.today(), self.company)
            for person in (self.maker, self.checker):
                with transaction():
                    rule_services.confirm(person, rule)

    def drafted_plan(self, **changes: Any) -> EquityPlan:
        """A plan that waits for its second signature."""
        with transaction():
            return services.create_plan(self.maker, self.venture, **(PLAN | changes))

    def plan(self, **changes: Any) -> EquityPlan:
        """An approved plan; under a body of rules with an appraisal of 1.00 a unit."""
        plan = self.drafted_plan(**changes)
        with transaction():
            services.approve_plan(self.checker, plan)
        if plan.regime != "plan":
            self.appraised(plan)
        return plan

    def appraised(self, plan: EquityPlan, **changes: Any) -> Appraisal:
        """An approved appraisal of the plan's class, of the day the plan starts."""
        values: dict[str, Any] = {
            "appraised_on": plan.starts_on, "value_minor": plan.security.total_units * 100, "unit_minor": 100,
            "method": "income", "firm": "Zhonghe Appraisal", "filing_number": "SASAC-2026-1", "valid_months": 24,
        }  # fmt: skip
        with transaction():
            made = services.create_appraisal(self.maker, plan.security, **(values | changes))
        finance = self.finance()
        for signer in (self.checker, finance):
            with transaction():
                services.approve_appraisal(signer, made)
        return made

    def finance(self) -> Person:
        """Somebody of finance, the same each time."""
        if self._finance is None:
            self._finance = self.make.person(self.company, Role.FINANCE, name="Lin Yue")
        return self._finance

    def terms(self, **changes: Any) -> dict[str, Any]:
        """The terms of a grant to the lead."""
        return {
            "holder": self.lead,
            "units": 48_000,
            "price_minor": 120,
            "granted_on": dt.date(2026, 6, 30),
            "starts_on": START,
            "months": 48,
            "every_months": 12,
            "cliff_months": 12,
            "allocation": "CUMULATIVE_ROUND_DOWN",
        } | changes

    def draft(self, plan: EquityPlan, **changes: Any) -> EquityGrant:
        """A draft grant."""
        with transaction():
            return services.draft_grant(self.maker, plan, **self.terms(**changes))

    def submitted(self, plan: EquityPlan, **changes: Any) -> EquityGrant:
        """A grant that waits for its second signature."""
        grant = self.draft(plan, **changes)
        with transaction():
            services.submit(self.maker, grant)
        return grant

    def offered(self, plan: EquityPlan, **changes: Any) -> EquityGrant:
        """A grant that waits for its holder."""
        grant = self.submitted(plan, **changes)
        with transaction():
            services.approve(self.checker, grant)
        return grant

    def live(self, plan: EquityPlan, **changes: Any) -> EquityGrant:
        """A grant in force."""
        grant = self.offered(plan, **changes)
        with transaction():
            services.accept(grant.holder, grant, letter_hash=(grant.letter_hash or b"").hex())
        return grant


def names_of(thing: Any) -> list[str]:
    """The names of a thing's own events in order, without those of its request for signatures."""
    found = db.session.scalars(
        db.select(audit.AuditEvent.name)
        .where(audit.AuditEvent.subject_type == thing.__tablename__, audit.AuditEvent.subject_id == thing.id)
        .order_by(audit.AuditEvent.id)
    )
    return [name for name in found if not name.startswith("approval.")]


def doing(call: Any, actor: Person | None = None) -> Any:
    """Run a service in a transaction of its own."""
    with transaction():
        return call()
