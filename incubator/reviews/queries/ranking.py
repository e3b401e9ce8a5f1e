"""The ranking of a round: stored summaries, never computed from reviews here.

Within a theme the highest total comes first; equal totals share a place. Proposals the reader is in conflict with are
nowhere: not in a row, a place, a count or above the funding line.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from incubator.calls.models import CallTheme, Criterion, Theme
from incubator.core.db import db
from incubator.core.sent import rows_of
from incubator.people.models import Company, Person
from incubator.people.reader import for_reader
from incubator.proposals.models import Proposal
from incubator.reviews.engines.ranges import is_split
from incubator.reviews.models import Decision, ImportedResult, RankingFigure, ReviewSummary, Round
from incubator.reviews.queries.reviews import Rows
from incubator.reviews.queries.reviews import has_page as may_open
from incubator.reviews.queries.standing import ROUND, Figures, Standing, of_theme, standing_of
from incubator.reviews.queries.standing import figures_of as theme_figures
from incubator.reviews.states import DecisionState

SIZE = 50
KEY = (ReviewSummary.total_hundredths, ReviewSummary.id)
NOTHING = -1
"""What sorts for a figure that is not there: below every one that is."""
RUN = bindparam("run_id", type_=BigInteger)
CRITERION = "criterion:"
BEST_FIRST = "-total"
FILTERS = ("close", "split", "missing")
"""What a ranking can be narrowed to: too close to call, reviewers split, a review missing."""


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


class Entry(NamedTuple):
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
class Ranking:
    """One page of a theme's ranking."""

    entries: list[Entry]
    figures: Figures
    has_newer: bool
    has_older: bool
    sorting: Sorting


def themes_of(round_: Round) -> list[Any]:
    """The round's themes with their budgets; on every row the rubric's scale (low, high) and criteria (key, name)."""
    values = {"rubric_version_id": round_.rubric_version_id, "call_id": round_.call_id}
    return list(rows_of(themes_in_columns(), values))


@cache
def themes_in_columns() -> Rows:
    pair = func.jsonb_build_object("key", Criterion.key, "name", Criterion.name)
    scale = (
        select(
            func.min(Criterion.low).label("low"),
            func.max(Criterion.high).label("high"),
            func.jsonb_agg(aggregate_order_by(pair, Criterion.position)).label("criteria"),
        )
        .where(Criterion.rubric_version_id == bindparam("rubric_version_id", type_=BigInteger))
        .subquery()
    )
    return (
        select(Theme.id, Theme.public_id, Theme.name, CallTheme.budget, CallTheme.currency, scale)
        .join(CallTheme, CallTheme.theme_id == Theme.id)
        .join(scale, true())
        .where(CallTheme.call_id == bindparam("call_id", type_=BigInteger))
        .order_by(Theme.id)
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
    run_id: int | None = None,
    only: str | None = None,
    standing: Standing | None = None,
) -> Ranking:
    """A page of a theme's ranking (a row of themes_of), with the figures of a ranking run; one query, one more past
    the first page of the ranking, one more when something has changed since the figures were last computed, and one
    more where the theme's standing is not given.

    only: a key of FILTERS; the rows left keep the places they have among all.
    """
    sorting = Sorting.of(sort, theme)
    wanted = (only, 100 * (theme.high - theme.low)) if only in FILTERS else None
    standing = standing or standing_of(round_, person, theme)
    place = {"of": before or after, "run_id": run_id}
    side = "before" if before else "after" if after else None
    rows = _rows(person, sorting, side, None if everything else size + 1, wanted)
    found = list(rows_of(rows, standing.values | place))
    shown = found if everything else found[:size]
    more = len(found) > len(shown)
    has_newer, has_older = (more, True) if before else (after is not None, more)
    shown = shown[::-1] if before else shown
    figures = theme_figures(round_, theme, standing)
    counts_up = sorting.is_ranking and wanted is None
    is_first = not shown or not (before or after) or not counts_up
    first = (1, 1) if is_first else _start_of(standing, shown[0])
    places = _places(shown, first) if counts_up else [(r.position, r.place) for r in shown]
    scale = None if everything else Scale(theme.low, theme.high)
    entries = _entries(shown, places, figures, scale) if scale else _placed(shown, places)
    return Ranking(entries, figures, has_newer, has_older, sorting)


# ---- The rows. Statements are built once: the columns of a ranking do not depend on who reads it.


@for_reader
def _rows(
    person: Person, sorting: Sorting, side: str | None, most: int | None, wanted: tuple[str | None, int] | None = None
) -> Rows:
    """The rows of a page; side: 'after' or 'before' the proposal with public id `of`; most: how many, None for all of
    them, without what only a drawn row shows. It stands in the statement itself: the plan for fifty rows is another."""
    key, back = sorting.key(ReviewSummary), side == "before"
    rows = _joined(everything=most is None and wanted is None)
    if not sorting.is_ranking or wanted:
        rows = _with_places(rows)
    if wanted:
        rows = rows.where(_is_wanted(*wanted))
    if side:
        here, there = tuple_(*key), _key_of(sorting)
        rows = rows.where(here < there if sorting.falls is not back else here > there)
    falls = sorting.falls is not back
    ordered = rows.order_by(*((one.desc() if falls else one.asc()) for one in key))
    if most is None:
        return ordered.add_columns(may_open(ReviewSummary.proposal_id, ReviewSummary, person).label("has_page"))
    page = (
        ordered.add_columns(key[0].label("key"), ReviewSummary.proposal_id).limit(literal_column(str(most))).subquery()
    )
    order = ((one.desc() if falls else one.asc()) for one in (page.c.key, page.c.id))
    return select(page, may_open(page.c.proposal_id, page, person).label("has_page")).order_by(*order)


