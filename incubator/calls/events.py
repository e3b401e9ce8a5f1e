"""What calls announce."""

from dataclasses import dataclass
from typing import ClassVar

from incubator.core.outbox import Event


@dataclass(frozen=True)
class CallExtended(Event):
    """A call closes later than it said."""

    name: ClassVar[str] = "call.extended"
    call_id: int
