"""Vesting lines computed anew from the log, many grants at a time, compared with what is stored."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from incubator.core.db import db
from incubator.equity.models import EquityGrant, EquityTransaction, VestingLine
from incubator.equity.services.vesting import lines_of, standing, timeline_of
from incubator.equity.states import GrantState

BATCH = 1_000
STORED = (GrantState.ACCEPTED, GrantState.LIVE, GrantState.CLOSED)


@dataclass(frozen=True)
class Done:
    """What a batch came to; last: the key to go on after, None when there is no more."""

    grants: int
    changed: int
    last: int | None


Lines = list[tuple[int, Any, int, int, str]]


def rebuild_batch(after: int, size: int = BATCH) -> Done:
    """Rebuild the lines of the next grants in order of their keys; three statements when nothing has changed."""
    grants = db.session.execute(
        select(
            EquityGrant.id, EquityGrant.units, EquityGrant.starts_on, EquityGrant.granted_on, EquityGrant.terms,
        )
        .where(EquityGrant.id > after, EquityGrant.state.in_(STORED))
        .order_by(EquityGrant.id)
        .limit(size)
    ).all()  # fmt: skip
    if not grants:
        return Done(0, 0, None)
    ids = [grant.id for grant in grants]
    logs, stored = _logs(ids), _stored(ids)
    fresh = {grant.id: _computed(grant, logs[grant.id]) for grant in grants}
    differing = [key for key in ids if fresh[key] != stored[key]]
    _store({key: fresh[key] for key in differing})
    return Done(len(ids), len(differing), ids[-1])


def _computed(grant: Any, log: Iterable[Any]) -> Lines:
    made = timeline_of(grant, standing(log))
    return [(line.position, line.vests_on, line.units, line.cumulative, line.engine) for line in lines_of(made)]


def _logs(ids: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    row = EquityTransaction
    columns = (row.id, row.grant_id, row.kind, row.effective_on, row.quantity, row.details, row.reverses_id)
    for one in db.session.execute(select(*columns).where(row.grant_id.in_(ids)).order_by(row.id)):
        found[one.grant_id].append(one)
    return found


def _stored(ids: list[int]) -> dict[int, Lines]:
    found: dict[int, Lines] = defaultdict(list)
    row = VestingLine
    columns = (row.grant_id, row.position, row.vests_on, row.units, row.cumulative, row.engine)
    for one in db.session.execute(select(*columns).where(row.grant_id.in_(ids)).order_by(row.grant_id, row.position)):
        found[one.grant_id].append((one.position, one.vests_on, one.units, one.cumulative, one.engine))
    return found


def _store(lines: dict[int, Lines]) -> None:
    if not lines:
        return
    db.session.execute(delete(VestingLine).where(VestingLine.grant_id.in_(lines)))
    names = ("position", "vests_on", "units", "cumulative", "engine")
    rows = [
        {"grant_id": key, **dict(zip(names, line, strict=True))} for key, some in lines.items() for line in some
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(VestingLine), rows)
