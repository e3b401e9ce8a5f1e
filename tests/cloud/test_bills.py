"""Bills: delivered, read, held, booked as differences, corrected; never twice, never half."""

import csv
import datetime as dt
import gzip
import io
import os
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from incubator.cloud import jobs, services
from incubator.cloud.bill_states import BillKind, BillState, ChargedBy
from incubator.cloud.engines import focus
from incubator.cloud.jobs import bill_files, bill_sources
from incubator.cloud.models import BillCharge, BillChargeDay, BillDelivery, Finding, FxRate, Meter, Provider, Sandbox
from incubator.cloud.services import asking, bills, charging, months
from incubator.cloud.states import Kind, SandboxState
from incubator.core import audit, clock, settings
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.money import MINOR_DIGITS
from incubator.core.transaction import transaction
from incubator.ledger.models import Account
from incubator.notifications.models import Notice
from incubator.people.models import Person, Role
from incubator.ventures.models import VentureMember
from tests.cloud.conftest import GRANTED, World, read_all
from tests.cloud.contract import amazon

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


def upload(sender: Person, provider: Provider, data: bytes, name: str = "bill.csv", **declared: Any) -> BillDelivery:
    with transaction():
        return bills.upload(sender, provider, file=io.BytesIO(data), name=name, **declared)


def deliver(sender: Person, provider: Provider, data: bytes, name: str = "bill.csv", **declared: Any) -> BillDelivery:
    made = upload(sender, provider, data, name, **declared)
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


def test_a_bill_in_another_currency_is_changed_at_the_stored_rate_of_the_day_or_waits_for_one(
    world: World, finance: Person, billed: Provider
) -> None:
    sandbox = running(world)
    wish = FxRate(
        currency="USD", on_day=dt.date(2026, 11, 2), rate_e8=712_000_000, source="Bank", wish_id=wish_of(world, finance)
    )
    world.make.add(wish)
    data = bill((sandbox.number, 1, "1.00"), (sandbox.number, 3, "1.01"), currency="USD")
    made = deliver(finance, billed, data)
    assert (made.state, made.postings, books()) == (BillState.POSTED, 2, (2000 - 719, 719, 100))
    assert (balance("fx"), balance("billed")) == (719 - 101, -719 + 101 - 100)
    assert world.prove() == 0
    world.make.add(FxRate(currency="USD", on_day=dt.date(2026, 11, 1), rate_e8=700_000_000, source="Bank",
                          wish_id=wish.wish_id))  # fmt: skip
    again = deliver(finance, billed, data)
    assert (again.postings, books()) == (1, (2000 - 1419, 1419, 0))
    assert deliver(finance, billed, data).postings == 0
    assert world.prove() == 0


def test_a_sandbox_billed_in_two_currencies_spends_no_more_than_it_holds_and_a_closed_one_pays_both(
    world: World, finance: Person, billed: Provider
) -> None:
    sandbox, closed = running(world), running(world)
    world.make.add(FxRate(currency="USD", on_day=dt.date(2026, 11, 1), rate_e8=700_000_000, source="Bank",
                          wish_id=wish_of(world, finance)))  # fmt: skip
    with transaction():
        services.close(world.lead, closed)
    jobs.operate(world.operation(closed, Kind.CLOSE).id)

    def in_two(number: str, yuan: str, dollars: str) -> BillState:
        data = both(bill((number, 1, yuan)), bill((number, 1, dollars), currency="USD"))
        return deliver(finance, billed, data.replace(b"B-1", number.encode())).state

    assert (in_two(closed.number, "3.00", "0.50"), books()) == (BillState.POSTED, (2000, 650, 0))
    assert balance("grant") == GRANTED - 2650
    assert in_two(sandbox.number, "15.00", "2.00") is BillState.POSTED  # 29.00 yuan of the 20.00 that it holds
    assert (balance("hold"), balance("spent")) == (0, 2650)
    assert in_two(sandbox.number, "12.00", "2.00") is BillState.POSTED
    assert (balance("hold") + balance("spent"), world.prove()) == (2650, 0)


