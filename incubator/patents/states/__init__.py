"""The lives of a disclosure, of a patent matter and of an award (who takes which step stands in permissions/)."""

from incubator.patents.states.awards import AWARD, AwardState
from incubator.patents.states.deadlines import DEADLINE, DIFFERENCE, DeadlineState, DifferenceState
from incubator.patents.states.disclosures import (
    DISCLOSURE,
    SECURITY_REVIEW,
    SHARE_CHANGE,
    TRADE_SECRET,
    Decision,
    DisclosureState,
    SecretState,
    SecurityState,
    ShareChangeState,
)
from incubator.patents.states.matters import MATTER, PENDING, Happening, MatterState, OutOfOrder, derive

__all__ = [
    "AWARD",
    "DEADLINE",
    "DIFFERENCE",
    "DISCLOSURE",
    "MATTER",
    "PENDING",
    "SECURITY_REVIEW",
    "SHARE_CHANGE",
    "TRADE_SECRET",
    "AwardState",
    "DeadlineState",
    "Decision",
    "DifferenceState",
    "DisclosureState",
    "Happening",
    "MatterState",
    "OutOfOrder",
    "SecretState",
    "SecurityState",
    "ShareChangeState",
    "derive",
]
