"""The life of a request for signatures (who takes which step stands in permissions/)."""

from enum import StrEnum

from incubator.core.states import StateMachine


class Verdict(StrEnum):
    """Where an approval, or one of its steps, stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"


V = Verdict
LIFE = StateMachine[Verdict](
    "approval",
    {
        # step     from          to
        "sign":    ((V.WAITING,), (V.WAITING, V.APPROVED)),
        "refuse":  ((V.WAITING,), V.REFUSED),
        "cancel":  ((V.WAITING,), V.CANCELLED),
    },
)  # fmt: skip
