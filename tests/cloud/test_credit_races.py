"""Many at once on one pool, one grant and one venture: with real commits and threads."""

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from incubator.approvals.states import Verdict
from incubator.cloud import jobs, services
from incubator.cloud.jobs.snapshots import in_one_snapshot
from incubator.cloud.models import CloudWish, CreditAlert, CreditReturn, Plan
from incubator.cloud.services import asking, crediting, wishes
from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.core.transaction import transaction
from incubator.ledger.models import Account, Entry
from incubator.ledger.queries import prove
from incubator.people.models import Person, Role
from incubator.proposals.states import ProposalState
from incubator.ventures import services as ventures
from incubator.ventures.models import Venture
from tests.cloud.conftest import World
from tests.cloud.test_races import at_once

pytestmark = pytest.mark.committed


def test_of_two_top_ups_signed_at_once_on_a_pool_that_holds_one_exactly_one_is_granted(
    world: World, app: Flask
) -> None:
    pool = world.make.pool(world.make.theme(world.venture.company), amount=50_000)
    office = world.make.person(world.venture.company, Role.OFFICE, name="Zhao Min")
    ids = []
    for _ in range(2):
        lead = world.make.person(world.venture.company)
        venture = world.make.venture(world.make.proposal(lead=lead, state=ProposalState.ACCEPTED))
        with world.make.acting():
            ventures.grant_credit(venture, pool=pool, amount=10_000, cause_id=venture.cause_id)
        with transaction():
            ids.append(asking.ask_credits(lead, venture, amount=20_000, reason="More").id)
    signer = office.id
    with world.make.acting():
        taken = ventures.grant_credit(world.venture, pool=pool, amount=5_000, cause_id=world.venture.cause_id)
    assert taken.amount == 5_000

    def sign(index: int) -> str:
        try:
            with transaction():
                wishes.approve(db.session.get_one(Person, signer), db.session.get_one(CloudWish, ids[index]))
        except DomainError as refusal:
            return refusal.code
        return "granted"

    assert sorted(map(str, at_once(app, 2, sign))) == ["granted", "overdrawn"]
    states = sorted(str(one) for one in db.session.scalars(select(CloudWish.state)))
    assert states == sorted([str(Verdict.APPROVED), str(Verdict.WAITING)])
    balance = select(Account.balance).where(Account.kind == "pool", Account.owner_id == pool.id)
    assert db.session.scalars(balance).one() == 5_000
    assert prove().holds


def test_changed_credits_given_back_ones_and_alerts_at_once_never_overdraw(world: World, app: Flask) -> None:
    finance, second = (world.make.person(world.venture.company, Role.FINANCE) for _ in range(2))
    with transaction():
        world.partner.currency = "USD"
        rates = [("USD", clock.today(), 700_000_000)]
        wish = asking.propose_rates(finance, world.venture.company, rates=rates, source="Bank")
    with transaction():
        wishes.approve(second, wish)
    lead, venture, plan, giver = world.lead.id, world.venture.id, world.plan().id, finance.id

    def act(index: int) -> str:
        try:
            with transaction():
                found = db.session.get_one(Venture, venture)
                if index % 2:
                    crediting.give_back(db.session.get_one(Person, giver), found, amount=14_000)
                else:
                    services.order(db.session.get_one(Person, lead), found, plan=db.session.get_one(Plan, plan),
                                   limit=2_000, days=3)  # fmt: skip
        except DomainError:
            return "refused"
        return "done"

    outcomes = at_once(app, 12, act)
    assert outcomes.count("done") == 7  # each takes ¥140.00 of ¥1,000.00
    balances = world.balances()
    back = sum(db.session.scalars(select(CreditReturn.amount)))
    assert balances["grant"] == 2_000
    assert balances["grant"] + back + balances["hold"] * 7 == 100_000
    assert jobs.prove() == 0
    with transaction():
        db.session.add(CreditAlert(venture_id=venture, granted=1, percent=1, at=clock.now()))
    assert set(at_once(app, 4, lambda _index: jobs.watch_credits())) == {1}


def test_the_proof_reads_one_snapshot_that_cannot_write_and_is_taken_again_when_it_gave_way(
    world: World, app: Flask
) -> None:
    count, tries = select(func.count()).select_from(Entry), []

    def order(_index: int) -> None:
        with transaction():
            found = db.session.get_one(Venture, venture)
            services.order(db.session.get_one(Person, lead), found, plan=db.session.get_one(Plan, plan), limit=2_000,
                           days=3)  # fmt: skip

    def look() -> tuple[int, int]:
        tries.append(1)
        before = db.session.scalars(count).one()
        if len(tries) == 1:
            db.session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'gave way' USING ERRCODE = '40001'; END $$"))
        at_once(app, 1, order)
        return before, db.session.scalars(count).one()

    lead, venture, plan = world.lead.id, world.venture.id, world.plan().id
    db.session.rollback()
    assert in_one_snapshot(look) == (2, 2)  # funded, granted
    assert (len(tries), db.session.scalars(count).one()) == (2, 3)
    db.session.rollback()
    with pytest.raises(DBAPIError, match="read-only"):
        in_one_snapshot(lambda: db.session.execute(text("DELETE FROM credit_proof")))
    db.session.rollback()
    assert db.session.scalar(text("SHOW transaction_isolation")) == "read committed"
    assert jobs.prove() == 0
