"""A column of a table that leaves the product, and what a cell of each kind becomes."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import to_user_timezone

from incubator.core.money import MINOR_DIGITS, Money


class Kind(StrEnum):
    """What stands in a column."""

    TEXT = "text"
    INT = "int"
    MONEY = "money"
    PERCENT = "percent"
    DAY = "day"
    MOMENT = "moment"


TEXT, INT, MONEY, PERCENT, DAY, MOMENT = Kind
FORMATS = {INT: "#,##0", PERCENT: "0.00%", DAY: "yyyy-mm-dd", MOMENT: "yyyy-mm-dd hh:mm"}
LARGEST_EXACT = 10**15
"""From here on a spreadsheet's numbers lose digits: written as text."""
LONGEST = 32_767
"""Characters that a cell of a spreadsheet holds."""
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What neither XML nor a spreadsheet can hold."""


@dataclass(frozen=True)
class Column:
    """key: of the row's mapping or attribute; label: a (lazy) text; kind: what the values are.

    TEXT str (anything else by str) · INT int · MONEY Money, or minor units of `currency` · PERCENT basis points ·
    DAY date · MOMENT aware datetime, shown in the reader's zone. None is an empty cell everywhere. Where rows differ
    in currency, give it a TEXT column of its own: CSV holds the bare number.
    """

    key: str
    label: object
    kind: Kind = TEXT
    currency: str = "CNY"


@dataclass(frozen=True)
class Cell:
    """A value as a spreadsheet holds it, and the number format it is shown in."""

    value: str | int | Decimal | dt.date | dt.datetime | None
    format: str | None = None


def value_of(row: Any, column: Column) -> Any:
    """The row's raw value for a column. Raises KeyError or AttributeError for a key it lacks."""
    return row[column.key] if isinstance(row, Mapping) else getattr(row, column.key)


def cell(value: Any, column: Column) -> Cell:
    """The typed cell of a raw value."""
    return Cell(None) if value is None else _cells[column.kind](value, column)


def _text(value: Any, _column: Column) -> Cell:
    return Cell(NOT_TEXT.sub("", str(value))[:LONGEST])


def _money(value: Money | int, column: Column) -> Cell:
    amount = value if isinstance(value, Money) else Money(column.currency, value)
    digits = MINOR_DIGITS[amount.currency]
    pattern = f'#,##0{"." + "0" * digits if digits else ""} "{amount.currency}"'
    return _exact(amount.minor, pattern, Decimal(amount.minor).scaleb(-digits))


def _exact(digits: int, pattern: str, number: Decimal | None = None) -> Cell:
    shown = digits if number is None else number
    return Cell(shown, pattern) if abs(digits) < LARGEST_EXACT else Cell(str(shown))


def _moment(value: dt.datetime, _column: Column) -> Cell:
    return Cell(to_user_timezone(value).replace(tzinfo=None, microsecond=0), FORMATS[MOMENT])


_cells: dict[Kind, Callable[[Any, Column], Cell]] = {
    TEXT: _text,
    INT: lambda value, _column: _exact(value, FORMATS[INT]),
    MONEY: _money,
    PERCENT: lambda value, _column: Cell(Decimal(value).scaleb(-4), FORMATS[PERCENT]),
    DAY: lambda value, _column: Cell(value, FORMATS[DAY]),
    MOMENT: _moment,
}
