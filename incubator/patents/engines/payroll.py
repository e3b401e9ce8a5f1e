"""The payroll file: UTF-8 with a byte order mark, RFC 4180, the same lines giving the same bytes."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from decimal import Decimal

BOM = "\ufeff"
LEADING = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins like this is a formula to a spreadsheet; an apostrophe before it makes it text."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file; amount in minor units of the currency; reverses: the line it undoes, or ''."""

    line: str
    period: str
    hr_number: str
    name: str
    award: str
    patent: str
    amount: int
    currency: str
    in_wages_total: bool
    reverses: str = ""


def payroll_file(lines: Iterable[Line], digits: Mapping[str, int]) -> bytes:
    """The file's bytes. Its head and its words are the same in every language.

    digits: the decimals of each currency.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([field.name for field in fields(Line)])
    for line in lines:
        writer.writerow([_cell(value, digits[line.currency]) for value in astuple(line)])
    return (BOM + text.getvalue()).encode()


def _cell(value: object, digits: int) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{Decimal(value).scaleb(-digits)}"
    return defused(str(value))


def defused(text: str) -> str:
    """The text as a spreadsheet will show it, never run it."""
    return f"'{text}" if text.startswith(LEADING) else text
