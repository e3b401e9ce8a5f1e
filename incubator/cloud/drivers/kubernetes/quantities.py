"""Quantities as Kubernetes writes them: what a plan's settings come to, and what a quota has counted."""

import re
from decimal import Decimal, InvalidOperation

from incubator.cloud.drivers.base import Limits

QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z]*)")
UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def hard_limits(limits: Limits) -> dict[str, str]:
    """What a quota refuses to go beyond; pods stand for connections where a plan does not say."""
    asked = {
        "requests.storage": f"{limits.disk_mb}M", "pods": _times(limits, "pods") or str(limits.connections),
        "limits.cpu": _times(limits, "cpu"), "limits.memory": _times(limits, "memory"),
    }  # fmt: skip
    return {name: value for name, value in asked.items() if value}


def _times(limits: Limits, name: str) -> str:
    """A setting of one, for as many as were ordered; as it is where it cannot be read."""
    one = limits.settings.get(name, "")
    found = QUANTITY.fullmatch(one) if limits.quantity > 1 else None
    return f"{Decimal(found[1]) * limits.quantity:f}{found[2]}" if found else one


def number(quantity: str) -> int:
    """A quantity as a whole number, rounded down; 0 for what cannot be read."""
    unit = next((unit for unit in UNITS if quantity.endswith(unit)), "")
    try:
        return int(Decimal(quantity.removesuffix(unit)) * UNITS.get(unit, 1))
    except InvalidOperation:
        return 0
