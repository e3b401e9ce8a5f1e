"""What a file is going to do, before it does anything."""

from collections.abc import Callable
from dataclasses import dataclass, field

from incubator.people.models import Person
from incubator.web.sheets import RowError

NEW, MORE, KNOWN, PASSED = "new", "more", "known", "passed"
"""Outcomes of a line: made, completed, there already, and passed over because we cannot use it."""


@dataclass(frozen=True)
class Item:
    """One line: its number in the file, what it is about, what comes of it, and the step (None: nothing to do)."""

    line: int
    title: str
    outcome: str
    act: Callable[[Person], object] | None = None


@dataclass
class Plan:
    """All lines of a file, and the faults that keep it from being applied."""

    items: list[Item] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    more_errors: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether it can be applied."""
        return not self.errors
