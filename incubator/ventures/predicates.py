"""Yes-or-no questions about ventures, for the permission table."""

from typing import Any

from incubator.people.models import Person
from incubator.ventures.models import Venture
from incubator.ventures.states import RUNNING


def is_running_lead(actor: Any, venture: Venture | None) -> bool:
    """Who leads the venture, while it is at work."""
    if not isinstance(actor, Person) or venture is None:
        return False
    return venture.lead_id == actor.id and venture.state in RUNNING


def is_on_team(actor: Any, venture: Venture | None) -> bool:
    """Who leads the venture or works in it."""
    if not isinstance(actor, Person) or venture is None:
        return False
    return actor.id in {venture.lead_id, *(member.person_id for member in venture.members)}
