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


@dataclass(frozen=True)
class DirectoryChanged(Event):
    """A table of employees was taken in: managers, cost centres and companies may be others."""

    name: ClassVar[str] = "directory.changed"
    import_id: int
