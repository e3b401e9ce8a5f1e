"""Who sees and signs what is about a venture's credits, and what is sent twice or corrected."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from incubator.approvals import services as approvals
from incubator.approvals.models import Approval
from incubator.cloud import jobs, services
from incubator.cloud.credit_positions import positions
from incubator.cloud.models import CloudWish, CreditAlert, CreditReturn, Operation, PlanPrice, Sandbox
from incubator.cloud.queries import crediting as queries
from incubator.cloud.services import asking, crediting, metering, months, wishes
from incubator.cloud.states import Desired, FreezeReason, Kind, SandboxState
from incubator.core import audit, clock
from incubator.core.actions import can
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed
from incubator.core.transaction import transaction
from incubator.ledger.models import Account
from incubator.people import access
from incubator.people.models import Person, Role
from incubator.people.predicates import SYSTEM
from incubator.ventures.models import VentureMember
from incubator.ventures.states import VentureState
from tests.cloud.conftest import World

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def finance(world: World) -> Person:
    return world.make.person(world.venture.company, Role.FINANCE, name="Xu Min")


@pytest.fixture
def office(world: World) -> Person:
    return world.make.person(world.venture.company, Role.OFFICE, name="Zhao Min")


def asked(world: World, amount: int = 5_000) -> CloudWish:
    with transaction():
        return asking.ask_credits(world.lead, world.venture, amount=amount, reason="A second bench")


def test_a_conflict_hides_a_ventures_requests_and_its_name_on_every_page_of_credits(
    world: World, office: Person, finance: Person, sign_in: SignIn
) -> None:
    wish, mine = asked(world), select(CloudWish.id)
    sandbox = world.order(days=3)
    jobs.operate(world.operation(sandbox).id)
    with transaction():
        longer = asking.ask_extension(world.lead, sandbox, days=2, reason="More")
    both = {wish.id, longer.id}

    def seen(person: Person) -> set[int]:
        return set(db.session.scalars(queries.wishes_seen(person).with_only_columns(CloudWish.id)))

    assert seen(office) == seen(finance) == both == set(db.session.scalars(mine))
    with world.make.acting():
        audit.record("conflict.declare", world.venture.proposal)
        for person in (office, finance, world.lead):
            access.deny(person.id, world.venture.proposal, "conflict")
    assert (seen(office), seen(finance), seen(world.lead)) == (set(), set(), both)
    assert queries.ventures_of(world.pool, finance) == []
    assert queries.ventures_below(world.venture.company, finance) == []
    assert [row[1] for row in queries.ventures_of(world.pool, world.operator)] == [world.venture.public_id]
    assert sign_in(office).post(f"/cloud/wishes/{wish.public_id}/approve").status_code == 404
    titles = " ".join(str(one) for one in db.session.scalars(select(Approval.title)))
    assert world.venture.name not in titles
    assert world.venture.number in titles


def priced(world: World, price: int, start: dt.datetime) -> CloudWish:
    with transaction():
        return asking.propose_price(
            world.operator, world.plan(), price_unit=Decimal(price), max_cost_hour=Decimal(price), valid_from=start,
            reason="A new contract",
        )  # fmt: skip


def test_a_stand_in_sees_what_they_are_asked_to_sign(world: World, finance: Person, sign_in: SignIn) -> None:
    wish = priced(world, 400, clock.now())
    stand_in = world.make.person(world.venture.company, name="Stand In")
    client, at = sign_in(stand_in), f"/cloud/wishes/{wish.public_id}"
    assert client.get(at).status_code == 404
    with transaction():
        approvals.delegate(
            finance, None, to=stand_in, role=Role.FINANCE, from_on=clock.today(), to_on=clock.today(), reason="On leave"
        )  # fmt: skip
    assert client.get(at).status_code == 200


def test_who_works_in_a_venture_neither_signs_its_credits_nor_lifts_its_freeze(
    world: World, office: Person, finance: Person
) -> None:
    world.make.add(VentureMember(venture_id=world.venture.id, person_id=office.id, part="advice", share_bp=0))
    db.session.expire_all()
    wish = asked(world)
    with pytest.raises(NotAllowed), transaction():
        wishes.approve(office, wish)
    with transaction():
        crediting.freeze(finance, world.venture, level=1, reason="An audit")
    assert not can(office, "credit.thaw", world.venture)
    assert can(finance, "credit.thaw", world.venture)


def test_a_price_to_come_is_corrected_for_the_same_moment(world: World, finance: Person) -> None:
    plan, start = world.plan(), clock.now() + dt.timedelta(days=1)
    for price in (400, 380):
        wish = priced(world, price, start)
        with transaction():
            wishes.approve(finance, wish)
    with clock.travelled(start + dt.timedelta(seconds=1)):
        assert jobs.apply_prices() == 2
        db.session.expire_all()
        assert plan.price_unit == 380
    assert db.session.scalar(select(func.count()).select_from(PlanPrice).where(PlanPrice.valid_from >= start)) == 2


def test_what_is_sent_twice_goes_back_once(world: World, finance: Person) -> None:
    for _ in range(2):
        with transaction():
            assert crediting.give_back(finance, world.venture, amount=300, key="a" * 16) == 300
    assert positions([world.venture.id])[world.venture.id].left == 99_700
    with pytest.raises(Invalid, match="already"), transaction():
        crediting.give_back(finance, world.venture, amount=301, key="a" * 16)
    with transaction():
        crediting.give_back(finance, world.venture, amount=300, key="b" * 16)
    assert db.session.scalar(select(func.sum(CreditReturn.amount))) == 600


def test_suspense_is_charged_once_a_form_and_settles_the_account_it_was_billed_on(
    world: World, finance: Person
) -> None:
    group = world.venture.company
    below = world.make.company(group, "Subsidiary")
    with world.make.acting():
        event = audit.record("bill.import", below)
        months.put_in_suspense(below, currency="CNY", amount=700, key="bill", memo="A bill", cause_id=event.id)
    account = db.session.scalars(select(Account).where(Account.kind == "suspense")).one()
    for _ in range(2):
        with transaction():
            months.clear_suspense(
                finance, group, account=account, amount=300, reason="Theirs", venture=world.venture, key="c" * 16
            )
    with pytest.raises(Invalid, match="already"), transaction():
        months.clear_suspense(finance, group, account=account, amount=5, reason="Theirs", key="c" * 16)
    db.session.refresh(account)
    billed = {one.owner_id: one.balance for one in db.session.scalars(select(Account).where(Account.kind == "billed"))}
    assert (account.balance, billed) == (400, {below.id: -400})


def test_a_stopped_venture_gives_back_untold_and_one_that_breaks_does_not_keep_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        world.venture.state = VentureState.STOPPED

    watch = crediting.watch

    def broken(_venture: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(crediting, "watch", broken)
    assert jobs.watch_credits() == 1
    monkeypatch.setattr(crediting, "watch", watch)
    for _ in range(2):
        assert jobs.watch_credits() == 1
    assert positions([world.venture.id])[world.venture.id].granted == 0
    assert db.session.scalars(select(CreditAlert)).all() == []


def test_finance_keeps_the_months_of_the_company_at_which_the_role_sits(world: World) -> None:
    below = world.make.company(world.venture.company, "Quiet subsidiary")
    keeper = world.make.person(below, Role.FINANCE)
    assert db.session.scalars(queries.companies_kept(keeper)).all() == [below]


def freezing(sandbox: Sandbox, reason: FreezeReason, level: int = 2) -> None:
    with transaction(), audit.because(SYSTEM, "test.freeze"):
        audit.record("test.freeze", sandbox)
        metering.request_freeze(sandbox, reason, level)


def test_what_is_extended_or_raised_while_its_freeze_waits_stays_open(world: World) -> None:
    longer, raised = world.order(days=3), world.order()
    for sandbox in (longer, raised):
        jobs.operate(world.operation(sandbox).id)
    freezing(longer, FreezeReason.LEASE)
    freezing(raised, FreezeReason.CREDIT)
    other = world.make.person(world.venture.company, Role.CLOUD_OPERATOR, name="Ma Li")
    with transaction():
        wish = asking.ask_extension(world.lead, longer, days=2, reason="More")
    with transaction():
        wishes.approve(other, wish)
    with transaction():
        services.raise_limit(world.lead, raised, amount=10)
    for sandbox in (longer, raised):
        assert (sandbox.state, sandbox.desired) == (SandboxState.ACTIVE, Desired.ACTIVE)
        jobs.operate(world.operation(sandbox, Kind.FREEZE).id)  # not begun yet, so that nothing is to be undone
        db.session.expire_all()
        assert (sandbox.state, sandbox.desired) == (SandboxState.ACTIVE, Desired.ACTIVE)


def test_a_freeze_of_the_venture_reaches_what_is_handed_over_or_opened_later_and_goes_further(
    world: World, finance: Person
) -> None:
    late, disk = world.order(), world.order()
    jobs.operate(world.operation(disk).id)
    freezing(disk, FreezeReason.DISK, 1)
    jobs.operate(world.operation(disk, Kind.FREEZE).id)
    with transaction():
        crediting.freeze(finance, world.venture, level=2, reason="An audit")
    jobs.operate(world.operation(late).id)
    open_freeze = world.operation(late, Kind.FREEZE)
    assert (late.state, open_freeze.level, open_freeze.reason) == (SandboxState.ACTIVE, 2, FreezeReason.CREDIT)
    with transaction():
        crediting.freeze(finance, world.venture, level=3, reason="Worse")
    for sandbox in (late, disk):
        jobs.operate(world.operation(sandbox, Kind.FREEZE).id)
    db.session.expire_all()
    assert [(one.state, one.frozen_level) for one in (late, disk)] == [(SandboxState.FROZEN, 3)] * 2
    with transaction():
        services.unfreeze(world.operator, disk)
    jobs.operate(world.operation(disk, Kind.UNFREEZE).id)
    again = db.session.scalars(select(Operation).where(Operation.sandbox_id == disk.id).order_by(Operation.id)).all()
    assert [(one.kind, one.level) for one in again][-1] == (Kind.FREEZE, 3)
    with transaction():
        crediting.thaw(finance, world.venture)
    jobs.operate(again[-1].id)
    jobs.operate(world.operation(disk, Kind.UNFREEZE).id)
    db.session.expire_all()
    assert disk.state is SandboxState.ACTIVE


def test_an_order_that_failed_and_is_being_closed_is_no_fault(world: World) -> None:
    sandbox = world.order()
    world.loopback.faults = [("PUT", "/accounts", 507)]
    jobs.operate(world.operation(sandbox).id)
    assert sandbox.state is SandboxState.FAILED
    with transaction():
        services.close(world.operator, sandbox)
    assert sandbox.state is not SandboxState.FAILED
    assert world.prove() == 0
