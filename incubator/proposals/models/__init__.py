"""The tables of proposals."""

from incubator.proposals.models.asking import Clarification, ClarificationQuestion
from incubator.proposals.models.changes import BackgroundIp, TeamChange, TeamChangePart
from incubator.proposals.models.likeness import ProposalLikeness, TermWeight
from incubator.proposals.models.outcomes import Appeal, ShelfTrigger
from incubator.proposals.models.proposals import (
    Attachment,
    Confidentiality,
    Consent,
    Proposal,
    ProposalVersion,
    TeamMember,
)
from incubator.proposals.models.screening import BatchStep, ScreeningBatch, ScreeningItem

__all__ = [
    "Appeal",
    "Attachment",
    "BackgroundIp",
    "BatchStep",
    "Clarification",
    "ClarificationQuestion",
    "Confidentiality",
    "Consent",
    "Proposal",
    "ProposalLikeness",
    "ProposalVersion",
    "ScreeningBatch",
    "ScreeningItem",
    "ShelfTrigger",
    "TeamChange",
    "TeamChangePart",
    "TeamMember",
    "TermWeight",
]
