"""Reading the catalogue, sandboxes and operations."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Row, Select, cast, extract, func, literal, null, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased, joinedload, selectinload

from incubator.cloud.engines import metering as engine
from incubator.cloud.models import (
    Finding,
    Lease,
    Meter,
    MeterReading,
    Offer,
    Operation,
    Plan,
    Provider,
    Sandbox,
    SandboxSecret,
)
from incubator.cloud.queries import bills, manual
from incubator.cloud.queries.lifecycle import unseen_access
from incubator.cloud.states import CLOSED_OPERATIONS, OperationState, SandboxState
from incubator.core import clock
from incubator.core.db import db
from incubator.ledger.models import Account
from incubator.people.access import visible, within
from incubator.people.models import Person, Role
from incubator.people.reader import for_reader
from incubator.ventures.models import CreditGrant, Venture, VentureMember
from incubator.ventures.states import RUNNING

IN_SCOPE = (Role.OFFICE, Role.CLOUD_OPERATOR, Role.FINANCE, Role.AUDITOR)
"""Roles that see a venture's sandboxes and what they cost."""
POINTS = 60
"""Most points of a burn-down line."""
MICROSECONDS = 1_000_000


def visible_to(person: Person) -> Select[Sandbox]:
    """The sandboxes a person may see: those of their ventures, those in the scope of a role."""
    mine = select(VentureMember.venture_id).where(VentureMember.person_id == person.id)
    return select(Sandbox).where(
        visible(Sandbox, person, Sandbox.venture_id.in_(mine), within(Sandbox.company_id, person, *IN_SCOPE))
    )


def shown(person: Person) -> Select[Sandbox]:
    """The sandboxes a person may see, with what their page needs, in one statement."""
    return visible_to(person).options(
        joinedload(Sandbox.company),
        joinedload(Sandbox.venture),
        joinedload(Sandbox.provider),
        joinedload(Sandbox.lease).joinedload(Lease.plan).joinedload(Plan.offer),
    )


@for_reader
def listed(person: Person) -> Select[*tuple[Any, ...]]:
    """The list of sandboxes: public_id, number, name, state, limit, currency, quantity, offer, size, cost, page key;
    newest first."""
    moment = cast(extract("epoch", Sandbox.created_at) * MICROSECONDS, BigInteger)
    return (
        visible_to(person)
        .join(Lease, Lease.id == Sandbox.lease_id)
        .join(Plan, Plan.id == Lease.plan_id)
        .join(Offer, Offer.id == Plan.offer_id)
        .outerjoin(Meter, Meter.sandbox_id == Sandbox.id)
        .with_only_columns(
            Sandbox.public_id,
            Sandbox.number,
            Sandbox.name,
            Sandbox.state,
            Lease.spend_limit,
            Lease.currency,
            Lease.quantity,
            Offer.name.label("offer"),
            Plan.name.label("size"),
            func.coalesce(Meter.posted, 0).label("spent"),
            moment.label("moment"),
            maintain_column_froms=True,
        )
    )


def of_venture(person: Person, venture: Venture) -> Select[*tuple[Any, ...]]:
    """The sandboxes of one venture, newest first; also when each ends."""
    found = listed(person).where(Sandbox.venture_id == venture.id).add_columns(Lease.ends_at)
    return found.order_by(Sandbox.created_at.desc()).limit(20)


@dataclass(frozen=True)
class Credits:
    """Where the credits of a sandbox stand, in minor units of a currency; cost is exact."""

    currency: str
    limit: int
    reserve: int
    held: int
    spent: int
    cost: Decimal
    size_bytes: int
    read_at: dt.datetime | None
    runs_out_at: dt.datetime | None

    @property
    def share(self) -> int:
        """What is spent of the limit, in basis points."""
        return self.spent * 10_000 // self.limit


