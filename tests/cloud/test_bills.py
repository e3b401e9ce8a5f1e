"""Bills: delivered, read, held, booked as differences, corrected; never twice, never half."""

import csv
import datetime as dt
import gzip
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from incubator.cloud import jobs, services
from incubator.cloud.bill_states import BillState, ChargedBy
from incubator.cloud.models import BillCharge, BillDelivery, Finding, Meter, Provider, Sandbox
from incubator.cloud.services import bills
from incubator.core import audit
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.ledger.models import Account
from incubator.people.models import Person, Role
from tests.cloud.conftest import World

HEADER = (
    "ProviderName", "BillingAccountId", "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart",
    "ChargePeriodEnd", "SubAccountId", "ServiceName", "ChargeCategory", "BillingCurrency", "BilledCost",
)  # fmt: skip
Row = tuple[str, int, str]
"""Sub-account, day of November, cost."""


def bill(*rows: Row, category: str = "Usage", currency: str = "CNY", month: int = 11) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for sub_account, day, cost in rows:
        start = dt.datetime(2026, month, day)
        writer.writerow([
            "Cloud One", "B-1", f"2026-{month:02}-01T00:00:00Z", f"2026-{month + 1:02}-01T00:00:00Z",
            f"{start:%Y-%m-%dT%H:%M:%SZ}", f"{start + dt.timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}", sub_account,
            "Database", category, currency, cost,
        ])  # fmt: skip
    return text.getvalue().encode()


@pytest.fixture
def finance(world: World) -> Person:
    return world.make.person(world.venture.company, Role.FINANCE, name="Xu Min")


@pytest.fixture
def second(world: World) -> Person:
    return world.make.person(world.venture.company, Role.FINANCE, name="He Ping")


@pytest.fixture
def billed(world: World) -> Provider:
    """The partner, charged by its bills."""
    with transaction():
        world.partner.charged_by = ChargedBy.BILL
    return world.partner


def running(world: World, **order: Any) -> Sandbox:
    sandbox = world.order(**order)
    jobs.operate(world.operation(sandbox).id)
    return sandbox


def deliver(sender: Person, provider: Provider, data: bytes, name: str = "bill.csv", **declared: Any) -> BillDelivery:
    with transaction():
        made = bills.upload(sender, provider, file=io.BytesIO(data), name=name, **declared)
    jobs.take_bills(provider.id)
    db.session.refresh(made)
    return made


def balance(kind: str) -> int:
    return int(db.session.scalar(select(func.sum(Account.balance)).where(Account.kind == kind)) or 0)


def books() -> tuple[int, int, int]:
    """(held, spent, in suspense)."""
    return balance("hold"), balance("spent"), balance("suspense")


def test_a_bill_is_posted_by_its_differences_late_rows_corrections_and_the_same_again(
    world: World, finance: Person, billed: Provider
) -> None:
    one, two = running(world), running(world)
    first = [(one.number, 1, "1.004"), (one.number, 2, "1.004"), (two.public_id, 2, "3.5"), ("stranger", 3, "0.75"),
             ("", 3, "0.25")]  # fmt: skip
    made = deliver(finance, billed, bill(*first))
    assert (made.state, made.rows, made.postings, made.focus, made.doubts) == (BillState.POSTED, 5, 5, "1.0", [])
    assert books() == (4000 - 551, 551, 100)  # 1.004 + 1.004 = 2.008 is 2.01, not 1.00 + 1.00
    assert db.session.scalars(select(Meter.posted).order_by(Meter.id)).all() == [201, 350]
    assert world.prove() == 0

    again = deliver(finance, billed, bill(*first))
    assert (again.state, again.postings, books()) == (BillState.POSTED, 0, (4000 - 551, 551, 100))

    late = deliver(finance, billed, bill(*first, (two.number, 9, "1.00")))
    assert (late.postings, books()) == (1, (4000 - 651, 651, 100))

    corrected = deliver(finance, billed, bill(*first[:2], (two.number, 2, "3.00"), (two.number, 9, "1.00"),
                                              ("stranger", 3, "0.25"), ("", 3, "0.25")))  # fmt: skip
    assert (corrected.state, corrected.postings, books()) == (BillState.POSTED, 2, (4000 - 601, 601, 50))
    charges = db.session.execute(
        select(BillCharge.amount, BillCharge.spent, BillCharge.suspended).where(
            BillCharge.delivery_id == corrected.id
        ).order_by(BillCharge.amount)
    ).all()  # fmt: skip
    assert sorted(map(tuple, charges)) == [(-50, -50, 0), (-50, 0, -50)]
    assert world.prove() == 0
    assert audit.event_of(corrected, "bill_delivery.post") is not None
