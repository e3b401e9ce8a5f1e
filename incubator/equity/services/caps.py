"""Caps: what a plan's pool, the plan's own limit and the rules in force leave for one more grant."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, func, select

from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.equity.engines.caps import Check, Held, Measure, Scope, evaluate, limits_of
from incubator.equity.models import EquityGrant, EquityPlan, SecurityClass
from incubator.equity.states import GRANTED, PENDING
from incubator.equity.words import LIMITS, MISSING, PERSON_RULE, REGIMES
from incubator.rules import queries as rules
from incubator.rules.models import RuleVersion
from incubator.web.formats import money, number
from incubator.web.words import local_words


@dataclass(frozen=True)
class CapLine:
    """One limit explained: the engine's check, what of its `used` is granted and what pending, and its rule."""

    check: Check
    held: Held
    title: object
    rule: RuleVersion | None = None

    @property
    def words(self) -> object:
        """The limit's name: the office's words of a rule, or the plan's own."""
        return self.rule.title if self.rule else self.title


def lock(plan: EquityPlan) -> EquityPlan:
    """Take the class and the plan for this transaction, always in this order, and read them afresh."""
    fresh = {"populate_existing": True}
    statement = select(SecurityClass).where(SecurityClass.id == plan.security_class_id)
    db.session.scalars(statement.with_for_update(of=SecurityClass).execution_options(**fresh)).one()
    plans = select(EquityPlan).where(EquityPlan.id == plan.id)
    return db.session.scalars(plans.with_for_update(of=EquityPlan).execution_options(**fresh)).one()


def explain(
    plan: EquityPlan, *, holder_id: int, ask: int, on: dt.date, but: int | None = None, pending: bool = True
) -> list[CapLine]:
    """Every limit on a grant of `ask` units to the holder on a day, the pool first.

    but: a grant not to count (the one that asks). pending: count what others have submitted too; at approval only
    what is granted counts, since each of the others will be checked in its turn.
    """
    of_plan, of_class = EquityGrant.plan_id == plan.id, EquityPlan.security_class_id == plan.security_class_id
    hers = EquityGrant.holder_id == holder_id
    held = _held(plan, [of_plan, of_plan & hers, of_class, of_class & hers], but, pending)
    lines = [_pool(plan, held[0], ask)]
    if plan.person_units is not None:
        lines.append(_person(plan, plan.person_units, held[1], ask))
    return lines + [line for code in REGIMES[plan.regime].codes for line in _by_rule(plan, code, on, held, ask)]


def _held(plan: EquityPlan, whose: Sequence[ColumnElement[bool]], but: int | None, pending: bool) -> list[Held]:
    """Units granted and pending of each condition, in one statement."""
    granted, waiting = EquityGrant.state.in_(GRANTED), EquityGrant.state.in_(PENDING)
    units = func.sum(EquityGrant.units - EquityGrant.returned_units)
    sums = [func.coalesce(units.filter(who, state), 0) for who in whose for state in (granted, waiting)]
    found = db.session.execute(
        select(*sums)
        .select_from(EquityGrant)
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .where(EquityPlan.security_class_id == plan.security_class_id, EquityGrant.id != (but or 0))
    ).one()
    figures = [int(figure) for figure in found]
    return [Held(g, p if pending else 0) for g, p in zip(figures[::2], figures[1::2], strict=True)]


def _pool(plan: EquityPlan, held: Held, ask: int) -> CapLine:
    nobody = Held()
    (check,) = evaluate([], capital=0, pool=plan.pool_units, everybody=held, person=nobody, ask=ask)
    return CapLine(check, held, LIMITS[check.rule])


def _person(plan: EquityPlan, limit: int, held: Held, ask: int) -> CapLine:
    left = limit - held.used
    check = Check(PERSON_RULE, plan.public_id, Scope.PERSON, limit, held.used, ask, left, ask <= left, confirmed=True)
    return CapLine(check, held, LIMITS[PERSON_RULE])


def _by_rule(plan: EquityPlan, code: str, on: dt.date, held: list[Held], ask: int) -> list[CapLine]:
    rule = rules.in_force(code, on, plan.company)
    security = plan.security
    limits = limits_of(
        rule.parameters,
        rule=rule.code,
        source=f"{rule.source}, {rule.article}",
        size=security.issuer.size,
        confirmed=rules.is_confirmed(rule),
    )
    everybody, person = held[2], held[3]
    checks = evaluate(
        limits, capital=security.total_units, pool=plan.pool_units, everybody=everybody, person=person, ask=ask
    )[1:]
    return [CapLine(check, person if check.scope is Scope.PERSON else everybody, "", rule) for check in checks]


