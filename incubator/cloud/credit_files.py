"""What of the credits leaves as a file, and how."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from incubator.core import clock
from incubator.web import sheets
from incubator.web.sheets import MONEY, Column

BURN_DOWN = [
    Column("on", _l("Day"), sheets.DAY),
    Column("granted", _l("Granted in all"), MONEY),
    Column("today", _l("Spent on the day"), MONEY),
    Column("spent", _l("Spent in all"), MONEY),
    Column("left", _l("Left"), MONEY),
]
POOLS = [
    Column("company", _l("Company")),
    Column("theme", _l("Theme")),
    Column("year", _l("Year")),
    Column("currency", _l("Currency")),
    Column("funded", _l("Funded"), MONEY),
    Column("granted", _l("Granted"), MONEY),
    Column("back", _l("Given back"), MONEY),
    Column("left", _l("Left"), MONEY),
]
POOL = [
    Column("number", _l("Number")),
    Column("name", _l("Venture")),
    Column("granted", _l("Granted"), MONEY),
    Column("back", _l("Given back"), MONEY),
    Column("held", _l("Set aside"), MONEY),
    Column("spent", _l("Spent"), MONEY),
    Column("left", _l("Left"), MONEY),
]
MONTH = [
    Column("kind", _l("Account")),
    Column("currency", _l("Currency")),
    Column("opening", _l("Opening balance"), MONEY),
    Column("inflow", _l("Came in"), MONEY),
    Column("outflow", _l("Went out"), MONEY),
    Column("closing", _l("Closing balance"), MONEY),
]
BILL_DAYS = [
    Column("on", _l("Day"), sheets.DAY),
    Column("sandbox", _l("Sandbox")),
    Column("account", _l("Account on the bill")),
    Column("billing_account", _l("Billing account")),
    Column("currency", _l("Currency")),
    Column("amount", _l("Difference"), MONEY),
    Column("booked_on", _l("Booked for"), sheets.DAY),
]
RATES = [
    Column("currency", _l("Currency")),
    Column("on_day", _l("Day"), sheets.DAY),
    Column("rate", _l("Yuan for one")),
    Column("source", _l("Source")),
]


def as_file(
    kind: str, title: str, columns: Sequence[Column], rows: Iterable[Any], currency: str = "CNY"
) -> ResponseReturnValue:
    """The rows as CSV or XLSX; amounts in a currency."""
    named = [replace(column, currency=currency) if column.kind is MONEY else column for column in columns]
    name = f"{title} {clock.today().isoformat()}.{kind}"
    if kind == "csv":
        return sheets.download(sheets.csv(named, rows), name)
    if kind == "xlsx":
        return sheets.download(sheets.xlsx(title, named, rows), name)
    return abort(404)
