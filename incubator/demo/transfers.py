"""Units of a venture that change hands: one transfer that is settled, and one whose notice runs."""

from typing import Any

from sqlalchemy import select

from incubator.core.db import db
from incubator.demo.stage import Stage
from incubator.equity import services
from incubator.equity.models import Appraisal, EquityTransfer, Issuer, SecurityClass
from incubator.equity.services import transfers
from incubator.people.models import Person

FIRM = "示例资产评估有限公司 (invented)"
FINANCE = "gao_feng"


class Transfer:
    """One transfer, from its appraisal and its buyer to its end."""

    def __init__(self, stage: Stage, data: dict[str, Any]) -> None:
        self.stage, self.data = stage, data
        self.appraisal: Appraisal
        self.transfer: EquityTransfer

    @property
    def hr(self) -> Person:
        """Who administers it."""
        return self.stage.story["hr"]

    @property
    def second(self) -> Person:
        """Who signs it."""
        return self.stage.story["hr_second"]

    def plan_steps(self) -> None:
        """Put its steps into the diary."""
        diary, day = self.stage.diary, self.data["day"]
        diary.on(day, self.request)
        diary.on(day + 1, self.notice)
        if self.data["ends"] == "settled":
            diary.on(day - 20, self.appraise)
            diary.on(day - 19, lambda: services.approve_appraisal(self.second, self.appraisal))
            diary.on(day - 18, lambda: services.approve_appraisal(self.stage.people[FINANCE], self.appraisal))
            diary.on(day + 6, self.waive)
            diary.on(day + 8, lambda: transfers.price_transfer(self.hr, self.transfer, appraisal=self.appraisal))
            diary.on(day + 9, lambda: transfers.approve_transfer(self.second, self.transfer))
            diary.on(day + 20, self.settle)

    def security(self) -> SecurityClass:
        """The venture's class of units."""
        venture = self.stage.ventures[self.data["venture"]]
        return db.session.scalars(
            select(SecurityClass)
            .join(Issuer, Issuer.id == SecurityClass.issuer_id)
            .where(Issuer.venture_id == venture.id)
            .order_by(SecurityClass.id)
            .limit(1)
        ).one()

    def founder(self) -> Person:
        """The member with the largest share, who sells."""
        members = self.stage.ventures[self.data["venture"]].members
        return max(members, key=lambda member: member.share_bp).person

    def appraise(self) -> None:
        """HR enters what the appraiser found, by the income approach."""
        security = self.security()
        self.appraisal = services.create_appraisal(
            self.hr, security, appraised_on=self.stage.diary.date(self.data["day"] - 30),
            value_minor=security.total_units * self.data["unit"], unit_minor=self.data["unit"], method="income",
            firm=FIRM, filing_number=self.data["filing"],
        )  # fmt: skip

    def request(self) -> None:
        """HR records the buyer; the founder asks."""
        security, buyer = self.security(), self.data["buyer"]
        holder = services.create_holder(
            self.hr, security.issuer, kind="company", name=f"{buyer['zh']} {buyer['en']}"
        )  # fmt: skip
        seller = self.founder()
        self.transfer = transfers.request_transfer(
            seller, security, seller=seller.public_id, buyer=holder.public_id, units=self.data["units"],
            price_minor=self.data["unit"], payment=self.data["payment"],
            complete_by=self.stage.diary.date(self.data["day"] + 90),
        )  # fmt: skip

    def notice(self) -> None:
        """HR tells the others; from now on they have thirty days."""
        transfers.give_notice(self.hr, self.transfer)

    def waive(self) -> None:
        """Nobody wants more units."""
        for given in list(self.transfer.answers):
            transfers.answer(given.person or self.hr, given, wanted=0)

    def settle(self) -> None:
        """The fund has paid: the units are in the register."""
        day = self.stage.diary.date(self.data["day"] + 19)
        transfers.settle_transfer(
            self.hr, self.transfer, settled_on=day, payment_reference=self.data["reference"]
        )  # fmt: skip


def plan(stage: Stage, data: dict[str, Any]) -> None:
    """Every transfer of the words."""
    for entry in data["transfer"]:
        Transfer(stage, entry).plan_steps()
