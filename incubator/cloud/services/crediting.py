"""A venture's credits: alerts, freezes, and what was not spent back to its pool."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from incubator.calls.models import CreditPool
from incubator.cloud.credit_positions import positions
from incubator.cloud.engines import credits as engine
from incubator.cloud.engines import metering as usage
from incubator.cloud.models import CreditAlert, CreditFreeze, CreditReturn, Meter, Sandbox
from incubator.cloud.services import metering, operations
from incubator.cloud.states import Desired, FreezeReason, SandboxState
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.ledger import services as ledger
from incubator.ledger.models import Entry
from incubator.ledger.services import Leg
from incubator.notifications.services import notify
from incubator.people.models import Role
from incubator.people.predicates import SYSTEM
from incubator.people.queries import holders_of
from incubator.ventures.models import CreditGrant, Venture
from incubator.ventures.states import RUNNING

BY_ITSELF = "What was granted is spent, but for what is kept back."


@action("credit.freeze")
def freeze(actor: Actor, venture: Venture, *, level: int, reason: str) -> CreditFreeze:
    """Freeze a venture's credits: 1 nothing new is ordered, 2 access is cut, 3 what runs is stopped. Nothing is
    deleted."""
    if level not in (1, 2, 3):
        raise Invalid(_("Choose a level"), field="level")
    if not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    lock(venture)
    if (standing := frozen(venture)) is not None:
        standing.lifted_at = clock.now()
        db.session.flush()
    event = audit.record("credit.freeze", venture, {"level": level}, reason=reason)
    made = CreditFreeze(
        venture_id=venture.id, level=level, reason=reason.strip(), person_id=actor.actor_id, at=clock.now(),
        cause_id=event.id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    if level > 1:
        for sandbox in _sandboxes(venture):  # one that is just handed over is waited for, or sees the freeze itself
            operations.lock(sandbox)
            if sandbox.state is SandboxState.ACTIVE or _is_frozen_less(sandbox, level) or _is_opening(sandbox):
                metering.request_freeze(sandbox, FreezeReason.CREDIT, level)
    notify(venture.lead_id, "credit.frozen", address(venture), venture=venture.name)
    return made


@action("credit.thaw")
def thaw(actor: Actor, venture: Venture) -> None:
    """Lift the freeze; sandboxes that have credits of their limit left open again."""
    lock(venture)
    standing = frozen(venture)
    if standing is None:
        raise WrongState(_("These credits are not frozen."))
    standing.lifted_at = clock.now()
    event = audit.record("credit.thaw", venture, {"level": standing.level})
    for sandbox in _sandboxes(venture):
        operations.lock(sandbox)
        if not _is_used_up(sandbox):
            metering.reopen(sandbox, FreezeReason.CREDIT, cause_id=event.id)
    notify(venture.lead_id, "credit.thawed", address(venture), venture=venture.name)


def frozen(venture: Venture) -> CreditFreeze | None:
    """The freeze that stands."""
    return db.session.scalar(
        select(CreditFreeze).where(CreditFreeze.venture_id == venture.id, CreditFreeze.lifted_at.is_(None))
    )


def lock(venture: Venture) -> None:
    """Whoever changes a venture's credits as a whole waits for the others."""
    db.session.execute(select(Venture.id).where(Venture.id == venture.id).with_for_update(key_share=True))


def address(venture: Venture) -> str:
    """The page of a venture's credits."""
    return f"/credits/ventures/{venture.public_id}"


def _sandboxes(venture: Venture) -> Sequence[Sandbox]:
    found = select(Sandbox).where(Sandbox.venture_id == venture.id, Sandbox.state != SandboxState.CLOSED)
    return db.session.scalars(found.order_by(Sandbox.id)).all()


def _is_frozen_less(sandbox: Sandbox, level: int) -> bool:
    return sandbox.state is SandboxState.FROZEN and sandbox.frozen_level < level


def _is_opening(sandbox: Sandbox) -> bool:
    return sandbox.state is SandboxState.FROZEN and sandbox.desired is Desired.ACTIVE


def _is_used_up(sandbox: Sandbox) -> bool:
    cost = db.session.scalar(select(Meter.cost).where(Meter.sandbox_id == sandbox.id))
    return cost is not None and usage.is_used_up(cost, sandbox.lease.usable)


