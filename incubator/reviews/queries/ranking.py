"""The ranking of a round: stored summaries, never computed from reviews here.

Within a theme the highest total comes first; equal totals share a place. Proposals the reader is in conflict with are
nowhere: not in a row, a place, a count or above the funding line.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    String,
    all_,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import aliased

from incubator.calls.models import CallTheme, Criterion, Theme
from incubator.core import clock
from incubator.core.db import db
from incubator.people.models import Access, Company, Effect, Person
from incubator.people.reader import for_reader
from incubator.proposals.models import Proposal, TeamMember
from incubator.reviews.engines.deciding import Order, Rule
from incubator.reviews.engines.ranges import is_split
from incubator.reviews.models import Decision, ImportedResult, ReviewSummary, Round
from incubator.reviews.queries.reviews import Rows
from incubator.reviews.queries.reviews import has_page as may_open
from incubator.reviews.states import DecisionState
from incubator.web.language import kept

SIZE = 50
KEY = (ReviewSummary.total_hundredths, ReviewSummary.id)
NOTHING = -1
"""What sorts for a figure that is not there: below every one that is."""
ROUND, THEME = bindparam("round_id", type_=BigInteger), bindparam("theme_id", type_=BigInteger)
HIDDEN = bindparam("hidden", type_=ARRAY(BigInteger))
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
    """A page of a theme's ranking (a row of themes_of); three queries, one more past the first page of the ranking, and
    one more when something has changed since the figures were last computed."""
    sorting = Sorting.of(sort, theme)
    standing = _standing(round_, person, theme)
    place = {"of": before or after, "size": None if everything else size + 1}
    rows = _rows(person, sorting, "before" if before else "after" if after else None, everything)
    found = list(db.session.execute(rows, standing.values | place))
    shown = found if everything else found[:size]
    more = len(found) > len(shown)
    has_newer, has_older = (more, True) if before else (after is not None, more)
    shown = shown[::-1] if before else shown
    figures = _figures(round_, theme, standing)
    is_first = not shown or not (before or after) or not sorting.is_ranking
    first = (1, 1) if is_first else _start_of(standing, shown[0])
    places = _places(shown, first) if sorting.is_ranking else [(r.position, r.place) for r in shown]
    scale = None if everything else Scale(theme.low, theme.high)
    entries = _entries(shown, places, figures, scale)
    return Ranking(entries, figures, has_newer, has_older, sorting)


# ---- What the reader may know of


@dataclass(frozen=True)
class Standing:
    """What a page of a theme's ranking is made from: its place and whom it is for (values), and when it last changed.

    hidden: the proposals the reader is in conflict with; stamp: grows with every change of a row.
    """

    round_id: int
    theme_id: int
    hidden: tuple[int, ...]
    stamp: tuple[int, int]

    @property
    def values(self) -> dict[str, Any]:
        """What every statement here is given."""
        return {"round_id": self.round_id, "theme_id": self.theme_id, "hidden": list(self.hidden)}


def _standing(round_: Round, person: Person, theme: Any) -> Standing:
    values = {"round_id": round_.id, "theme_id": theme.id, "person_id": person.id, "now": clock.now()}
    count, versions, hidden = db.session.execute(_standing_rows(), values).one()
    return Standing(round_.id, theme.id, tuple(sorted(hidden or ())), (count, int(versions)))


@cache
def _standing_rows() -> Select[Any]:
    """How many rows the theme has, the sum of their versions, and which of them the reader is in conflict with."""
    reader = bindparam("person_id", type_=BigInteger)
    denied = select(Access.subject_id).where(
        Access.person_id == reader,
        Access.subject_type == Proposal.__tablename__,
        Access.effect == Effect.DENY,
        or_(Access.until_at.is_(None), Access.until_at > bindparam("now", type_=DateTime(timezone=True))),
    )
    led = select(Proposal.id).where(Proposal.lead_id == reader)
    on_team = select(TeamMember.proposal_id).where(TeamMember.person_id == reader)
    other = aliased(ReviewSummary)
    hidden = select(func.array_agg(other.proposal_id)).where(
        other.round_id == ROUND, other.theme_id == THEME, other.proposal_id.in_(union_all(denied, led, on_team))
    )
    versions = func.coalesce(func.sum(ReviewSummary.version), 0)
    return select(func.count(ReviewSummary.id), versions, hidden.scalar_subquery()).where(
        ReviewSummary.round_id == ROUND, ReviewSummary.theme_id == THEME
    )


def _of_theme() -> ColumnElement[bool]:
    return and_(
        ReviewSummary.round_id == ROUND, ReviewSummary.theme_id == THEME, ReviewSummary.proposal_id != all_(HIDDEN)
    )


# ---- The rows. Statements are built once: the columns of a ranking do not depend on who reads it.


@for_reader
def _rows(person: Person, sorting: Sorting, side: str | None, everything: bool) -> Rows:
    """The rows of a page; side: 'after' or 'before' the proposal with public id `of`; what only a drawn row shows is
    left out of everything."""
    has_page = may_open(ReviewSummary.proposal_id, ReviewSummary, person).label("has_page")
    rows = (
        select(*_columns(everything), has_page)
        .join(Proposal, Proposal.id == ReviewSummary.proposal_id)
        .where(_of_theme())
    )
    if not everything:
        rows = (
            rows.join(Company, Company.id == Proposal.company_id)
            .outerjoin(Decision, and_(Decision.proposal_id == Proposal.id, Decision.state != DecisionState.SUPERSEDED))
            .outerjoin(ImportedResult, ImportedResult.proposal_id == Proposal.id)
        )
    if not sorting.is_ranking:
        rows = _with_places(rows)
    key, back = sorting.key(ReviewSummary), side == "before"
    if side:
        here, there = tuple_(*key), _key_of(sorting)
        rows = rows.where(here < there if sorting.falls is not back else here > there)
    order = ((one.desc() if sorting.falls is not back else one.asc()) for one in key)
    return rows.order_by(*order).limit(bindparam("size", type_=Integer))


def _columns(everything: bool) -> list[Any]:
    common = [
        ReviewSummary.id, ReviewSummary.total_hundredths.label("total"),
        ReviewSummary.low_hundredths.label("low"), ReviewSummary.high_hundredths.label("high"),
        ReviewSummary.spread_hundredths.label("spread"), ReviewSummary.sealed, ReviewSummary.assigned,
        ReviewSummary.asked, Proposal.public_id, Proposal.number, Proposal.title, Proposal.lang, Proposal.currency,
    ]  # fmt: skip
    drawn = [
        ReviewSummary.ticks, ReviewSummary.means, Company.name.label("company"), Decision.outcome, Decision.override,
        ImportedResult.put_to_vote,
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
        .where(_of_theme())
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
    ).where(_of_theme(), KEY[0] >= row.total)
    position, place = db.session.execute(rows, standing.values).one()
    return position, place


# ---- The figures of the whole theme


def _figures(round_: Round, theme: Any, standing: Standing) -> Figures:
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
        .where(_of_theme())
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
    scale: Scale | None,
) -> list[Entry]:
    """scale: None where the single totals are not at hand, so that nothing is known of a split."""
    above, upto = _cumulated(figures)
    entries: list[Entry] = []
    for row, (position, place) in zip(found, places, strict=True):
        best = worst = position
        if row.low is not None:
            best, worst = 1 + above(row.high), figures.count - upto(row.low)
        split = scale is not None and is_split(row.ticks, 100 * scale.low, 100 * scale.high)
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
