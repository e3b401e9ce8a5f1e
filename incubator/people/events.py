"""What people announces."""

from dataclasses import dataclass
from typing import ClassVar

from incubator.core.outbox import Event


@dataclass(frozen=True)
class RoleGiven(Event):
    """A person holds a role over a company and all below it, from today."""

    name: ClassVar[str] = "role.given"
    person_id: int
    company_id: int