@action("credit.give_back")
def give_back(actor: Actor, venture: Venture, *, amount: int | None = None, key: str | None = None) -> int:
    """Give what a venture has not spent back to the pools it came from, the last one first; how much.

    amount: minor units; None: all that is left. What is set aside for sandboxes stays until they are closed.
    key: of this wish; one that was fulfilled under it before is not fulfilled again.
    """
    lock(venture)
    if key is not None and (before := _given_back(venture, key)):
        if before != amount:
            raise Invalid(_("Credits were given back from this page already. Open it again."), field="amount")
        return before
    position = positions([venture.id]).get(venture.id)
    left = position.left if position else 0
    back = left if amount is None else amount
    if position is None or not 0 < back <= left:
        raise Invalid(_("Enter an amount up to what is left."), field="amount")
    event = audit.record("credit.give_back", venture, {"amount": back, "currency": position.currency})
    given = _given(venture, position.currency)
    for (pool, _net), part in zip(given, engine.spread_back(back, [net for _pool, net in given]), strict=True):
        if part:
            _return(venture, pool, part, key or str(event.id), event.id)
    notify(venture.lead_id, "credit.given_back", address(venture), venture=venture.name)
    return back


def _given(venture: Venture, currency: str) -> list[tuple[CreditPool, int]]:
    """(pool, what the venture still has of it), in the order in which they gave."""
    rows = db.session.execute(
        select(CreditGrant.pool_id, func.sum(CreditGrant.amount))
        .where(CreditGrant.venture_id == venture.id, CreditGrant.currency == currency)
        .group_by(CreditGrant.pool_id)
        .order_by(func.min(CreditGrant.id))
    ).all()
    back = dict(
        db.session.execute(
            select(CreditReturn.pool_id, func.sum(CreditReturn.amount))
            .where(CreditReturn.venture_id == venture.id)
            .group_by(CreditReturn.pool_id)
        ).all()
    )  # fmt: skip
    return [(db.session.get_one(CreditPool, pool), int(amount) - int(back.get(pool, 0))) for pool, amount in rows]


def _given_back(venture: Venture, key: str) -> int:
    """What was given back under this key; zero where nothing was."""
    entries = select(Entry.id).where(Entry.key.startswith(_return_key(venture, key), autoescape=True))
    found = select(func.sum(CreditReturn.amount)).where(
        CreditReturn.venture_id == venture.id, CreditReturn.entry_id.in_(entries)
    )
    return int(db.session.scalar(found) or 0)


def _return_key(venture: Venture, key: str) -> str:
    return f"return-{venture.public_id}-{key}-"


def _return(venture: Venture, pool: CreditPool, amount: int, key: str, cause_id: int) -> None:
    source = ledger.account_of("grant", venture, pool.currency)
    target = ledger.account_of("pool", pool, pool.currency)
    legs = [Leg(source, -amount), Leg(target, amount)]
    movement = f"{_return_key(venture, key)}{pool.public_id}"
    entry = ledger.post(movement, legs, memo=f"Not spent by {venture.number}", cause_id=cause_id)
    db.session.add(
        CreditReturn(venture_id=venture.id, pool_id=pool.id, amount=amount, currency=pool.currency, entry_id=entry.id,
                     cause_id=cause_id)
    )  # fmt: skip
    db.session.flush()


def watch(venture: Venture) -> None:
    """Tell of each share that is reached, once; freeze at what was granted less the reserve, and lift such a freeze
    when there is more again; give back what a venture that has ended did not spend. Run by the system."""
    lock(venture)
    position = positions([venture.id]).get(venture.id)
    if position is None:
        return
    if venture.state not in RUNNING:  # it spends no more: there is nothing to tell of but what goes back
        if position.left:
            give_back(SYSTEM, venture)
        return
    _alert(venture, position)
    standing = frozen(venture)
    if position.is_used_up and standing is None:
        freeze(SYSTEM, venture, level=1, reason=BY_ITSELF)
    elif standing is not None and standing.person_id is None and not position.is_used_up:
        thaw(SYSTEM, venture)


def _alert(venture: Venture, position: engine.Position) -> None:
    fresh = []
    for percent in engine.reached(position):
        values = {"venture_id": venture.id, "granted": position.granted, "percent": percent, "at": clock.now()}
        added = db.session.scalar(
            insert(CreditAlert).values(**values).on_conflict_do_nothing().returning(CreditAlert.percent)
        )
        fresh += [added] if added is not None else []
    if fresh:
        told = {venture.lead_id, *(one.id for one in db.session.scalars(holders_of(Role.FINANCE, venture.company)))}
        for person_id in sorted(told):
            notify(person_id, "credit.alert", address(venture), venture=venture.name, percent=max(fresh))
