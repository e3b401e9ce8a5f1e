"""The life of an award."""

from enum import StrEnum

from incubator.core.states import StateMachine


class AwardState(StrEnum):
    """Where an inventors' award stands; overdue is a flag, not a state."""

    DUE = "due"
    CALCULATED = "calculated"
    APPROVED = "approved"
    IN_PAYROLL = "in_payroll"
    PAID = "paid"
    REPLACED = "replaced"


A = AwardState
AWARD = StateMachine[AwardState](
    "award",
    {
        # step           from             to
        "calculate":     ((A.DUE,), A.CALCULATED),
        "return":        ((A.CALCULATED,), A.DUE),
        "approve":       ((A.CALCULATED,), A.APPROVED),
        "enter_payroll": ((A.APPROVED,), A.IN_PAYROLL),
        "pay":           ((A.IN_PAYROLL,), A.PAID),
        "replace":       ((A.IN_PAYROLL, A.PAID), A.REPLACED),
    },
)  # fmt: skip
