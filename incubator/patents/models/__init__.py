"""Inventions that employees disclose, their applications at the offices, and what the inventors are owed."""

from incubator.patents.models.awards import Award, AwardShare, PayrollLine
from incubator.patents.models.disclosures import Disclosure, InventorShare, Secrecy
from incubator.patents.models.matters import Matter, MatterEvent, MatterEventKind

__all__ = [
    "Award",
    "AwardShare",
    "Disclosure",
    "InventorShare",
    "Matter",
    "MatterEvent",
    "MatterEventKind",
    "PayrollLine",
    "Secrecy",
]
