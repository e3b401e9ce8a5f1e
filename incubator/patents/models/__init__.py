"""Inventions that employees disclose, their applications at the offices, and what the inventors are owed."""

from incubator.patents.models.attachments import AwardLetter, DisclosureFile
from incubator.patents.models.awards import SETTLED, Award, AwardKind, AwardShare, PayrollLine
from incubator.patents.models.changes import ShareChange, ShareChangePart
from incubator.patents.models.disclosures import Disclosure, InventorShare, Secrecy
from incubator.patents.models.exploitation import Exploitation, Licence, LicenceKind
from incubator.patents.models.matters import Matter, MatterEvent, MatterEventKind
from incubator.patents.models.secrets import TradeSecret
from incubator.patents.models.security import SecurityReview

__all__ = [
    "SETTLED",
    "Award",
    "AwardKind",
    "AwardLetter",
    "AwardShare",
    "Disclosure",
    "DisclosureFile",
    "Exploitation",
    "InventorShare",
    "Licence",
    "LicenceKind",
    "Matter",
    "MatterEvent",
    "MatterEventKind",
    "PayrollLine",
    "Secrecy",
    "SecurityReview",
    "ShareChange",
    "ShareChangePart",
    "TradeSecret",
]
