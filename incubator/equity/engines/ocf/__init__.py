"""The Open Cap Format 1.2.0: its schemas, our objects as its own, and its objects as ours.

Objects are plain JSON values, checked by the format's own schemas; the package pyocf is not used: it would be a
second description of the same objects beside the schemas, does not check what it writes (a quantity of 1e5 leaves it
as "1E+5", which the format forbids), and needs setuptools at run time.
"""

from incubator.equity.engines.ocf.families import Came, Security
from incubator.equity.engines.ocf.files import OcfFileError, pack, unpack
from incubator.equity.engines.ocf.objects import (
    Book,
    Holder,
    Left,
    Listed,
    Moved,
    Plan,
    Promise,
    StockClass,
    objects_of,
)
from incubator.equity.engines.ocf.reading import Known, Reading, canonical, fresh_moves, plan_classes, read
from incubator.equity.engines.ocf.terms import terms_of
from incubator.equity.engines.ocf.validation import errors_of
from incubator.equity.engines.ocf.values import money, number, units_of

__all__ = [
    "Book", "Came", "Holder", "Known", "Left", "Listed", "Moved", "OcfFileError", "Plan", "Promise", "Reading",
    "Security", "StockClass", "canonical", "errors_of", "fresh_moves", "money", "number", "objects_of", "pack",
    "plan_classes", "read", "terms_of", "units_of", "unpack",
]  # fmt: skip
