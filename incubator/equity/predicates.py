"""Yes-or-no questions about plans and grants, for the permission table."""

from typing import Any


def is_maker(actor: Any, thing: Any) -> bool:
    """Whoever drafted it."""
    return thing is not None and actor.actor_id is not None and thing.maker_id == actor.actor_id


def is_grant_holder(actor: Any, grant: Any) -> bool:
    """Whoever the grant is for."""
    return grant is not None and actor.actor_id is not None and grant.holder_id == actor.actor_id
