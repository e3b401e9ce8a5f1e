"""What can be done with inventions, matters and awards: one file a noun."""

from incubator.patents.services import deadlines
from incubator.patents.services.awards import approve, calculate, send_back
from incubator.patents.services.costs import add_cost, reverse_cost
from incubator.patents.services.disclosures import (
    accept_share,
    approve_filing,
    assess,
    change_shares,
    decline_share,
    disclose,
    propose_filing,
    refuse_filing,
)
from incubator.patents.services.families import add_matter, assign, family_of, reduce_fees
from incubator.patents.services.matters import (
    correct,
    record,
    record_examination,
    record_filing,
    record_grant,
    record_publication,
)

__all__ = [
    "accept_share",
    "add_cost",
    "add_matter",
    "approve",
    "approve_filing",
    "assess",
    "assign",
    "calculate",
    "change_shares",
    "correct",
    "deadlines",
    "decline_share",
    "disclose",
    "family_of",
    "propose_filing",
    "record",
    "record_examination",
    "record_filing",
    "record_grant",
    "record_publication",
    "reduce_fees",
    "refuse_filing",
    "reverse_cost",
    "send_back",
]
