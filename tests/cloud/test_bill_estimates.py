"""What bills tell the meter, booked or held, and whose an account is at which time."""

import datetime as dt
import importlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text

from incubator.cloud import jobs, services
from incubator.cloud.bill_states import BillState
from incubator.cloud.models import (
    BillEstimate,
    FxRate,
    Meter,
    PooledAccount,
    Provider,
    Sandbox,
)
from incubator.cloud.services import bill_owners, bills, crediting
from incubator.cloud.states import Desired, Kind, PoolState, SandboxState
from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.transaction import transaction
from incubator.ledger.models import Account
from incubator.people.models import Person
from tests.cloud.conftest import World
from tests.cloud.test_bills import HEADER, bill, billed, books, deliver, finance, running, second, wish_of

__all__ = ["billed", "finance", "second"]


def today() -> dt.date:
    """By which bills are written: in UTC."""
    return clock.today(clock.UTC)


def row(sandbox: Sandbox, begins: dt.date, ends: dt.date, cost: str) -> str:
    """Of a billing period that is long enough for any day of today's."""
    begun = (today() - dt.timedelta(days=9)).replace(day=1)
    return (
        f"Cloud One,B-1,{begun},{begun + dt.timedelta(days=99)},{begins},{ends},{sandbox.number},Seats,Usage,CNY,{cost}"
    )


def of_today(sandbox: Sandbox, *costs: str) -> bytes:
    """A bill of the last days, today's last."""
    days = [(today() - dt.timedelta(days=back), cost) for back, cost in enumerate(reversed(costs))]
    rows = [row(sandbox, day, day + dt.timedelta(days=1), cost) for day, cost in days]
    return "\n".join([",".join(HEADER), *rows, ""]).encode()


def meter_of(sandbox: Sandbox) -> tuple[Decimal, Decimal | None]:
    meter = db.session.scalars(select(Meter).where(Meter.sandbox_id == sandbox.id)).one()
    db.session.refresh(meter)
    return meter.cost, meter.rate_hour


def test_a_held_bill_freezes_what_runs_away_posts_nothing_and_opens_it_again_when_it_is_rejected(
    world: World, finance: Person, second: Person, billed: Provider, sign_in: Callable[..., Any]
) -> None:
    sandbox, other = running(world), running(world)
    assert deliver(finance, billed, of_today(sandbox, "0.24", "0.24")).state is BillState.POSTED
    assert meter_of(sandbox) == (Decimal(48), Decimal(1))
    jump = deliver(finance, billed, of_today(sandbox, "0.24", "25.00"))
    assert (jump.state, books()) == (BillState.HELD, (4000 - 48, 48, 0))
    assert meter_of(sandbox)[0] == Decimal(2524)
    assert meter_of(other) == (Decimal(0), None)
    jobs.operate(world.operation(sandbox, Kind.FREEZE).id)
    assert sandbox.state is SandboxState.FROZEN
    page = sign_in(second).get(f"/cloud/bills/{jump.public_id}").text
    assert "The meter goes by it already" in page
    with transaction():
        bills.reject(second, jump, reason="A test of theirs")
    assert (meter_of(sandbox), books()) == ((Decimal(48), Decimal(1)), (4000 - 48, 48, 0))
    jobs.operate(world.operation(sandbox, Kind.UNFREEZE).id)
    assert sandbox.state is SandboxState.ACTIVE
    assert world.prove() == 0


def test_a_bill_that_takes_its_cost_back_does_not_open_what_the_office_froze(
    world: World, finance: Person, second: Person, billed: Provider
) -> None:
    sandbox = running(world)
    jump = deliver(finance, billed, of_today(sandbox, "0.24", "25.00"), declared_rows=3)
    jobs.operate(world.operation(sandbox, Kind.FREEZE).id)
    with transaction():
        crediting.freeze(finance, world.venture, level=2, reason="An audit")
    with transaction():
        bills.reject(second, jump, reason="Not theirs")
    assert meter_of(sandbox)[0] < Decimal(1)
    assert (sandbox.state, sandbox.desired) == (SandboxState.FROZEN, Desired.FROZEN)
    with transaction():
        crediting.thaw(finance, world.venture)
    assert sandbox.desired is Desired.ACTIVE


def test_a_first_bill_that_is_held_and_rejected_leaves_the_meter_as_it_measured(
    world: World, finance: Person, second: Person, billed: Provider, let_pass: Callable[[Sandbox, int], None]
) -> None:
    sandbox = running(world)
    let_pass(sandbox, 3_600)
    jobs.read(billed.id)
    before = meter_of(sandbox)
    assert before[0] > 0
    held = deliver(finance, billed, of_today(sandbox, "3.00"), declared_rows=2)
    assert (held.state, meter_of(sandbox)) == (BillState.HELD, (Decimal(300), Decimal(300) / 24))
    with transaction():
        bills.reject(second, held, reason="Not theirs")
    assert meter_of(sandbox) == before
    assert db.session.scalars(select(BillEstimate)).all() == []


