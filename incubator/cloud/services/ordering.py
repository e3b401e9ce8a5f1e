"""What must hold before a venture orders an offer: its audience, its owner's conditions, its limits, its credits."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from incubator.cloud.models import CreditFreeze, Lease, Offer, Plan
from incubator.cloud.services import policies
from incubator.cloud.services.policies import Preference
from incubator.cloud.states import LeaseState
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.ventures.models import Venture
from incubator.web import formats

OVER = (LeaseState.REFUSED, LeaseState.ENDED, LeaseState.CANCELLED)


def check_quantity(plan: Plan, quantity: int) -> None:
    """Raises Invalid when an order of the plan is for more or for fewer."""
    if not plan.least_quantity <= quantity <= plan.most_quantity:
        words = _(
            "Enter a quantity from %(least)s to %(most)s.",
            least=formats.number(plan.least_quantity), most=formats.number(plan.most_quantity),
        )  # fmt: skip
        raise Invalid(words, field="quantity")


def check(venture: Venture, offer: Offer, *, accepts: bool | None, quantity: int = 1) -> Preference:
    """The preference under which the venture may order. Raises Invalid at the field that stands against it."""
    check_not_frozen(venture, field="venture")
    if not policies.is_in_audience(venture.company, offer):
        raise Invalid(_("This is offered to other companies of the group only."), field="venture")
    if offer.conditions and not accepts:
        raise Invalid(_("Read the owner's conditions and accept them."), field="conditions")
    preference = policies.preference(venture, offer)
    _check_most(venture, offer, preference, quantity)
    return preference


def _check_most(venture: Venture, offer: Offer, preference: Preference, quantity: int) -> None:
    if offer.most is None:
        return
    most = offer.most + preference.lift
    db.session.execute(select(Venture.id).where(Venture.id == venture.id).with_for_update(key_share=True))
    running = db.session.scalars(
        select(func.coalesce(func.sum(Lease.quantity), 0))
        .join(Plan, Plan.id == Lease.plan_id)
        .where(Plan.offer_id == offer.id, Lease.venture_id == venture.id, Lease.state.not_in(OVER))
    ).one()
    if running + quantity > most:
        words = ngettext(
            "A venture has at most %(num)s of this at once. Close one first.",
            "A venture has at most %(num)s of these at once. Close one first.",
            most,
        )
        raise Invalid(words, field="plan")


def check_not_frozen(venture: Venture, *, field: str) -> None:
    """Raises Invalid when the venture's credits are frozen."""
    if frozen_level(venture):
        raise Invalid(_("The credits of this venture are frozen: nothing new is ordered from them."), field=field)


def frozen_level(venture: Venture) -> int:
    """How far the venture's credits are frozen: 0 not at all, else the level of the freeze that stands."""
    standing = select(CreditFreeze.level).where(CreditFreeze.venture_id == venture.id, CreditFreeze.lifted_at.is_(None))
    return db.session.scalar(standing) or 0


def payload(lease: Lease, preference: Preference) -> dict[str, Any]:
    """What the event of an order says."""
    said: dict[str, Any] = {"limit": lease.spend_limit, "days": lease.days, "quantity": lease.quantity}
    if preference.policy is not None:
        said |= {"policy": preference.policy.public_id, "lower_bp": preference.lower_bp}
    if lease.plan.offer.conditions:
        said["conditions_accepted"] = True
    return said
