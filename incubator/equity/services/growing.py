"""Value growth in figures: a plan's terms, growth between two approved appraisals, and what each grant gets of it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.equity.engines import growth as engine
from incubator.equity.engines.growth import Growth, Happening, Stripped
from incubator.equity.models import (
    Appraisal,
    EquityGrant,
    EquityHolder,
    EquityPlan,
    EquityTransaction,
    GrowthHappening,
    GrowthSettlement,
    Instrument,
    Movement,
    PlanKind,
    SecurityClass,
    VestingLine,
)
from incubator.equity.services import appraisals
from incubator.equity.states import GrantState, GrowthState
from incubator.equity.words import GROWTH_KINDS

MOST = 10**15
YEARS = 3
"""Over how many years an award is paid where a plan says nothing else."""


def read(kind: str, terms: Mapping[str, Any], security: SecurityClass) -> dict[str, Any]:
    """The terms of a plan on value growth as they are stored; {} for other plans. Raises Invalid at the field.

    hurdle_minor: growth that pays nothing; cap_minor: the most that one unit (a right) or all (a pool) come to, None
    for no cap; rate_bps: the part of growth that is shared; milestone_minor: growth below which nothing is handed
    over; years: yearly parts; source: the register's key of the vehicle whose units are handed over.
    """
    if kind not in GROWTH_KINDS:
        return {}
    years = terms.get("years")
    stored: dict[str, Any] = {
        "hurdle_minor": _figure(terms, "hurdle_minor", 0),
        "cap_minor": _figure(terms, "cap_minor", None),
        "years": YEARS if years is None else years,
    }
    if not 1 <= stored["years"] <= 10:
        raise Invalid(_("Enter a number between %(low)s and %(high)s", low=1, high=10), field="years")
    if kind == PlanKind.GROWTH_RIGHT:
        return stored
    rate = terms.get("rate_bps")
    if rate is None or not 0 < rate <= engine.WHOLE:
        raise Invalid(_("Enter a part of the growth, such as 20"), field="rate_bps")
    stored["rate_bps"] = rate
    if kind == PlanKind.GROWTH_TRANSFER:
        stored["milestone_minor"] = _figure(terms, "milestone_minor", 0)
        stored["source"] = _source(terms.get("source") or "", security)
    return stored


def _figure(terms: Mapping[str, Any], name: str, default: int | None) -> int | None:
    value = terms.get(name)
    if value is None:
        return default
    if not 0 <= value < MOST:
        raise Invalid(_("Enter a number that is not below 0"), field=name)
    return int(value)


def _source(key: str, security: SecurityClass) -> str:
    """The holder whose units are handed over: a company or vehicle of the same company's register."""
    holder = db.session.scalars(select(EquityHolder).where(EquityHolder.public_id == key)).first() if key else None
    if holder is None or holder.company_id != security.issuer.company_id:
        raise Invalid(_("Choose the vehicle that holds the units to be handed over"), field="source")
    return key


@dataclass(frozen=True)
class Award:
    """What one grant gets: points that count, money or units, and the yearly parts of it (day, money, units)."""

    grant: EquityGrant
    points: int
    minor: int
    units: int
    parts: list[tuple[dt.date, int, int]]


@dataclass(frozen=True)
class Computed:
    """A settlement before it is signed: the two appraisals, the steps of the growth, what was shared, the awards."""

    base: Appraisal
    value: Appraisal
    growth: Growth
    pool: int
    awards: list[Award]

    @property
    def total_minor(self) -> int:
        """All money together."""
        return sum(award.minor for award in self.awards)


