"""When a grant vests: terms as they are stored, the schedule, and the lines derived from it."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select

from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.equity.engines.vesting import (
    DAY_RULES,
    ENGINE_VERSION,
    START_DAY,
    Acceleration,
    Allocation,
    Event,
    Facts,
    Graph,
    Happened,
    Leave,
    Move,
    Order,
    Terms,
    Timeline,
    VestingError,
    Way,
    read,
    timeline,
)
from incubator.equity.models import EquityGrant, EquityTransaction, Movement, VestingLine
from incubator.equity.words import ALLOCATIONS

LONGEST_MONTHS = 120


@dataclass(frozen=True)
class Line:
    """What vests on one day, and all that has vested then, in smallest units."""

    position: int
    vests_on: dt.date
    units: int
    cumulative: int
    engine: str


def read_terms(
    *,
    months: int = 48,
    every_months: int = 12,
    cliff_months: int = 12,
    allocation: str = Allocation.CUMULATIVE_ROUND_DOWN,
    day_rule: str = START_DAY,
) -> dict[str, Any]:
    """Check terms as people say them and give them as they are stored. Raises Invalid at the field."""
    if not 1 <= months <= LONGEST_MONTHS:
        raise Invalid(_("Enter between 1 and %(n)s months", n=LONGEST_MONTHS), field="months")
    if every_months < 1 or months % every_months:
        raise Invalid(
            _("%(months)s months cannot be cut into parts of %(every)s months", months=months, every=every_months),
            field="every_months",
        )
    if not 0 <= cliff_months <= months or cliff_months % every_months:
        raise Invalid(
            _("The cliff is 0 or a multiple of %(every)s months, at most %(months)s", every=every_months,
              months=months),
            field="cliff_months",
        )  # fmt: skip
    if allocation not in ALLOCATIONS:
        raise Invalid(_("Choose how units that do not divide evenly are spread"), field="allocation")
    if day_rule not in DAY_RULES:
        raise Invalid(_("Choose the day of the month"), field="day_rule")
    return {
        "months": months,
        "months_between": every_months,
        "cliff_months": cliff_months,
        "allocation": str(allocation),
    } | ({} if day_rule == START_DAY else {"day_rule": day_rule})


def read_graph(text: str, *, decimals: int) -> dict[str, Any]:
    """Check terms written as an OCF VESTING_TERMS object and give them as they are stored. Raises Invalid."""
    try:
        data = json.loads(text)
        read(data, decimals=decimals)
    except (ValueError, RecursionError) as error:
        raise Invalid(_("These terms cannot be used: %(why)s", why=str(error)[:300]), field="conditions") from error
    kept = {name: data[name] for name in ("allocation_type", "vesting_conditions")}
    return kept | {"decimals": decimals, "name": str(data.get("name", ""))[:120]}


def graph_of(terms: dict[str, Any]) -> Graph:
    """Stored terms as conditions: those in months, and those that are a graph already."""
    return _graph(json.dumps(terms, sort_keys=True))


@lru_cache(maxsize=500)
def _graph(text: str) -> Graph:
    data = json.loads(text)
    if "vesting_conditions" in data:
        return read(data, decimals=data["decimals"])
    return Terms.over_months(
        data["months"],
        months_between=data["months_between"],
        cliff_months=data["cliff_months"],
        allocation=Allocation(data["allocation"]),
        day_rule=data.get("day_rule", START_DAY),
    ).graph


def events_of(terms: dict[str, Any]) -> list[str]:
    """The conditions of stored terms that somebody must record."""
    return [condition.id for condition in graph_of(terms).conditions if isinstance(condition.trigger, Event)]


def log_of(grant: EquityGrant) -> Sequence[EquityTransaction]:
    """The movements of a grant that stand: without corrections and what they took back."""
    return standing(
        db.session.scalars(
            select(EquityTransaction).where(EquityTransaction.grant_id == grant.id).order_by(EquityTransaction.id)
        ).all()
    )


def logs_of(grants: Sequence[EquityGrant]) -> dict[int, list[Any]]:
    """The same of many grants, by the grant's row id; one statement."""
    logs: dict[int, list[Any]] = {grant.id: [] for grant in grants}
    if logs:
        rows = select(EquityTransaction).where(EquityTransaction.grant_id.in_(logs)).order_by(EquityTransaction.id)
        for row in db.session.scalars(rows):
            logs[row.grant_id or 0].append(row)
    return {key: standing(log) for key, log in logs.items()}


