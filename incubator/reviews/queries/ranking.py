"""The ranking of a round: stored summaries, never computed from reviews here.

Within a theme the highest total comes first; equal totals share a place. Proposals the reader is in conflict with are
nowhere: not in a row, a place, a count or above the funding line.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from incubator.calls.models import CallTheme, Criterion, Theme
from incubator.core.db import db
from incubator.people.models import Company, Person
from incubator.proposals.models import Proposal
from incubator.reviews.engines.deciding import Order, Rule
from incubator.reviews.engines.ranges import is_split
from incubator.reviews.models import Decision, ImportedResult, ReviewSummary, Round
from incubator.reviews.queries.reviews import Rows, has_page, unconflicted
from incubator.reviews.states import DecisionState

SIZE = 50
KEY = (ReviewSummary.total_hundredths, ReviewSummary.id)
NOTHING = -1
"""What sorts for a figure that is not there: below every one that is."""
CRITERION = "criterion:"
BEST_FIRST = "-total"


@dataclass(frozen=True)
class Sorting:
    """The order of the rows: by 'total', 'spread', 'sealed', 'asked' or 'criterion:KEY', then by id."""

    name: str
    falls: bool

    @classmethod
    def of(cls, asked: str | None, theme: Any) -> "Sorting":
        """The order an address asks for ('-' first: the highest first); the ranking's own for one nobody knows."""
        known = {"total", "spread", "sealed", "asked", *(CRITERION + one["key"] for one in theme.criteria)}
        text = asked if asked is not None and asked.removeprefix("-") in known else BEST_FIRST
        return cls(text.removeprefix("-"), text.startswith("-"))

    def __str__(self) -> str:
        """As it stands in an address."""
        return f"-{self.name}" if self.falls else self.name

    @property
    def is_ranking(self) -> bool:
        """The best first, as the places go."""
        return str(self) == BEST_FIRST

    def key(self, summary: Any) -> tuple[Any, Any]:
        """What the rows of a summary (or its alias) are ordered by."""
        if self.name.startswith(CRITERION):
            mean = summary.means[self.name.removeprefix(CRITERION)].as_integer()
            return func.coalesce(mean, NOTHING), summary.id
        columns = {
            "total": summary.total_hundredths,
            "spread": func.coalesce(summary.spread_hundredths, NOTHING),
            "sealed": summary.sealed,
            "asked": summary.asked,
        }
        return columns[self.name], summary.id


@dataclass(frozen=True)
class Scale:
    """The ends of the rubric's scale, in whole points."""

    low: int
    high: int


@dataclass(frozen=True)
class Entry:
    """One proposal in the ranking; scores in hundredths, best and worst the places its interval leaves open."""

    row: Any
    place: int
    is_shared: bool
    best: int
    worst: int
    is_split: bool

    @property
    def missing(self) -> int:
        """How many assigned reviews are not sealed."""
        return max(0, int(self.row.assigned) - int(self.row.sealed))


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
class Ranking:
    """One page of a theme's ranking."""

    entries: list[Entry]
    figures: Figures
    has_newer: bool
    has_older: bool
    sorting: Sorting


def themes_of(round_: Round) -> list[Any]:
    """The round's themes with their budgets; on every row the rubric's scale (low, high) and criteria (key, name)."""
    pair = func.jsonb_build_object("key", Criterion.key, "name", Criterion.name)
    scale = (
        select(
            func.min(Criterion.low).label("low"),
            func.max(Criterion.high).label("high"),
            func.jsonb_agg(aggregate_order_by(pair, Criterion.position)).label("criteria"),
        )
        .where(Criterion.rubric_version_id == round_.rubric_version_id)
        .subquery()
    )
    return list(
        db.session.execute(
            select(Theme.id, Theme.public_id, Theme.name, CallTheme.budget, CallTheme.currency, scale)
            .join(CallTheme, CallTheme.theme_id == Theme.id)
            .join(scale, true())
            .where(CallTheme.call_id == round_.call_id)
            .order_by(Theme.id)
        )
    )


