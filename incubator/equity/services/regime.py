"""What the body of rules of a plan asks of one grant beside parts of the capital, from the rules' versions in force."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Numeric, and_, cast, func, select

from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.equity.engines import regime as engine
from incubator.equity.engines.caps import Held
from incubator.equity.models import (
    Appraisal,
    EquityGrant,
    EquityHolder,
    EquityHolding,
    EquityPlan,
    Instrument,
    PlanKind,
    SecurityClass,
)
from incubator.equity.services import appraisals
from incubator.equity.services.caps import CapLine
from incubator.equity.services.issuers import articles_of
from incubator.equity.states import GRANTED, PENDING
from incubator.equity.words import CASH_KINDS, REGIMES
from incubator.rules import queries as rules
from incubator.rules.engines.periods import add_months
from incubator.rules.models import RuleVersion

YEAR = 12


@dataclass(frozen=True)
class Asked:
    """A grant as the rules look at it: terms and facts as they are stored; but: a grant not to count (itself).

    pending: count what others have submitted too, as at submission; at approval each of them has its own turn.
    """

    holder_id: int
    units: int
    price_minor: int
    granted_on: dt.date
    terms: dict[str, Any]
    facts: dict[str, Any]
    but: int | None = None
    pending: bool = True


def explain(plan: EquityPlan, asked: Asked) -> list[CapLine]:
    """Every rule on the terms of this grant, with its figures. Raises Invalid where a rule is not in force."""
    codes = REGIMES[plan.regime].terms_for(plan.kind)
    if not codes:
        return []
    versions = [rules.in_force(code, asked.granted_on, plan.company) for code in codes]
    case = _case(plan, asked, _parameters(versions))
    return [
        CapLine(check, held, "", version)
        for version in versions
        for check, held in engine.evaluate(_rule(version), case)
    ]


ASKS = {
    "pay_bps": ("pay_minor", "unit_value_minor"), "person_pay_ratio": ("pay_minor", "unit_value_minor"),
    "bought_to_awarded": ("bought_units",), "technical_staff_years": ("joined_on",),
    "after_tax_profit_bps": ("unit_value_minor",),
}  # fmt: skip
"""What a rule's parameter asks to be said of a grant."""


def asked_facts(grant: EquityGrant) -> set[str]:
    """The facts that the rules in force on the grant date ask for; none where a rule is not there."""
    found = set[str]()
    for code in REGIMES[grant.plan.regime].terms_for(grant.plan.kind):
        try:
            said = rules.in_force(code, grant.granted_on, grant.company).parameters
        except Invalid:
            continue
        if grant.plan.kind in said.get("kinds", (grant.plan.kind,)):
            found |= {fact for name, facts in ASKS.items() if name in said for fact in facts}
    return found


def _rule(version: RuleVersion) -> engine.Rule:
    source = f"{version.source}, {version.article}"
    return engine.Rule(version.code, source, version.parameters, rules.is_confirmed(version))


def _parameters(versions: Sequence[RuleVersion]) -> dict[str, Any]:
    return {name: value for version in versions for name, value in version.parameters.items()}