def wish_of(world: World, finance: Person) -> int:
    rates = [("USD", clock.today(), 700_000_000)]
    with transaction():
        return asking.propose_rates(finance, world.venture.company, rates=rates, source="Bank").id


def test_a_bill_beyond_the_limit_freezes_and_what_no_credits_pay_is_in_suspense(
    world: World, finance: Person, billed: Provider, let_pass: Callable[[Sandbox, int], None]
) -> None:
    sandbox = running(world)
    let_pass(sandbox, 7_200)
    read_all()
    meter = db.session.scalars(select(Meter)).one()
    assert (meter.cost >= 720, meter.posted, books()) == (True, 0, (2000, 0, 0))  # watched, and not charged
    day = clock.now().date()
    made = deliver(finance, billed, bill((sandbox.number, day.day, "24.50"), month=day.month))
    assert (made.state, books()) == (BillState.POSTED, (0, 2000, 450))
    db.session.refresh(meter)
    assert (meter.posted, meter.rate_hour) == (2000, Decimal("102.0833333333"))
    assert world.operation(sandbox, Kind.FREEZE).level == 2
    assert db.session.scalars(select(Finding.detail)).all() == ["CNY 450"]
    jobs.operate(world.operation(sandbox, Kind.FREEZE).id)
    assert (books(), world.prove()) == ((0, 2000, 450), 0)


def test_a_closed_sandbox_pays_late_rows_from_the_grant_and_a_correction_of_closed_books_is_of_its_own_day(
    world: World, finance: Person, billed: Provider
) -> None:
    sandbox = running(world)
    with transaction():
        services.close(world.lead, sandbox)
    jobs.operate(world.operation(sandbox, Kind.CLOSE).id)
    assert (sandbox.state, books()) == (SandboxState.CLOSED, (0, 0, 0))
    late = deliver(finance, billed, bill((sandbox.number, 5, "3.00"), month=1))
    assert (late.state, books(), balance("grant")) == (BillState.POSTED, (0, 300, 0), GRANTED - 300)
    company, january = world.venture.company, dt.date(2026, 1, 1)
    with transaction():
        months.close(finance, company, month=january)
    corrected = deliver(finance, billed, bill((sandbox.number, 5, "2.20"), ("other", 5, "0.30"), month=1))
    assert (corrected.postings, books(), balance("grant")) == (2, (0, 220, 30), GRANTED - 220)
    booked = db.session.execute(select(BillChargeDay.on_day, BillChargeDay.booked_on).order_by(BillChargeDay.id)).all()
    assert [tuple(one) for one in booked] == [(dt.date(2026, 1, 5),) * 2, *[(dt.date(2026, 1, 5), clock.today())] * 2]
    with pytest.raises(WrongState), transaction():
        months.close(finance, company, month=dt.date(2026, 2, 1))
    account = db.session.scalars(select(Account).where(Account.kind == "suspense")).one()
    with transaction():
        months.clear_suspense(finance, company, account=account, amount=30, reason="Ours")
    refunded = deliver(finance, billed, bill((sandbox.number, 5, "2.20"), month=1))
    assert (refunded.state, books()) == (BillState.POSTED, (0, 220, -30))
    with transaction():
        months.clear_suspense(finance, company, account=account, amount=-30, reason="Back")
    assert (books(), balance("overhead"), world.prove()) == ((0, 220, 0), 0, 0)


def both(*bills_: bytes) -> bytes:
    """Bills in one file."""
    first, *others = bills_
    return first + b"".join(other.split(b"\r\n", 1)[1] for other in others)


