"""The life of a deadline; missed and in grace are seen from the day, not states."""

from enum import StrEnum

from incubator.core.states import StateMachine


class DeadlineState(StrEnum):
    """What has become of a deadline."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"
    VOID = "void"


class DifferenceState(StrEnum):
    """What has become of a difference that a recomputation found."""

    WAITING = "waiting"
    APPLIED = "applied"
    DISCARDED = "discarded"


D = DeadlineState
DEADLINE = StateMachine[DeadlineState](
    "deadline",
    {
        # step      from                           to
        "complete": ((D.OPEN,), D.DONE),
        "drop":     ((D.OPEN,), D.DROPPED),
        "void":     ((D.OPEN,), D.VOID),
        "reopen":   ((D.DONE, D.DROPPED, D.VOID), D.OPEN),
    },
)  # fmt: skip

F = DifferenceState
DIFFERENCE = StateMachine[DifferenceState](
    "deadline_difference",
    {
        # step     from          to
        "apply":   ((F.WAITING,), F.APPLIED),
        "discard": ((F.WAITING,), F.DISCARDED),
    },
)  # fmt: skip
