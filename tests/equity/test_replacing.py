"""Units of an award that others take: its holder gets money for them, once, whatever is taken back or clawed back."""

import datetime as dt
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.transaction import transaction
from incubator.equity import services
from incubator.equity.models import EquityHolder, EquityTransfer, GrowthPart, GrowthSettlement, HolderKind, PartState
from incubator.equity.services import transfers
from incubator.people.models import Company, Person
from tests.equity.scene import START, Scene, doing
from tests.equity.test_grants import refusal
from tests.equity.test_growth import VALUED, Growth, paid
from tests.make import Make


class Taken:
    """An award of units, 188 of the lead's due today at 2.00: another holder takes 100, the lead gets 88 and 200.00."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        issuer = scene.plan(total_units=10_000, pool_units=100).security.issuer
        vehicle, self.other = [self.holder(issuer, name) for name in ("Partners LP", "Other LP")]
        with transaction():
            issuer.articles = {"whole": False}
        self.growth = Growth(scene, "growth_transfer", rate_bps=3_000, milestone_minor=1, source=vehicle.public_id)
        lines = [{"holder": one.public_id, "units": 2_500, "price_minor": None} for one in (vehicle, self.other)]
        entry = doing(lambda: services.draft_entry(
            scene.maker, self.growth.plan.security, effective_on=START, evidence="Resolution", lines=lines
        ))  # fmt: skip
        doing(lambda: services.submit_entry(scene.maker, entry))
        doing(lambda: services.approve_entry(scene.checker, entry))
        self.worth = self.growth.worth(2_000_000)
        self.settlement: GrowthSettlement = self.growth.settled(self.worth, first_due_on=clock.today())
        self.due = self.settlement.parts[0]

    def holder(self, issuer: Any, name: str) -> EquityHolder:
        return doing(lambda: services.create_holder(self.scene.maker, issuer, kind=HolderKind.VEHICLE, name=name))

    def handed_over(self) -> EquityTransfer:
        hr, second = self.scene.maker, self.scene.checker
        transfer = doing(lambda: services.hand_over(hr, self.settlement, part=self.due.public_id))
        doing(lambda: transfers.give_notice(hr, transfer))
        doing(lambda: transfers.answer(hr, transfer.answers[0], wanted=100))
        doing(lambda: transfers.price_transfer(hr, transfer, appraisal=self.worth))
        doing(lambda: transfers.approve_transfer(second, transfer))
        doing(lambda: transfers.settle_transfer(hr, transfer, settled_on=clock.today(), payment_reference="PAY-1"))
        return transfer

    def clawed_back(self) -> list[tuple[int, int, str]]:
        """By a value of 11,000.00 the lead's award is 102 units: what the clawback wrote of it."""
        lower = self.growth.worth(1_100_000, VALUED + dt.timedelta(days=1))
        claw = self.growth.settled(lower, first_due_on=clock.today(), corrects=self.settlement, reason="Withdrawn")
        return [(part.amount_minor, part.units, part.state.value) for part in claw.parts
                if part.grant_id == self.due.grant_id]  # fmt: skip

    def money(self) -> list[tuple[int, str]]:
        db.session.expire_all()
        found = db.select(GrowthPart).where(GrowthPart.replaces_id == self.due.id).order_by(GrowthPart.id)
        return [(part.amount_minor, part.state.value) for part in db.session.scalars(found)]


def test_units_of_a_transfer_taken_back_are_handed_over_again_and_paid_once(scene: Scene) -> None:
    taken = Taken(scene)
    transfer = taken.handed_over()
    doing(lambda: transfers.reverse_transfer(scene.checker, transfer, reason="The wrong taker"))
    assert (taken.money(), taken.due.transfer_id, taken.due.state) == ([(20_000, "cancelled")], None, PartState.DUE)
    again = taken.handed_over()
    assert taken.money() == [(20_000, "cancelled"), (20_000, "due")]
    doing(lambda: transfers.reverse_transfer(scene.checker, again, reason="Wrong again"))
    assert taken.money() == [(20_000, "cancelled")] * 2


def test_a_clawback_takes_money_in_place_of_units_that_is_not_paid_before_units(scene: Scene) -> None:
    """563 units become 102: 375 fall away, 86 of the 100 that others took are not paid; 14 at 2.00 are 28.00."""
    taken = Taken(scene)
    transfer = taken.handed_over()
    assert taken.clawed_back() == [(2_800, 0, "due")]
    assert taken.money() == [(20_000, "cancelled"), (2_800, "due")]
    code, field, _words = refusal(lambda: transfers.reverse_transfer(scene.checker, transfer, reason="Wrong"))
    assert (code, field) == ("corrected", "reason")


def test_a_clawback_asks_for_money_back_that_was_paid_in_place_of_units(scene: Scene) -> None:
    taken = Taken(scene)
    taken.handed_over()
    paid(taken.settlement, taken.growth.finance, scene.maker)
    assert taken.clawed_back() == [(17_200, 0, "repay")]
    assert taken.money() == [(20_000, "due")]


def test_what_others_did_not_take_is_to_be_given_back_in_units(scene: Scene) -> None:
    """Without growth all 188 units go back: the money for 100 of them, and 88 as units."""
    taken = Taken(scene)
    taken.handed_over()
    lower = taken.growth.worth(1_000_000, VALUED + dt.timedelta(days=1))
    claw = taken.growth.settled(lower, first_due_on=clock.today(), corrects=taken.settlement, reason="Withdrawn")
    assert [(part.amount_minor, part.units, part.state.value) for part in claw.parts] == [(0, 88, "repay")]
    assert taken.money() == [(20_000, "cancelled")]


@pytest.mark.committed
def test_money_that_a_batch_is_taking_is_not_struck_out(app: Flask, make: Make) -> None:
    """A batch holds the step while a transfer is taken back: who comes second waits, looks, and refuses."""
    scene = Scene(make)
    taken = Taken(scene)
    transfer_id, checker_id, maker_id = taken.handed_over().id, scene.checker.id, scene.maker.id
    company_id = scene.company.id
    held, answers = threading.Event(), list[str]()

    def reverse() -> None:
        held.wait(20)
        with app.app_context():
            checker = db.session.get_one(Person, checker_id)
            transfer = db.session.get_one(EquityTransfer, transfer_id)
            try:
                doing(lambda: transfers.reverse_transfer(checker, transfer, reason="Wrong"))
                answers.append("reversed")
            except Invalid as error:
                answers.append(error.code)

    other = threading.Thread(target=reverse)
    other.start()
    with app.app_context(), transaction():
        services.prepare_batch(db.session.get_one(Person, maker_id), db.session.get_one(Company, company_id),
                               period="2026-11", currency="CNY")  # fmt: skip
        held.set()
        waits = text("SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database OR l.database IS NULL"
                     " JOIN pg_stat_activity a ON a.pid = l.pid AND a.datname = current_database()"
                     " WHERE d.datname = current_database() AND NOT l.granted")  # fmt: skip
        while other.is_alive() and not db.session.scalar(waits):
            other.join(0.02)
    other.join()
    assert (answers, taken.money()) == (["paid"], [(20_000, "due")])