def test_what_a_closed_sandbox_is_charged_less_in_two_periods_goes_back_for_each(
    world: World, finance: Person, billed: Provider
) -> None:
    sandbox = running(world)
    with transaction():
        services.close(world.lead, sandbox)
    jobs.operate(world.operation(sandbox, Kind.CLOSE).id)

    def in_two(january: str, february: str) -> tuple[BillState, tuple[int, int, int], int]:
        data = both(bill((sandbox.number, 5, january), month=1), bill((sandbox.number, 5, february), month=2))
        return deliver(finance, billed, data).state, books(), balance("grant")

    assert in_two("3.00", "3.00") == (BillState.POSTED, (0, 600, 0), GRANTED - 600)
    assert in_two("2.50", "2.50") == (BillState.POSTED, (0, 500, 0), GRANTED - 500)
    assert in_two("2.00", "2.40") == (BillState.POSTED, (0, 440, 0), GRANTED - 440)
    assert world.prove() == 0


def test_all_sandboxes_of_a_bill_are_locked_in_order_before_any_account_is_touched(
    world: World, finance: Person, billed: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = running(world), running(world)
    seen: list[set[int | None]] = []
    locked = charging.locked

    def noted(ids: set[int | None]) -> dict[int, Sandbox]:
        seen.append(ids - {None})
        return locked(ids)

    monkeypatch.setattr(charging, "locked", noted)
    days = [bill((two.number, 5, "1.00"), ("acc", 5, "1.00"), month=1), bill((one.number, 5, "1.00"), month=2)]
    assert deliver(finance, billed, both(*days)).state is BillState.POSTED
    assert seen == [{one.id, two.id}, {two.id}, {one.id}]
    seen.clear()
    with transaction():
        bills.name_owner(world.operator, billed, sub_account="acc", sandbox=one, reason="Their letter")
    assert seen[0] == {one.id, two.id}
    assert (books(), world.prove()) == ((3700, 300, 0), 0)


def test_a_month_is_not_closed_while_a_bill_of_it_waits(world: World, finance: Person, billed: Provider) -> None:
    sandbox, company, january = running(world), world.venture.company, dt.date(2026, 1, 1)
    first = bill((sandbox.number, 5, "2.00"), month=1)
    made = upload(finance, billed, first, "jan.csv")

    def close(month: dt.date) -> None:
        with transaction():
            months.close(finance, company, month=month)

    with pytest.raises(WrongState, match=r"jan\.csv"):
        close(january)
    jobs.take_bills(billed.id)
    held = deliver(finance, billed, bill((sandbox.number, 5, "9.00"), month=1), "jump.csv")
    assert (made.state, held.state) == (BillState.POSTED, BillState.HELD)
    with pytest.raises(WrongState, match=r"jump\.csv"):
        close(january)
    close(dt.date(2026, 2, 1))


def test_who_works_in_a_venture_does_not_say_that_it_pays_and_its_lead_is_told(
    world: World, finance: Person, billed: Provider
) -> None:
    sandbox = running(world)
    deliver(finance, billed, bill(("acc-7", 1, "2.00")))
    named = {"sub_account": "acc-7", "sandbox": sandbox, "reason": "Their letter"}
    world.make.add(VentureMember(venture_id=world.venture.id, person_id=world.operator.id, share_bp=0))
    db.session.refresh(world.venture)
    with pytest.raises(Invalid), transaction():
        bills.name_owner(world.operator, billed, **named)
    other = world.make.person(billed.company, Role.CLOUD_OPERATOR, name="Gu Lan")
    with transaction():
        bills.name_owner(other, billed, **named)
    told = select(Notice.person_id).where(Notice.kind == "sandbox.account_named")
    assert db.session.scalars(told).all() == [world.lead.id]


def test_a_provider_s_credits_are_kept_apart_and_parquet_says_what_csv_says(
    world: World, finance: Person, billed: Provider, tmp_path: Path
) -> None:
    import duckdb

    sandbox = running(world)
    plain = tmp_path / "bill.csv"
    plain.write_bytes(bill((sandbox.number, 1, "2.00")) + bill((sandbox.number, 1, "-1.50"), category="Credit")
                      .split(b"\r\n", 1)[1])  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM read_csv('{plain}')) TO '{tmp_path}/bill.parquet' (FORMAT parquet)")
    made = deliver(finance, billed, (tmp_path / "bill.parquet").read_bytes(), name="x.csv")
    assert (made.kind, made.name, made.state, books()) == ("parquet", "x.parquet", BillState.POSTED, (1800, 200, 0))
    assert [(one["charges"], one["credits"]) for one in made.figures] == [
        ("2.000000000000000000", "-1.500000000000000000")
    ]
    assert deliver(finance, billed, gzip.compress(plain.read_bytes())).postings == 0
    cut = deliver(finance, billed, (tmp_path / "bill.parquet").read_bytes()[:-20])
    assert (cut.state, cut.trouble.partition(":")[0]) == (BillState.REFUSED, "damaged")


