"""Providers and offers, orders and sandboxes, operations at providers, and what is metered."""

from incubator.cloud.models.catalogue import Offer, Plan, Provider
from incubator.cloud.models.metering import Finding, Meter, MeterReading, SpendAlert
from incubator.cloud.models.operations import Operation, OperationStep
from incubator.cloud.models.sandboxes import Lease, Sandbox, SandboxSecret

__all__ = [
    "Finding",
    "Lease",
    "Meter",
    "MeterReading",
    "Offer",
    "Operation",
    "OperationStep",
    "Plan",
    "Provider",
    "Sandbox",
    "SandboxSecret",
    "SpendAlert",
]
