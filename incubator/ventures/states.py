"""The life of a venture, of its gates and of its tranches."""

from enum import StrEnum

from incubator.core.states import StateMachine


class VentureState(StrEnum):
    """The stage a venture is in, or how it ended."""

    CHARTERED = "chartered"
    SANDBOX = "sandbox"
    VALIDATION = "validation"
    PILOT = "pilot"
    SCALE = "scale"
    SPUN_OUT = "spun_out"
    ABSORBED = "absorbed"
    LICENSED = "licensed"
    STOPPED = "stopped"


class TrancheState(StrEnum):
    """Where a payment of money stands."""

    PLANNED = "planned"
    DUE = "due"
    EVIDENCE_SUBMITTED = "evidence_submitted"
    VERIFIED = "verified"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED_BY_FINANCE = "approved_by_finance"
    RELEASED = "released"
    RECONCILED = "reconciled"
    CANCELLED = "cancelled"
    CLAWED_BACK = "clawed_back"
    PAYMENT_FAILED = "payment_failed"


V = VentureState
RUNNING = (V.CHARTERED, V.SANDBOX, V.VALIDATION, V.PILOT, V.SCALE)
LIFE = StateMachine[VentureState](
    "venture",
    {
        "open_sandbox": ((V.CHARTERED,), V.SANDBOX),
        "validate": ((V.SANDBOX,), V.VALIDATION),
        "pilot": ((V.VALIDATION,), V.PILOT),
        "scale": ((V.PILOT,), V.SCALE),
        "spin_out": ((V.PILOT, V.SCALE), V.SPUN_OUT),
        "absorb": ((V.PILOT, V.SCALE), V.ABSORBED),
        "license": ((V.VALIDATION, V.PILOT, V.SCALE), V.LICENSED),
        "stop": (RUNNING, V.STOPPED),
    },
)
BY_GATE = {V.VALIDATION: "validate", V.PILOT: "pilot", V.SCALE: "scale"}
"""The stages that a gate opens, in their order, and the step into each."""
T = TrancheState
TRANCHE = StateMachine[TrancheState](
    "tranche",
    {
        "fall_due": ((T.PLANNED,), T.DUE),
        "submit_evidence": ((T.DUE, T.CHANGES_REQUESTED), T.EVIDENCE_SUBMITTED),
        "verify": ((T.EVIDENCE_SUBMITTED,), T.VERIFIED),
        "request_changes": ((T.EVIDENCE_SUBMITTED,), T.CHANGES_REQUESTED),
        "approve": ((T.VERIFIED,), T.APPROVED_BY_FINANCE),
        "release": ((T.APPROVED_BY_FINANCE, T.PAYMENT_FAILED), T.RELEASED),
        "fail_payment": ((T.RELEASED,), T.PAYMENT_FAILED),
        "reconcile": ((T.RELEASED,), T.RECONCILED),
        "cancel": ((T.PLANNED, T.DUE), T.CANCELLED),
        "claw_back": ((T.RELEASED, T.RECONCILED), T.CLAWED_BACK),
    },
)
