"""The life of a round, of a review and of a decision (who takes which step stands in permissions/)."""

import datetime as dt
from enum import StrEnum

from incubator.core.states import StateMachine


class RoundState(StrEnum):
    """Where a round stands: reviewed, closed to reviewers, decided by the rule, released to the proposers."""

    OPEN = "open"
    CLOSED = "closed"
    DECIDED = "decided"
    RELEASED = "released"


class ReviewState(StrEnum):
    """Where a review stands."""

    ASSIGNED = "assigned"
    DECLINED = "declined"
    RECUSED = "recused"
    CLEARED = "cleared"
    DRAFT = "draft"
    SEALED = "sealed"
    REOPENED = "reopened"
    LOCKED = "locked"
    EXPIRED = "expired"
    EXCLUDED = "excluded"


class DecisionState(StrEnum):
    """Where a decision stands."""

    PREPARED = "prepared"
    SIGNED = "signed"
    HELD = "held"
    RELEASED = "released"
    SUPERSEDED = "superseded"


class PanelState(StrEnum):
    """Where a round over one subject stands: reviewed, decided by its chair, confirmed by another member; or ended by
    its office before that."""

    OPEN = "open"
    DECIDED = "decided"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class PanelReviewState(StrEnum):
    """Where a review in such a round stands."""

    ASSIGNED = "assigned"
    RECUSED = "recused"
    CLEARED = "cleared"
    SEALED = "sealed"


class RunState(StrEnum):
    """Where a run of a solver stands; no machine, for a job alone takes it on."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


LOST = dt.timedelta(minutes=15)
"""A run that has been running so long lost its worker, and is taken on again."""

R = RoundState
ROUND = StateMachine[RoundState](
    "round",
    {
        "close": ((R.OPEN,), R.CLOSED),
        "prepare": ((R.CLOSED,), R.DECIDED),
        "release": ((R.DECIDED,), R.RELEASED),
    },
)

S = ReviewState
BEFORE_SEAL = (S.CLEARED, S.DRAFT, S.REOPENED)
"""The reviewer may write."""
UNFINISHED = (S.ASSIGNED, *BEFORE_SEAL)
"""The reviewer owes something."""
COUNTED = (S.SEALED, S.LOCKED)
"""The review counts in every mean."""
GONE = (S.DECLINED, S.RECUSED, S.EXPIRED, S.EXCLUDED)
"""The review holds no slot any more."""
REVIEW = StateMachine[ReviewState](
    "review",
    {
        "decline": ((S.ASSIGNED,), S.DECLINED),
        "hand_over": (UNFINISHED, S.DECLINED),
        "recuse": ((S.ASSIGNED, S.CLEARED, S.DRAFT, S.REOPENED), S.RECUSED),
        "clear": ((S.ASSIGNED,), S.CLEARED),
        "start": ((S.CLEARED,), S.DRAFT),
        "seal": ((S.DRAFT, S.REOPENED), S.SEALED),
        "reopen": ((S.SEALED,), S.REOPENED),
        "lock": ((S.SEALED,), S.LOCKED),
        "expire": (UNFINISHED, S.EXPIRED),
        "exclude": ((S.SEALED, S.LOCKED), S.EXCLUDED),
    },
)

D = DecisionState
DECISION = StateMachine[DecisionState](
    "decision",
    {
        "sign": ((D.PREPARED,), D.SIGNED),
        "hold": ((D.SIGNED,), D.HELD),
        "release": ((D.HELD,), D.RELEASED),
        "supersede": ((D.PREPARED, D.SIGNED, D.HELD, D.RELEASED), D.SUPERSEDED),
    },
)
"""supersede before the release only when the proposer withdraws meanwhile."""

P = PanelState
PANEL = StateMachine[PanelState](
    "panel",
    {
        "decide": ((P.OPEN,), P.DECIDED),
        "send_back": ((P.DECIDED,), P.OPEN),
        "confirm": ((P.DECIDED,), P.CONFIRMED),
        "cancel": ((P.OPEN, P.DECIDED), P.CANCELLED),
    },
)
"""send_back: the second member does not agree, and the chair decides again. cancel: the office ends what is stuck."""

Q = PanelReviewState
PANEL_REVIEW = StateMachine[PanelReviewState](
    "panel_review",
    {
        "recuse": ((Q.ASSIGNED, Q.CLEARED), Q.RECUSED),
        "clear": ((Q.ASSIGNED,), Q.CLEARED),
        "seal": ((Q.CLEARED,), Q.SEALED),
    },
)
