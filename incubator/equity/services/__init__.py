"""What can be done with equity: plans, grants, and what vests."""

from incubator.equity.services.grants import (
    accept,
    approve,
    cancel,
    check_terms,
    decline,
    draft_grant,
    revise,
    send_back,
    submit,
)
from incubator.equity.services.plans import approve_plan, create_plan, refuse_plan
from incubator.equity.services.vesting import rebuild, stored, timeline_of

__all__ = [
    "accept",
    "approve",
    "approve_plan",
    "cancel",
    "check_terms",
    "create_plan",
    "decline",
    "draft_grant",
    "rebuild",
    "refuse_plan",
    "revise",
    "send_back",
    "stored",
    "submit",
    "timeline_of",
]