def standing(rows: Iterable[Any]) -> list[Any]:
    """Of movements in order, those that no correction took back."""
    rows = list(rows)
    taken = {row.reverses_id for row in rows if row.reverses_id is not None}
    return [row for row in rows if row.id not in taken and row.reverses_id is None]


def facts_of(log: Iterable[Any]) -> Facts:
    """What the log says of vesting (rows with kind, effective_on, details)."""
    rows = list(log)
    ended = [row.effective_on for row in rows if row.kind is Movement.CANCELLATION and row.details.get("stops")]
    return Facts(
        events=tuple(
            Happened(row.details["condition"], row.effective_on) for row in rows if row.kind is Movement.EVENT
        ),
        accelerations=tuple(
            Acceleration(row.effective_on, row.details["units"], Order(row.details["order"]))
            for row in rows
            if row.kind is Movement.ACCELERATION
        ),
        leaves=tuple(
            Leave(row.effective_on, dt.date.fromisoformat(row.details["to_on"]))
            for row in rows
            if row.kind is Movement.LEAVE
        ),
        stopped_on=min(ended, default=None),
    )


def moves_of(log: Iterable[Any]) -> list[Move]:
    """Vested units that left a grant, of the log: not what later became of the shares that came out of it."""
    log = list(log)
    own = next((row.instrument for row in log if row.quantity > 0), None)
    ways = {Movement.EXERCISE: Way.EXERCISED, Movement.RELEASE: Way.EXERCISED, Movement.TRANSFER: Way.EXERCISED}
    return [
        Move(row.effective_on, ways.get(row.kind, Way.CANCELLED), -row.quantity)
        for row in log
        if row.quantity < 0
        and row.kind is not Movement.BALANCE
        and not row.details.get("unvested")
        and row.instrument is own
    ]


def start_of(grant: EquityGrant, log: Iterable[Any]) -> dt.date:
    """The day vesting starts: what was recorded last, else what the grant says."""
    starts = [row.effective_on for row in log if row.kind is Movement.START]
    return starts[-1] if starts else grant.starts_on


def timeline_of(grant: EquityGrant, log: Sequence[Any] | None = None) -> Timeline:
    """A grant over time by its terms and its log."""
    rows = log_of(grant) if log is None else log
    return timeline(
        graph_of(grant.terms), units=grant.units, starts_on=start_of(grant, rows), granted_on=grant.granted_on,
        facts=facts_of(rows),
    )  # fmt: skip


def check_facts(grant: EquityGrant, log: Sequence[Any], field: str) -> Timeline:
    """The timeline with what is about to be recorded. Raises Invalid at the field when it does not fit."""
    try:
        return timeline_of(grant, log)
    except VestingError as error:
        raise Invalid(str(error), field=field) from error


def lines_of(made: Timeline) -> list[Line]:
    """The lines of a timeline in whole smallest units: fractions wait until they make one."""
    lines, before = list[Line](), 0
    for vesting in made.vestings:
        total = int(vesting.cumulative // 1)
        if total > before:
            lines.append(Line(len(lines) + 1, vesting.on, total - before, total, ENGINE_VERSION))
            before = total
    return lines


def lines_for(terms: dict[str, Any], *, units: int, starts_on: dt.date, granted_on: dt.date) -> list[Line]:
    """The lines of terms that are not stored yet. Raises Invalid where they make no schedule."""
    try:
        return lines_of(timeline(graph_of(terms), units=units, starts_on=starts_on, granted_on=granted_on))
    except VestingError as error:
        raise Invalid(str(error), field="starts_on") from error


def rebuild(grant: EquityGrant) -> list[Line]:
    """The vesting lines computed afresh from the log; they equal what is stored (`stored(grant)`)."""
    return lines_of(timeline_of(grant))


def stored(grant: EquityGrant) -> list[Line]:
    """The vesting lines as they stand in the table."""
    return [Line(row.position, row.vests_on, row.units, row.cumulative, row.engine) for row in grant.lines]


def store(grant: EquityGrant) -> None:
    """Write the lines of a grant, in place of those that stand there. Called by each step that changes them."""
    db.session.flush()
    db.session.execute(delete(VestingLine).where(VestingLine.grant_id == grant.id))
    if lines := [{"grant_id": grant.id, **vars(line)} for line in rebuild(grant)]:
        db.session.execute(insert(VestingLine), lines)
    db.session.expire(grant, ["lines"])