def test_a_held_bill_that_is_cheaper_or_older_tells_nothing_and_a_newer_one_stays_what_counts(
    world: World, finance: Person, second: Person, billed: Provider
) -> None:
    sandbox = running(world)
    deliver(finance, billed, of_today(sandbox, "2.00", "2.00"))
    cut = deliver(finance, billed, of_today(sandbox, "1.00"))
    assert ([one["doubt"] for one in cut.doubts], meter_of(sandbox)[0]) == (["drop"], Decimal(400))
    dear = deliver(finance, billed, of_today(sandbox, "4.00", "4.00"))
    dearer = deliver(finance, billed, of_today(sandbox, "5.00", "5.00"))
    assert meter_of(sandbox)[0] == Decimal(1000)
    with transaction():
        bills.name_owner(world.operator, billed, sub_account=sandbox.number, sandbox=sandbox, reason="It is")
    assert meter_of(sandbox)[0] == Decimal(1000)
    with transaction():
        bills.reject(second, dear, reason="Not theirs")
    assert meter_of(sandbox)[0] == Decimal(1000)
    with transaction():
        bills.release(second, dearer, reason="It was so")
    jobs.take_bills(billed.id)
    assert (meter_of(sandbox)[0], books()) == (Decimal(1000), (1000, 1000, 0))


def test_of_bills_that_wait_each_counts_until_it_is_rejected_itself(
    world: World, finance: Person, second: Person, billed: Provider
) -> None:
    sandbox = running(world)
    deliver(finance, billed, of_today(sandbox, "0.24", "0.24"))
    garbage = deliver(finance, billed, of_today(sandbox, "0.24", "25.00"))
    later = deliver(finance, billed, of_today(sandbox, "1.00", "1.00"))
    newest = deliver(finance, billed, of_today(sandbox, "2.00", "2.00"))
    assert [one.state for one in (garbage, later, newest)] == [BillState.HELD] * 3
    assert (meter_of(sandbox)[0], sandbox.desired) == (Decimal(2524), Desired.FROZEN)
    with transaction():
        bills.reject(second, newest, reason="Not theirs")
    assert (meter_of(sandbox)[0], sandbox.desired) == (Decimal(2524), Desired.FROZEN)
    with transaction():
        bills.reject(second, garbage, reason="Not theirs")
    assert (meter_of(sandbox)[0], sandbox.desired) == (Decimal(200), Desired.ACTIVE)
    with transaction():
        bills.release(second, later, reason="It was so")
    assert meter_of(sandbox)[0] == Decimal(200)
    jobs.take_bills(billed.id)
    assert (meter_of(sandbox)[0], books()) == (Decimal(200), (4000 - 2200, 200, 0))
    assert set(db.session.scalars(select(BillEstimate.delivery_id))) == {later.id}


def test_estimates_of_before_are_given_to_what_is_booked_and_to_what_waits(
    world: World, finance: Person, second: Person, billed: Provider
) -> None:
    migration = importlib.import_module("migrations.versions.2026_11_28_estimates")
    sandbox = running(world)
    deliver(finance, billed, of_today(sandbox, "0.24", "0.24"))
    held = deliver(finance, billed, of_today(sandbox, "0.24", "25.00"))
    with transaction():
        for statement in (*migration.DOWN, *migration.UP):
            db.session.execute(text(statement))
    assert db.session.execute(
        select(BillEstimate.sandbox_id, BillEstimate.delivery_id == held.id, func.sum(BillEstimate.cost))
        .group_by(BillEstimate.sandbox_id, BillEstimate.delivery_id).order_by(BillEstimate.delivery_id)
    ).all() == [(sandbox.id, False, 48), (sandbox.id, True, 2524)]  # fmt: skip
    with transaction():
        bills.reject(second, held, reason="Not theirs")
    assert meter_of(sandbox)[0] == Decimal(48)


def test_a_seat_that_is_paid_for_a_month_is_no_rate_of_its_first_day(
    world: World, finance: Person, billed: Provider
) -> None:
    sandbox = running(world)
    data = f"{','.join(HEADER)}\n{row(sandbox, today(), today() + dt.timedelta(days=30), '9.00')}\n"
    made = deliver(finance, billed, data.encode())
    assert (made.state, books(), meter_of(sandbox)) == (BillState.POSTED, (1100, 900, 0), (Decimal(900), Decimal(0)))


