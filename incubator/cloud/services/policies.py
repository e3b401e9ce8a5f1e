"""Preferential policies: who qualifies for which, and the best of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from incubator.cloud.models import Offer, Policy
from incubator.core import clock
from incubator.core.db import db
from incubator.people.models import Company
from incubator.ventures.models import Venture


@dataclass(frozen=True)
class Preference:
    """What a venture gets on an offer: the policy that lowers its price most, and how many more it may run."""

    lower_bp: int = 0
    lift: int = 0
    policy: Policy | None = None
    lifting: Policy | None = None


def standing() -> Sequence[Policy]:
    """The policies in force today, with what they name; one statement (few: an office decides each)."""
    today = clock.today()
    return db.session.scalars(
        select(Policy)
        .where(Policy.from_on <= today, or_(Policy.to_on.is_(None), Policy.to_on >= today))
        .options(joinedload(Policy.company), joinedload(Policy.provider), joinedload(Policy.theme))
        .order_by(Policy.id)
    ).all()


def preference(venture: Venture, offer: Offer, policies: Sequence[Policy] | None = None) -> Preference:
    """The best of the policies that the venture qualifies for on this offer; they do not add up."""
    fitting = [one for one in (standing() if policies is None else policies) if qualifies(one, venture, offer)]
    lowest = max(fitting, key=lambda one: one.lower_bp, default=None)
    widest = max(fitting, key=lambda one: one.lift, default=None)
    return Preference(
        lowest.lower_bp if lowest else 0,
        widest.lift if widest else 0,
        lowest if lowest and lowest.lower_bp else None,
        widest if widest and widest.lift else None,
    )


def qualifies(policy: Policy, venture: Venture, offer: Offer) -> bool:
    """Whether every condition that the policy names holds for the venture and the offer."""
    return (
        venture.company.path.startswith(policy.company.path)
        and policy.provider_id in (None, offer.provider_id)
        and policy.region in (None, offer.region)
        and policy.theme_id in (None, venture.proposal.theme_id)
        and (not policy.stages or venture.state.value in policy.stages)
    )


def is_in_audience(company: Company, offer: Offer) -> bool:
    """Whether a company's ventures may order an offer."""
    return offer.audience is None or company.path.startswith(offer.audience.path)