def credits_of(sandbox: Sandbox) -> Credits:
    """The credits of a sandbox; one statement."""
    lease = sandbox.lease
    held, spent = aliased(Account), aliased(Account)
    row = db.session.execute(
        select(held.balance, spent.balance, Meter.cost, Meter.size_bytes, Meter.read_at)
        .select_from(held)
        .outerjoin(spent, (spent.owner_id == held.owner_id) & (spent.owner_type == "sandbox") & (spent.kind == "spent"))
        .outerjoin(Meter, Meter.sandbox_id == held.owner_id)
        .where(held.kind == "hold", held.owner_type == "sandbox", held.owner_id == sandbox.id)
    ).one()
    cost, size = row.cost or Decimal(0), row.size_bytes or 0
    return Credits(
        currency=lease.currency,
        limit=lease.spend_limit,
        reserve=lease.reserve,
        held=row[0],
        spent=row[1] or 0,
        cost=cost,
        size_bytes=size,
        read_at=row.read_at,
        runs_out_at=_runs_out_at(sandbox, cost, size) if row.read_at else None,
    )


def _runs_out_at(sandbox: Sandbox, cost: Decimal, size_bytes: int) -> dt.datetime | None:
    if sandbox.state is not SandboxState.ACTIVE:
        return None
    lease = sandbox.lease
    prices = engine.Prices(lease.price_hour, lease.price_gb_hour, lease.quantity)
    seconds = engine.runs_out_in(cost, lease.usable, prices, size_bytes)
    return clock.now() + dt.timedelta(seconds=int(seconds)) if seconds is not None else None


def burn_down(sandbox: Sandbox) -> list[Row[dt.datetime, Decimal, int, int, Decimal]]:
    """At most POINTS readings since the hand-over: at, cost in all, bytes, connections, cost of the minute."""
    start = sandbox.lease.starts_at
    if start is None:
        return []
    first, last = start.timestamp(), clock.now().timestamp() + 1
    bucket = func.width_bucket(extract("epoch", MeterReading.at), first, last, POINTS)
    found = (
        select(
            MeterReading.at, MeterReading.total, MeterReading.size_bytes, MeterReading.connections, MeterReading.cost
        )
        .where(MeterReading.sandbox_id == sandbox.id)
        .ext(distinct_on(bucket))
        .order_by(bucket, MeterReading.at.desc())
    )
    return list(db.session.execute(found).all())


def newest_operation(sandbox: Sandbox) -> Operation | None:
    """What is being done, or was done last, with its steps; one statement."""
    found = (
        select(Operation)
        .options(joinedload(Operation.steps))
        .where(Operation.sandbox_id == sandbox.id, Operation.state != OperationState.COMPENSATED)
        .order_by(Operation.state.in_(CLOSED_OPERATIONS), Operation.id.desc())
        .limit(1)
    )
    return db.session.scalars(found).unique().one_or_none()


def secret_of(sandbox: Sandbox) -> SandboxSecret | None:
    """Whether there are access data to be shown, or when they were."""
    return db.session.scalar(select(SandboxSecret).where(SandboxSecret.sandbox_id == sandbox.id))


def offers() -> Select[Offer]:
    """What can be ordered."""
    return (
        select(Offer)
        .join(Provider, Provider.id == Offer.provider_id)
        .where(Offer.is_open, Provider.is_open)
        .options(joinedload(Offer.provider), selectinload(Offer.plans))
        .order_by(Offer.category, Offer.id)
    )


def plan_by_code(provider: str, offer: str, plan: str) -> Plan:
    """A plan by the codes of its provider, its offer and its own. Raises NoResultFound."""
    return db.session.scalars(
        select(Plan)
        .join(Offer, Offer.id == Plan.offer_id)
        .join(Provider, Provider.id == Offer.provider_id)
        .where(Provider.code == provider, Offer.code == offer, Plan.code == plan)
    ).one()


def operations_for(person: Person) -> Select[Operation]:
    """The operations at the providers that an operator looks after."""
    return (
        select(Operation)
        .join(Sandbox, Sandbox.id == Operation.sandbox_id)
        .join(Provider, Provider.id == Sandbox.provider_id)
        .where(within(Provider.company_id, person, Role.CLOUD_OPERATOR))
    )


def unfinished(person: Person) -> Select[Operation]:
    """Operations that are not finished, those that need a person first; at most 100."""
    return (
        operations_for(person)
        .where(Operation.state.not_in(CLOSED_OPERATIONS))
        .options(
            joinedload(Operation.sandbox).joinedload(Sandbox.provider).joinedload(Provider.company),
            selectinload(Operation.steps),
        )
        .order_by(Operation.state != OperationState.DEAD, Operation.id.desc())
        .limit(100)
    )


