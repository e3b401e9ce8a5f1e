"""Yes-or-no questions about an auditor's case, for the permission table."""

from typing import Any


def is_case_holder(actor: Any, case: Any) -> bool:
    """Whoever opened the case."""
    return case is not None and actor.actor_id is not None and case.auditor_id == actor.actor_id
