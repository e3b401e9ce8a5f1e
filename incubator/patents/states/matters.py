"""The life of a patent matter, derived from its events."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from incubator.core.states import StateMachine


class MatterState(StrEnum):
    """Where an application stands at the office; derived from its events."""

    PREPARED = "prepared"
    FILED = "filed"
    PUBLISHED = "published"
    EXAMINATION = "examination"
    GRANTED = "granted"
    LAPSED = "lapsed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


M = MatterState
PENDING = (M.FILED, M.PUBLISHED, M.EXAMINATION)
MATTER = StateMachine[MatterState](
    "matter",
    {
        # step      from                      to
        "file":     ((M.PREPARED,), M.FILED),
        "publish":  ((M.FILED,), M.PUBLISHED),
        "examine":  ((M.FILED, M.PUBLISHED), M.EXAMINATION),
        "grant":    (PENDING, M.GRANTED),
        "lapse":    ((M.GRANTED,), M.LAPSED),
        "refuse":   (PENDING, M.REFUSED),
        "withdraw": ((M.PREPARED, *PENDING), M.WITHDRAWN),
        "expire":   ((M.GRANTED,), M.EXPIRED),
        "restore":  ((M.LAPSED,), M.GRANTED),
        "reopen":   ((M.REFUSED, M.WITHDRAWN), M.EXAMINATION),
    },
)  # fmt: skip


BEFORE_FILING = frozenset({"priority", "request_clearance", "clear"})
"""What can happen to an application before it is filed."""


class Happening(Protocol):
    """What the state of a matter is derived from."""

    @property
    def kind(self) -> str:
        """A step of the matter's machine."""

    @property
    def happened_on(self) -> dt.date:
        """The day it took effect at the office."""


class OutOfOrder(ValueError):
    """Events that cannot have followed each other; `event` does not fit the state before it."""

    def __init__(self, event: Happening, before: MatterState) -> None:
        super().__init__(f"{event.kind} on {event.happened_on} cannot follow {before}")
        self.event = event
        self.before = before


def derive(events: Iterable[Happening]) -> MatterState:
    """The state after all events in date order; those of one day in the order given. Raises OutOfOrder.

    An event that is no step of the machine (a notice, an answer, a fee) changes no state; but for those that come
    before the filing it cannot happen to what was never filed.
    """
    state = MatterState.PREPARED
    for event in sorted(events, key=lambda one: one.happened_on):
        if event.kind not in MATTER.steps:
            if state is MatterState.PREPARED and event.kind not in BEFORE_FILING:
                raise OutOfOrder(event, state)
            continue
        sources, targets = MATTER.steps[event.kind]
        if state not in sources:
            raise OutOfOrder(event, state)
        state = targets[0]
    return state
