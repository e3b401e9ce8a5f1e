"""What the page of a ranking is opened with, in one statement: the themes, where the chosen one stands, the runs."""

from dataclasses import dataclass
from types import SimpleNamespace as Row
from typing import Any

from sqlalchemy import BigInteger, String, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from incubator.calls.models import CallTheme, Theme
from incubator.core.sent import rows_of
from incubator.people.models import Person
from incubator.people.reader import for_reader
from incubator.reviews.models import Round
from incubator.reviews.queries.ranking import themes_in_columns
from incubator.reviews.queries.reviews import Rows
from incubator.reviews.queries.runs import Runs, newest
from incubator.reviews.queries.standing import Standing, standing_columns


@dataclass(frozen=True)
class Opened:
    """themes: all of the round, rows as of themes_of; theme: the chosen one; standing: its; runs: the reader's."""

    themes: list[Any]
    theme: Any
    standing: Standing
    runs: Runs


def opened(round_: Round, person: Person, asked: str | None) -> Opened:
    """The ranking of the theme with the public id asked for (else the first), for a reader; one query."""
    values = {"round_id": round_.id, "call_id": round_.call_id, "rubric_version_id": round_.rubric_version_id}
    found = rows_of(_opened(person), values | {"asked": asked})
    first = found[0]
    themes = [Row(**one) for one in first.themes]
    theme = next(one for one in themes if one.id == first.theme_id)
    standing = Standing.of(round_, theme, first.size, first.changes, first.hidden)
    return Opened(themes, theme, standing, Runs.of([row for row in found if row.id is not None]))


@for_reader
def _opened(person: Person) -> Rows:
    """One row a run, or one without; the themes and the standing on each."""
    themes = themes_in_columns().subquery()
    told = select(func.jsonb_agg(aggregate_order_by(func.to_jsonb(themes.table_valued()), themes.c.id)))
    chosen = (
        select(Theme.id)
        .join(CallTheme, CallTheme.theme_id == Theme.id)
        .where(CallTheme.call_id == bindparam("call_id", type_=BigInteger))
        .order_by((Theme.public_id == bindparam("asked", type_=String)).desc().nulls_last(), Theme.id)
        .limit(1)
        .scalar_subquery()
    )
    standing = select(
        told.scalar_subquery().label("themes"), chosen.label("theme_id"), *standing_columns(person, chosen)
    ).subquery()
    runs = newest(person).subquery()
    return select(standing, runs).select_from(standing).outerjoin(runs, true())