def paused_for(person: Person) -> Select[dict[str, str], dt.datetime | None]:
    """The providers an operator looks after that nothing is asked of just now: name and until when."""
    return (
        select(Provider.name, Provider.paused_until)
        .where(Provider.paused_until > clock.now(), within(Provider.company_id, person, Role.CLOUD_OPERATOR))
        .order_by(Provider.id)
    )


def findings_for(person: Person) -> Select[Finding, dict[str, str]]:
    """What does not add up at the providers that an operator looks after: finding and provider's name."""
    return (
        select(Finding, Provider.name)
        .join(Provider, Provider.id == Finding.provider_id)
        .where(Finding.closed_at.is_(None), within(Provider.company_id, person, Role.CLOUD_OPERATOR))
        .order_by(Finding.first_at.desc())
        .limit(100)
    )


def waiting_for(person: Person) -> list[Select[Any]]:
    """What needs this person: kind, title, address, due_at, since."""
    return [
        _ready(person),
        unseen_access(person),
        _frozen(person),
        _failed(person),
        _to_order(person),
        _dead(person),
        manual.waiting(person),
        bills.waiting(person),
    ]


def _columns(kind: str, title: Any, address: Any, due_at: Any, since: Any) -> tuple[Any, ...]:
    return (
        literal(kind).label("kind"),
        title.label("title"),
        address.label("address"),
        due_at.label("due_at"),
        since.label("since"),
    )


NEVER = cast(null(), DateTime(timezone=True))
AT_SANDBOX = "/sandboxes/" + Sandbox.public_id


def _ready(person: Person) -> Select[Any]:
    """Access data that the lead has not seen yet."""
    return (
        select(*_columns("sandbox.ready", Sandbox.name, AT_SANDBOX, NEVER, SandboxSecret.created_at))
        .join(SandboxSecret, SandboxSecret.sandbox_id == Sandbox.id)
        .join(Venture, Venture.id == Sandbox.venture_id)
        .where(Venture.lead_id == person.id, SandboxSecret.shown_at.is_(None), Sandbox.state == SandboxState.ACTIVE)
    )


def _frozen(person: Person) -> Select[Any]:
    """Frozen sandboxes, due when their days of grace end."""
    return (
        select(*_columns("sandbox.frozen", Sandbox.name, AT_SANDBOX, Lease.grace_ends_at, Lease.starts_at))
        .join(Lease, Lease.id == Sandbox.lease_id)
        .join(Venture, Venture.id == Sandbox.venture_id)
        .where(Venture.lead_id == person.id, Sandbox.state == SandboxState.FROZEN)
    )


def _failed(person: Person) -> Select[Any]:
    """Sandboxes that could not be made, until they are closed or made after all."""
    return (
        select(*_columns("sandbox.failed", Sandbox.name, AT_SANDBOX, NEVER, Sandbox.created_at))
        .join(Venture, Venture.id == Sandbox.venture_id)
        .where(Venture.lead_id == person.id, Sandbox.state == SandboxState.FAILED)
    )


def _to_order(person: Person) -> Select[Any]:
    """Ventures with credits that have ordered nothing yet."""
    ordered = select(Lease.venture_id)
    return (
        select(*_columns("venture.credits", Venture.name, literal("/catalogue/"), NEVER, CreditGrant.created_at))
        .join(CreditGrant, CreditGrant.venture_id == Venture.id)
        .where(Venture.lead_id == person.id, Venture.state.in_(RUNNING), Venture.id.not_in(ordered))
    )


def _dead(person: Person) -> Select[Any]:
    """Operations that an operator must look at."""
    return (
        select(
            *_columns("operation.dead", Sandbox.number, literal("/sandboxes/operations"), NEVER, Operation.created_at)
        )
        .join(Sandbox, Sandbox.id == Operation.sandbox_id)
        .join(Provider, Provider.id == Sandbox.provider_id)
        .where(Operation.state == OperationState.DEAD, within(Provider.company_id, person, Role.CLOUD_OPERATOR))
    )
