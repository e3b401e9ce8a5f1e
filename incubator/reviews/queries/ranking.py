"""The ranking of a round: stored summaries, never computed from reviews here.

Within a theme the highest total comes first; equal totals share a place. Proposals the reader is in conflict with are
nowhere: not in a row, a place, a count or above the funding line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
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
from incubator.reviews.queries.reviews import Rows, unconflicted
from incubator.reviews.states import DecisionState

SIZE = 50
KEY = (ReviewSummary.total_hundredths, ReviewSummary.id)


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
) -> Ranking:
    """A page of a theme's ranking (a row of themes_of); two queries, three past the first page."""
    rows = _rows(round_, person, theme.id)
    if before:
        found = _page(rows.where(_key() > _key_of(round_, before)).order_by(KEY[0], KEY[1]), everything, size)
        has_older, has_newer, found = True, len(found) > size, found[:size][::-1]
    else:
        rows = rows.where(_key() < _key_of(round_, after)) if after else rows
        found = _page(rows.order_by(KEY[0].desc(), KEY[1].desc()), everything, size)
        has_newer, has_older = after is not None, not everything and len(found) > size
        found = found if everything else found[:size]
    figures = _figures(round_, person, theme)
    first = 1 if not found or not (before or after) else _place_of(round_, person, theme.id, found[0])
    scale = Scale(theme.low, theme.high)
    return Ranking(_entries(found, first, figures, scale), figures, has_newer, has_older)


def _key() -> Any:
    return tuple_(*KEY)


def _key_of(round_: Round, public_id: str) -> Any:
    """The place in the order of the proposal with this public id."""
    other = aliased(ReviewSummary)
    found = (
        select(other.total_hundredths, other.id)
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
        )
        .join(Proposal, Proposal.id == ReviewSummary.proposal_id)
        .join(Company, Company.id == Proposal.company_id)
        .outerjoin(
            Decision, and_(Decision.proposal_id == Proposal.id, Decision.state != DecisionState.SUPERSEDED)
        )
        .outerjoin(ImportedResult, ImportedResult.proposal_id == Proposal.id)
        .where(_of_theme(round_, person, theme_id))
    )  # fmt: skip


def _place_of(round_: Round, person: Person, theme_id: int, row: Any) -> int:
    """1 + how many stand before the row."""
    before = select(func.count(ReviewSummary.id)).where(
        _of_theme(round_, person, theme_id),
        or_(KEY[0] > row.total, and_(KEY[0] == row.total, KEY[1] > row.id)),
    )
    return 1 + (db.session.scalar(before) or 0)


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


def _entries(found: Sequence[Any], first: int, figures: Figures, scale: Scale) -> list[Entry]:
    above, upto = _cumulated(figures)
    entries: list[Entry] = []
    for place, row in enumerate(found, start=first):
        level = bool(entries) and entries[-1].row.total == row.total
        best = worst = place
        if row.low is not None:
            best, worst = 1 + above(row.high), figures.count - upto(row.low)
        split = is_split(row.ticks, 100 * scale.low, 100 * scale.high)
        shown = entries[-1].place if level else place
        entries.append(Entry(row, shown, level, min(best, shown), max(worst, place), split))
    return entries


def _cumulated(figures: Figures) -> tuple[Any, Any]:
    """Two look-ups: how many rows surely stand above a bound, and how many surely below."""
    lows, highs = sorted(figures.lows.items(), reverse=True), sorted(figures.highs.items())
    sums = list(accumulate(n for _, n in lows)), list(accumulate(n for _, n in highs))

    def above(high: int) -> int:
        return next((sums[0][i] for i in range(len(lows) - 1, -1, -1) if lows[i][0] > high), 0)

    def below(low: int) -> int:
        return next((sums[1][i] for i in range(len(highs) - 1, -1, -1) if highs[i][0] < low), 0)

    return above, below
