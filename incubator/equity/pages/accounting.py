"""What the pages of the accounts show: each grant's fair value and its expense by period."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from incubator.core import clock
from incubator.equity import queries
from incubator.equity.engines import expense
from incubator.equity.services import accounting
from incubator.people.models import Person
from incubator.web import sheets

YEARS = 5
"""Years shown beside each other: two before this one, and two after."""


def periods_asked(by: str, year: int | None) -> list[tuple[dt.date, dt.date]]:
    """The five years around today, or the months of a year."""
    today = clock.today()
    if by == "month":
        first = dt.date(year if year and 1900 <= year <= 2999 else today.year, 1, 1)
        return expense.months(first, first.replace(month=12))
    return expense.years(today.replace(year=today.year - 2, day=1), today.replace(year=today.year + 2, day=1))


def expense_page(reader: Person, by: str, year: int | None) -> dict[str, Any]:
    """Every grant with its value and expense, and the sums by currency."""
    periods = periods_asked(by, year)
    rows = accounting.costs(queries.grants_to_cost(reader), periods)
    return {"rows": rows, "periods": periods, "by": "month" if by == "month" else "year",
            "year": periods[0][0].year, "totals": _totals(rows, len(periods))}  # fmt: skip


def _totals(rows: Sequence[accounting.Cost], count: int) -> dict[str, list[int]]:
    totals: dict[str, list[int]] = {}
    for row in rows:
        sums = totals.setdefault(row.grant.currency, [0] * count)
        for n, minor in enumerate(row.minor or ()):
            sums[n] += minor
    return totals


COLUMNS = (
    sheets.Column("number", _l("Equity grant")),
    sheets.Column("currency", _l("Currency")),
    sheets.Column("first", _l("From"), sheets.DAY),
    sheets.Column("last", _l("To"), sheets.DAY),
    sheets.Column("minor", _l("Expense"), sheets.MONEY),
)


def export_rows(page: dict[str, Any]) -> list[dict[str, Any]]:
    """One line a grant and period, without names: what the accounts book."""
    from incubator.core.money import Money

    return [
        {"number": row.grant.number, "currency": row.grant.currency, "first": first, "last": last,
         "minor": Money(row.grant.currency, minor)}
        for row in page["rows"] if row.minor is not None
        for (first, last), minor in zip(page["periods"], row.minor, strict=True)
    ]  # fmt: skip


def cost_by_year(reader: Person) -> list[tuple[int, str, int]]:
    """Year, currency and expense of all grants in a reader's scope: what the board sees."""
    periods = periods_asked("year", None)
    totals = _totals(accounting.costs(queries.grants_to_cost_of_board(reader), periods), len(periods))
    return [
        (first.year, currency, sums[n]) for currency, sums in totals.items() for n, (first, _) in enumerate(periods)
    ]