def test_days_below_a_minor_unit_of_the_credits_are_not_lost(world: World, finance: Person, billed: Provider) -> None:
    sandbox = running(world)
    world.make.add(FxRate(currency="JPY", on_day=dt.date(2026, 11, 1), rate_e8=200_000, source="Bank",
                          wish_id=wish_of(world, finance)))  # fmt: skip
    days = [(sandbox.number, day, "1") for day in range(1, 6)]  # a yen a day, at 0.002 yuan
    deliver(finance, billed, bill(*days, currency="JPY"))
    assert books() == (1999, 1, 0)
    assert world.prove() == 0


def test_what_is_in_suspense_in_a_currency_without_decimals_is_charged_as_it_is_typed(
    world: World, finance: Person, billed: Provider, sign_in: Callable[..., Any]
) -> None:
    deliver(finance, billed, bill(("stranger", 3, "500"), currency="JPY"))
    account = db.session.scalars(select(Account).where(Account.kind == "suspense")).one()
    client, at = sign_in(finance), f"/credits/months/{world.venture.company.public_id}/suspense"
    charge = {"account": account.public_id, "venture": "", "amount": "500.5", "reason": "Ours"}
    refused = client.post(at, data=charge)
    assert (refused.status_code, 'value="500.5"' in refused.text) == (422, True)
    assert client.post(at, data=charge | {"amount": "500"}).status_code == 303
    assert (books(), world.prove()) == ((0, 0, 0), 0)


def test_an_account_of_a_pool_is_a_sandbox_s_from_when_it_took_it_until_it_left_it(
    world: World, finance: Person, billed: Provider
) -> None:
    one, two = running(world), running(world)
    world.make.add(PooledAccount(provider_id=billed.id, email="a@example.com", reference="4711", state=PoolState.TAKEN,
                                 key=two.public_id))  # fmt: skip
    with transaction():
        services.close(world.lead, one)
    closing = world.operation(one, Kind.CLOSE)
    jobs.operate(closing.id)
    with transaction():
        one.remote_name = two.remote_name = "4711"
        closing.done_at = dt.datetime(2026, 11, 5, 9, tzinfo=dt.UTC)
        for sandbox, day in ((one, 3), (two, 8)):
            ordered = world.operation(sandbox, Kind.PROVISION)
            step = next(one for one in ordered.steps if one.key == "create")
            step.done_at = ordered.done_at = dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC)
    owners = bill_owners.of(billed, {"4711", one.number, "x"})
    found = [owners.whose("4711", dt.date(2026, 11, day)) for day in range(2, 10)]
    ones, twos = f"s{one.id}", f"s{two.id}"
    assert found == ["u4711", ones, ones, ones, "u4711", "u4711", twos, twos]
    assert (owners.whose(one.number, dt.date(2020, 1, 1)), owners.whose("x", today())) == (ones, "ux")
    with transaction():
        db.session.scalars(select(PooledAccount)).one().reference = "4712"
    owners = bill_owners.of(billed, {"4711"})
    assert [owners.whose("4711", dt.date(2026, 11, day)) for day in (2, 6, 9)] == [ones, ones, twos]


def test_an_operator_s_word_whose_an_account_is_may_be_for_some_days(
    world: World, finance: Person, billed: Provider, sign_in: Callable[..., Any]
) -> None:
    one, two = running(world), running(world)
    deliver(finance, billed, bill(("acc", 1, "1.00"), ("acc", 5, "2.00"), ("acc", 9, "4.00")))
    client, at = sign_in(world.operator), f"/catalogue/providers/{billed.public_id}/bills/owner"
    word = {"sub_account": "acc", "sandbox": two.public_id, "reason": "Their letter"}
    wrong = client.post(at, data=word | {"begins_on": "2026-11-09", "ends_on": "2026-11-05"})
    assert (wrong.status_code, wrong.text.count('aria-invalid="true"'), "Their letter" in wrong.text) == (422, 1, True)
    assert client.post(at, data=word | {"begins_on": "5 May"}).status_code == 422
    assert client.post(at, data=word | {"begins_on": "2026-11-05", "ends_on": "2026-11-09"}).status_code == 303
    assert books() == (3400, 600, 100)
    with transaction():
        bills.name_owner(world.operator, billed, sub_account="acc", sandbox=one, reason="The rest",
                         ends_on=dt.date(2026, 11, 5))  # fmt: skip
    spent = dict(db.session.execute(select(Meter.sandbox_id, Meter.posted)).all())
    assert (books(), spent) == ((3300, 700, 0), {one.id: 300, two.id: 400})
    assert world.prove() == 0
    with pytest.raises(Invalid), transaction():
        bills.name_owner(world.operator, billed, **word | {"sandbox": one}, begins_on=today(), ends_on=dt.date.min)
