"""What still goes on in a venture that was stopped at a gate."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import joinedload

from incubator.cloud.models import Lease, Sandbox
from incubator.cloud.states import LeaseState, SandboxState
from incubator.core import clock
from incubator.core.db import db
from incubator.equity.models import EquityGrant, EquityPlan, VestingLine
from incubator.equity.states import GrantState
from incubator.ledger.models import Account
from incubator.reviews.models import Panel
from incubator.reviews.states import PanelState
from incubator.ventures.models import Tranche, Venture
from incubator.ventures.states import TrancheState, VentureState

ALIVE = (
    SandboxState.REQUESTED, SandboxState.PROVISIONING, SandboxState.ACTIVE, SandboxState.FROZEN, SandboxState.FAILED,
    SandboxState.LOST,
)  # fmt: skip
NOT_ENDING = (LeaseState.APPROVED, LeaseState.RUNNING)
SETTLED = (TrancheState.CANCELLED, TrancheState.RECONCILED, TrancheState.CLAWED_BACK)


def gates_under_way(venture: Venture) -> list[Panel]:
    """The gates over a venture's tranches that are not confirmed, locked."""
    rows = select(Panel).join(Tranche, Tranche.id == Panel.tranche_id).where(Tranche.venture_id == venture.id)
    rows = rows.where(Panel.state.in_((PanelState.OPEN, PanelState.DECIDED))).order_by(Panel.id)
    return list(db.session.scalars(rows.with_for_update(of=Panel)))


def _goes_on() -> ColumnElement[bool]:
    return and_(Sandbox.state.in_(ALIVE), Lease.id == Sandbox.lease_id, Lease.state.in_(NOT_ENDING))


def sandboxes_going_on(venture: Venture) -> list[Sandbox]:
    """The sandboxes of a venture whose lease is not ending."""
    rows = select(Sandbox).join(Lease, Lease.id == Sandbox.lease_id).where(_goes_on(), Sandbox.venture_id == venture.id)
    return list(db.session.scalars(rows.order_by(Sandbox.id).options(joinedload(Sandbox.lease))))


def stopped_with_sandboxes() -> list[Venture]:
    """The stopped ventures with a sandbox whose lease is not ending."""
    going = exists().where(Sandbox.venture_id == Venture.id, _goes_on())
    rows = select(Venture).where(Venture.state == VentureState.STOPPED, going).order_by(Venture.id)
    return list(db.session.scalars(rows))


@dataclass(frozen=True)
class Closing:
    """How much of a stopped venture is not settled, by number: sandboxes that are not closed, accounts with credits
    left, tranches between due and reconciled, grants that can still vest."""

    sandboxes: int
    credits: int
    tranches: int
    grants: int


def closing_of(venture: Venture) -> Closing:
    """What is left to close; one query."""
    sandboxes = select(func.count(Sandbox.id)).where(
        Sandbox.venture_id == venture.id, Sandbox.state != SandboxState.CLOSED
    )
    left = select(func.count(Account.id)).where(
        Account.kind == "grant", Account.owner_type == "venture", Account.owner_id == venture.id, Account.balance > 0
    )
    tranches = select(func.count(Tranche.id)).where(Tranche.venture_id == venture.id, Tranche.state.not_in(SETTLED))
    coming = exists().where(VestingLine.grant_id == EquityGrant.id, VestingLine.vests_on > clock.today())
    grants = (
        select(func.count(EquityGrant.id))
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .where(EquityPlan.venture_id == venture.id, EquityGrant.state == GrantState.LIVE, coming)
    )
    row = db.session.execute(select(*(one.scalar_subquery() for one in (sandboxes, left, tranches, grants)))).one()
    return Closing(*(int(value) for value in row))
