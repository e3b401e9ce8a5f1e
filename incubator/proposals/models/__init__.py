"""The tables of proposals."""

from incubator.proposals.models.asking import Clarification, ClarificationQuestion
from incubator.proposals.models.changes import BackgroundIp, TeamChange, TeamChangePart
from incubator.proposals.models.likeness import ProposalLikeness, TermWeight
from incubator.proposals.models.outcomes import Appeal, ShelfTrigger
from incubator.proposals.models.proposals import Attachment, Consent, Proposal, ProposalVersion, TeamMember

__all__ = [
    "Appeal",
    "Attachment",
    "BackgroundIp",
    "Clarification",
    "ClarificationQuestion",
    "Consent",
    "Proposal",
    "ProposalLikeness",
    "ProposalVersion",
    "ShelfTrigger",
    "TeamChange",
    "TeamChangePart",
    "TeamMember",
    "TermWeight",
]