def refuse_excess(lines: Sequence[CapLine], security: SecurityClass, *, drafting: bool = False) -> None:
    """Raise Invalid at its field for the first limit that does not hold, with its figures.

    drafting: what a rule asks and nobody has said yet may still come.
    """
    for line in lines:
        if line.check.missing and not drafting:
            raise Invalid(_missing(line), field=FIELD_OF.get(line.check.missing, line.check.missing),
                          code="missing_input")  # fmt: skip
        if not line.check.ok and not line.check.missing:
            if line.check.parameter:
                raise Invalid(_beyond(line, security), field=FIELDS.get(line.check.parameter, "units"),
                              code="over_limit")  # fmt: skip
            figures = {
                "left": units_text(max(line.check.headroom, 0), security),
                "asked": units_text(line.check.asked, security),
                "limit": units_text(line.check.limit, security),
                "source": line.check.source,
            }
            raise Invalid(_excess(line, figures), field="units", code="over_limit")


FIELDS = {"floor_bps": "price_minor", "bought_to_awarded": "bought_units", "technical_staff_years": "joined_on",
          "plan_months": "months", "plans_at_once": "holder", "staff_bps": "holder"}  # fmt: skip
"""Where a refusal stands, by the rule's parameter; the others stand at the units."""
FIELD_OF = {"appraisal": "price_minor", "net_asset_growth_minor": "units", "after_tax_profit_minor": "units",
            "staff": "holder", "state_units": "units"}  # fmt: skip
"""Where it is said that an input is missing, which is no field of a grant."""


def _missing(line: CapLine) -> str:
    what = str(MISSING[line.check.missing])
    return str(_("%(rule)s (%(source)s): %(what)s", rule=local_words(line.rule.title) if line.rule else "",
                 source=line.check.source, what=what))  # fmt: skip


def _beyond(line: CapLine, security: SecurityClass) -> str:
    check = line.check
    figures = {
        "rule": local_words(line.rule.title) if line.rule else "",
        "source": check.source,
        "limit": shown(line, check.limit, security),
        "asked": shown(line, check.asked, security),
        "left": shown(line, max(check.headroom, 0), security),
    }
    if check.floor:
        return str(_("%(rule)s (%(source)s): at least %(limit)s, and this is %(asked)s", **figures))
    return str(_("%(rule)s (%(source)s): at most %(limit)s; %(left)s are left, and this comes to %(asked)s", **figures))


def shown(line: CapLine, figure: int, security: SecurityClass) -> str:
    """A figure of a limit as people read it: units, money, months, plans."""
    match line.check.measure:
        case Measure.MONEY:
            return money(figure, security.currency)
        case Measure.MONTHS:
            return str(ngettext("%(num)s month", "%(num)s months", figure))
        case Measure.PLANS:
            return str(ngettext("%(num)s plan", "%(num)s plans", figure))
        case Measure.PEOPLE:
            return str(ngettext("%(num)s person", "%(num)s people", figure))
    return units_text(figure, security)


def _excess(line: CapLine, figures: dict[str, Any]) -> str:
    if line.rule is None and line.check.scope is Scope.EVERYBODY:
        return str(_("The pool has %(left)s left, and you asked for %(asked)s", **figures))
    if line.rule is None:
        return str(_("The plan gives one person at most %(limit)s: %(left)s are left, and you asked for %(asked)s",
                     **figures))  # fmt: skip
    if line.check.scope is Scope.PERSON:
        return str(_("One person may have at most %(limit)s (%(source)s): %(left)s are left, and you asked for"
                     " %(asked)s", **figures))  # fmt: skip
    return str(_("All grants together may be at most %(limit)s (%(source)s): %(left)s are left, and you asked for"
                 " %(asked)s", **figures))  # fmt: skip


def refuse_unconfirmed(lines: Sequence[CapLine]) -> None:
    """Raise WrongState when a limit comes from a rule that two people have not confirmed."""
    waiting = sorted({line.rule.code for line in lines if line.rule and not line.check.confirmed})
    if waiting:
        raise WrongState(
            _(
                "This cannot be approved yet. Two people confirm under Rules first: %(rules)s",
                rules=", ".join(waiting),
            ),
            code="unconfirmed_rule",
        )


def versions(lines: Sequence[CapLine]) -> list[dict[str, Any]]:
    """The rule versions a check was made with, as plain values; of the state's part with who counted as the state."""
    found = {line.rule.id: line.rule for line in lines if line.rule}
    state = {line.rule.id: line.check.inputs["state_holders"] for line in lines
             if line.rule and "state_holders" in line.check.inputs}  # fmt: skip
    return [
        {"id": rule.public_id, "code": rule.code, "number": rule.number}
        | ({"state_holders": state[key]} if key in state else {})
        for key, rule in found.items()
    ]


def units_text(units: int, security: SecurityClass) -> str:
    """Units as people write them: 48,000, or 1.25 of a class with decimals."""
    return number(security.quantity(units), security.decimals)