def _case(plan: EquityPlan, asked: Asked, said: dict[str, Any]) -> engine.Case:
    security, facts, own = plan.security, asked.facts, _own(plan, asked)
    value = _appraised(plan, asked.granted_on)
    joined = facts.get("joined_on")
    return engine.Case(
        kind=str(plan.kind), size=str(security.issuer.size), capital=security.total_units,
        scale=10**security.decimals, units=asked.units, price=asked.price_minor, granted_on=asked.granted_on,
        months=asked.terms.get("months"), lock_months=articles_of(security.issuer.articles).lock_months,
        first=_first(plan, asked, int(said["first_within_days"])) if "first_bps" in said else None,
        year_value=_year_value(own, asked, security.decimals),
        other_plans=_other_plans(plan, own, asked, int(said.get("again_months", 0))),
        person_awards=_awards(plan, asked, value, own=True) if "person_minor" in said else Held(),
        all_awards=_awards(plan, asked, value, own=False) if "net_asset_growth_bps" in said else Held(),
        appraised=value, pay=facts.get("pay_minor"), unit_value=facts.get("unit_value_minor"),
        bought=facts.get("bought_units"), joined_on=dt.date.fromisoformat(joined) if joined else None,
        net_asset_growth=plan.facts.get("net_asset_growth_minor"), profit=plan.facts.get("after_tax_profit_minor"),
        staff=plan.facts.get("staff"),
        year_total=_year_total(plan, asked) if "after_tax_profit_bps" in said else Held(),
        people=_people(plan, asked) if "staff_bps" in said else Held(),
        state=_state(security) if "state_bps" in said else None,
        capital_held=_capital_held(plan, asked) if "state_bps" in said else Held(),
        state_holders=_state_holders(security) if "state_bps" in said else (),
    )  # fmt: skip


def _counted(asked: Asked) -> Any:
    states = (*GRANTED, *PENDING) if asked.pending else GRANTED
    return and_(EquityGrant.state.in_(states), EquityGrant.id != (asked.but or 0))


def _own(plan: EquityPlan, asked: Asked) -> Sequence[Any]:
    """The person's other grants from the same class: plan, units left, day, facts, whether granted."""
    return db.session.execute(
        select(
            EquityGrant.plan_id, (EquityGrant.units - EquityGrant.returned_units).label("units"),
            EquityGrant.granted_on, EquityGrant.facts, EquityGrant.state.in_(GRANTED).label("is_granted"),
        )
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .where(EquityPlan.security_class_id == plan.security_class_id, EquityGrant.holder_id == asked.holder_id)
        .where(_counted(asked))
    ).all()  # fmt: skip


