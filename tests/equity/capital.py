"""An issuer with holders and issued units, for the tests of capital and transfers."""

import datetime as dt
from typing import Any

from incubator.core import clock
from incubator.core.transaction import transaction
from incubator.equity import services
from incubator.equity.models import Appraisal, CapitalEntry, EquityHolder, EquityTransfer, Issuer, SecurityClass
from incubator.equity.queries import classes_of
from incubator.equity.services import transfers
from incubator.people.models import Person, Role
from tests.equity.scene import Scene

CODE = "91110000600037341L"
"""The example of GB 32100 as python-stdnum documents it."""
ISSUER: dict[str, Any] = {
    "name": "Quanta Heat Co., Ltd.",
    "kind": "limited",
    "size": "small",
    "size_evidence": "Audited figures of 2025",
    "size_on": dt.date(2025, 12, 31),
    "formed_on": dt.date(2024, 1, 15),
    "credit_code": CODE,
    "unit": {"en": "yuan of capital", "zh": "元出资额"},
    "decimals": 0,
    "total_units": 10_000,
    "lock_months": 0,
    "notice_days": 30,
    "whole": True,
    "first_refusal": True,
}
FOUNDED = dt.date(2024, 1, 15)


class Capital:
    """A limited company in which Zhao Min holds 6,000, Wu Han 3,000 and a vehicle 1,000 of 10,000 units."""

    def __init__(self, scene: Scene, **changes: Any) -> None:
        self.scene = scene
        self.finance = scene.make.person(scene.company, Role.FINANCE, name="Lin Yue")
        with transaction():
            self.issuer: Issuer = services.create_issuer(scene.maker, scene.company, **(ISSUER | changes))
        self.security: SecurityClass = classes_of(self.issuer)[0]
        self.vehicle = self.holder("Quanta Partners LP", "vehicle", representative=scene.auditor)
        self.buyer = self.holder("Sun Bo", "individual")

    def holder(self, name: str, kind: str = "company", **details: Any) -> EquityHolder:
        """A holder who is no employee."""
        with transaction():
            return services.create_holder(self.scene.maker, self.issuer, kind=kind, name=name, **details)

    def drafted(self, *lines: tuple[Any, int], on: dt.date = FOUNDED) -> CapitalEntry:
        """An entry that is not put to approval yet."""
        given = [{"holder": holder.public_id, "units": units, "price_minor": 100} for holder, units in lines]
        with transaction():
            return services.draft_entry(
                self.scene.maker, self.security, effective_on=on, evidence="Resolution 1", lines=given
            )

    def submitted(self, *lines: tuple[Any, int], on: dt.date = FOUNDED) -> CapitalEntry:
        """An entry that waits for its second signature."""
        entry = self.drafted(*lines, on=on)
        with transaction():
            services.submit_entry(self.scene.maker, entry)
        return entry

    def issued(self, *lines: tuple[Any, int], on: dt.date = FOUNDED) -> CapitalEntry:
        """An entry in the register; without interest of its own in it the second HR person signs."""
        entry = self.submitted(*lines, on=on)
        with transaction():
            services.approve_entry(self.scene.checker, entry)
        return entry

    def founded(self) -> "Capital":
        """With the founders' units issued."""
        self.issued((self.scene.lead, 6_000), (self.scene.member, 3_000), (self.vehicle, 1_000))
        return self

    def appraisal(self, *, approved: bool = True, **changes: Any) -> Appraisal:
        """An appraisal at 2.00 a unit, approved by the second HR person and finance."""
        values: dict[str, Any] = {
            "appraised_on": clock.today() - dt.timedelta(days=30), "value_minor": 2_000_000, "unit_minor": 200,
            "method": "income", "firm": "Zhonghe Appraisal", "filing_number": "SASAC-2026-118",
        }  # fmt: skip
        with transaction():
            made = services.create_appraisal(self.scene.maker, self.security, **(values | changes))
        for signer in (self.scene.checker, self.finance) if approved else ():
            with transaction():
                services.approve_appraisal(signer, made)
        return made

    def requested(self, seller: Any = None, **changes: Any) -> EquityTransfer:
        """A transfer of 600 units of Zhao Min's to an outsider at 2.00."""
        asker = seller if isinstance(seller, Person) else self.scene.lead
        values: dict[str, Any] = {
            "seller": seller if isinstance(seller, str) else asker.public_id, "buyer": self.buyer.public_id,
            "units": 600, "price_minor": 200,
            "payment": "By transfer within ten days", "complete_by": clock.today() + dt.timedelta(days=90),
        }  # fmt: skip
        with transaction():
            return transfers.request_transfer(asker, self.security, **(values | changes))

    def noticed(self, **changes: Any) -> EquityTransfer:
        """A transfer whose notice runs."""
        transfer = self.requested(**changes)
        with transaction():
            transfers.give_notice(self.scene.maker, transfer)
        return transfer

    def answered(self, transfer: EquityTransfer, *wanted: int) -> EquityTransfer:
        """Everybody who was asked answers, in order."""
        for answer, units in zip(list(transfer.answers), wanted, strict=True):
            with transaction():
                transfers.answer(answer.person or self.scene.maker, answer, wanted=units)
        return transfer

    def approved(self, transfer: EquityTransfer) -> EquityTransfer:
        """Priced by an appraisal and signed by the second HR person."""
        appraisal = self.appraisal()
        with transaction():
            transfers.price_transfer(self.scene.maker, transfer, appraisal=appraisal)
        with transaction():
            transfers.approve_transfer(self.scene.checker, transfer)
        return transfer

    def settled(self, transfer: EquityTransfer) -> EquityTransfer:
        """In the register."""
        with transaction():
            transfers.settle_transfer(self.scene.maker, transfer, settled_on=clock.today(), payment_reference="PAY-1")
        return transfer