def test_a_bill_that_breaks_its_reader_waits_for_a_person_after_three_tries_and_the_next_one_goes_on(
    world: World, finance: Person, second: Person, billed: Provider, sign_in: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    sandbox = running(world)
    read = bill_files.read

    def broken(path: Path, *given: Any) -> bill_files.Bill:
        if b"7.77" in path.read_bytes():
            raise MemoryError
        return read(path, *given)

    monkeypatch.setattr(bill_files, "read", broken)
    bad = upload(finance, billed, bill((sandbox.number, 1, "7.77")))
    good = upload(finance, billed, bill((sandbox.number, 1, "2.00")))
    left = settings.current().home / "scratch" / f"bill-{billed.id}-killed"
    left.mkdir(parents=True)
    for _try in range(3):
        with pytest.raises(MemoryError):
            jobs.take_bills(billed.id)
        assert (bad.state, left.exists()) == (BillState.RECEIVED, False)
    assert (jobs.take_bills(billed.id), bad.state, good.state) == (2, BillState.HELD, BillState.POSTED)
    assert ([one["doubt"] for one in bad.doubts], books()) == (["broken"], (1800, 200, 0))
    assert "in three tries" in sign_in(second).get(f"/cloud/bills/{bad.public_id}").text
    with transaction():
        bills.release(second, bad, reason="Again")
    assert bad.tries == 0


def test_names_and_sums_that_no_table_holds_are_faults_of_their_rows(
    world: World, finance: Person, billed: Provider
) -> None:
    sandbox, most = running(world), "999999999999999"
    made = deliver(finance, billed, bill((sandbox.number, 1, "2.00"), ("x" * 201, 1, "1"), ("y", 1, most),
                                         ("z", 1, most)))  # fmt: skip
    assert (made.state, {one["reason"] for one in made.faults}) == (BillState.HELD, {"long", "sum"})


@pytest.mark.parametrize("odd", ["1.00", "x"])
def test_a_file_of_more_rows_than_a_bill_may_have_is_refused_before_they_are_read(
    odd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    monkeypatch.setattr(bill_files, "MOST_ROWS", 2)
    plain, packed = tmp_path / "bill.csv", tmp_path / "bill.parquet"
    plain.write_bytes(bill(("a", 1, "1.00"), ("a", 2, "1.00"), ("a", 3, odd)))
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM read_csv('{plain}')) TO '{packed}' (FORMAT parquet)")
    monkeypatch.setattr(focus, "read", lambda rows, *_given, **_named: list(rows))
    if odd == "1.00":
        monkeypatch.setattr(focus, "gather", None)
        with pytest.raises(bill_files.UnreadableError, match="large"):
            bill_files.read(packed, BillKind.PARQUET, tmp_path)
    else:
        with pytest.raises(bill_files.UnreadableError, match="large"):
            bill_files.read(plain, BillKind.CSV, tmp_path)


SAMPLE = Path(__file__).parents[3] / "shared/data/focus/focus_sample.csv"


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample of FOCUS lies beside the repository")
def test_the_real_sample_is_read_by_duckdb_as_the_engine_reads_it(tmp_path: Path) -> None:
    found = bill_files.read(SAMPLE, BillKind.CSV, tmp_path)
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        wanted = focus.read(lines, focus.columns_of(next(lines)), MINOR_DIGITS)
    for unit in wanted.counts:
        assert found.reading.total(unit, "USD") == wanted.total(unit, "USD")
    assert (found.version, found.reading.rows, found.reading.wrong) == ("1.0", 1000, 0)
    assert found.reading.counts == wanted.counts


def test_of_a_folder_the_oldest_new_file_is_taken_first_whatever_lies_there_and_one_bad_one_stops_no_other(
    world: World, billed: Provider, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        billed.code = f"partner-{billed.public_id}"
    folder = bill_sources.folder_of(billed.code)
    folder.mkdir(parents=True)
    request.addfinalizer(partial(shutil.rmtree, folder))
    monkeypatch.setattr(bill_sources, "MOST_FILES", 2)

    def put(name: str | bytes, at: int, data: bytes | None = None) -> None:
        path = folder / os.fsdecode(name)
        path.write_bytes(data or bill(("a", 1, "2.00")))
        os.utime(path, (at, at))

    def taken() -> list[str]:
        jobs.look_for_bills_at(billed.id)
        found = db.session.scalars(select(BillDelivery).order_by(BillDelivery.id)).all()
        return [one.origin.partition("\n")[0] for one in found]

    put("bill_9.csv", 9)
    put("bill_10.csv", 10)
    put("bill_10.csv.json", 1, b"[" * 9_000)
    put(b"\xff.csv", 11)
    put("a.csv", 12)
    assert taken() == ["bill_9.csv", "bill_10.csv"]
    assert taken() == ["bill_9.csv", "bill_10.csv", "\\xff.csv", "a.csv"]
    put("b.csv", 13)
    put("c.csv", 14)
    copied = bill_sources.shutil.copyfile
    monkeypatch.setattr(bill_sources.shutil, "copyfile", lambda path, to: copied(
        folder / "gone" if path.name == "b.csv" else path, to))  # fmt: skip
    assert taken()[4:] == ["c.csv"]


class Bucket:
    """Answers as a client of one does: in pages, in the order of the keys."""

    def __init__(self, *keys: tuple[str, int]) -> None:
        self.keys = keys

    def get_paginator(self, _name: str) -> "Bucket":
        return self

    def paginate(self, **_asked: Any) -> list[dict[str, Any]]:
        listed = [{"Key": key, "Size": 9, "ETag": '"e"', "LastModified": dt.datetime(2026, 11, day, tzinfo=dt.UTC)}
                  for key, day in sorted(self.keys)]  # fmt: skip
        return [{"Contents": listed[:2]}, {}, {"Contents": listed[2:]}]

    def download_fileobj(self, _bucket: str, key: str, file: io.BytesIO) -> None:
        if key == "broken.csv":
            raise OSError(key)
        file.write(bill(("a", 1, "2.00")))

    def get_object(self, **_asked: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(b'{"rows": 1}')}


def test_a_bucket_is_looked_at_as_a_whole_and_the_oldest_new_file_taken_first(
    world: World, billed: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        billed.bill_source = {"bucket": "b", "address": "http://127.0.0.1:9"}
    monkeypatch.setattr(bill_sources, "MOST_FILES", 2)
    bucket = Bucket(("bill_10.csv", 10), ("bill_10.csv.json", 1), ("bill_9.csv", 9), ("broken.csv", 1), ("z.csv", 3))
    monkeypatch.setattr(bill_sources, "_client", lambda *_source: bucket)
    assert [jobs.look_for_bills() for _look in range(2)] == [[billed.id], []]  # it waits already
    assert [jobs.look_for_bills_at(billed.id) for _look in range(3)] == [2, 1, 0]
    found = db.session.scalars(select(BillDelivery).order_by(BillDelivery.id)).all()
    assert [(one.name, one.declared_rows) for one in found] == [("z.csv", None), ("bill_9.csv", None),
                                                                ("bill_10.csv", 1)]  # fmt: skip


@pytest.fixture(scope="module")
def store() -> Iterator[amazon.Amazon]:
    with amazon.running() as played:
        yield played


def test_a_bucket_of_a_real_server_is_read_with_the_kept_key_and_a_wrong_name_or_address_stops_nothing(
    world: World, billed: Provider, store: amazon.Amazon
) -> None:
    sandbox, there = running(world), {"address": store.address, "region": "us-east-1", "key_id": amazon.NUMBER}
    source = there | {"bucket": "bills", "prefix": "2026/"}
    client = bill_sources._client(source, amazon.SECRET)
    client.create_bucket(Bucket="bills")
    parts = [bill((sandbox.number, day, "2.00")) for day in (1, 2)]
    for name, data in (("2026/nov.csv", parts[0]), ("2026/nov.csv.json", b'{"rows": 2}'), ("2025/dec.csv", parts[1]),
                       ("2026/notes.csv", b"\x00"), ("2026/empty.csv", b"")):  # fmt: skip
        client.put_object(Bucket="bills", Key=name, Body=data)

    def found(**changes: str) -> list[tuple[str, int | None, str]]:
        with transaction():
            bills.set_source(world.operator, billed, prefix="2026/", **{"bucket": "bills", "secret": amazon.SECRET}
                             | there | changes)  # fmt: skip
        jobs.look_for_bills_at(billed.id)
        made = db.session.scalars(select(BillDelivery).order_by(BillDelivery.id))
        return [(one.name, one.declared_rows, one.origin.partition("\n")[0]) for one in made]

    assert found(bucket="no-such-one") == []
    assert found(address="http://127.0.0.1:9") == []
    first = ("nov.csv", 2, "2026/nov.csv")
    assert [found(), found()] == [[first]] * 2
    client.put_object(Bucket="bills", Key="2026/nov.csv", Body=gzip.compress(parts[0]))
    assert found() == [first, ("nov.csv.gz", 2, "2026/nov.csv")]
    jobs.take_bills(billed.id)
    states = db.session.scalars(select(BillDelivery.state)).all()
    assert (states, books()) == ([BillState.HELD] * 2, (2000, 0, 0))  # one row, and not two


def test_a_folder_is_looked_at_and_each_version_of_a_file_is_taken_once(
    world: World, billed: Provider, second: Person, request: pytest.FixtureRequest
) -> None:
    sandbox = running(world)
    with transaction():
        billed.code = f"partner-{billed.public_id}"
    folder = bill_sources.folder_of(billed.code)
    folder.mkdir(parents=True)
    request.addfinalizer(partial(shutil.rmtree, folder))
    put = folder / "nov.csv"
    put.write_bytes(bill((sandbox.number, 1, "2.00")))
    (folder / "nov.csv.json").write_text('{"rows": 2, "total": "2.00"}')
    (folder / "link.csv").symlink_to(put)
    (folder / "notes.csv").write_bytes(b"\x00")
    assert jobs.look_for_bills_at(billed.id) == 0  # it may still be written
    for path in (put, folder / "notes.csv"):
        os.utime(path, (1, 1))
    assert [jobs.look_for_bills_at(billed.id) for _look in range(2)] == [1, 0]
    assert jobs.take_bills(billed.id) == 1
    made = db.session.scalars(select(BillDelivery)).one()
    assert (made.source, made.name, made.state) == ("folder", "nov.csv", BillState.HELD)
    assert [one["doubt"] for one in made.doubts] == ["rows"]
    with transaction():
        bills.release(second, made, reason="The header was counted")
    jobs.take_bills(billed.id)
    assert (made.state, books()) == (BillState.POSTED, (1800, 200, 0))
