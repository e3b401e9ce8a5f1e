"""What a holder sees."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from incubator.core import clock
from incubator.equity import queries
from incubator.equity.engines.transfers import LockCheck, Lot, check_lock
from incubator.equity.models import EquityGrant, PlanKind, SecurityClass
from incubator.equity.pages.common import CHARTED, Chart, chart_of
from incubator.equity.queries import Vested
from incubator.equity.services.issuers import articles_of
from incubator.equity.words import GROWTH_KINDS, SHARE_KINDS
from incubator.people.models import Person


@dataclass(frozen=True)
class Holding:
    """A person's grants of one class of one issuer, together."""

    security: SecurityClass
    grants: list[EquityGrant]
    sums: Vested
    chart: Chart | None
    appraisal: Any = None
    worth_minor: int | None = None
    shares: int = 0
    window: LockCheck | None = None


def holdings(person: Person) -> list[Holding]:
    """What a person holds, by class, in the order of the grants."""
    by_class: dict[int, list[EquityGrant]] = {}
    for grant in queries.held_by(person):
        by_class.setdefault(grant.plan.security_class_id, []).append(grant)
    if not by_class:
        return []
    appraisals = queries.latest_appraisals(list(by_class))
    lots = queries.lots_of_person(person)
    shares = {row.public_id: row.units for row in queries.classes_held_by(person)}
    return [_holding(grants, appraisals.get(key), shares, lots) for key, grants in by_class.items()]


def has_growth(found: list[Holding]) -> bool:
    """Whether a person holds anything that is settled by value growth."""
    return any(grant.plan.kind in GROWTH_KINDS for one in found for grant in one.grants)


def _window(security: SecurityClass, lots: list[Lot]) -> LockCheck:
    """Which of somebody's issued units are free of their lock today, and when the next ones are."""
    return check_lock(lots, months=articles_of(security.issuer.articles).lock_months, on=clock.today())


def _holding(grants: list[EquityGrant], appraisal: Any, shares: dict[str, int], lots: dict[str, list[Lot]]) -> Holding:
    security, today = grants[0].plan.security, clock.today()
    live = [grant for grant in grants if grant.state in CHARTED]
    lines = sorted((line for grant in live for line in grant.lines), key=lambda line: line.vests_on)
    chart = chart_of(lines, security, [grant.starts_on for grant in live], today) if lines else None
    worth = sum(_worth(grant, appraisal.unit_minor, today) for grant in live) if appraisal else None
    held = shares.get(security.public_id, 0)
    window = _window(security, lots.get(security.public_id, [])) if held else None
    return Holding(security, grants, queries.vested(lines, today), chart, appraisal, worth, held, window)


def _worth(grant: EquityGrant, unit_minor: int, today: dt.date) -> int:
    """What has vested of a grant at an appraised value, less its price where that is still to be paid.

    Minor units, rounded down; before tax, and no promise: what was exercised since stands in it too.
    """
    vested = sum(line.units for line in grant.lines if line.vests_on <= today)
    is_paid = grant.plan.kind in (PlanKind.RSU, *SHARE_KINDS)
    each = max(unit_minor - (0 if is_paid else grant.price_minor), 0)
    return int(vested * each // 10**grant.plan.security.decimals)
