"""Usage becomes cost, cost becomes postings, and at the limit access ends."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event, func, select

from incubator.cloud import jobs, services
from incubator.cloud.drivers import Usage
from incubator.cloud.engines import metering as engine
from incubator.cloud.jobs import locks
from incubator.cloud.models import Finding, Meter, MeterReading, Operation, Sandbox, SpendAlert
from incubator.cloud.services import metering
from incubator.cloud.services.ending import GRACE
from incubator.cloud.states import Desired, FindingKind, FreezeReason, Kind, LeaseState, SandboxState
from incubator.core import clock, queue
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.ledger.models import Entry
from incubator.ledger.queries import prove
from incubator.notifications.models import Notice
from incubator.people.models import Person
from tests.cloud.conftest import World, read_all, sweep_all

LetPass = Callable[[Sandbox, int], None]


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What PostgreSQL was asked to read or write."""
    seen: list[str] = []

    def note(*args: object) -> None:
        if str(args[2]).lstrip().startswith(("SELECT", "INSERT", "UPDATE")):
            seen.append(str(args[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def ready(world: World, **details: object) -> Sandbox:
    sandbox = world.order(**details)
    jobs.operate(world.operation(sandbox).id)
    return sandbox


def meter_of(sandbox: Sandbox) -> Meter:
    return db.session.scalars(select(Meter).where(Meter.sandbox_id == sandbox.id)).one()


def notices(person: Person, kind: str) -> list[dict[str, object]]:
    found = select(Notice.values).where(Notice.person_id == person.id, Notice.kind == kind).order_by(Notice.id)
    return list(db.session.scalars(found))


def freeze(world: World, sandbox: Sandbox) -> None:
    jobs.operate(world.operation(sandbox, Kind.FREEZE).id)


def test_each_reading_posts_the_difference_and_the_ledger_agrees(world: World, let_pass: LetPass) -> None:
    sandbox = ready(world)
    for seconds in (3, 7, 64, 11, 101):
        let_pass(sandbox, seconds)
        assert read_all() == 1
        meter = meter_of(sandbox)
        assert meter.posted == engine.rounded(meter.cost)
        balances = {"spent": 0} | world.balances()
        assert balances == {"grant": 98_000, "hold": 2000 - meter.posted, "spent": meter.posted}
    assert 18 <= meter.posted <= 20
    assert prove().holds


def test_readings_of_which_nobody_has_to_hear_are_counted_and_posted_together(
    world: World, let_pass: LetPass, statements: list[str]
) -> None:
    few, counts, provider_id = ready(world), [], world.partner.id
    for number in (0, 3):
        for _ in range(number):
            ready(world)
        for sandbox in db.session.scalars(select(Sandbox)).all():
            let_pass(sandbox, 60)
        read_all()
        for sandbox in db.session.scalars(select(Sandbox)).all():
            let_pass(sandbox, 60)
        statements.clear()
        assert jobs.read(provider_id) == 1 + number
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12, statements  # two of them take the lock and give it back
    let_pass(few, 3)
    assert read_all() == 4
    posted = db.session.scalars(select(Meter.posted).order_by(Meter.id)).all()
    assert (min(posted) >= 12, sum(posted), prove().holds) == (True, world.balances()["spent"], True)
    rows = db.session.execute(
        select(Meter.cost, func.sum(MeterReading.cost))
        .join(MeterReading, MeterReading.sandbox_id == Meter.sandbox_id)
        .group_by(Meter.id)
    ).all()
    assert len(rows) == 4
    assert [cost - total for cost, total in rows] == [0] * 4


def test_a_posting_is_caused_by_the_lease(world: World, let_pass: LetPass) -> None:
    sandbox = ready(world)
    let_pass(sandbox, 100)
    read_all()
    entry = db.session.scalars(select(Entry).where(Entry.key.startswith("spent-"))).one()
    assert entry.cause_id == sandbox.cause_id


def test_the_readings_of_a_minute_fold_into_one_row_and_lose_nothing(world: World, let_pass: LetPass) -> None:
    sandbox = ready(world)
    for _ in range(6):
        let_pass(sandbox, 10)
        read_all()
    rows = db.session.scalars(select(MeterReading).order_by(MeterReading.minute_at)).all()
    assert 1 <= len(rows) <= 2
    assert sum(row.cost for row in rows) == rows[-1].total == meter_of(sandbox).cost
    assert sum(row.seconds for row in rows) >= 60


def test_alerts_are_sent_once_and_the_highest_of_several(world: World, let_pass: LetPass) -> None:
    sandbox = ready(world, limit=103)
    for seconds in (510, 1, 320, 1, 200, 1):
        let_pass(sandbox, seconds)
        read_all()
    sent = notices(world.lead, "sandbox.alert")
    assert [notice["percent"] for notice in sent] == [50, 80, 100]
    percents = db.session.scalars(select(SpendAlert.percent).order_by(SpendAlert.percent)).all()
    assert percents == [50, 80, 95, 100]


def test_at_the_limit_less_the_reserve_access_is_cut_and_nothing_more_is_spent(world: World, let_pass: LetPass) -> None:
    sandbox = ready(world, limit=103)
    let_pass(sandbox, 990)
    read_all()
    assert sandbox.desired is Desired.ACTIVE
    let_pass(sandbox, 10)
    read_all()
    read_all()
    assert (sandbox.desired, sandbox.state) == (Desired.FROZEN, SandboxState.ACTIVE)
    freeze(world, sandbox)
    account = world.loopback.accounts[sandbox.public_id]
    assert (account["state"], account["level"]) == ("frozen", 2)
    assert (sandbox.state, sandbox.frozen_reason) == (SandboxState.FROZEN, FreezeReason.CREDIT)
    assert len(notices(world.lead, "sandbox.frozen_credit")) == 1
    spent = world.balances()["spent"]
    let_pass(sandbox, 5000)
    assert read_all() == 0
    assert world.balances()["spent"] == spent <= 103


def test_the_time_until_access_was_cut_is_counted(world: World, let_pass: LetPass) -> None:
    sandbox = ready(world, limit=103)
    let_pass(sandbox, 1000)
    read_all()
    before = meter_of(sandbox).posted
    let_pass(sandbox, 20)
    freeze(world, sandbox)
    assert meter_of(sandbox).posted == before + 2


def test_what_was_used_beyond_the_hold_is_a_finding_and_never_a_debt(world: World, let_pass: LetPass) -> None:
    sandbox = ready(world, limit=103)
    let_pass(sandbox, 2000)
    read_all()
    assert world.balances() == {"grant": 99_897, "hold": 0, "spent": 103}
    finding = db.session.scalars(select(Finding)).one()
    assert (finding.kind, finding.key, finding.detail) == (FindingKind.OVERRUN, sandbox.public_id, "CNY 97")
    freeze(world, sandbox)
    with transaction():
        services.raise_limit(world.lead, sandbox, amount=1000)
    jobs.operate(world.operation(sandbox, Kind.UNFREEZE).id)
    read_all()
    assert meter_of(sandbox).posted == engine.rounded(meter_of(sandbox).cost)
    assert world.balances()["spent"] == meter_of(sandbox).posted
    assert prove().holds


def test_the_time_frozen_costs_nothing(world: World, let_pass: LetPass) -> None:
    sandbox = ready(world, limit=103)
    let_pass(sandbox, 1000)
    read_all()
    freeze(world, sandbox)
    cost = meter_of(sandbox).cost
    let_pass(sandbox, 100_000)
    with transaction():
        services.raise_limit(world.lead, sandbox, amount=1000)
    jobs.operate(world.operation(sandbox, Kind.UNFREEZE).id)
    read_all()
    assert meter_of(sandbox).cost - cost < Decimal(1)


def test_a_raise_that_is_still_too_small_opens_nothing(world: World, let_pass: LetPass) -> None:
    sandbox = ready(world, limit=103)
    let_pass(sandbox, 1010)
    read_all()
    freeze(world, sandbox)
    with transaction():
        services.raise_limit(world.lead, sandbox, amount=1)
    assert (sandbox.state, sandbox.desired) == (SandboxState.FROZEN, Desired.FROZEN)
    assert db.session.scalars(select(Operation).where(Operation.kind == Kind.UNFREEZE)).all() == []


def test_alerts_begin_anew_when_the_limit_is_raised(world: World, let_pass: LetPass) -> None:
    sandbox = ready(world, limit=103)
    let_pass(sandbox, 600)
    read_all()
    with transaction():
        services.raise_limit(world.lead, sandbox, amount=1000)
    let_pass(sandbox, 5000)
    read_all()
    assert [notice["percent"] for notice in notices(world.lead, "sandbox.alert")] == [50, 50]


def test_a_disk_that_grows_beyond_its_size_freezes_and_one_that_does_not_grow_lets_tidy_up(
    world: World,
) -> None:
    sandbox = ready(world)
    account = world.loopback.accounts[sandbox.public_id]
    account["size"] = 10 * 10**6
    read_all()
    assert sandbox.desired is Desired.ACTIVE
    account["size"] = 10 * 10**6 + 1
    read_all()
    freeze(world, sandbox)
    assert (sandbox.frozen_reason, sandbox.frozen_level) == (FreezeReason.DISK, 1)
    with transaction():
        services.unfreeze(world.operator, sandbox)
    jobs.operate(world.operation(sandbox, Kind.UNFREEZE).id)
    read_all()
    assert (sandbox.state, sandbox.desired) == (SandboxState.ACTIVE, Desired.ACTIVE)
    account["size"] += 1
    read_all()
    assert sandbox.desired is Desired.FROZEN


def test_a_provider_that_cannot_be_read_is_read_the_next_time_for_the_whole_time(
    world: World, let_pass: LetPass
) -> None:
    sandbox = ready(world)
    let_pass(sandbox, 50)
    world.loopback.faults = [("GET", "/usage", 500)]
    assert read_all() == 0
    let_pass(sandbox, 50)
    assert read_all() == 1
    assert meter_of(sandbox).posted == 10


@pytest.mark.committed
def test_each_provider_is_read_out_of_a_queue_of_its_own(world: World) -> None:
    ready(world, provider="local")
    for number in (1, 2):
        queue.enqueue("cloud.operate", number, lane=world.local.id)
    assert jobs.meter() == [world.local.id]
    lane = Queue(queue.lane_of("cloud", world.local.id), connection=queue.connection(), serializer=JSONSerializer)
    assert lane.job_ids[0].startswith(f"cloud_read-{world.local.id}-")  # however many operations wait
    ready(world)
    assert jobs.meter() == [world.partner.id]  # the other waits for it still
    assert jobs.sweep() == [world.local.id, world.partner.id]
    names = {queue.lane_of("cloud", provider.id) for provider in (world.local, world.partner)}
    assert {"cloud", *names} <= {*queue.lanes(["cloud"])}  # others may have been used before
    assert queue.waiting("cloud.read") == queue.waiting("cloud.compare")
    assert jobs.clear() == []


def test_what_is_asked_of_a_provider_again_and_again_is_done_once_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    @locks.one_at_a_time(1 << 50)
    def act(number: int) -> int:
        return 1 + act(number) + (act(number + 1) if number == 1 else 0)

    assert act(1) == 2  # within itself it is not done for the same one, but for another
    taken: list[int] = []

    @contextmanager
    def elsewhere(number: int) -> Iterator[bool]:
        taken.append(number)
        yield False

    ready(world)
    monkeypatch.setattr(locks, "session_lock", elsewhere)
    aside = (jobs.read, jobs.compare, jobs.clear_at, jobs.look_for_bills_at)
    assert [job(world.partner.id) for job in aside] == [0, 0, 0, 0]
    assert len(set(taken)) == 4


def test_what_is_not_handed_over_yet_is_not_read(world: World) -> None:
    world.order()
    assert read_all() == 0


def test_a_reading_that_comes_after_the_freeze_counts_nothing(world: World, let_pass: LetPass) -> None:
    sandbox = ready(world, limit=103)
    let_pass(sandbox, 1000)
    read_all()
    freeze(world, sandbox)
    cost = meter_of(sandbox).cost
    with world.make.acting():
        metering.take(sandbox, Usage(1, 0))
    assert meter_of(sandbox).cost == cost


def test_after_its_days_it_is_frozen_and_after_the_days_of_grace_deleted(world: World) -> None:
    sandbox = ready(world, days=2)
    lease = sandbox.lease
    assert jobs.expire() == 0
    assert lease.ends_at == lease.starts_at + dt.timedelta(days=2)
    with transaction():
        lease.ends_at = clock.now()
    assert jobs.expire() == 1
    freeze(world, sandbox)
    assert (lease.state, sandbox.frozen_reason) == (LeaseState.GRACE, FreezeReason.LEASE)
    assert lease.grace_ends_at - clock.now() > GRACE - dt.timedelta(minutes=1)
    assert jobs.expire() == 0
    with transaction():
        lease.grace_ends_at = clock.now()
    assert jobs.expire() == 1
    jobs.operate(world.operation(sandbox, Kind.CLOSE).id)
    assert (lease.state, sandbox.state) == (LeaseState.ENDED, SandboxState.CLOSED)
    assert world.loopback.accounts == {}


def test_a_frozen_sandbox_whose_days_are_over_stays_frozen(world: World, let_pass: LetPass) -> None:
    sandbox = ready(world, limit=103)
    let_pass(sandbox, 1000)
    read_all()
    freeze(world, sandbox)
    with transaction():
        sandbox.lease.ends_at = clock.now()
    jobs.expire()
    assert (sandbox.lease.state, sandbox.frozen_reason) == (LeaseState.GRACE, FreezeReason.LEASE)


def test_an_account_that_is_nobodys_is_a_finding_until_it_is_gone(world: World) -> None:
    sandbox = ready(world)
    world.loopback.do("PUT", "/accounts/stray", {})
    assert sweep_all() == 2
    sweep_all()
    finding = db.session.scalars(select(Finding).where(Finding.key == "stray")).one()
    assert (finding.kind, finding.detail, finding.seen, finding.closed_at) == (
        FindingKind.ORPHAN, "acct-stray", 2, None,
    )  # fmt: skip
    del world.loopback.accounts["stray"]
    sweep_all()
    db.session.refresh(finding)
    assert finding.closed_at is not None
    assert sandbox.state is SandboxState.ACTIVE


def test_a_sandbox_that_is_gone_at_the_provider_twice_is_lost_and_its_credits_come_back(world: World) -> None:
    sandbox = ready(world)
    del world.loopback.accounts[sandbox.public_id]
    sweep_all()
    assert sandbox.state is SandboxState.ACTIVE
    sweep_all()
    assert sandbox.state is SandboxState.LOST
    assert len(notices(world.lead, "sandbox.lost")) == 1
    sweep_all()
    with transaction():
        services.close(world.lead, sandbox)
    jobs.operate(world.operation(sandbox, Kind.CLOSE).id)
    assert sandbox.state is SandboxState.CLOSED
    assert world.balances()["hold"] == 0


def test_a_sandbox_being_made_is_neither_an_orphan_nor_missing(world: World) -> None:
    world.loopback.faults = [("POST", "/access", 500)]
    ready(world)
    sweep_all()
    found = db.session.scalars(select(Finding.kind).where(Finding.provider_id == world.partner.id)).all()
    assert found == []


def test_a_provider_whose_list_cannot_be_read_is_left_for_later(world: World) -> None:
    world.loopback.faults = [("GET", "/accounts", 500)]
    assert sweep_all() == 1
