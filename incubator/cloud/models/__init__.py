"""Providers and offers, orders and sandboxes, operations at providers, and what is metered."""

from incubator.cloud.models.bills import (
    BillCharge,
    BillChargeDay,
    BillDay,
    BillDelivery,
    BillEstimate,
    BillOwner,
    BillPeriod,
)
from incubator.cloud.models.catalogue import Offer, Plan, Provider
from incubator.cloud.models.credits import (
    CreditAlert,
    CreditFinding,
    CreditFreeze,
    CreditMonth,
    CreditProof,
    CreditReturn,
    FxExchange,
    FxRate,
)
from incubator.cloud.models.lifecycle import LeaseNotice, SandboxExport, SandboxMember
from incubator.cloud.models.manual import ManualAccount, ManualTask
from incubator.cloud.models.market import CloudWish, ExitTest, PlanPrice, Policy, ProviderScore
from incubator.cloud.models.metering import Finding, Meter, MeterReading, SpendAlert
from incubator.cloud.models.operations import Operation, OperationStep
from incubator.cloud.models.pool import PooledAccount
from incubator.cloud.models.sandboxes import Lease, Sandbox, SandboxSecret

__all__ = [
    "BillCharge",
    "BillChargeDay",
    "BillDay",
    "BillDelivery",
    "BillEstimate",
    "BillOwner",
    "BillPeriod",
    "CloudWish",
    "CreditAlert",
    "CreditFinding",
    "CreditFreeze",
    "CreditMonth",
    "CreditProof",
    "CreditReturn",
    "ExitTest",
    "Finding",
    "FxExchange",
    "FxRate",
    "Lease",
    "LeaseNotice",
    "ManualAccount",
    "ManualTask",
    "Meter",
    "MeterReading",
    "Offer",
    "Operation",
    "OperationStep",
    "Plan",
    "PlanPrice",
    "Policy",
    "PooledAccount",
    "Provider",
    "ProviderScore",
    "Sandbox",
    "SandboxExport",
    "SandboxMember",
    "SandboxSecret",
    "SpendAlert",
]
