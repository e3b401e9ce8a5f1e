"""The lives of a lease, of a sandbox and of an operation at a provider."""

from enum import StrEnum

from incubator.core.states import StateMachine


class LeaseState(StrEnum):
    """Where an order stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"
    RUNNING = "running"
    GRACE = "grace"
    ENDED = "ended"
    CANCELLED = "cancelled"


class SandboxState(StrEnum):
    """Where a sandbox stands as last observed."""

    REQUESTED = "requested"
    PROVISIONING = "provisioning"
    ACTIVE = "active"
    FROZEN = "frozen"
    CLOSING = "closing"
    EXPORTING = "exporting"
    WIPING = "wiping"
    CLOSED = "closed"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    LOST = "lost"


class Desired(StrEnum):
    """What a sandbox should become; the operations bring it there."""

    ACTIVE = "active"
    FROZEN = "frozen"
    CLOSED = "closed"


class OperationState(StrEnum):
    """Where an operation at a provider stands."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    COMPENSATING = "compensating"
    COMPENSATED = "compensated"
    DEAD = "dead"


class Kind(StrEnum):
    """What an operation does."""

    PROVISION = "provision"
    ACCESS = "access"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    CLOSE = "close"
    EXPORT = "export"
    MEMBERS = "members"
    SWEEP = "sweep"


class MemberState(StrEnum):
    """Where a person's access to a sandbox stands."""

    ASKED = "asked"
    IN = "in"
    LEAVING = "leaving"
    OUT = "out"


class AccountState(StrEnum):
    """Where an account stands that people make by hand."""

    CREATING = "creating"
    ACTIVE = "active"
    FROZEN = "frozen"
    GONE = "gone"


class PoolState(StrEnum):
    """Where an account of a provider's pool stands. Making: asked for, or not handed over yet; leaving: it goes back;
    lost: not where we put it any more."""

    MAKING = "making"
    CLEAN = "clean"
    TAKEN = "taken"
    LEAVING = "leaving"
    LOST = "lost"
    CLOSED = "closed"


class TaskKind(StrEnum):
    """What a person is to do at a provider without an interface."""

    CREATE = "create"
    LIMITS = "limits"
    ACCESS = "access"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    DELETE = "delete"


class TaskState(StrEnum):
    """Whether it was done; what is not needed any more is dropped."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class FreezeReason(StrEnum):
    """Why a sandbox is frozen."""

    CREDIT = "credit"
    DISK = "disk"
    LEASE = "lease"


class FindingKind(StrEnum):
    """What the comparison of a provider's list with our rows, or the meter, brought up."""

    ORPHAN = "orphan"
    MISSING = "missing"
    OVERRUN = "overrun"
    DRIFT = "drift"


L = LeaseState
LEASE = StateMachine[LeaseState](
    "lease",
    {
        "submit": ((L.DRAFT,), L.SUBMITTED),
        "approve": ((L.SUBMITTED,), L.APPROVED),
        "refuse": ((L.SUBMITTED,), L.REFUSED),
        "start": ((L.APPROVED,), L.RUNNING),
        "extend": ((L.RUNNING, L.GRACE), L.RUNNING),
        "expire": ((L.RUNNING,), L.GRACE),
        "end": ((L.RUNNING, L.GRACE), L.ENDED),
        "cancel": ((L.DRAFT, L.SUBMITTED, L.APPROVED), L.CANCELLED),
    },
)
S = SandboxState
SANDBOX = StateMachine[SandboxState](
    "sandbox",
    {
        "provision": ((S.REQUESTED,), S.PROVISIONING),
        "activate": ((S.PROVISIONING,), S.ACTIVE),
        "adopt": ((S.FAILED, S.LOST), S.PROVISIONING),
        "freeze": ((S.ACTIVE,), S.FROZEN),
        "unfreeze": ((S.FROZEN,), S.ACTIVE),
        "close": ((S.REQUESTED, S.ACTIVE, S.FROZEN, S.FAILED, S.LOST), S.CLOSING),
        "export": ((S.CLOSING,), S.EXPORTING),
        "wipe": ((S.CLOSING, S.EXPORTING, S.QUARANTINED), S.WIPING),
        "finish": ((S.WIPING,), S.CLOSED),
        "fail": ((S.REQUESTED, S.PROVISIONING), S.FAILED),
        "retry": ((S.FAILED,), S.PROVISIONING),
        "quarantine": ((S.CLOSING, S.EXPORTING, S.WIPING), S.QUARANTINED),
        "lose": ((S.ACTIVE, S.FROZEN), S.LOST),
    },
)
M = MemberState
MEMBER = StateMachine[MemberState](
    "sandbox_member",
    {
        "let_in": ((M.ASKED,), M.IN),
        "remove": ((M.ASKED, M.IN), M.LEAVING),
        "leave": ((M.LEAVING,), M.OUT),
        "ask": ((M.LEAVING, M.OUT, M.IN), M.ASKED),
    },
)
T = TaskState
TASK = StateMachine[TaskState](
    "manual_task",
    {"complete": ((T.OPEN,), T.DONE), "drop": ((T.OPEN,), T.DROPPED)},
)
O = OperationState  # noqa: E741 - reads as the table's own word
CLOSED_OPERATIONS = (O.DONE, O.COMPENSATED)
RUNNABLE = (O.PENDING, O.RUNNING, O.WAITING)
OPERATION = StateMachine[OperationState](
    "operation",
    {
        "claim": (RUNNABLE, O.RUNNING),
        "back_off": ((O.RUNNING,), O.PENDING),
        "wait": ((O.RUNNING,), O.WAITING),
        "finish": ((O.RUNNING,), O.DONE),
        "die": ((O.RUNNING,), O.DEAD),
        "retry": ((O.DEAD,), O.PENDING),
        "compensate": ((O.PENDING, O.WAITING, O.DEAD), O.COMPENSATING),
        "settle": ((O.COMPENSATING,), O.COMPENSATED),
    },
)