def base_of(plan: EquityPlan, corrects: GrowthSettlement | None = None) -> Appraisal:
    """From which value growth is counted: the value last settled, else the approved appraisal at the plan's start.

    That is the last one up to that day, or the first after it. Raises WrongState without one.
    """
    if corrects is not None:
        return corrects.base
    last = db.session.scalars(
        select(GrowthSettlement)
        .where(GrowthSettlement.plan_id == plan.id, GrowthSettlement.state == GrowthState.DONE)
        .order_by(GrowthSettlement.id.desc())
        .limit(1)
    ).first()
    if last is not None:
        return last.value
    known = list(db.session.scalars(appraisals.usable(plan.security)))
    before = [one for one in known if one.appraised_on <= plan.starts_on]
    if not known:
        raise WrongState(_("Growth is counted between approved appraisals, and there is none yet."))
    return before[0] if before else known[-1]


def compute(
    plan: EquityPlan, value: Appraisal | None, first_due_on: dt.date, *, day: dt.date,
    corrects: GrowthSettlement | None = None,
) -> Computed:  # fmt: skip
    """Growth up to an appraisal, and what each grant in force gets of it. Raises Invalid at the field.

    day: on which the appraisal must not have expired.
    """
    if plan.kind not in GROWTH_KINDS:
        raise WrongState(_("This plan is not on value growth."))
    base = base_of(plan, corrects)
    value = appraisals.refuse_unusable(value, plan.security, day, "value")
    if value.id == base.id or value.appraised_on <= base.appraised_on:
        raise Invalid(
            _("Growth is counted from the appraisal of %(day)s: choose a later one", day=base.appraised_on.isoformat()),
            field="value",
        )
    if first_due_on < value.appraised_on:
        raise Invalid(_("This lies before the appraisal"), field="first_due_on")
    happenings = happenings_of(plan.security, base.appraised_on, value.appraised_on)
    growth = engine.growth_of(
        base=base.value_minor, base_on=base.appraised_on, value=value.value_minor, value_on=value.appraised_on,
        happenings=happenings, hurdle=plan.growth["hurdle_minor"],
    )  # fmt: skip
    points = points_of(plan, value.appraised_on)
    if not points:
        raise WrongState(_("Nothing has vested from this plan by the day of the appraisal."))
    pool, shares = _shares(plan, growth, points, happenings, (base.appraised_on, value.appraised_on))
    awards = [_award(plan, grant, units, share, first_due_on)
              for (grant, units), share in zip(points, shares, strict=True)]  # fmt: skip
    return Computed(base, value, growth, pool, awards)


def _shares(
    plan: EquityPlan,
    growth: Growth,
    points: Sequence[tuple[EquityGrant, int]],
    happenings: list[Happening],
    days: tuple[dt.date, dt.date],
) -> tuple[int, list[int]]:
    """What is shared in all and by whom, in minor units, or for a share transfer in smallest units.

    Points count as units of the day of the value: those that were there before a split are multiplied by it.
    """
    base_on, value_on = days
    terms, scale = plan.growth, 10**plan.security.decimals
    scaled = [engine.units_after_splits(units, max(base_on, grant.granted_on), value_on, happenings)
              for grant, units in points]  # fmt: skip
    if plan.kind is PlanKind.GROWTH_RIGHT:
        cap = None if terms["cap_minor"] is None else Fraction(terms["cap_minor"], scale)
        there = engine.units_after_splits(issued_on(plan.security, base_on), base_on, value_on, happenings)
        each = [engine.cash_right(growth, units=units, base_units=there, cap=cap) for units in scaled]
        return sum(each), each
    if plan.kind is PlanKind.VALUE_GROWTH:
        pool = engine.pool_of(growth, rate=terms["rate_bps"], cap=terms["cap_minor"])
    else:
        pool = engine.units_for_growth(
            growth, milestone=terms["milestone_minor"], rate=terms["rate_bps"],
            units=issued_on(plan.security, value_on),
        )  # fmt: skip
    return pool, engine.by_points(pool, engine.whole(scaled))


