"""Lists paged by key: Newer, Older, no page numbers, no counting."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import ColumnElement, Select

from incubator.core.db import db

SIZE = 50


@dataclass(frozen=True)
class Page:
    """Rows of one page and the addresses of its neighbours (None where there is none)."""

    rows: list[Any]
    newer: str | None
    older: str | None


def by_key(rows: Select[Any], key: ColumnElement[int], size: int = SIZE) -> Page:
    """One page of a select, highest key first; `?before=` and `?after=` are keys of the neighbours.

    The key is the last column of each row: a time in microseconds or a random number, never a bare id.
    """
    before, after = (request.args.get(name, type=int) for name in ("before", "after"))
    if after is not None:
        found = list(db.session.execute(rows.where(key > after).order_by(key).limit(size + 1)))
        more_newer, more_older, found = len(found) > size, True, found[:size][::-1]
    else:
        limited = rows.where(key < before) if before is not None else rows
        found = list(db.session.execute(limited.order_by(key.desc()).limit(size + 1)))
        more_newer, more_older, found = before is not None, len(found) > size, found[:size]
    return Page(
        found,
        _address(after=found[0][-1]) if more_newer and found else None,
        _address(before=found[-1][-1]) if more_older and found else None,
    )


def _address(**key: int) -> str:
    filters = {name: value for name, value in request.args.items() if name not in {"before", "after"}}
    return url_for(str(request.endpoint), **(request.view_args or {}), **filters, **key)
