"""Credits set aside for a sandbox: taken from the venture's grant, and given back."""

from flask_babel import gettext as _

from incubator.cloud.models import Plan, Sandbox
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.money import Money
from incubator.ledger import services as ledger
from incubator.ledger.services import Leg, Overdrawn
from incubator.web import formats


def money(plan: Plan, minor: int) -> str:
    """An amount in the provider's currency, as the reader writes it."""
    return formats.money(Money(plan.offer.provider.currency, minor))


def hold(sandbox: Sandbox, amount: int, key: str, *, available_at: str) -> None:
    """Set credits of the venture's grant aside, once for a key.

    Raises Invalid, naming what is left, at a field of the form.
    """
    lease = sandbox.lease
    source = ledger.account_of("grant", lease.venture, lease.currency)
    target = ledger.account_of("hold", sandbox, lease.currency)
    try:
        ledger.post(key, [Leg(source, -amount), Leg(target, amount)], memo=f"Set aside for {sandbox.number}")
    except Overdrawn as short:
        left = money(lease.plan, short.available)
        raise Invalid(_("Only %(left)s of the venture's credits is left.", left=left), field=available_at) from short


def give_back(sandbox: Sandbox, key: str) -> None:
    """Give what is still set aside back to the venture's grant."""
    lease = sandbox.lease
    held = ledger.account_of("hold", sandbox, lease.currency)
    db.session.refresh(held, ["balance"])
    if held.balance:
        grant = ledger.account_of("grant", lease.venture, lease.currency)
        legs = [Leg(held, -held.balance), Leg(grant, held.balance)]
        ledger.post(key, legs, memo=f"Given back by {sandbox.number}")
