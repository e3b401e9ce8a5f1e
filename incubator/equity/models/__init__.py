"""Issuers, classes of securities, plans, grants, their transactions and what vests when: one file a noun.

Units are integers in the smallest unit of their class (10**decimals of them make one); prices are minor units of a
currency for one whole unit.
"""

from incubator.equity.models.accounting import GrantValue, ValueSource
from incubator.equity.models.appraisals import Appraisal, AppraisalMethod
from incubator.equity.models.capital import (
    CapitalEntry,
    CapitalMonth,
    CapitalPosition,
    CapitalTotal,
    EquityHolder,
    EquityHolding,
    HolderKind,
)
from incubator.equity.models.exchange import OcfImport, OcfObject
from incubator.equity.models.grants import EquityGrant, VestingLine
from incubator.equity.models.growth import GrowthHappening, GrowthPart, GrowthSettlement, PartState
from incubator.equity.models.imported import SecurityVesting, StockPlan
from incubator.equity.models.issuers import Issuer, IssuerKind, SecurityClass, Size
from incubator.equity.models.letters import EquityLetter
from incubator.equity.models.payroll import LineState, PayBatch, PayLine
from incubator.equity.models.plans import EquityPlan, OnCancellation, PlanKind
from incubator.equity.models.steps import EquityStep, StepKind
from incubator.equity.models.transactions import EquitySecurity, EquityTransaction, Instrument, Movement
from incubator.equity.models.transfers import EquityTransfer, TransferAnswer

__all__ = [
    "Appraisal",
    "AppraisalMethod",
    "CapitalEntry",
    "CapitalMonth",
    "CapitalPosition",
    "CapitalTotal",
    "EquityGrant",
    "EquityHolder",
    "EquityHolding",
    "EquityLetter",
    "EquityPlan",
    "EquitySecurity",
    "EquityStep",
    "EquityTransaction",
    "EquityTransfer",
    "GrantValue",
    "GrowthHappening",
    "GrowthPart",
    "GrowthSettlement",
    "HolderKind",
    "Instrument",
    "Issuer",
    "IssuerKind",
    "LineState",
    "Movement",
    "OcfImport",
    "OcfObject",
    "OnCancellation",
    "PartState",
    "PayBatch",
    "PayLine",
    "PlanKind",
    "SecurityClass",
    "SecurityVesting",
    "Size",
    "StepKind",
    "StockPlan",
    "TransferAnswer",
    "ValueSource",
    "VestingLine",
]
