"""Plans and grants of the ventures, each as far as its words say; every approval by a second person."""

from decimal import Decimal
from typing import Any

from incubator.core import clock
from incubator.core.money import MINOR_DIGITS, WHOLE
from incubator.demo.stage import Stage
from incubator.equity import services
from incubator.equity.models import Appraisal, CapitalEntry, EquityGrant, EquityPlan, GrowthSettlement
from incubator.people.models import Person

COPIED = (
    "title", "kind", "regime", "issuer_kind", "size", "unit", "total_units", "pool_units", "person_units", "months",
    "cliff_months", "every_months", "offer_days", "growth",
)  # fmt: skip
TERMS = ("units", "months", "cliff_months", "every_months")
ALLOCATION = "CUMULATIVE_ROUND_DOWN"
FINANCE, FIRM = "gao_feng", "示例资产评估有限公司 (invented)"
VALUED: dict[str, Any] = {"rate": 200, "volatility": 3_500, "dividend": 0, "months": 60, "forfeiture": 500}
"""Inputs of the model: rates in basis points, the term in months."""
APPROVED = ("offered", "live", "declined")


class Plan:
    """One plan of a venture, from its draft to its grants."""

    def __init__(self, stage: Stage, data: dict[str, Any]) -> None:
        self.stage, self.data = stage, data
        self.maker, self.checker = "hr", "hr_second"
        self.plan: EquityPlan
        self.appraisals: list[Appraisal] = []
        self.settlement: GrowthSettlement

    def plan_steps(self) -> None:
        """Put its steps, and those of its grants, into the diary."""
        diary, day, ends = self.stage.diary, self.data["day"], self.data["ends"]
        diary.on(day, self.create)
        if ends == "active":
            diary.on(day + 2, self.approve, hour=11)
            diary.on(day + 3, self.found, hour=9)
            diary.on(day + 3, self.sign_founding, hour=16)
        elif ends == "refused":
            diary.on(day + 2, self.refuse, hour=11)
        for entry in self.data.get("appraisal", ()):
            Worth(self, entry).plan_steps()
        for grant in self.data.get("grant", ()):
            Grant(self, grant).plan_steps()
        if "settled" in self.data:
            settled = self.data["settled"]["day"]
            diary.on(settled, self.settle, hour=10)
            diary.on(settled + 1, lambda: self.sign_settlement(self.checker), hour=11)
            diary.on(settled + 2, lambda: self.sign_settlement(FINANCE), hour=11)

    def create(self) -> None:
        """HR makes it; that asks for the second signature."""
        details = {name: self.data[name] for name in COPIED if name in self.data}
        self.plan = services.create_plan(
            self.stage.story[self.maker],
            self.stage.ventures[self.data["venture"]],
            starts_on=self.stage.diary.date(self.data["starts"]),
            allocation=ALLOCATION,
            **details,
        )

    def approve(self) -> None:
        """A second HR person signs."""
        services.approve_plan(self.stage.story[self.checker], self.plan)

    def found(self) -> None:
        """HR enters what the founders hold: all but the pool, by their shares in the venture."""
        plan, members = self.plan, list(self.plan.venture.members)
        rest = plan.security.total_units - plan.pool_units - plan.security.issued_units
        lines = [
            {"holder": member.person.public_id, "units": rest * member.share_bp // WHOLE, "price_minor": None}
            for member in members
            if rest * member.share_bp // WHOLE > 0
        ]
        self.entry: CapitalEntry | None = None
        if lines:
            evidence = self.data["title"]["zh"] + "：设立出资"
            maker = self.stage.story[self.maker]
            paid_on = min(self.stage.diary.date(self.data["starts"]), clock.today())
            self.entry = services.draft_entry(
                maker, plan.security, effective_on=paid_on, evidence=evidence, lines=lines
            )
            services.submit_entry(maker, self.entry)

    def sign_founding(self) -> None:
        """A second HR person signs: the founders' units are in the register."""
        if self.entry is not None:
            services.approve_entry(self.stage.story[self.checker], self.entry)

    def settle(self) -> None:
        """HR asks that the growth up to the last appraisal is settled."""
        day = self.stage.diary.date(self.data["settled"]["first_due"])
        self.settlement = services.settle_growth(
            self.stage.story[self.maker], self.plan, value=self.appraisals[-1], first_due_on=day
        )

    def sign_settlement(self, part: str) -> None:
        """HR and finance sign it: the first part is due."""
        services.approve_growth(_person(self.stage, part), self.settlement)

    def refuse(self) -> None:
        """A second HR person refuses, with a reason."""
        services.refuse_plan(self.stage.story[self.checker], self.plan, reason=self.data["reason"])


def _person(stage: Stage, part: str) -> Person:
    """Somebody of the story by their part, else of the group by their key."""
    return stage.story[part] if part in stage.story else stage.people[part]


class Worth:
    """One appraisal of a plan's class: entered by HR, signed by a second person and by finance."""

    def __init__(self, plan: Plan, data: dict[str, Any]) -> None:
        self.plan, self.data, self.stage = plan, data, plan.stage
        self.appraisal: Appraisal

    def plan_steps(self) -> None:
        """Put its steps into the diary."""
        diary, day = self.stage.diary, self.data["day"]
        diary.on(day, self.enter)
        diary.on(day, lambda: self.sign(self.plan.checker), hour=13)
        diary.on(day + 1, lambda: self.sign(FINANCE), hour=9)

    def enter(self) -> None:
        """What the appraiser found, by the income approach."""
        security = self.plan.plan.security
        self.appraisal = services.create_appraisal(
            self.stage.story[self.plan.maker],
            security,
            appraised_on=self.stage.diary.date(self.data["day"]),
            value_minor=security.total_units * self.data["unit"],
            unit_minor=self.data["unit"],
            method="income",
            firm=FIRM,
            filing_number=self.data["filing"],
        )
        self.plan.appraisals.append(self.appraisal)

    def sign(self, part: str) -> None:
        """One of the two signatures."""
        services.approve_appraisal(_person(self.stage, part), self.appraisal)


class Grant:
    """One grant from a plan."""

    def __init__(self, plan: Plan, data: dict[str, Any]) -> None:
        self.plan, self.data, self.stage = plan, data, plan.stage
        self.grant: EquityGrant

    def plan_steps(self) -> None:
        """Put its steps into the diary."""
        diary, day, ends = self.stage.diary, self.data["day"], self.data["ends"]
        diary.on(day, self.draft)
        if ends == "cancelled":
            diary.on(day + 1, self.cancel)
        if ends in (*APPROVED, "in_approval"):
            diary.on(day, self.submit, hour=14)
        if ends in APPROVED:
            diary.on(day + 1, self.approve, hour=15)
        if ends in ("live", "declined"):
            diary.on(day + 3, self.accept if ends == "live" else self.decline, hour=18)
        if ends == "live" and self.plan.data.get("appraisal"):
            diary.on(day + 5, self.value, hour=10)
        if "leaves" in self.data:
            diary.on(self.data["leaves"]["day"], self.depart, hour=10)

    def draft(self) -> None:
        """HR enters it."""
        self.grant = services.draft_grant(
            self.stage.story[self.plan.maker],
            self.plan.plan,
            holder=self.stage.people[self.data["holder"]],
            price_minor=self.data["price"],
            granted_on=self.stage.diary.date(self.data["day"]),
            starts_on=self.stage.diary.date(self.data["starts"]),
            allocation=ALLOCATION,
            **{name: self.data[name] for name in TERMS},
        )

    def submit(self) -> None:
        """Limits are checked, the terms frozen, the second person asked."""
        services.submit(self.stage.story[self.plan.maker], self.grant)

    def approve(self) -> None:
        """A second HR person signs: the offer goes out."""
        services.approve(self.stage.story[self.plan.checker], self.grant)

    def accept(self) -> None:
        """The holder accepts the letter as it stands."""
        letter = (self.grant.letter_hash or b"").hex()
        services.accept(self.grant.holder, self.grant, letter_hash=letter)

    def value(self) -> None:
        """Finance records what the grant was worth on its day, for the accounts."""
        unit = Decimal(self.plan.appraisals[0].unit_minor).scaleb(-MINOR_DIGITS[self.grant.currency])
        services.value_grant(_person(self.stage, FINANCE), self.grant, spot=unit, basis=FIRM, **VALUED)

    def decline(self) -> None:
        """The holder declines."""
        services.decline(self.grant.holder, self.grant, reason=self.data["reason"])

    def depart(self) -> None:
        """HR asks that the holder's grants follow the plan's rule; a second person has not signed yet."""
        leaves = self.data["leaves"]
        services.depart(
            self.stage.story[self.plan.maker],
            self.grant.holder,
            reason=leaves["reason"],
            last_day=self.stage.diary.date(leaves["day"] + 30),
            value_minor=leaves["value"],
            note=leaves["note"],
        )

    def cancel(self) -> None:
        """HR gives the draft up."""
        services.cancel(self.stage.story[self.plan.maker], self.grant, reason=self.data["reason"])


def plan(stage: Stage, data: dict[str, Any]) -> None:
    """Every plan of the words."""
    for entry in data["plan"]:
        Plan(stage, entry).plan_steps()
