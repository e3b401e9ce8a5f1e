"""Credits set aside for a sandbox: taken from the venture's grant, and given back."""

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.cloud.models import Plan, Sandbox
from incubator.cloud.services import fx
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.money import Money
from incubator.ledger import services as ledger
from incubator.ledger.models import Account
from incubator.ledger.services import Leg, Overdrawn
from incubator.ventures.models import CreditGrant, Venture
from incubator.web import formats


def money(plan: Plan, minor: int) -> str:
    """An amount in the provider's currency, as the reader writes it."""
    return formats.money(Money(plan.offer.provider.currency, minor))


def grant_of(venture: Venture, currency: str) -> Account:
    """The account that pays in a currency: the venture's own in it where it was granted credits in it, else that of
    its credits in yuan."""
    granted = select(CreditGrant.currency).where(CreditGrant.venture_id == venture.id).distinct()
    paid_in = set(db.session.scalars(granted))
    return ledger.account_of("grant", venture, currency if currency in paid_in else fx.OWN)


def hold(sandbox: Sandbox, amount: int, key: str, *, available_at: str) -> None:
    """Set credits of the venture's grant aside, once for a key; changed at the day's rate where the provider's
    currency is not that of the grant.

    Raises Invalid, naming what is left, at a field of the form.
    """
    lease = sandbox.lease
    source = grant_of(lease.venture, lease.currency)
    target = ledger.account_of("hold", sandbox, lease.currency)
    try:
        if source.currency == target.currency:
            ledger.post(key, [Leg(source, -amount), Leg(target, amount)], memo=f"Set aside for {sandbox.number}")
        else:
            fx.change(sandbox, source, target, amount, key)
    except Overdrawn as short:
        left = formats.money(Money(source.currency, short.available))
        raise Invalid(_("Only %(left)s of the venture's credits is left.", left=left), field=available_at) from short


def give_back(sandbox: Sandbox, key: str) -> None:
    """Give what is still set aside back to the venture's grant."""
    lease = sandbox.lease
    held = ledger.account_of("hold", sandbox, lease.currency)
    db.session.refresh(held, ["balance"])
    grant = grant_of(lease.venture, lease.currency)
    if held.balance and grant.currency != held.currency:
        fx.change_back(sandbox, grant, held, key)
    elif held.balance:
        legs = [Leg(held, -held.balance), Leg(grant, held.balance)]
        ledger.post(key, legs, memo=f"Given back by {sandbox.number}")
