"""What the tests of the cloud start from."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy import event, func, select

from incubator.calls.models import CreditPool
from incubator.cloud import jobs, services
from incubator.cloud.models import Meter, Operation, Plan, Provider, Sandbox
from incubator.cloud.services import proving
from incubator.cloud.states import Kind
from incubator.core import audit
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.ledger.models import Account
from incubator.people.models import Person, Role
from incubator.proposals.states import ProposalState
from incubator.ventures import services as ventures
from incubator.ventures.models import Venture
from tests.cloud import provider as loopbacks
from tests.cloud.provider import Loopback
from tests.make import Make

GRANTED = 100_000


@dataclass
class World:
    """A venture with credits, its lead, an operator, and two providers."""

    make: Make
    lead: Person
    operator: Person
    venture: Venture
    pool: CreditPool
    local: Provider
    partner: Provider
    loopback: Loopback

    def plan(self, code: str = "small", provider: str = "partner") -> Plan:
        """A plan by its code."""
        chosen = self.local if provider == "local" else self.partner
        return db.session.scalars(select(Plan).where(Plan.code == code, Plan.offer.has(provider_id=chosen.id))).one()

    def order(
        self,
        *,
        provider: str = "partner",
        code: str = "small",
        limit: int = 2000,
        days: int = 30,
        key: str | None = None,
    ) -> Sandbox:
        """What the lead ordered."""
        plan = self.plan(code, provider)
        with transaction():
            return services.order(self.lead, self.venture, plan=plan, limit=limit, days=days, key=key)

    def operation(self, sandbox: Sandbox, kind: Kind = Kind.PROVISION) -> Operation:
        """The newest operation of a kind."""
        return db.session.scalars(
            select(Operation)
            .where(Operation.sandbox_id == sandbox.id, Operation.kind == kind)
            .order_by(Operation.id.desc())
            .limit(1)
        ).one()

    def prove(self) -> int:
        """The nightly proof in one transaction: how many faults stand."""
        with self.make.acting():
            return proving.run().faults

    def balances(self, sandbox: Sandbox | None = None) -> dict[str, int]:
        """What the venture's grant and its sandboxes' accounts hold."""
        rows = db.session.execute(
            select(Account.kind, func.sum(Account.balance))
            .where(Account.kind.in_(("grant", "hold", "spent")))
            .group_by(Account.kind)
        )
        return {kind: int(balance) for kind, balance in rows}


def _each(act: Callable[[int], int]) -> int:
    with transaction():
        ids = db.session.scalars(select(Provider.id).order_by(Provider.id)).all()
    return sum(act(provider_id) for provider_id in ids)


def read_all() -> int:
    """Read what runs, one provider after the other; how many sandboxes."""
    return _each(jobs.read)


def sweep_all() -> int:
    """Compare every provider's list with our rows; how many answered."""
    return _each(jobs.compare)


def clear_all() -> int:
    """Delete what operators gave up; how many are gone."""
    return _each(jobs.clear_at)


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with loopbacks.running() as running:
        yield running


@pytest.fixture
def world(make: Make, loopback: Loopback) -> World:
    """Everything an order needs; the partner's prices are round: ¥3.60 an hour, nothing for its disk."""
    group = make.company()
    lead, operator = make.person(group), make.person(group, Role.CLOUD_OPERATOR, name="Wu Han")
    proposal = make.proposal(make.call(group), lead, state=ProposalState.ACCEPTED)
    venture = make.venture(proposal)
    pool = make.pool(make.theme(group), amount=GRANTED)
    with make.acting():
        cause = audit.event_of(venture, "venture.create").id
        ventures.grant_credit(venture, pool=pool, amount=GRANTED, cause_id=cause)
        local = services.install_local_provider(operator, group)
        partner = add_partner(operator, group, loopback)
    return World(make, lead, operator, venture, pool, local, partner, loopback)


def add_partner(operator: Person, group: object, loopback: Loopback, code: str = "partner") -> Provider:
    """The loopback provider with one offer."""
    partner = services.add_provider(
        operator, group, code=code, name={"en": "Partner cloud", "zh": "合作云"}, driver="http",
        address=loopback.address, token=loopbacks.TOKEN,
    )  # fmt: skip
    offer = services.add_offer(
        operator, partner, code="db", name={"en": "Database", "zh": "数据库"}, summary={"en": "One", "zh": "一个"},
        category="data", tags=["SQL"], ready_seconds=1,
    )  # fmt: skip
    services.add_plan(
        operator, offer, code="small", name={"en": "Small", "zh": "小型"}, price_hour=Decimal(360),
        price_gb_hour=Decimal(0), max_cost_hour=Decimal(360), connections=5, disk_mb=10,
    )  # fmt: skip
    return partner


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """The statements that PostgreSQL got, without the frame of the transaction."""
    seen: list[str] = []

    def note(*args: object) -> None:
        if str(args[2]).lstrip().startswith(("SELECT", "WITH")):
            seen.append(str(args[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def let_pass() -> Callable[[Sandbox, int], None]:
    """Let seconds pass for a sandbox's meter."""

    def act(sandbox: Sandbox, seconds: int) -> None:
        with transaction():
            meter = db.session.scalars(select(Meter).where(Meter.sandbox_id == sandbox.id)).one()
            meter.read_at -= dt.timedelta(seconds=seconds)

    return act
