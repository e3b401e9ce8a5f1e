"""Ordering a sandbox, and raising its limit: credits are held before anything is spent."""

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.cloud.engines import metering as engine
from incubator.cloud.engines import prices
from incubator.cloud.models import Lease, Meter, Plan, Sandbox
from incubator.cloud.services import fx, holds, metering, operations, ordering, policies
from incubator.cloud.states import LEASE, FreezeReason, Kind, SandboxState
from incubator.core import audit, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.ledger.models import Entry
from incubator.people.models import Person
from incubator.ventures.models import CreditGrant, Venture

LONGEST = 366


@action("lease.submit")
def order(
    actor: Person,
    venture: Venture,
    *,
    plan: Plan,
    limit: int,
    days: int,
    quantity: int = 1,
    key: str | None = None,
    accepts: bool | None = None,
) -> Sandbox:
    """Order a sandbox, or so many of a plan's unit, under a spend limit (minor units) for some days from its hand-over.

    Within what the venture was granted nobody else has to agree: the limit is held on the ledger, which refuses
    more than there is, and the reserve (max hourly cost × metering lag) of it is kept back.

    key: of this wish (16 letters, as a public id); sent twice, it answers what was ordered the first time.
    accepts: the owner's conditions, where the offer has some. The price is that of today, lowered by the best policy
    that the venture qualifies for, and stays for the lease.
    """
    if key is not None and (ordered := _ordered(actor, venture, key)) is not None:
        return _same(ordered, (plan.id, limit, days, quantity))
    provider = plan.offer.provider
    if not (plan.offer.is_open and provider.is_open):
        raise Invalid(_("This service is not offered any more."), field="plan")
    ordering.check_quantity(plan, quantity)
    preference = ordering.check(venture, plan.offer, accepts=accepts, quantity=quantity)
    reserve = _check_limit(plan, limit, quantity)
    if not 1 <= days <= LONGEST:
        raise Invalid(_("Enter a number of days from 1 to %(most)s.", most=LONGEST), field="days")
    lease = _lease(actor, venture, plan, preference, quantity=quantity, limit=limit, reserve=reserve, days=days)
    lease.public_id = key or keys.public_id()
    audit.created(lease, cause_id=_cause(venture, provider.currency), payload=ordering.payload(lease, preference))
    LEASE.move(lease, "submit")
    approved = LEASE.move(lease, "approve")
    sandbox = _sandbox(lease, approved.id)
    holds.hold(sandbox, limit, f"hold-{sandbox.public_id}", available_at="limit")
    operations.request(sandbox, Kind.PROVISION)
    return sandbox


def _lease(
    actor: Person,
    venture: Venture,
    plan: Plan,
    preference: policies.Preference,
    *,
    quantity: int,
    limit: int,
    reserve: int,
    days: int,
) -> Lease:
    """The order at today's price, lowered by the preference."""
    return Lease(
        venture=venture,
        plan=plan,
        person=actor,
        quantity=quantity,
        spend_limit=limit,
        reserve=reserve,
        currency=plan.offer.provider.currency,
        price_hour=prices.lowered(plan.price_hour, preference.lower_bp),
        price_gb_hour=prices.lowered(plan.price_gb_hour, preference.lower_bp),
        policy_id=preference.policy.id if preference.policy else None,
        days=days,
    )


def _ordered(actor: Person, venture: Venture, key: str) -> Sandbox | None:
    """What was ordered under this key. Orders of a venture wait for one another, so that it is seen."""
    db.session.execute(select(Venture.id).where(Venture.id == venture.id).with_for_update(key_share=True))
    found = select(Sandbox).join(Lease, Lease.id == Sandbox.lease_id)
    return db.session.scalar(
        found.where(Lease.public_id == key, Lease.venture_id == venture.id, Lease.person_id == actor.id)
    )


def _same(ordered: Sandbox, asked: tuple[int, int, int, int]) -> Sandbox:
    """The sandbox. Raises Invalid when something else was ordered (asked: plan, limit, days, quantity)."""
    lease = ordered.lease
    if (lease.plan_id, lease.spend_limit, lease.days, lease.quantity) != asked:
        words = _(
            "%(number)s was ordered from this page already. Open it again to order another.", number=ordered.number
        )
        raise Invalid(words, field="plan")
    return ordered


def least_limit(plan: Plan, quantity: int = 1) -> int:
    """The smallest limit of so many of a plan, in minor units: the reserve and one more."""
    return engine.reserve(plan.max_cost_hour, plan.offer.provider.lag_seconds, quantity) + 1


def _check_limit(plan: Plan, limit: int, quantity: int) -> int:
    least = least_limit(plan, quantity)
    if limit < least:
        words = _(
            "Enter at least %(least)s: part of it is kept back until usage is seen.", least=holds.money(plan, least)
        )
        raise Invalid(words, field="limit")
    return least - 1


def _cause(venture: Venture, currency: str) -> int:
    """The event of the grant that pays; without one there is nothing to order with."""
    grant = db.session.scalar(
        select(CreditGrant)
        .where(CreditGrant.venture_id == venture.id, CreditGrant.currency.in_((currency, fx.OWN)))
        .order_by(CreditGrant.currency != currency, CreditGrant.id.desc())
        .limit(1)
    )
    if grant is None:
        raise Invalid(_("This venture has no cloud credits."), field="limit")
    return audit.event_of(grant, "credit_grant.create").id


def _sandbox(lease: Lease, cause_id: int) -> Sandbox:
    sandbox = Sandbox(
        number=keys.spoken("SB"),
        name=lease.venture.name,
        lease=lease,
        venture=lease.venture,
        company_id=lease.venture.company_id,
        provider=lease.plan.offer.provider,
    )
    audit.created(sandbox, cause_id=cause_id, payload={"limit": lease.spend_limit})
    return sandbox


@action("sandbox.raise_limit")
def raise_limit(actor: Person, sandbox: Sandbox, *, amount: int, key: str | None = None) -> None:
    """Hold more of the venture's credits; a sandbox that was frozen for want of them opens again.

    key: of this wish; one that was fulfilled under it before is not fulfilled again.
    """
    operations.lock(sandbox)
    movement = f"raise-{sandbox.public_id}-{key or keys.public_id()}"
    if _was_raised(movement, amount):
        return
    if sandbox.state not in {SandboxState.ACTIVE, SandboxState.FROZEN}:
        raise WrongState(_("The limit of a sandbox can be raised while it runs or is frozen."))
    if amount < 1:
        raise Invalid(_("Enter an amount, such as 1,200.50"), field="amount")
    lease = sandbox.lease
    ordering.check_not_frozen(sandbox.venture, field="amount")
    lease.spend_limit += amount
    db.session.flush()
    audit.record("sandbox.raise_limit", sandbox, {"by": amount, "to": lease.spend_limit})
    holds.hold(sandbox, amount, movement, available_at="amount")
    if not _is_used_up(sandbox):
        metering.reopen(sandbox, FreezeReason.CREDIT)


def _was_raised(movement: str, amount: int) -> bool:
    """Whether the wish was fulfilled before. Raises Invalid when it was for another amount."""
    entry = db.session.scalar(select(Entry).where(Entry.key == movement))
    if entry is not None and amount not in {posting.amount for posting in entry.postings}:
        raise Invalid(
            _("The limit was raised from this page already. Open it again to raise it further."), field="amount"
        )
    return entry is not None


def _is_used_up(sandbox: Sandbox) -> bool:
    cost = db.session.scalar(select(Meter.cost).where(Meter.sandbox_id == sandbox.id))
    return cost is not None and engine.is_used_up(cost, sandbox.lease.usable)
