"""What each page of equity shows, gathered in a fixed number of statements."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from incubator.approvals import queries as approvals
from incubator.core import clock
from incubator.core.actions import can
from incubator.core.errors import Invalid
from incubator.equity import queries, words
from incubator.equity.models import EquityGrant, EquityPlan, SecurityClass
from incubator.equity.queries import Vested
from incubator.equity.services import caps, vesting
from incubator.equity.states import PENDING, GrantState
from incubator.people.models import Person
from incubator.web.formats import iso

CHARTED = (GrantState.ACCEPTED, GrantState.LIVE, GrantState.CLOSED)


@dataclass(frozen=True)
class Chart:
    """A vesting staircase in whole units, days as ordinals: what has vested, and what is planned."""

    start: int
    end: int
    today: int
    done: list[tuple[int, float]]
    plan: list[tuple[int, float]]
    days: list[dt.date]
    total: float
    vested: float


@dataclass(frozen=True)
class Holding:
    """A person's grants of one class of one issuer, together."""

    security: SecurityClass
    grants: list[EquityGrant]
    sums: Vested
    chart: Chart | None


def labels() -> dict[str, Any]:
    """The words templates need beside the states."""
    return {"kinds": words.KINDS, "regimes": words.REGIMES, "allocations": words.ALLOCATIONS,
            "sizes": words.SIZES, "issuer_kinds": words.ISSUER_KINDS, "events": words.EVENTS}  # fmt: skip


def quantity(units: int, decimals: int) -> Decimal:
    """Smallest units as whole ones, for a list that has no class at hand."""
    return Decimal(units).scaleb(-decimals)


def plan_page(plan: EquityPlan) -> dict[str, Any]:
    """A plan with its grants and signatures."""
    pending = queries.pending_units(plan)
    return {
        "plan": plan,
        "security": plan.security,
        "pending": pending,
        "left": plan.pool_units - plan.granted_units - pending,
        "grants": queries.grants_of(plan),
        "approval": approvals.latest_of(plan),
        **labels(),
    }


def drafting(plan: EquityPlan, grant: EquityGrant | None = None) -> dict[str, Any]:
    """What stands beside the form of a grant."""
    pending = queries.pending_units(plan)
    return {"plan": plan, "grant": grant, "security": plan.security, "pending": pending,
            "left": plan.pool_units - plan.granted_units - pending, **labels()}  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """A stored grant as its form's values."""

    holder: str
    units: Any
    price_minor: int
    granted_on: dt.date
    starts_on: dt.date


def answers(grant: EquityGrant) -> Answers:
    """The values that the form of a draft starts with."""
    units = grant.plan.security.quantity(grant.units)
    return Answers(grant.holder.public_id, units, grant.price_minor, grant.granted_on, grant.starts_on)


def check_page(grant: EquityGrant) -> dict[str, Any]:
    """Everything that will be signed: terms, schedule, limits."""
    return {"grant": grant, **_shown(grant, vesting.rebuild(grant)), **_limits(grant), **labels()}


def grant_page(reader: Person, grant: EquityGrant) -> dict[str, Any]:
    """A grant for whoever reads it: HR sees the limits and the signatures too."""
    lines = grant.lines if grant.state in CHARTED else vesting.rebuild(grant)
    is_hr = can(reader, "equity_grant.create", grant)
    to_decide = is_hr and grant.state in (GrantState.DRAFT, *PENDING)
    return {
        "grant": grant,
        "is_hr": is_hr,
        "is_holder": grant.holder_id == reader.id,
        "records": queries.records_of(grant),
        "movements": _movements(grant),
        "approval": approvals.latest_of(grant) if is_hr else None,
        **_shown(grant, lines),
        **(_limits(grant) if to_decide else {"limits": [], "limit_error": None}),
        **labels(),
    }


def _movements(grant: EquityGrant) -> list[dict[str, Any]]:
    security = grant.plan.security
    return [
        {
            "day": iso(row.effective_on),
            "kind": words.MOVEMENTS[row.kind],
            "units": caps.units_text(row.units, security) if row.units else None,
        }
        for row in queries.transactions_of(grant)
    ]


def _shown(grant: EquityGrant, lines: Sequence[Any]) -> dict[str, Any]:
    today = clock.today()
    return {
        "plan": grant.plan,
        "security": grant.plan.security,
        "lines": lines,
        "sums": queries.vested(lines, today),
        "chart": chart_of(lines, grant.plan.security, [grant.starts_on], today),
        "today": today,
    }


def _limits(grant: EquityGrant) -> dict[str, Any]:
    """The limits as they are now; a rule that is not there is said, not hidden."""
    pending = grant.state is GrantState.DRAFT
    try:
        limits = caps.explain(
            grant.plan, holder_id=grant.holder_id, ask=grant.units, on=grant.granted_on, but=grant.id, pending=pending
        )
    except Invalid as refusal:
        return {"limits": [], "limit_error": refusal.message}
    return {"limits": limits, "limit_error": None}


def holdings(person: Person) -> list[Holding]:
    """What a person holds, by class, in the order of the grants."""
    by_class: dict[int, list[EquityGrant]] = {}
    for grant in queries.held_by(person):
        by_class.setdefault(grant.plan.security_class_id, []).append(grant)
    return [_holding(grants) for grants in by_class.values()]


def _holding(grants: list[EquityGrant]) -> Holding:
    security, today = grants[0].plan.security, clock.today()
    live = [grant for grant in grants if grant.state in CHARTED]
    lines = sorted((line for grant in live for line in grant.lines), key=lambda line: line.vests_on)
    chart = chart_of(lines, security, [grant.starts_on for grant in live], today) if lines else None
    return Holding(security, grants, queries.vested(lines, today), chart)


def chart_of(lines: Sequence[Any], security: SecurityClass, starts: list[dt.date], today: dt.date) -> Chart:
    """The staircase of some lines in order of their days; the axis spans start, today and the last day."""
    first, last = min([*starts, lines[0].vests_on]), max(line.vests_on for line in lines)
    total, points = 0, [(first.toordinal(), 0.0)]
    for line in lines:
        total += line.units
        points.append((line.vests_on.toordinal(), float(security.quantity(total))))
    now = min(max(today.toordinal(), first.toordinal()), last.toordinal())
    done = [point for point in points if point[0] <= now]
    return Chart(
        start=first.toordinal(),
        end=max(last.toordinal(), first.toordinal() + 1),
        today=now,
        done=[*done, (now, done[-1][1])],
        plan=[(now, done[-1][1]), *[point for point in points if point[0] > now]],
        days=[dt.date.fromordinal(first.toordinal() + (last - first).days * n // 4) for n in range(5)],
        total=points[-1][1],
        vested=done[-1][1],
    )
