"""Yes-or-no questions about sandboxes, for the permission table."""

from typing import Any

from incubator.cloud.models import Sandbox
from incubator.people.models import Person


def is_lead(actor: Any, sandbox: Sandbox | None) -> bool:
    """Who leads the venture that the sandbox belongs to."""
    return isinstance(actor, Person) and sandbox is not None and sandbox.venture.lead_id == actor.id
