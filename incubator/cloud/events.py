"""What this package announces."""

from dataclasses import dataclass
from typing import ClassVar

from incubator.core.outbox import Event


@dataclass(frozen=True)
class OperationRequested(Event):
    """Something is to be done at a provider."""

    name: ClassVar[str] = "operation.requested"

    operation_id: int
