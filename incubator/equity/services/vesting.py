"""When a grant vests: terms as they are stored, the schedule, and the lines derived from it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete

from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.equity.engines.vesting import ENGINE_VERSION, Allocation, Schedule, Terms, schedule
from incubator.equity.models import EquityGrant, VestingLine
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


def read_terms(*, months: int, every_months: int, cliff_months: int, allocation: str) -> dict[str, Any]:
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
    return {
        "months": months,
        "months_between": every_months,
        "cliff_months": cliff_months,
        "allocation": str(allocation),
    }


def schedule_of(grant: EquityGrant) -> Schedule:
    """The schedule by the grant's own terms."""
    data = grant.terms
    terms = Terms.over_months(
        data["months"],
        months_between=data["months_between"],
        cliff_months=data["cliff_months"],
        allocation=Allocation(data["allocation"]),
    )
    return schedule(terms, units=grant.units, starts_on=grant.starts_on, granted_on=grant.granted_on)


def rebuild(grant: EquityGrant) -> list[Line]:
    """The vesting lines computed afresh; they equal what is stored (`stored(grant)`)."""
    return [
        Line(position, vesting.on, int(vesting.units), int(vesting.cumulative), ENGINE_VERSION)
        for position, vesting in enumerate(schedule_of(grant).vestings, start=1)
    ]


def stored(grant: EquityGrant) -> list[Line]:
    """The vesting lines as they stand in the table."""
    return [Line(row.position, row.vests_on, row.units, row.cumulative, row.engine) for row in grant.lines]


def store(grant: EquityGrant) -> None:
    """Write the lines of a grant, in place of those that stand there. Called by the step that makes it live."""
    db.session.execute(delete(VestingLine).where(VestingLine.grant_id == grant.id))
    db.session.add_all(VestingLine(grant_id=grant.id, **vars(line)) for line in rebuild(grant))
    db.session.flush()
    db.session.expire(grant, ["lines"])
