"""Lists paged by key: Newer, Older, no page numbers, no counting."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import BigInteger, ColumnElement, DateTime, Integer, Select, String, bindparam, literal_column, tuple_

from incubator.core import clock
from incubator.core.db import derived
from incubator.core.sent import rows_of

SIZE = 50


def plainly(number: int) -> ColumnElement[int]:
    """A number that stands in the statement itself. Plans are made once for all parameters, and of a limit that is one
    PostgreSQL expects a tenth of the table: it would sort all rows rather than walk along the index."""
    return literal_column(str(number), Integer)


@dataclass(frozen=True)
class Page:
    """Rows of one page and the addresses of its neighbours (None where there is none)."""

    rows: list[Any]
    newer: str | None
    older: str | None


def by_key(rows: Select[*tuple[Any, ...]], key: ColumnElement[int], size: int = SIZE) -> Page:
    """One page of a select, highest key first; `?before=` and `?after=` are keys of the neighbours.

    The key is the last column of each row: a time in microseconds or a random number, never a bare id.
    """
    before, after = (_key(name) for name in ("before", "after"))
    side = "after" if after is not None else "before" if before is not None else None
    statement = derived(rows, ("key", side, size), lambda some: _by_key(some, key, side, size + 1))
    place = {} if side is None else {"place": after if after is not None else before}
    found = list(rows_of(statement, place))
    if after is not None:
        more_newer, more_older, found = len(found) > size, True, found[:size][::-1]
    else:
        more_newer, more_older, found = before is not None, len(found) > size, found[:size]
    return Page(
        found,
        _address(after=found[0][-1]) if more_newer and found else None,
        _address(before=found[-1][-1]) if more_older and found else None,
    )


def _by_key(rows: Any, key: Any, side: str | None, size: int) -> Any:
    """The rows on one side of a key, in the order in which they are read from it."""
    place, limit = bindparam("place", type_=BigInteger), plainly(size)
    if side == "after":
        return rows.where(key > place).order_by(key).limit(limit)
    limited = rows.where(key < place) if side == "before" else rows
    return limited.order_by(key.desc()).limit(limit)


def _key(name: str) -> int | None:
    """The key in the address; None for what no column of ours can hold."""
    key: int | None = request.args.get(name, type=int)
    return key if key is not None and abs(key) < 2**63 else None


EPOCH = dt.datetime(1970, 1, 1, tzinfo=clock.UTC)
PLACE = re.compile(r"^([0-9]{1,16})-([a-z2-7]{16})$")


def by_moment(rows: Select[*tuple[Any, ...]], moment: Any, public_id: Any, size: int = SIZE) -> Page:
    """One page of a select, newest first, by an index over (moment, public_id), which are its last two columns.

    `?before=` and `?after=` are the neighbour's microseconds and public id: no count and no sequence shows.
    """
    before, after = (_place(name) for name in ("before", "after"))
    place = dict(zip(("moment", "public_id"), after or before or (), strict=False))
    side = "after" if after is not None else "before" if before is not None else None
    statement = derived(rows, (side, size), lambda some: _by_moment(some, moment, public_id, side, size + 1))
    found = list(rows_of(statement, place))
    if after is not None:
        more_newer, more_older, found = len(found) > size, True, found[:size][::-1]
    else:
        more_newer, more_older, found = before is not None, len(found) > size, found[:size]
    return Page(
        found,
        _address(after=_written(found[0])) if more_newer and found else None,
        _address(before=_written(found[-1])) if more_older and found else None,
    )


def _by_moment(rows: Any, moment: Any, public_id: Any, side: str | None, size: int) -> Any:
    """The rows on one side of a place, in the order in which they are read from it."""
    key = tuple_(moment, public_id)
    place = tuple_(bindparam("moment", type_=DateTime(timezone=True)), bindparam("public_id", type_=String))
    limit = plainly(size)
    if side == "after":
        return rows.where(key > place).order_by(moment, public_id).limit(limit)
    limited = rows.where(key < place) if side == "before" else rows
    return limited.order_by(moment.desc(), public_id.desc()).limit(limit)


def _place(name: str) -> tuple[dt.datetime, str] | None:
    found = PLACE.match(request.args.get(name, ""))
    if found is None:
        return None
    return EPOCH + dt.timedelta(microseconds=int(found[1])), found[2]


def _written(row: Any) -> str:
    return f"{(row[-2] - EPOCH) // dt.timedelta(microseconds=1)}-{row[-1]}"


@dataclass(frozen=True)
class Place:
    """Where a page begins of rows that come best first, some hundreds of the newest at a time.

    side: which hundreds, "before" or "after" a moment and public id; None: the newest of all. toward: which way these
    are read, to the "worse" or to the "better" ones, from a rank and public id on; None: from the best.
    """

    side: str | None = None
    moment: tuple[dt.datetime, str] | None = None
    toward: str | None = None
    within: tuple[int, str] | None = None

    def within_by(self, toward: str, rank: int, public_id: str) -> "Place":
        """The page of the same hundreds beside this row."""
        return Place(self.side, self.moment, toward, (rank, public_id))

    @property
    def values(self) -> dict[str, Any]:
        """The parameters moment, public_id, rank and ranked."""
        names = ("moment", "public_id", "rank", "ranked")
        return dict(zip(names, [*(self.moment or (None, None)), *(self.within or (None, None))], strict=True))

    @property
    def address(self) -> str:
        """The address of this page, with the filters of the one that is shown."""
        key: dict[str, str] = {}
        if self.side and self.moment:
            key[self.side] = _written(self.moment)
        if self.toward and self.within:
            key[self.toward] = "{}-{}".format(*self.within)
        return _address(**key)


FIRST = Place()
LAST = (0, "2" * 16)
"""Below every rank: from here towards the better ones is the last page."""


def place() -> Place:
    """The place that the address names: `?before=` or `?after=` a moment, `?worse=` or `?better=` than a rank."""
    moments = {name: found for name in ("after", "before") if (found := _place(name))}
    ranks = {name: rank for name in ("better", "worse") if (rank := _rank(name))}
    side, toward = next(iter(moments), None), next(iter(ranks), None)
    return Place(side, moments[side] if side else None, toward, ranks[toward] if toward else None)


def _rank(name: str) -> tuple[int, str] | None:
    found = PLACE.match(request.args.get(name, ""))
    return (int(found[1]), found[2]) if found else None


def beside(rows: list[Any], previous: Place | None, following: Place | None) -> Page:
    """A page between two places."""
    return Page(rows, previous.address if previous else None, following.address if following else None)


SIDES = {"before", "after", "worse", "better"}


def _address(**key: int | str) -> str:
    filters = {name: value for name, value in request.args.items() if name not in SIDES}
    values: dict[str, Any] = {**(request.view_args or {}), **filters, **key}
    return url_for(str(request.endpoint), **values)
