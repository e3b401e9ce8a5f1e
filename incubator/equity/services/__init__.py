"""What can be done with equity: plans, grants, and what vests."""

from incubator.equity.services import leaving
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
from incubator.equity.services.leaving import depart, end_venture
from incubator.equity.services.plans import approve_plan, create_plan, refuse_plan
from incubator.equity.services.steps import approve_step, cancel_step, exercise, propose_step, refuse_step
from incubator.equity.services.vesting import rebuild, stored, timeline_of

__all__ = [
    "accept",
    "approve",
    "approve_plan",
    "approve_step",
    "cancel",
    "cancel_step",
    "check_terms",
    "create_plan",
    "decline",
    "depart",
    "draft_grant",
    "end_venture",
    "exercise",
    "leaving",
    "propose_step",
    "rebuild",
    "refuse_plan",
    "refuse_step",
    "revise",
    "send_back",
    "stored",
    "submit",
    "timeline_of",
]
