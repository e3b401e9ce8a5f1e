"""Deadlines: previewed, computed anew, reminded of, answered, dropped by two persons."""

from incubator.patents.services.deadlines.answering import (
    acknowledge,
    complete,
    drop,
    in_bulk,
    propose_drop,
    refuse_drop,
    reopen,
)
from incubator.patents.services.deadlines.differences import apply, discard
from incubator.patents.services.deadlines.previewing import Change, Unconfirmed, confirmed, preview, seal
from incubator.patents.services.deadlines.recomputing import plan_all, recompute_one, recompute_part, recompute_stale
from incubator.patents.services.deadlines.reminding import remind

__all__ = [
    "Change",
    "Unconfirmed",
    "acknowledge",
    "apply",
    "complete",
    "confirmed",
    "discard",
    "drop",
    "in_bulk",
    "plan_all",
    "preview",
    "propose_drop",
    "recompute_one",
    "recompute_part",
    "recompute_stale",
    "refuse_drop",
    "remind",
    "reopen",
    "seal",
]
