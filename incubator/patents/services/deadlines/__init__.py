"""Deadlines: computed anew, reminded of, answered, dropped by two persons."""

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
from incubator.patents.services.deadlines.recomputing import ranges, recompute_range, recompute_stale
from incubator.patents.services.deadlines.reminding import remind

__all__ = [
    "acknowledge",
    "apply",
    "complete",
    "discard",
    "drop",
    "in_bulk",
    "propose_drop",
    "ranges",
    "recompute_range",
    "recompute_stale",
    "refuse_drop",
    "remind",
    "reopen",
]
