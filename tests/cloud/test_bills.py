"""Bills: delivered, read, held, booked as differences, corrected; never twice, never half."""

import csv
import datetime as dt
import gzip
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from incubator.cloud import jobs
from incubator.cloud.bill_states import BillState, ChargedBy
from incubator.cloud.models import BillCharge, BillDelivery, Meter, Provider, Sandbox
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
        start = dt.datetime(2026, month, day, tzinfo=dt.UTC)
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


def test_what_differs_from_the_sender_s_word_or_is_cut_short_is_held_for_a_second_person(
    world: World, finance: Person, second: Person, billed: Provider, sign_in: Callable[..., Any]
) -> None:
    sandbox = running(world)
    data = bill((sandbox.number, 1, "2.00"), (sandbox.number, 2, "1.00"))
    cut = deliver(finance, billed, data[:-30], declared_rows=2, declared_total=Decimal(3))
    assert (cut.state, cut.wrong) == (BillState.HELD, 1)
    assert [one["doubt"] for one in cut.doubts] == ["faults", "total"]
    assert [(one["row"], one["reason"]) for one in cut.faults] == [(3, "width")]
    packed = deliver(finance, billed, gzip.compress(data)[:-9], name="../../etc/bill.csv.gz")
    assert (packed.state, packed.name, packed.trouble.partition(":")[0]) == (
        BillState.REFUSED,
        "bill.csv.gz",
        "damaged",
    )
    strange = deliver(finance, billed, b"a,b\n1,2\n")
    assert (strange.state, strange.trouble.partition(":")[0]) == (BillState.REFUSED, "header")
    assert books() == (2000, 0, 0)

    client, at = sign_in(finance), f"/cloud/bills/{cut.public_id}"
    assert "Rows that cannot be read" in client.get(at).text
    assert client.post(f"{at}/release", data={"reason": "Mine"}).status_code == 403
    client = sign_in(second)
    assert client.get("/").text.count(f'"{at}"') == 1
    assert "3,,width,7" in client.get(f"{at}/findings").text
    refused = client.post(f"{at}/reject", data={"reason": " "})
    assert (refused.status_code, refused.text.count('aria-invalid="true"')) == (422, 1)
    assert client.post(f"{at}/reject", data={"reason": "Cut short"}).status_code == 303
    db.session.refresh(cut)
    assert (cut.state, cut.reason, cut.decided_by_id) == (BillState.REJECTED, "Cut short", second.id)
    assert client.post(f"{at}/release", data={"reason": "Still"}).status_code == 409
    assert client.get("/").text.count(f'"{at}"') == 0

    assert deliver(finance, billed, data).state is BillState.POSTED
    jump = deliver(finance, billed, bill((sandbox.number, 1, "5.00")))
    assert [one["doubt"] for one in jump.doubts] == ["jump"]
    newer = deliver(finance, billed, data)
    assert newer.state is BillState.POSTED
    assert client.post(f"/cloud/bills/{jump.public_id}/release", data={"reason": "Yes"}).status_code == 409
    wanted = deliver(finance, billed, bill((sandbox.number, 1, "5.00")))
    assert client.post(f"/cloud/bills/{wanted.public_id}/release", data={"reason": "Load test"}).status_code == 303
    jobs.take_bills(billed.id)
    db.session.refresh(wanted)
    assert (wanted.state, books()) == (BillState.POSTED, (1500, 500, 0))
    assert world.prove() == 0


def test_a_bill_is_handed_in_and_an_unknown_account_given_to_a_sandbox_in_the_browser(
    world: World, finance: Person, billed: Provider, sign_in: Callable[..., Any]
) -> None:
    sandbox = running(world)
    at = f"/catalogue/providers/{billed.public_id}/bills/"
    client = sign_in(world.operator)
    assert client.post(at, data={"rows": "x", "total": "y"}).text.count('aria-invalid="true"') == 2
    wrong = client.post(at, data={"file": (io.BytesIO(b"\x00\x01"), "bill.csv")})
    assert (wrong.status_code, "Choose a CSV, CSV.gz or Parquet file." in wrong.text) == (422, True)
    data = bill(("acc-7", 1, "2.00"), (sandbox.number, 1, "1.00"))
    made = client.post(at, data={"file": (io.BytesIO(data), "=nov.csv"), "rows": "2", "total": "3.00"})
    assert made.status_code == 303
    jobs.take_bills(billed.id)
    page = client.get(made.location).text
    assert ("Booked" in page, "acc-7" in page) == (True, True)
    assert "acc-7" in client.get(f"{made.location}?format=csv").text
    assert "acc-7" in client.get(at).text
    month = sign_in(finance).get(f"/credits/months/?company={world.venture.company.public_id}").text
    assert "acc-7" in month

    client, owner = sign_in(world.operator), f"{at}owner"
    assert client.get(f"{owner}?account=acc-7").status_code == 200
    empty = client.post(owner, data={"sub_account": "acc-7", "sandbox": "", "reason": ""})
    assert (empty.status_code, empty.text.count('aria-invalid="true"')) == (422, 2)
    given = {"sub_account": "acc-7", "sandbox": sandbox.public_id, "reason": "Their letter"}
    assert client.post(owner, data=given).status_code == 303
    assert books() == (1700, 300, 0)
    again = deliver(finance, billed, data)
    assert (again.postings, books()) == (0, (1700, 300, 0))
    assert world.prove() == 0
    assert client.post(f"{at}source", data={"bucket": "b", "address": "ftp://x"}).status_code == 422
    kept = {"bucket": "b", "address": "http://127.0.0.1:9", "secret": "not-shown", "key_id": "k"}
    assert client.post(f"{at}source", data=kept).status_code == 303
    assert ("not-shown" in client.get(f"{at}source").text, b"not-shown" in (billed.bill_secret or b"")) == (
        False,
        False,
    )
    by_meter = f"/catalogue/providers/{world.local.public_id}/bills/"
    assert client.post(by_meter, data={"file": (io.BytesIO(data), "a.csv")}).status_code == 422
