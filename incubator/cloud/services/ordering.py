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

OVER = (LeaseState.REFUSED, LeaseState.ENDED, LeaseState.CANCELLED)


def check(venture: Venture, offer: Offer, *, accepts: bool | None) -> Preference:
    """The preference under which the venture may order. Raises Invalid at the field that stands against it."""
    check_not_frozen(venture, field="venture")
    if not policies.is_in_audience(venture.company, offer):
        raise Invalid(_("This is offered to other companies of the group only."), field="venture")
    if offer.conditions and not accepts:
        raise Invalid(_("Read the owner's conditions and accept them."), field="conditions")
    preference = policies.preference(venture, offer)
    _check_most(venture, offer, preference)
    return preference


def _check_most(venture: Venture, offer: Offer, preference: Preference) -> None:
    if offer.most is None:
        return
    most = offer.most + preference.lift
    db.session.execute(select(Venture.id).where(Venture.id == venture.id).with_for_update(key_share=True))
    running = db.session.scalars(
        select(func.count())
        .select_from(Lease)
        .join(Plan, Plan.id == Lease.plan_id)
        .where(Plan.offer_id == offer.id, Lease.venture_id == venture.id, Lease.state.not_in(OVER))
    ).one()
    if running >= most:
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


def payload(plan: Plan, limit: int, days: int, preference: Preference) -> dict[str, Any]:
    """What the event of an order says."""
    said: dict[str, Any] = {"limit": limit, "days": days}
    if preference.policy is not None:
        said |= {"policy": preference.policy.public_id, "lower_bp": preference.lower_bp}
    if plan.offer.conditions:
        said["conditions_accepted"] = True
    return said
