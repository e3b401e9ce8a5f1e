"""Whose accounts are looked at: the organization behind a provider's key is remembered when it is first seen.

The key of another organization shows none of our accounts. Nothing of them is gone then: the key is wrong.
"""

from sqlalchemy import select, update

from incubator.cloud.drivers.base import AuthFailed
from incubator.cloud.models import Provider
from incubator.core.db import db
from incubator.core.transaction import transaction


def confirm(provider_id: int, found: str) -> None:
    """Remember the organization, or compare it with the one that is known. Raises AuthFailed for another one.

    provider_id: 0 of a place that is in no books, where nothing is remembered.
    """
    if not provider_id:
        return
    with transaction():
        known = db.session.scalar(select(Provider.organization).where(Provider.id == provider_id))
        if known == "":
            first = update(Provider).where(Provider.id == provider_id, Provider.organization == "")
            db.session.execute(first.values(organization=found))
        elif known not in {None, found}:
            raise AuthFailed(f"our key is one of the organization {found}, and our accounts are in {known}")
