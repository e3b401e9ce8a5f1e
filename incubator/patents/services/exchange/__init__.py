"""Inventions, applications and families out of files: looked at first, then applied in one step, repeatable."""

from incubator.patents.services.exchange.applying import Item, Plan, apply, planned, receive
from incubator.patents.services.exchange.lines import DisclosureLine, MatterLine

__all__ = ["DisclosureLine", "Item", "MatterLine", "Plan", "apply", "planned", "receive"]
