"""Inventions that employees disclose, their applications at the offices, and what the inventors are owed."""

from incubator.patents.models.attachments import AwardLetter, DisclosureFile
from incubator.patents.models.awards import SETTLED, Award, AwardKind, AwardReminder, AwardShare, PayrollLine, UnitsDue
from incubator.patents.models.changes import ShareChange, ShareChangePart
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
from incubator.patents.models.exploitation import Exploitation, Licence, LicenceKind
from incubator.patents.models.imports import ImportKind, PatentImport
from incubator.patents.models.matters import Family, Matter, MatterEvent, MatterEventKind, Office
from incubator.patents.models.secrets import TradeSecret
from incubator.patents.models.security import SecurityReview

__all__ = [
    "SETTLED",
    "Award",
    "AwardKind",
    "AwardLetter",
    "AwardReminder",
    "AwardShare",
    "CostPurpose",
    "CostStage",
    "Deadline",
    "DeadlineDifference",
    "DeadlineReminder",
    "DeadlineRun",
    "DifferenceKind",
    "Disclosure",
    "DisclosureFile",
    "Exploitation",
    "Family",
    "ImportKind",
    "InventorShare",
    "Licence",
    "LicenceKind",
    "Matter",
    "MatterCost",
    "MatterEvent",
    "MatterEventKind",
    "Office",
    "PatentImport",
    "PayrollLine",
    "RunReason",
    "Secrecy",
    "SecurityReview",
    "ShareChange",
    "ShareChangePart",
    "TradeSecret",
    "UnitsDue",
]
