"""What an office asks for, from its list of fees as a rule, with the reduction that holds.

Amounts are minor units; a reduction is in basis points and rounds half up to the minor unit, as the office's lists do.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee after its reduction, and what the list says."""

    amount: int
    full: int
    currency: str


def fee(
    table: Mapping[str, Any], *, kind: str, year: int | None = None, about: str = "", reduction_bp: int = 0
) -> Fee | None:
    """The fee for a kind of patent and a year, or for what it is about; None where the list has none."""
    full = _listed(table, kind, year or 0, about)
    return None if full is None else Fee(reduced(full, reduction_bp), full, str(table["currency"]))


def reduced(full: int, reduction_bp: int) -> int:
    """The amount that is left of a fee."""
    return (full * (10_000 - reduction_bp) + 5_000) // 10_000


def is_reduced(table: Mapping[str, Any], *, granted_on: dt.date | None, due_on: dt.date) -> bool:
    """Whether a fee of a day is still reduced: so many years from the year of the grant, and before it."""
    return granted_on is None or due_on.year < granted_on.year + int(table["annual_fee_years"])


def _listed(table: Mapping[str, Any], kind: str, year: int, about: str) -> int | None:
    if "about" in table:
        found = table["about"].get(about)
        return None if found is None else int(found)
    for first, last, amount in table.get("years", {}).get(kind, ()):
        if first <= year <= last:
            return int(amount)
    return None