def _joined(*, everything: bool) -> Rows:
    rows = select(*_columns(everything)).where(of_theme())
    rows = rows.join(Proposal, Proposal.id == ReviewSummary.proposal_id)
    if everything:
        return rows
    return (
        rows.join(Company, Company.id == Proposal.company_id)
        .outerjoin(Decision, and_(Decision.proposal_id == Proposal.id, Decision.state != DecisionState.SUPERSEDED))
        .outerjoin(ImportedResult, ImportedResult.proposal_id == Proposal.id)
        .outerjoin(RankingFigure, and_(RankingFigure.run_id == RUN, RankingFigure.proposal_id == Proposal.id))
    )


def _is_wanted(only: str | None, scale: int) -> ColumnElement[bool]:
    """The condition of a filter; scale: the rubric's, in hundredths (see engines.ranges.is_split)."""
    if only == "close":
        return RankingFigure.position == "close"
    if only == "missing":
        return ReviewSummary.sealed < ReviewSummary.assigned
    lowest, highest = (ReviewSummary.ticks[at].as_integer() for at in (0, -1))
    split: ColumnElement[bool] = 5 * (highest - lowest) > 2 * scale
    return split


def _columns(everything: bool) -> list[Any]:
    common = [
        ReviewSummary.id, ReviewSummary.total_hundredths.label("total"),
        ReviewSummary.low_hundredths.label("low"), ReviewSummary.high_hundredths.label("high"),
        ReviewSummary.spread_hundredths.label("spread"), ReviewSummary.sealed, ReviewSummary.assigned,
        ReviewSummary.asked, Proposal.public_id, Proposal.number, Proposal.title, Proposal.lang, Proposal.currency,
    ]  # fmt: skip
    drawn = [
        ReviewSummary.ticks, ReviewSummary.means, Company.name.label("company"), Decision.outcome, Decision.override,
        ImportedResult.put_to_vote, RankingFigure.shown, RankingFigure.low.label("run_low"),
        RankingFigure.high.label("run_high"), RankingFigure.outer, RankingFigure.funded,
        RankingFigure.position.label("against"),
    ]  # fmt: skip
    return common if everything else common + drawn


def _with_places(rows: Rows) -> Rows:
    """The rows with where each stands by its total: position (each its own) and place (equal totals share one)."""
    best = KEY[0].desc()
    ranks = (
        select(
            ReviewSummary.id, func.row_number().over(order_by=(best, KEY[1].desc())).label("position"),
            func.rank().over(order_by=best).label("place"),
        )
        .where(of_theme())
        .subquery()
    )  # fmt: skip
    return rows.add_columns(ranks.c.position, ranks.c.place).join(ranks, ranks.c.id == ReviewSummary.id)


def _key_of(sorting: Sorting) -> Any:
    """The place in the order of the proposal with the public id `of`."""
    other = aliased(ReviewSummary)
    value, key = sorting.key(other)
    found = (
        select(value.label("value"), key)
        .join(Proposal, Proposal.id == other.proposal_id)
        .where(Proposal.public_id == bindparam("of", type_=String), other.round_id == ROUND)
        .subquery()
    )
    return tuple_(*(select(column).scalar_subquery() for column in found.c))


def _start_of(standing: Standing, row: Any) -> tuple[int, int]:
    """Position and place of a row: 1 + how many stand before it, and 1 + how many have a higher total."""
    higher = KEY[0] > row.total
    before = or_(higher, and_(KEY[0] == row.total, KEY[1] > row.id))
    rows = select(
        1 + func.count(ReviewSummary.id).filter(before), 1 + func.count(ReviewSummary.id).filter(higher)
    ).where(of_theme(), KEY[0] >= row.total)
    position, place = db.session.execute(rows, standing.values).one()
    return position, place


def _places(found: Sequence[Any], first: tuple[int, int]) -> list[tuple[int, int]]:
    """Position and place of rows that stand in the ranking's own order, the first row's being known."""
    places = [first]
    for before, row in pairwise(found):
        position = places[-1][0] + 1
        places.append((position, places[-1][1] if before.total == row.total else position))
    return places[: len(found)]


def _entries(
    found: Sequence[Any],
    places: Sequence[tuple[int, int]],
    figures: Figures,
    scale: Scale,
) -> list[Entry]:
    above, upto = _cumulated(figures)
    entries: list[Entry] = []
    for row, (position, place) in zip(found, places, strict=True):
        best = worst = position
        if row.low is not None:
            best, worst = 1 + above(row.high), figures.count - upto(row.low)
        split = is_split(row.ticks, 100 * scale.low, 100 * scale.high)
        entries.append(Entry(row, place, position > place, min(best, place), max(worst, position), split))
    return entries


def _placed(found: Sequence[Any], places: Sequence[tuple[int, int]]) -> list[Entry]:
    """Rows of which nothing is drawn: their places, and no more."""
    return [Entry(row, at, up > at, at, up, False) for row, (up, at) in zip(found, places, strict=True)]


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