def _year_value(own: Sequence[Any], asked: Asked, decimals: int) -> Held:
    """What the person's other grants of the twelve months before are worth, as stated with them."""
    since, sums = add_months(asked.granted_on, -YEAR), {True: 0, False: 0}
    for row in own:
        if since < row.granted_on <= asked.granted_on:
            sums[row.is_granted] += -(-row.units * int(row.facts.get("unit_value_minor") or 0) // 10**decimals)
    return Held(sums[True], sums[False])


def _other_plans(plan: EquityPlan, own: Sequence[Any], asked: Asked, again_months: int) -> int:
    since = add_months(asked.granted_on, -again_months)
    return len({row.plan_id for row in own if row.units and row.granted_on > since} - {plan.id})


def _first(plan: EquityPlan, asked: Asked, days: int) -> Held | None:
    """What belongs to the plan's first grant beside this one; None when this one comes later than it."""
    of_plan = and_(EquityGrant.plan_id == plan.id, _counted(asked))
    first_on = db.session.scalar(select(func.min(EquityGrant.granted_on)).where(of_plan))
    begins = min(first_on or asked.granted_on, asked.granted_on)
    if asked.granted_on > begins + dt.timedelta(days=days):
        return None
    return _sum(of_plan, EquityGrant.granted_on <= begins + dt.timedelta(days=days))


def _awards(plan: EquityPlan, asked: Asked, value: engine.Appraised | None, *, own: bool) -> Held:
    """Share awards of the class at today's appraised value, of the person or of everybody."""
    if value is None:
        return Held()
    whose = [EquityGrant.holder_id == asked.holder_id] if own else []
    of_class = EquityPlan.security_class_id == plan.security_class_id
    held = _sum(of_class, EquityPlan.kind == PlanKind.SHARE_AWARD, _counted(asked), *whose)
    scale = 10**plan.security.decimals
    return Held(-(-held.granted * value.unit_minor // scale), -(-held.pending * value.unit_minor // scale))


def _posts(plan: EquityPlan, asked: Asked) -> Any:
    """Dividends of posts of the class that count, without this one."""
    of_class = EquityPlan.security_class_id == plan.security_class_id
    return and_(of_class, EquityPlan.kind == PlanKind.POST_DIVIDEND, _counted(asked))


def _year_total(plan: EquityPlan, asked: Asked) -> Held:
    """What the dividends of posts come to in a year as stated with each, rounded up a grant."""
    each = cast(EquityGrant.facts["unit_value_minor"].astext, Numeric)
    left = EquityGrant.units - EquityGrant.returned_units
    worth = func.sum(func.ceil(left * func.coalesce(each, 0) / 10**plan.security.decimals))
    return _by_state(worth, _posts(plan, asked))


def _people(plan: EquityPlan, asked: Asked) -> Held:
    """How many others have a dividend of a post, or will have."""
    others = and_(_posts(plan, asked), EquityGrant.holder_id != asked.holder_id,
                  EquityGrant.units > EquityGrant.returned_units)  # fmt: skip
    found = _by_state(func.count(EquityGrant.holder_id.distinct()), others)
    everybody = int(db.session.scalar(
        select(func.count(EquityGrant.holder_id.distinct()))
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .where(others)
    ) or 0)  # fmt: skip
    return Held(found.granted, everybody - found.granted)


def _state(security: SecurityClass) -> int | None:
    """Issued units of a class that holders of state capital have; None where nothing is issued."""
    if not security.issued_units:
        return None
    held = select(func.coalesce(func.sum(EquityHolding.units), 0)).where(
        EquityHolding.class_public_id == security.public_id, EquityHolding.instrument == Instrument.SHARE,
        EquityHolding.holder_public_id.in_(select(EquityHolder.public_id).where(EquityHolder.is_state)),
    )  # fmt: skip
    return int(db.session.scalar(held) or 0)


def _state_holders(security: SecurityClass) -> tuple[str, ...]:
    """Who counts as a holder of state capital of a class: name and key of each that has issued units of it."""
    rows = db.session.execute(
        select(EquityHolder.name, EquityHolder.public_id)
        .join(EquityHolding, EquityHolding.holder_public_id == EquityHolder.public_id)
        .where(EquityHolder.is_state, EquityHolding.class_public_id == security.public_id,
               EquityHolding.instrument == Instrument.SHARE, EquityHolding.units > 0)
        .order_by(EquityHolder.id)
    )  # fmt: skip
    return tuple(dict.fromkeys(f"{name} ({key})" for name, key in rows))


def _capital_held(plan: EquityPlan, asked: Asked) -> Held:
    """Units of the class issued or promised, and those that wait for their signatures where they count."""
    row = EquityHolding
    held = select(func.coalesce(func.sum(row.units), 0)).where(
        row.class_public_id == plan.security.public_id, row.instrument.in_((Instrument.SHARE, Instrument.AWARD))
    )
    of_class = EquityPlan.security_class_id == plan.security_class_id
    waiting = _sum(of_class, EquityPlan.kind.not_in(CASH_KINDS), _counted(asked)).pending
    return Held(int(db.session.scalar(held) or 0), waiting if asked.pending else 0)


def _sum(*conditions: Any) -> Held:
    return _by_state(func.sum(EquityGrant.units - EquityGrant.returned_units), *conditions)


def _by_state(figure: Any, *conditions: Any) -> Held:
    """A figure of grants in force and of those that wait for their signatures."""
    found = db.session.execute(
        select(*[func.coalesce(figure.filter(EquityGrant.state.in_(states)), 0) for states in (GRANTED, PENDING)])
        .select_from(EquityGrant)
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .where(*conditions)
    ).one()
    return Held(int(found[0]), int(found[1]))


def _appraised(plan: EquityPlan, on: dt.date) -> engine.Appraised | None:
    """The last approved appraisal that can be used on the grant date."""
    found = db.session.scalars(appraisals.usable(plan.security).where(Appraisal.appraised_on <= on)).first()
    if found is None or on > appraisals.last_day(found):
        return None
    return engine.Appraised(found.unit_minor, found.appraised_on, found.firm)
