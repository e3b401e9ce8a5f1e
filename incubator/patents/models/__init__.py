"""Inventions that employees disclose, their applications at the offices, and what the inventors are owed."""

from incubator.patents.models.awards import Award, AwardShare, PayrollLine
from incubator.patents.models.costs import CostPurpose, CostStage, MatterCost
from incubator.patents.models.deadlines import (
    Deadline,
    DeadlineDifference,
    DeadlineReminder,
    DeadlineRun,
    DifferenceKind,
    RunReason,
)
from incubator.patents.models.disclosures import Disclosure, InventorShare, Secrecy
from incubator.patents.models.matters import Family, Matter, MatterEvent, MatterEventKind, Office

__all__ = [
    "Award",
    "AwardShare",
    "CostPurpose",
    "CostStage",
    "Deadline",
    "DeadlineDifference",
    "DeadlineReminder",
    "DeadlineRun",
    "DifferenceKind",
    "Disclosure",
    "Family",
    "InventorShare",
    "Matter",
    "MatterCost",
    "MatterEvent",
    "MatterEventKind",
    "Office",
    "PayrollLine",
    "RunReason",
    "Secrecy",
]
