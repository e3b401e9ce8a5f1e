"""Providers and offers, orders and sandboxes, operations at providers, and what is metered."""

from incubator.cloud.models.catalogue import Offer, Plan, Provider
from incubator.cloud.models.lifecycle import LeaseNotice, SandboxExport, SandboxMember
from incubator.cloud.models.manual import ManualAccount, ManualTask
from incubator.cloud.models.metering import Finding, Meter, MeterReading, SpendAlert
from incubator.cloud.models.operations import Operation, OperationStep
from incubator.cloud.models.sandboxes import Lease, Sandbox, SandboxSecret

__all__ = [
    "Finding",
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
    "Provider",
    "Sandbox",
    "SandboxExport",
    "SandboxMember",
    "SandboxSecret",
    "SpendAlert",
]
