"""How a provider is charged, and the life of a delivered bill."""

from enum import StrEnum

from incubator.core.states import StateMachine


class ChargedBy(StrEnum):
    """Whether the ledger follows our own meter or the provider's bills; never both."""

    METER = "meter"
    BILL = "bill"


class BillState(StrEnum):
    """Where a delivery stands."""

    RECEIVED = "received"
    HELD = "held"
    RELEASED = "released"
    POSTED = "posted"
    REJECTED = "rejected"
    REFUSED = "refused"


class BillSource(StrEnum):
    """How a delivery came."""

    UPLOAD = "upload"
    FOLDER = "folder"
    BUCKET = "bucket"


class BillKind(StrEnum):
    """What its file is, by its content."""

    CSV = "csv"
    CSV_GZ = "csv_gz"
    PARQUET = "parquet"


class BillDoubt(StrEnum):
    """Why a delivery waits for a person: besides those of the engine, that a newer one was taken before it, or that it
    broke its reader time after time."""

    FAULTS = "faults"
    ROWS = "rows"
    TOTAL = "total"
    JUMP = "jump"
    DROP = "drop"
    OLDER = "older"
    BROKEN = "broken"


B = BillState
BILL = StateMachine[BillState](
    "bill_delivery",
    {
        "hold": ((B.RECEIVED, B.RELEASED), B.HELD),
        "release": ((B.HELD,), B.RELEASED),
        "reject": ((B.HELD,), B.REJECTED),
        "refuse": ((B.RECEIVED, B.RELEASED), B.REFUSED),
        "post": ((B.RECEIVED, B.RELEASED), B.POSTED),
    },
)
