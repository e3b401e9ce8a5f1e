"""What can be done with equity: plans, grants, and what vests."""

from incubator.equity.services import grants, leaving
from incubator.equity.services.accounting import value_grant, values_of
from incubator.equity.services.appraisals import approve_appraisal, create_appraisal, refuse_appraisal
from incubator.equity.services.bulk import grant_many, import_leavers
from incubator.equity.services.capital import (
    approve_entry,
    correct_entry,
    draft_entry,
    draft_patent_entry,
    refuse_entry,
    submit_entry,
)
from incubator.equity.services.grants import (
    accept,
    approve,
    cancel,
    check_terms,
    decline,
    draft_grant,
    retract,
    revise,
    send_back,
    submit,
)
from incubator.equity.services.issuers import (
    create_class,
    create_holder,
    create_issuer,
    revise_holder,
    revise_issuer,
)
from incubator.equity.services.leaving import depart, end_venture
from incubator.equity.services.milestones import put_milestones
from incubator.equity.services.months import rebuild_months
from incubator.equity.services.payroll import Told, prepare_batch, record_payments, send_batch
from incubator.equity.services.plans import approve_plan, close_plan, create_plan, refuse_plan
from incubator.equity.services.settling import (
    approve_growth,
    hand_over,
    record_happening,
    record_repayment,
    refuse_growth,
    settle_growth,
)
from incubator.equity.services.steps import approve_step, cancel_step, exercise, propose_step, refuse_step
from incubator.equity.services.vesting import rebuild, stored, timeline_of

__all__ = [
    "Told",
    "accept",
    "approve",
    "approve_appraisal",
    "approve_entry",
    "approve_growth",
    "approve_plan",
    "approve_step",
    "cancel",
    "cancel_step",
    "check_terms",
    "close_plan",
    "correct_entry",
    "create_appraisal",
    "create_class",
    "create_holder",
    "create_issuer",
    "create_plan",
    "decline",
    "depart",
    "draft_entry",
    "draft_grant",
    "draft_patent_entry",
    "end_venture",
    "exercise",
    "grant_many",
    "grants",
    "hand_over",
    "import_leavers",
    "leaving",
    "prepare_batch",
    "propose_step",
    "put_milestones",
    "rebuild",
    "rebuild_months",
    "record_happening",
    "record_payments",
    "record_repayment",
    "refuse_appraisal",
    "refuse_entry",
    "refuse_growth",
    "refuse_plan",
    "refuse_step",
    "retract",
    "revise",
    "revise_holder",
    "revise_issuer",
    "send_back",
    "send_batch",
    "settle_growth",
    "stored",
    "submit",
    "submit_entry",
    "timeline_of",
    "value_grant",
    "values_of",
]
