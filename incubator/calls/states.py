"""The life of a call."""

from enum import StrEnum

from incubator.core.states import StateMachine


class CallState(StrEnum):
    """Where a call stands; what it accepts when is said by its dates."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


S = CallState
LIFE = StateMachine[CallState](
    "call",
    {
        "publish": ((S.DRAFT,), S.PUBLISHED),
        "close": ((S.PUBLISHED,), S.CLOSED),
    },
)