def ranking(
    round_: Round,
    person: Person,
    theme: Any,
    *,
    after: str | None = None,
    before: str | None = None,
    everything: bool = False,
    size: int = SIZE,
    sort: str | None = None,
) -> Ranking:
    """A page of a theme's ranking (a row of themes_of); two queries, three past the first page of the ranking."""
    sorting = Sorting.of(sort, theme)
    rows = _rows(round_, person, theme.id)
    if not sorting.is_ranking:
        rows = _with_places(rows, round_, person, theme.id)
    if before:
        rows = _ordered(rows.where(_beyond(round_, before, sorting, back=True)), sorting, back=True)
        found = _page(rows, everything, size)
        has_older, has_newer, found = True, len(found) > size, found[:size][::-1]
    else:
        rows = rows.where(_beyond(round_, after, sorting)) if after else rows
        found = _page(_ordered(rows, sorting), everything, size)
        has_newer, has_older = after is not None, not everything and len(found) > size
        found = found if everything else found[:size]
    figures = _figures(round_, person, theme)
    is_first = not found or not (before or after) or not sorting.is_ranking
    first = (1, 1) if is_first else _start_of(round_, person, theme.id, found[0])
    places = _places(found, first) if sorting.is_ranking else [(r.position, r.place) for r in found]
    scale = Scale(theme.low, theme.high)
    return Ranking(_entries(found, places, figures, scale), figures, has_newer, has_older, sorting)


def _ordered(rows: Rows, sorting: Sorting, *, back: bool = False) -> Rows:
    """The rows in this order, or from its end."""
    key = sorting.key(ReviewSummary)
    return rows.order_by(*((one.desc() if sorting.falls is not back else one.asc()) for one in key))


def _beyond(round_: Round, public_id: str, sorting: Sorting, *, back: bool = False) -> ColumnElement[bool]:
    """A condition: the row stands after the proposal with this public id in the order, or before it."""
    key, other = tuple_(*sorting.key(ReviewSummary)), _key_of(round_, public_id, sorting)
    found: ColumnElement[bool] = key < other if sorting.falls is not back else key > other
    return found


def _with_places(rows: Rows, round_: Round, person: Person, theme_id: int) -> Rows:
    """The rows with where each stands by its total: position (each its own) and place (equal totals share one)."""
    best = KEY[0].desc()
    ranks = (
        select(
            ReviewSummary.id, func.row_number().over(order_by=(best, KEY[1].desc())).label("position"),
            func.rank().over(order_by=best).label("place"),
        )
        .where(_of_theme(round_, person, theme_id))
        .subquery()
    )  # fmt: skip
    return rows.add_columns(ranks.c.position, ranks.c.place).join(ranks, ranks.c.id == ReviewSummary.id)


def _key_of(round_: Round, public_id: str, sorting: Sorting) -> Any:
    """The place in the order of the proposal with this public id."""
    other = aliased(ReviewSummary)
    value, key = sorting.key(other)
    found = (
        select(value.label("value"), key)
        .join(Proposal, Proposal.id == other.proposal_id)
        .where(Proposal.public_id == public_id, other.round_id == round_.id)
        .subquery()
    )
    return tuple_(*(select(column).scalar_subquery() for column in found.c))


def _page(rows: Rows, everything: bool, size: int) -> list[Any]:
    return list(db.session.execute(rows if everything else rows.limit(size + 1)))


def _of_theme(round_: Round, person: Person, theme_id: int) -> ColumnElement[bool]:
    return and_(
        ReviewSummary.round_id == round_.id,
        ReviewSummary.theme_id == theme_id,
        unconflicted(ReviewSummary.proposal_id, person),
    )


def _rows(round_: Round, person: Person, theme_id: int) -> Rows:
    return (
        select(
            ReviewSummary.id, ReviewSummary.total_hundredths.label("total"),
            ReviewSummary.low_hundredths.label("low"), ReviewSummary.high_hundredths.label("high"),
            ReviewSummary.spread_hundredths.label("spread"), ReviewSummary.ticks, ReviewSummary.means,
            ReviewSummary.sealed, ReviewSummary.assigned, ReviewSummary.asked, Proposal.public_id, Proposal.number,
            Proposal.title, Proposal.lang, Proposal.currency, Company.name.label("company"), Decision.outcome,
            Decision.override, ImportedResult.put_to_vote,
            has_page(ReviewSummary.proposal_id, ReviewSummary, person).label("has_page"),
        )
        .join(Proposal, Proposal.id == ReviewSummary.proposal_id)
        .join(Company, Company.id == Proposal.company_id)
        .outerjoin(
            Decision, and_(Decision.proposal_id == Proposal.id, Decision.state != DecisionState.SUPERSEDED)
        )
        .outerjoin(ImportedResult, ImportedResult.proposal_id == Proposal.id)
        .where(_of_theme(round_, person, theme_id))
    )  # fmt: skip


