"""What of some vesting lines has vested on a day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from incubator.core import clock
from incubator.core.db import db
from incubator.equity.models import Appraisal, EquityGrant, EquityPlan, SecurityClass, VestingLine
from incubator.equity.queries.calendar import lock_days_of, windows_of
from incubator.equity.states import AppraisalState, GrantState
from incubator.people.models import Person
from incubator.web.calendar import CalendarEntry
from incubator.web.formats import number
from incubator.web.words import local_words


@dataclass(frozen=True)
class Vested:
    """What of some lines has vested on a day, in smallest units, and the next day something vests."""

    total: int
    vested: int
    next_on: dt.date | None
    next_units: int
    last_on: dt.date | None

    @property
    def locked(self) -> int:
        """What has not vested yet."""
        return self.total - self.vested

    @property
    def vested_bp(self) -> int:
        """The vested part in basis points."""
        return self.vested * 10_000 // self.total if self.total else 0


def vested(lines: Sequence[Any], day: dt.date) -> Vested:
    """Sum up vesting lines (vests_on, units), of one grant or of several of the same class."""
    coming = sorted({line.vests_on for line in lines if line.vests_on > day})
    next_on = coming[0] if coming else None
    return Vested(
        total=sum(line.units for line in lines),
        vested=sum(line.units for line in lines if line.vests_on <= day),
        next_on=next_on,
        next_units=sum(line.units for line in lines if line.vests_on == next_on),
        last_on=max((line.vests_on for line in lines), default=None),
    )


def latest_appraisals(class_ids: Sequence[int]) -> dict[int, Any]:
    """The last approved appraisal of each class: day, value of one unit (minor units), firm. One statement."""
    rows = db.session.execute(
        select(Appraisal.security_class_id, Appraisal.appraised_on, Appraisal.unit_minor, Appraisal.firm)
        .where(Appraisal.security_class_id.in_(class_ids), Appraisal.state == AppraisalState.APPROVED)
        .ext(distinct_on(Appraisal.security_class_id))
        .order_by(Appraisal.security_class_id, Appraisal.appraised_on.desc(), Appraisal.id.desc())
    )
    return {row.security_class_id: row for row in rows}


def calendar_of(person: Person) -> list[CalendarEntry]:
    """What vests for a person from today on, a day a grant, the last days of their windows, and the days on which their
    units come free."""
    rows = db.session.execute(
        select(
            EquityGrant.public_id, EquityGrant.number, VestingLine.vests_on, VestingLine.units, SecurityClass.decimals,
            SecurityClass.unit,
        )
        .join(EquityGrant, EquityGrant.id == VestingLine.grant_id)
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .join(SecurityClass, SecurityClass.id == EquityPlan.security_class_id)
        .where(EquityGrant.holder_id == person.id, EquityGrant.state == GrantState.LIVE)
        .where(VestingLine.vests_on >= clock.today())
        .order_by(VestingLine.vests_on, EquityGrant.id)
        .limit(200)
    )  # fmt: skip
    coming = [
        CalendarEntry(
            f"equity.vest-{row.public_id}-{row.vests_on:%Y%m%d}", row.vests_on,
            _("%(units)s %(unit)s of grant %(number)s vest", units=_units(row), unit=local_words(row.unit),
              number=row.number),
            f"/equity/grants/{row.public_id}",
        )
        for row in rows
    ]  # fmt: skip
    return [*coming, *windows_of(person), *lock_days_of(person)]


def _units(row: Any) -> str:
    return number(Decimal(row.units).scaleb(-row.decimals), row.decimals)
