"""Plans and grants of the ventures, each as far as its words say; every approval by a second person."""

from typing import Any

from incubator.core import clock
from incubator.core.money import WHOLE
from incubator.demo.stage import Stage
from incubator.equity import services
from incubator.equity.models import CapitalEntry, EquityGrant, EquityPlan

COPIED = (
    "title", "kind", "regime", "issuer_kind", "size", "unit", "total_units", "pool_units", "person_units", "months",
    "cliff_months", "every_months",
)  # fmt: skip
TERMS = ("units", "months", "cliff_months", "every_months")
ALLOCATION = "CUMULATIVE_ROUND_DOWN"
APPROVED = ("offered", "live", "declined")


class Plan:
    """One plan of a venture, from its draft to its grants."""

    def __init__(self, stage: Stage, data: dict[str, Any]) -> None:
        self.stage, self.data = stage, data
        self.maker, self.checker = "hr", "hr_second"
        self.plan: EquityPlan

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
        for grant in self.data.get("grant", ()):
            Grant(self, grant).plan_steps()

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

    def refuse(self) -> None:
        """A second HR person refuses, with a reason."""
        services.refuse_plan(self.stage.story[self.checker], self.plan, reason=self.data["reason"])


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