def _start_of(round_: Round, person: Person, theme_id: int, row: Any) -> tuple[int, int]:
    """Position and place of a row: 1 + how many stand before it, and 1 + how many have a higher total."""
    higher = KEY[0] > row.total
    before = or_(higher, and_(KEY[0] == row.total, KEY[1] > row.id))
    position, place = db.session.execute(
        select(1 + func.count(ReviewSummary.id).filter(before), 1 + func.count(ReviewSummary.id).filter(higher)).where(
            _of_theme(round_, person, theme_id), KEY[0] >= row.total
        )
    ).one()
    return position, place


def _figures(round_: Round, person: Person, theme: Any) -> Figures:
    """The theme's figures in one row, however many proposals it has."""
    rule = Rule.from_data(round_.rule.data)
    by_total = rule.order is Order.TOTAL
    counts = ReviewSummary.sealed >= max(rule.quorum, 1)
    fits = and_(counts, ReviewSummary.total_hundredths >= (rule.minimum or 0))
    takes = case((~counts, 0), (fits, ReviewSummary.asked), else_=theme.budget + 1)
    order = (ReviewSummary.total_hundredths.desc(), ReviewSummary.id.desc())
    running = func.sum(takes).over(order_by=order)
    rows = (
        select(
            ReviewSummary.id, ReviewSummary.total_hundredths.label("total"), ReviewSummary.low_hundredths.label("low"),
            ReviewSummary.high_hundredths.label("high"), ReviewSummary.asked,
            (ReviewSummary.sealed < ReviewSummary.assigned).label("lacks"),
            (and_(fits, running <= theme.budget) if by_total else literal(False)).label("above"),
        )
        .where(_of_theme(round_, person, theme.id))
        .cte("rows")
    )  # fmt: skip
    line = func.min(rows.c.total).filter(rows.c.above)
    total = select(
        func.count(rows.c.id), func.count(rows.c.id).filter(rows.c.lacks), func.count(rows.c.id).filter(rows.c.above),
        func.coalesce(func.sum(rows.c.asked).filter(rows.c.above), 0), line,
        func.min(rows.c.id).filter(and_(rows.c.above, rows.c.total == select(line).scalar_subquery())),
        _histogram(rows, rows.c.low), _histogram(rows, rows.c.high),
    )  # fmt: skip
    count, missing, funded, committed, line_total, line_id, lows, highs = db.session.execute(total).one()
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


def _places(found: Sequence[Any], first: tuple[int, int]) -> list[tuple[int, int]]:
    """Position and place of rows that stand in the ranking's own order, the first row's being known."""
    places = [first]
    for before, row in pairwise(found):
        position = places[-1][0] + 1
        places.append((position, places[-1][1] if before.total == row.total else position))
    return places[: len(found)]


def _entries(found: Sequence[Any], places: Sequence[tuple[int, int]], figures: Figures, scale: Scale) -> list[Entry]:
    above, upto = _cumulated(figures)
    entries: list[Entry] = []
    for row, (position, place) in zip(found, places, strict=True):
        best = worst = position
        if row.low is not None:
            best, worst = 1 + above(row.high), figures.count - upto(row.low)
        split = is_split(row.ticks, 100 * scale.low, 100 * scale.high)
        entries.append(Entry(row, place, position > place, min(best, place), max(worst, position), split))
    return entries


def _cumulated(figures: Figures) -> tuple[Any, Any]:
    """Two look-ups: how many rows surely stand above a bound, and how many surely below."""
    lows, highs = sorted(figures.lows), sorted(figures.highs)
    upto_low = [0, *accumulate(figures.lows[low] for low in lows)]
    upto_high = [0, *accumulate(figures.highs[high] for high in highs)]

    def above(high: int) -> int:
        return upto_low[-1] - upto_low[bisect_right(lows, high)]

    def below(low: int) -> int:
        return upto_high[bisect_left(highs, low)]

    return above, below
