"""Bills of cloud providers in the FinOps Open Cost and Usage Specification (FOCUS) 1.0 to 1.3: read, checked, settled.

Pure: rows come in as lists of texts, what is known of earlier deliveries as plain values. The specification has no key
of a row, so the unit of truth is a provider's billing account in one billing period: a delivery replaces all of it, and
what is posted is the difference to what was posted before.
"""

from incubator.cloud.engines.focus.columns import HEAD, NEEDED, SPAN, Columns, HeaderError, columns_of, version_of
from incubator.cloud.engines.focus.reading import (
    NULLS,
    ONE,
    Fault,
    Kind,
    Line,
    Reading,
    Slot,
    TooLargeError,
    Unit,
    gather,
    read,
    spans,
)
from incubator.cloud.engines.focus.settling import (
    SUSPENSE,
    DayCost,
    DayKey,
    Declared,
    Doubt,
    Posting,
    by_day,
    differences,
    doubts,
    shares,
)

__all__ = [
    "HEAD", "NEEDED", "NULLS", "ONE", "SPAN", "SUSPENSE", "Columns", "DayCost", "DayKey", "Declared", "Doubt", "Fault",
    "HeaderError", "Kind", "Line", "Posting", "Reading", "Slot", "TooLargeError", "Unit", "by_day", "columns_of",
    "differences", "doubts", "gather", "read", "shares", "spans", "version_of",
]  # fmt: skip
