"""Bills at once, and one that is cut off in the middle: with real commits, threads and connections."""

import threading
import time

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from incubator.cloud import jobs
from incubator.cloud.bill_states import BillKind, BillState, ChargedBy
from incubator.cloud.jobs.bills import take
from incubator.cloud.models import BillCharge, BillDelivery
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.ledger.queries import prove
from incubator.people.models import Person, Role
from tests.cloud.conftest import World
from tests.cloud.test_bills import bill, books, running, upload
from tests.cloud.test_races import at_once

pytestmark = pytest.mark.committed


@pytest.fixture
def finance(world: World) -> Person:
    with transaction():
        world.partner.charged_by = ChargedBy.BILL
    return world.make.person(world.venture.company, Role.FINANCE, name="Xu Min")


def waiting() -> list[tuple[int, int, bytes, BillKind]]:
    with transaction():
        return [(one.provider_id, one.id, one.file.sha256, one.kind) for one in db.session.scalars(
            select(BillDelivery).order_by(BillDelivery.id)
        )]  # fmt: skip


def test_two_bills_of_a_period_at_once_end_as_the_later_one_says_or_the_earlier_one_waits(
    world: World, finance: Person, app: Flask
) -> None:
    sandbox = running(world)
    number, partner_id = sandbox.number, world.partner.id
    upload(finance, world.partner, bill((number, 1, "2.00"), (number, 2, "1.00")))
    upload(finance, world.partner, bill((number, 1, "2.00"), (number, 2, "1.20"), ("stray", 2, "0.30")))
    both = waiting()
    at_once(app, 2, lambda index: take(*both[index]))
    db.session.expire_all()
    first, second = db.session.scalars(select(BillDelivery).order_by(BillDelivery.id))
    assert second.state is BillState.POSTED
    assert first.state in {BillState.POSTED, BillState.HELD}
    assert first.state is BillState.POSTED or [one["doubt"] for one in first.doubts] == ["older"]
    assert books() == (1680, 320, 30)
    assert (prove().holds, world.prove()) == (True, 0)
    at_once(app, 4, lambda _index: jobs.take_bills(partner_id))
    assert books() == (1680, 320, 30)


def test_a_booking_that_is_cut_off_in_the_middle_leaves_nothing_and_is_done_by_the_next_run(
    world: World, finance: Person, app: Flask
) -> None:
    sandbox = running(world)
    upload(finance, world.partner, bill((sandbox.number, 1, "2.00"), ("stray", 2, "0.30")))
    (only,) = waiting()
    broken: list[Exception] = []

    def book() -> None:
        with app.app_context():
            try:
                take(*only)
            except DBAPIError as error:
                broken.append(error)

    with db.engine.connect() as other, db.engine.connect() as eye:
        watching = eye.execution_options(isolation_level="AUTOCOMMIT")
        other.execute(text("SELECT 1 FROM ledger_account WHERE kind = 'hold' FOR UPDATE"))
        thread = threading.Thread(target=book)
        thread.start()
        blocked = text(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
            "AND query LIKE '%ledger_account%'"
        )
        deadline = time.monotonic() + 20
        while (pid := watching.scalar(blocked)) is None and time.monotonic() < deadline:
            time.sleep(0.02)
        watching.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        thread.join(20)
        other.rollback()
    assert len(broken) == 1
    db.session.rollback()
    assert (books(), db.session.scalars(select(BillCharge)).all()) == ((2000, 0, 0), [])
    assert db.session.scalars(select(BillDelivery.state)).all() == [BillState.RECEIVED]
    assert jobs.take_bills(world.partner.id) == 1
    assert books() == (1800, 200, 30)
    assert world.prove() == 0
