"""What can be done with inventions, matters and awards: one file a noun."""

from incubator.patents.services import deadlines
from incubator.patents.services.attachments import attach
from incubator.patents.services.awards import (
    approve,
    calculate,
    changes_of,
    content_anew,
    content_of,
    replace,
    send_back,
)
from incubator.patents.services.care import take_up
from incubator.patents.services.changes import accept_change, decline_change, propose_change, withdraw_change
from incubator.patents.services.computing import earns_award
from incubator.patents.services.costs import add_cost, reverse_cost
from incubator.patents.services.decisions import decide, propose, refuse
from incubator.patents.services.descriptions import Told, completeness
from incubator.patents.services.disclosures import ask, assess, disclose, kept_secret, may_revise, revise, set_days
from incubator.patents.services.exchange import apply as apply_import
from incubator.patents.services.exploitation import choose_rule, correct_use, give_licence, record_use
from incubator.patents.services.families import add_matter, assign, family_of, reduce_fees
from incubator.patents.services.matters import (
    correct,
    record,
    record_examination,
    record_filing,
    record_grant,
    record_publication,
)
from incubator.patents.services.payroll import pay
from incubator.patents.services.secrets import approve_lift, propose_lift, refuse_lift, review_secret
from incubator.patents.services.security import clear_review, record_notice, refuse_review, request_review
from incubator.patents.services.shares import accept_share, change_shares, decline_share

__all__ = [
    "Told",
    "accept_change",
    "accept_share",
    "add_cost",
    "add_matter",
    "apply_import",
    "approve",
    "approve_lift",
    "ask",
    "assess",
    "assign",
    "attach",
    "calculate",
    "change_shares",
    "changes_of",
    "choose_rule",
    "clear_review",
    "completeness",
    "content_anew",
    "content_of",
    "correct",
    "correct_use",
    "deadlines",
    "decide",
    "decline_change",
    "decline_share",
    "disclose",
    "earns_award",
    "family_of",
    "give_licence",
    "kept_secret",
    "may_revise",
    "pay",
    "propose",
    "propose_change",
    "propose_lift",
    "record",
    "record_examination",
    "record_filing",
    "record_grant",
    "record_notice",
    "record_publication",
    "record_use",
    "reduce_fees",
    "refuse",
    "refuse_lift",
    "refuse_review",
    "replace",
    "request_review",
    "reverse_cost",
    "review_secret",
    "revise",
    "send_back",
    "set_days",
    "take_up",
    "withdraw_change",
]
