"""How bills read in the reader's language."""

from flask_babel import lazy_gettext as _l

from incubator.cloud.bill_states import BillDoubt, BillSource, ChargedBy

CHARGED_BY: dict[ChargedBy, object] = {
    ChargedBy.METER: _l("By meter: what we measure, at the agreed prices"),
    ChargedBy.BILL: _l("By bill: what the provider charges, as its bills say"),
}
SOURCES: dict[BillSource, object] = {
    BillSource.UPLOAD: _l("Handed in"),
    BillSource.FOLDER: _l("Folder"),
    BillSource.BUCKET: _l("Bucket"),
}
DOUBTS: dict[BillDoubt, object] = {
    BillDoubt.FAULTS: _l("Rows that cannot be read are left out"),
    BillDoubt.ROWS: _l("There are other rows than its sender says"),
    BillDoubt.TOTAL: _l("The total is another than its sender says"),
    BillDoubt.JUMP: _l("More than one and a half times what the bill before says of as many days"),
    BillDoubt.DROP: _l("Less than two thirds of what the bill before says of the same days"),
    BillDoubt.OLDER: _l("A newer bill of this period is booked already"),
    BillDoubt.BROKEN: _l("It could not be read and booked in three tries"),
}
TROUBLES: dict[str, object] = {
    "damaged": _l("The file is damaged or cut short."),
    "header": _l("The file does not have the columns of a FOCUS bill, or has one twice."),
    "empty": _l("The file has no rows."),
    "large": _l("The file is larger than a bill may be."),
}
REASONS: dict[str, object] = {
    "missing": _l("is missing"),
    "long": _l("is longer than 200 characters"),
    "sign": _l("has a sign that no text may have"),
    "sum": _l("comes to more than the books can hold"),
    "number": _l("is no number"),
    "decimals": _l("has more than eighteen decimals"),
    "time": _l("is no point of time"),
    "category": _l("is no kind of charge that FOCUS knows"),
    "class": _l("is neither empty nor Correction"),
    "currency": _l("is no currency that the books have"),
    "order": _l("is not after its beginning"),
    "outside": _l("begins after its billing period"),
    "width": _l("the row has another number of columns than the first"),
}
