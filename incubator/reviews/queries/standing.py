"""A theme of a round as a reader may know of it: what is hidden, when it last changed, and its figures."""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    all_,
    and_,
    bindparam,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from incubator.core.db import db
from incubator.core.sent import rows_of
from incubator.people.models import Person
from incubator.people.reader import for_reader
from incubator.reviews.engines.deciding import Order, Rule
from incubator.reviews.models import ReviewSummary, Round
from incubator.reviews.queries.derived import clear_of
from incubator.reviews.queries.reviews import Rows
from incubator.web.language import kept

ROUND, THEME = bindparam("round_id", type_=BigInteger), bindparam("theme_id", type_=BigInteger)
HIDDEN = bindparam("hidden", type_=ARRAY(BigInteger))


@dataclass(frozen=True)
class Figures:
    """A theme as the reader sees it: how many proposals, and where its money ends.

    line: (total, id) of the last row that reaches the minimum and that the budget covers from the top, None when there
    is none; committed: what the rows above the line ask. Both are None where the rule does not go by the total. clear:
    rows whose whole interval lies above the line; close: whose interval holds it. lows and highs: how many rows have
    each bound (hundredths).
    """

    count: int
    missing: int
    funded: int
    committed: int | None
    line: tuple[int, int] | None
    clear: int
    close: int
    lows: dict[int, int]
    highs: dict[int, int]


@dataclass(frozen=True)
class Standing:
    """What a page of a theme's ranking is made from: its place and whom it is for (values), and when it last changed.

    hidden: the proposals the reader is in conflict with; stamp: grows with every change of a row.
    """

    round_id: int
    theme_id: int
    hidden: tuple[int, ...]
    stamp: tuple[int, int]

    @classmethod
    def of(cls, round_: Round, theme: Any, size: int, changes: Any, hidden: list[int] | None) -> "Standing":
        """From standing_columns."""
        return cls(round_.id, theme.id, tuple(sorted(hidden or ())), (size, int(changes)))

    @property
    def values(self) -> dict[str, Any]:
        """What every statement here is given."""
        return {"round_id": self.round_id, "theme_id": self.theme_id, "hidden": list(self.hidden)}


def standing_of(round_: Round, person: Person, theme: Any) -> Standing:
    (row,) = rows_of(_standing(person), {"round_id": round_.id, "theme_id": theme.id})
    return Standing.of(round_, theme, row.size, row.changes, row.hidden)


@for_reader
def _standing(person: Person) -> Rows:
    return select(*standing_columns(person, THEME))


def standing_columns(person: Person, theme_id: Any) -> list[Any]:
    """How many rows (size) a theme of the round has, the sum of their versions (changes), and which of them something
    keeps the reader from (hidden: ids of proposals, or null)."""
    one, other = aliased(ReviewSummary), aliased(ReviewSummary)
    stamp = (
        select(func.count().label("size"), func.coalesce(func.sum(one.version), 0).label("changes"))
        .where(one.round_id == ROUND, one.theme_id == theme_id)
        .subquery()
    )
    ids = select(func.array_agg(other.proposal_id)).where(
        other.round_id == ROUND, other.theme_id == theme_id, ~clear_of(other.proposal_id, person)
    )
    return [stamp.c.size, stamp.c.changes, ids.scalar_subquery().label("hidden")]


def of_theme() -> ColumnElement[bool]:
    return and_(
        ReviewSummary.round_id == ROUND, ReviewSummary.theme_id == THEME, ReviewSummary.proposal_id != all_(HIDDEN)
    )


def figures_of(round_: Round, theme: Any, standing: Standing) -> Figures:
    """The theme's figures, kept until a row, the budget or what the reader may know of changes."""
    key = ("figures", standing, theme.budget, round_.rule_version_id)
    return cast(Figures, kept(key, _computed, Rule.from_data(round_.rule.data), theme.budget, standing))


def _computed(rule: Rule, budget: int, standing: Standing) -> Figures:
    """The figures in one row, however many proposals there are."""
    by_total = rule.order is Order.TOTAL
    counts = ReviewSummary.sealed >= max(rule.quorum, 1)
    fits = and_(counts, ReviewSummary.total_hundredths >= (rule.minimum or 0))
    takes = case((~counts, 0), (fits, ReviewSummary.asked), else_=budget + 1)
    order = (ReviewSummary.total_hundredths.desc(), ReviewSummary.id.desc())
    running = func.sum(takes).over(order_by=order)
    rows = (
        select(
            ReviewSummary.id, ReviewSummary.total_hundredths.label("total"), ReviewSummary.low_hundredths.label("low"),
            ReviewSummary.high_hundredths.label("high"), ReviewSummary.asked,
            (ReviewSummary.sealed < ReviewSummary.assigned).label("lacks"),
            (and_(fits, running <= budget) if by_total else literal(False)).label("above"),
        )
        .where(of_theme())
        .cte("rows")
    )  # fmt: skip
    line = func.min(rows.c.total).filter(rows.c.above)
    total = select(
        func.count(rows.c.id), func.count(rows.c.id).filter(rows.c.lacks), func.count(rows.c.id).filter(rows.c.above),
        func.coalesce(func.sum(rows.c.asked).filter(rows.c.above), 0), line,
        func.min(rows.c.id).filter(and_(rows.c.above, rows.c.total == select(line).scalar_subquery())),
        _histogram(rows, rows.c.low), _histogram(rows, rows.c.high),
    )  # fmt: skip
    count, missing, funded, committed, line_total, line_id, lows, highs = db.session.execute(
        total, standing.values
    ).one()
    bounds = {int(k): v for k, v in (lows or {}).items()}, {int(k): v for k, v in (highs or {}).items()}
    clear = sum(n for low, n in bounds[0].items() if funded and low > line_total)
    close = _crossing(bounds, line_total) if funded else 0
    return Figures(
        count, missing, funded, int(committed) if by_total else None,
        (line_total, line_id) if funded else None, clear, close, *bounds,
    )  # fmt: skip


def _histogram(rows: Any, column: Any) -> Any:
    """How many rows have each value, as one JSON object."""
    groups = (
        select(column.label("value"), func.count().label("n")).select_from(rows).where(column.is_not(None))
        .group_by(column).subquery()
    )  # fmt: skip
    return select(func.jsonb_object_agg(groups.c.value, groups.c.n)).scalar_subquery()


def _crossing(bounds: tuple[dict[int, int], dict[int, int]], line: int) -> int:
    """How many intervals hold the line: those that begin at or below it but for those that end below it."""
    begun = sum(n for low, n in bounds[0].items() if low <= line)
    return begun - sum(n for high, n in bounds[1].items() if high < line)
