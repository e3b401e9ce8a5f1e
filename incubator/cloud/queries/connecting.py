"""What operators see of a provider's connection."""

from typing import Any

from sqlalchemy import Select, func, select

from incubator.cloud.models import Offer, Plan, PooledAccount, Provider


def settings_of(provider: Provider) -> Select[*tuple[Any, ...]]:
    """The sizes of a provider: public id, names of offer and size, what it tells the provider."""
    return (
        select(Plan.public_id, Offer.name, Plan.name, Plan.settings)
        .join(Offer, Offer.id == Plan.offer_id)
        .where(Offer.provider_id == provider.id)
        .order_by(Offer.code, Plan.price_hour, Plan.id)
        .limit(200)
    )


def pool_of(provider: Provider) -> Select[*tuple[Any, ...]]:
    """How many accounts of its pool stand where."""
    number = func.count().label("number")
    return (
        select(PooledAccount.state, number)
        .where(PooledAccount.provider_id == provider.id)
        .group_by(PooledAccount.state)
        .order_by(PooledAccount.state)
    )
