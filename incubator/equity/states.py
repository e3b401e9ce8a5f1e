"""The life of an equity plan, of a grant, and of a transfer (who takes which step stands in permissions/)."""

from enum import StrEnum

from incubator.core.states import StateMachine


class PlanState(StrEnum):
    """Where a plan stands; grants are made from an active one only."""

    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    ACTIVE = "active"
    REFUSED = "refused"
    CLOSED = "closed"


class GrantState(StrEnum):
    """Where a grant stands."""

    DRAFT = "draft"
    CHECKED = "checked"
    IN_APPROVAL = "in_approval"
    APPROVED = "approved"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    LIVE = "live"
    CLOSED = "closed"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    RETRACTED = "retracted"


class StepState(StrEnum):
    """Where a step on grants in force stands."""

    IN_APPROVAL = "in_approval"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class BatchState(StrEnum):
    """Where a batch for payroll stands; settled when every line has come back."""

    PREPARED = "prepared"
    SENT = "sent"
    SETTLED = "settled"


class TransferState(StrEnum):
    """Where a transfer of units stands."""

    REQUESTED = "requested"
    LOCK_CHECK = "lock_check"
    NOTICE = "notice"
    TAKEN = "taken"
    WAIVED = "waived"
    PRICED = "priced"
    APPROVED = "approved"
    SETTLED = "settled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"


class EntryState(StrEnum):
    """Where an entry of issued units stands; corrected ones were taken back by counter-entries."""

    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    ENTERED = "entered"
    REFUSED = "refused"
    CORRECTED = "corrected"


class ImportState(StrEnum):
    """Where a file that came in stands."""

    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    APPLIED = "applied"
    REFUSED = "refused"


class GrowthState(StrEnum):
    """Where a settlement of value growth stands; a corrected one has another in its place."""

    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    DONE = "done"
    REFUSED = "refused"
    CORRECTED = "corrected"


class AppraisalState(StrEnum):
    """Where an appraisal stands; only an approved one is a price."""

    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    APPROVED = "approved"
    REFUSED = "refused"


P = PlanState
PLAN = StateMachine[PlanState](
    "equity_plan",
    {
        "submit": ((P.DRAFT,), P.IN_APPROVAL),
        "approve": ((P.IN_APPROVAL,), P.ACTIVE),
        "refuse": ((P.IN_APPROVAL,), P.REFUSED),
        "close": ((P.ACTIVE,), P.CLOSED),
    },
)
G = GrantState
PENDING = (G.CHECKED, G.IN_APPROVAL)
"""Not granted yet, and counted against every limit at the submission of others."""
GRANTED = (G.APPROVED, G.OFFERED, G.ACCEPTED, G.LIVE, G.CLOSED)
"""Counted in the plan's `granted_units`."""
SHOWN_TO_HOLDER = (G.OFFERED, G.ACCEPTED, G.LIVE, G.CLOSED, G.DECLINED, G.LAPSED)
GRANT = StateMachine[GrantState](
    "equity_grant",
    {
        "check": ((G.DRAFT,), G.CHECKED),
        "submit": ((G.CHECKED,), G.IN_APPROVAL),
        "send_back": ((G.IN_APPROVAL,), G.DRAFT),
        "approve": ((G.IN_APPROVAL,), G.APPROVED),
        "offer": ((G.APPROVED,), G.OFFERED),
        "accept": ((G.OFFERED,), G.ACCEPTED),
        "activate": ((G.ACCEPTED,), G.LIVE),
        "close": ((G.LIVE,), G.CLOSED),
        "reopen": ((G.CLOSED,), G.LIVE),
        "decline": ((G.OFFERED,), G.DECLINED),
        "lapse": ((G.OFFERED,), G.LAPSED),
        "cancel": ((G.DRAFT, G.CHECKED, G.IN_APPROVAL), G.CANCELLED),
        "retract": ((G.APPROVED, G.OFFERED), G.RETRACTED),
    },
)
S = StepState
STEP = StateMachine[StepState](
    "equity_step",
    {
        "approve": ((S.IN_APPROVAL,), S.DONE),
        "refuse": ((S.IN_APPROVAL,), S.REFUSED),
        "cancel": ((S.IN_APPROVAL,), S.CANCELLED),
        "claw_back": ((S.DONE,), S.CANCELLED),
    },
)
B = BatchState
BATCH = StateMachine[BatchState](
    "equity_batch",
    {
        "send": ((B.PREPARED,), B.SENT),
        "settle": ((B.SENT,), B.SETTLED),
    },
)
T = TransferState
TRANSFER = StateMachine[TransferState](
    "transfer",
    {
        "check_lock": ((T.REQUESTED,), T.LOCK_CHECK),
        "give_notice": ((T.LOCK_CHECK,), T.NOTICE),
        "take": ((T.NOTICE,), T.TAKEN),
        "waive": ((T.NOTICE,), T.WAIVED),
        "price": ((T.TAKEN, T.WAIVED), T.PRICED),
        "approve": ((T.PRICED,), T.APPROVED),
        "settle": ((T.APPROVED,), T.SETTLED),
        "refuse": ((T.PRICED,), T.REFUSED),
        "withdraw": ((T.REQUESTED, T.LOCK_CHECK, T.NOTICE, T.TAKEN, T.WAIVED), T.WITHDRAWN),
        "reverse": ((T.SETTLED,), T.REVERSED),
    },
)
A = AppraisalState
APPRAISAL = StateMachine[AppraisalState](
    "appraisal",
    {
        "submit": ((A.DRAFT,), A.IN_APPROVAL),
        "approve": ((A.IN_APPROVAL,), A.APPROVED),
        "refuse": ((A.IN_APPROVAL,), A.REFUSED),
    },
)
E = EntryState
ENTRY = StateMachine[EntryState](
    "capital_entry",
    {
        "submit": ((E.DRAFT,), E.IN_APPROVAL),
        "approve": ((E.IN_APPROVAL,), E.ENTERED),
        "refuse": ((E.IN_APPROVAL,), E.REFUSED),
        "correct": ((E.ENTERED,), E.CORRECTED),
    },
)
W = GrowthState
GROWTH = StateMachine[GrowthState](
    "growth_settlement",
    {
        "submit": ((W.DRAFT,), W.IN_APPROVAL),
        "approve": ((W.IN_APPROVAL,), W.DONE),
        "refuse": ((W.IN_APPROVAL,), W.REFUSED),
        "correct": ((W.DONE,), W.CORRECTED),
    },
)
OCF_IMPORT = StateMachine[ImportState](
    "ocf_import",
    {
        "submit": ((ImportState.DRAFT,), ImportState.IN_APPROVAL),
        "approve": ((ImportState.IN_APPROVAL,), ImportState.APPLIED),
        "refuse": ((ImportState.IN_APPROVAL,), ImportState.REFUSED),
    },
)
