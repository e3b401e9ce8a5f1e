"""What can be done with inventions, matters and awards: one file a noun."""

from incubator.patents.services.awards import approve, calculate, send_back
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
from incubator.patents.services.matters import (
    correct,
    record_examination,
    record_filing,
    record_grant,
    record_publication,
)

__all__ = [
    "accept_share",
    "approve",
    "approve_filing",
    "assess",
    "calculate",
    "change_shares",
    "correct",
    "decline_share",
    "disclose",
    "propose_filing",
    "record_examination",
    "record_filing",
    "record_grant",
    "record_publication",
    "refuse_filing",
    "send_back",
]