def _award(plan: EquityPlan, grant: EquityGrant, points: int, share: int, first_due_on: dt.date) -> Award:
    in_units = plan.kind is PlanKind.GROWTH_TRANSFER
    parts = engine.payments(share, first_due_on, [1] * plan.growth["years"])
    yearly = [(one.due_on, 0 if in_units else one.minor, one.minor if in_units else 0) for one in parts]
    return Award(grant, points, 0 if in_units else share, share if in_units else 0,
                 [part for part in yearly if part[1] or part[2]])  # fmt: skip


def issued_on(security: SecurityClass, day: dt.date) -> int:
    """Issued smallest units at the end of a day by the register; all units where none was issued by then."""
    row = EquityTransaction
    issued = select(func.coalesce(func.sum(row.quantity), 0)).where(
        row.class_public_id == security.public_id, row.instrument == Instrument.SHARE, row.effective_on <= day
    )
    return int(db.session.scalar(issued) or 0) or security.total_units


def happenings_of(security: SecurityClass, after: dt.date, to: dt.date) -> list[Happening]:
    """What changed value without growth: as entered, and what units were issued for by the register."""
    entered = db.session.scalars(
        select(GrowthHappening)
        .where(GrowthHappening.security_class_id == security.id, GrowthHappening.happened_on > after,
               GrowthHappening.happened_on <= to)
        .order_by(GrowthHappening.happened_on, GrowthHappening.id)
    )  # fmt: skip
    found = [
        Happening(one.happened_on, one.kind, one.amount_minor, Fraction(one.ratio_new, one.ratio_old), one.paid_on)
        for one in entered
    ]
    return [*found, *_paid_in(security, after, to)]


def _paid_in(security: SecurityClass, after: dt.date, to: dt.date) -> list[Happening]:
    """Capital paid for units that were issued, rounded up: what is no growth is never understated."""
    row, scale = EquityTransaction, 10**security.decimals
    reversed_ = select(row.reverses_id).where(row.reverses_id.is_not(None))
    rows = db.session.execute(
        select(row.effective_on, func.sum(row.quantity * row.price_minor))
        .where(row.class_public_id == security.public_id, row.instrument == Instrument.SHARE,
               row.kind == Movement.ISSUANCE, row.price_minor > 0, row.effective_on > after, row.effective_on <= to,
               row.id.not_in(reversed_))
        .group_by(row.effective_on)
        .order_by(row.effective_on)
    )  # fmt: skip
    return [Happening(day, Stripped.CAPITAL_IN, -(-int(sums) // scale)) for day, sums in rows]


def points_of(plan: EquityPlan, day: dt.date) -> list[tuple[EquityGrant, int]]:
    """The grants in force with what has vested of them by a day and was not taken back, in order; three statements."""
    grants = db.session.scalars(
        select(EquityGrant)
        .where(EquityGrant.plan_id == plan.id, EquityGrant.state == GrantState.LIVE)
        .order_by(EquityGrant.id)
    ).all()
    ids = [grant.id for grant in grants]
    vested = db.session.execute(
        select(VestingLine.grant_id, func.sum(VestingLine.units))
        .where(VestingLine.grant_id.in_(ids), VestingLine.vests_on <= day)
        .group_by(VestingLine.grant_id)
    )
    points, gone = {key: int(units) for key, units in vested}, _gone(ids)
    left = [(grant, points.get(grant.id, 0) - gone.get(grant.id, 0)) for grant in grants]
    return [(grant, units) for grant, units in left if units > 0]


def _gone(ids: Sequence[int]) -> dict[int, int]:
    """Vested units that have left each grant since."""
    row = EquityTransaction
    reversed_ = select(row.reverses_id).where(row.reverses_id.is_not(None))
    found = db.session.execute(
        select(row.grant_id, -func.sum(row.quantity))
        .where(row.grant_id.in_(ids), row.quantity < 0, row.kind.not_in((Movement.BALANCE, Movement.CORRECTION)),
               row.instrument == Instrument.CASH_AWARD, row.details["unvested"].astext.is_(None),
               row.id.not_in(reversed_))
        .group_by(row.grant_id)
    )  # fmt: skip
    return {key: int(units) for key, units in found if key is not None}
