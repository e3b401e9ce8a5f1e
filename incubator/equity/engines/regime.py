"""Limits of a body of rules beside parts of the capital: first grant, pay share, lock, price floor, one plan at a time.

The parameters are those of the rule's version (`incubator/rules/packs.py`); each name makes one check:
first_bps with first_within_days (what is granted within so many days of a plan's first grant, as a part of capital,
by size), pay_bps or person_pay_ratio (value of a person's grants of a year, as a part of a year's pay), months
(how long issued units are locked at least), floor_bps (price, as a part of the appraised value), plans_at_once with
again_months (plans from which one person has grants), plan_months (how long a grant vests at most), bought_to_awarded
(units bought for units awarded), technical_staff_years (service), person_minor (appraised value of a person's awards),
net_asset_growth_bps (value of all awards), after_tax_profit_bps (what all dividends of posts come to in a year),
staff_bps (how many people have one) and state_bps (what holders of state capital keep, once all that is promised is
issued). (Design, incentives.md; sources stand with the rules.)

Most figures are rounded down, least ones up. An input that is not there makes a check that is not ok and names it.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from incubator.equity.engines.caps import CapsError, Check, Held, Measure, Scope
from incubator.rules.engines.periods import add_months

ENGINE_VERSION = "regime/1"
WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule: its code, where it stands, what it says, and whether two persons confirmed it."""

    code: str
    source: str
    parameters: Mapping[str, Any]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Appraised:
    """The approved appraisal that can be used on the grant date: minor units of one whole unit."""

    unit_minor: int
    on: dt.date
    firm: str


@dataclass(frozen=True, slots=True)
class Case:
    """A grant that is asked for, and what stands beside it. Units are smallest units, `scale` of them one whole unit.

    first: units of the plan's first grant without this one, None when this one comes after it. year_value: minor
    units of the person's other grants of the twelve months, as stated. other_plans: from how many other plans the
    person has grants since `again_months` ago. person_awards, all_awards: appraised minor units of other awards.
    year_total: what dividends of posts of the class come to in a year, minor units, as stated; people: how many others
    have one. state: issued units of holders of state capital, None where nothing is issued, and state_holders who they
    are; capital_held: units issued and promised, with what others have submitted where that counts.
    profit, staff: of the company, as the plan states them.
    pay: a year's pay in minor units; unit_value: of one whole unit in minor units; None where nobody said.
    """

    kind: str
    size: str
    capital: int
    scale: int
    units: int
    price: int
    granted_on: dt.date
    months: int | None
    lock_months: int
    first: Held | None = None
    year_value: Held = field(default_factory=Held)
    other_plans: int = 0
    person_awards: Held = field(default_factory=Held)
    all_awards: Held = field(default_factory=Held)
    appraised: Appraised | None = None
    pay: int | None = None
    unit_value: int | None = None
    bought: int | None = None
    joined_on: dt.date | None = None
    net_asset_growth: int | None = None
    year_total: Held = field(default_factory=Held)
    people: Held = field(default_factory=Held)
    profit: int | None = None
    staff: int | None = None
    state: int | None = None
    capital_held: Held = field(default_factory=Held)
    state_holders: tuple[str, ...] = ()


def evaluate(rule: Rule, case: Case) -> list[tuple[Check, Held]]:
    """Every check that a rule asks for on a grant, with what stands granted and pending. CapsError for odd parameters.

    A rule with `kinds` is for plans of these kinds alone.
    """
    said = rule.parameters
    if "kinds" in said and case.kind not in said["kinds"]:
        return []
    try:
        return [
            (replace(check, parameter=name), held)
            for name, checks in _CHECKS.items()
            if name in said
            for check, held in checks(rule, case)
        ]
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise CapsError(f"rule {rule.code}: its parameters cannot be used: {error!r}") from error


def _most(
    rule: Rule, scope: Scope, measure: Measure, *, limit: int, held: Held, asked: int, **inputs: Any
) -> tuple[Check, Held]:
    left = limit - held.used
    return (
        Check(rule.code, rule.source, scope, limit, held.used, asked, left, asked <= left, rule.confirmed, measure,
              inputs=inputs),
        held,
    )  # fmt: skip


def _least(rule: Rule, measure: Measure, limit: int, asked: int, **inputs: Any) -> tuple[Check, Held]:
    return (
        Check(rule.code, rule.source, Scope.PERSON, limit, 0, asked, asked - limit, asked >= limit, rule.confirmed,
              measure, floor=True, inputs=inputs),
        Held(),
    )  # fmt: skip


def _missing(rule: Rule, measure: Measure, name: str) -> tuple[Check, Held]:
    return (
        Check(rule.code, rule.source, Scope.PERSON, 0, 0, 0, 0, ok=False, confirmed=rule.confirmed, measure=measure,
              missing=name),
        Held(),
    )  # fmt: skip


def _first(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    if case.first is not None:
        points = int(rule.parameters["first_bps"][case.size])
        most = case.capital * points // WHOLE
        yield _most(rule, Scope.EVERYBODY, Measure.UNITS, limit=most, held=case.first, asked=case.units,
                    days=int(rule.parameters["first_within_days"]))  # fmt: skip


def _pay(rule: Rule, case: Case, part: Fraction) -> Iterator[tuple[Check, Held]]:
    if case.pay is None:
        yield _missing(rule, Measure.MONEY, "pay_minor")
    elif case.unit_value is None:
        yield _missing(rule, Measure.MONEY, "unit_value_minor")
    else:
        asked = _up(Fraction(case.units * case.unit_value, case.scale))
        yield _most(rule, Scope.PERSON, Measure.MONEY, limit=_down(case.pay * part), held=case.year_value,
                    asked=asked, pay=case.pay, unit_value=case.unit_value)  # fmt: skip


def _pay_bps(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    yield from _pay(rule, case, Fraction(int(rule.parameters["pay_bps"]), WHOLE))


def _pay_ratio(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    above, below = rule.parameters["person_pay_ratio"]
    yield from _pay(rule, case, Fraction(int(above), int(below)))


def _lock(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    yield _least(rule, Measure.MONTHS, int(rule.parameters["months"]), case.lock_months)


def _floor(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    if case.appraised is None:
        yield _missing(rule, Measure.MONEY, "appraisal")
        return
    value = case.appraised
    least = _up(Fraction(value.unit_minor * int(rule.parameters["floor_bps"]), WHOLE))
    yield _least(rule, Measure.MONEY, least, case.price, appraised=value.unit_minor, appraised_on=value.on.isoformat(),
                 firm=value.firm)  # fmt: skip


def _plans(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    most, held = int(rule.parameters["plans_at_once"]), Held(case.other_plans)
    yield _most(
        rule,
        Scope.PERSON,
        Measure.PLANS,
        limit=most,
        held=held,
        asked=1,
        again_months=int(rule.parameters["again_months"]),
    )


def _months(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    if case.months is not None:
        yield _most(
            rule,
            Scope.PERSON,
            Measure.MONTHS,
            limit=int(rule.parameters["plan_months"]),
            held=Held(),
            asked=case.months,
        )


def _bought(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    above, below = rule.parameters["bought_to_awarded"]
    if case.bought is None:
        yield _missing(rule, Measure.UNITS, "bought_units")
    else:
        yield _least(rule, Measure.UNITS, _up(Fraction(case.units * int(above), int(below))), case.bought)


def _service(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    if case.joined_on is None:
        yield _missing(rule, Measure.MONTHS, "joined_on")
    else:
        months = 12 * int(rule.parameters["technical_staff_years"])
        yield _least(rule, Measure.MONTHS, months, _whole_months(case.joined_on, case.granted_on),
                     joined_on=case.joined_on.isoformat())  # fmt: skip


def _person_value(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    yield from _value(rule, case, Scope.PERSON, int(rule.parameters["person_minor"]), case.person_awards)


def _all_value(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    if case.net_asset_growth is None:
        yield _missing(rule, Measure.MONEY, "net_asset_growth_minor")
    else:
        most = case.net_asset_growth * int(rule.parameters["net_asset_growth_bps"]) // WHOLE
        yield from _value(rule, case, Scope.EVERYBODY, most, case.all_awards, net_asset_growth=case.net_asset_growth)


def _profit(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    if case.profit is None:
        yield _missing(rule, Measure.MONEY, "after_tax_profit_minor")
    elif case.unit_value is None:
        yield _missing(rule, Measure.MONEY, "unit_value_minor")
    else:
        most = case.profit * int(rule.parameters["after_tax_profit_bps"]) // WHOLE
        asked = _up(Fraction(case.units * case.unit_value, case.scale))
        yield _most(rule, Scope.EVERYBODY, Measure.MONEY, limit=most, held=case.year_total, asked=asked,
                    profit=case.profit, unit_value=case.unit_value)  # fmt: skip


def _staff(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    if case.staff is None:
        yield _missing(rule, Measure.PEOPLE, "staff")
    else:
        most = case.staff * int(rule.parameters["staff_bps"]) // WHOLE
        yield _most(rule, Scope.EVERYBODY, Measure.PEOPLE, limit=most, held=case.people, asked=1, staff=case.staff)


def _state(rule: Rule, case: Case) -> Iterator[tuple[Check, Held]]:
    if case.state is None:
        yield _missing(rule, Measure.UNITS, "state_units")
    else:
        after = case.capital_held.used + case.units
        least = _up(Fraction(after * int(rule.parameters["state_bps"]), WHOLE))
        yield _least(rule, Measure.UNITS, least, case.state, after=after,
                     state_holders=list(case.state_holders))  # fmt: skip


def _value(rule: Rule, case: Case, scope: Scope, most: int, held: Held, **inputs: Any) -> Iterator[tuple[Check, Held]]:
    if case.appraised is None:
        yield _missing(rule, Measure.MONEY, "appraisal")
    else:
        asked = _up(Fraction(case.units * case.appraised.unit_minor, case.scale))
        yield _most(
            rule,
            scope,
            Measure.MONEY,
            limit=most,
            held=held,
            asked=asked,
            appraised=case.appraised.unit_minor,
            **inputs,
        )


def _whole_months(since: dt.date, to: dt.date) -> int:
    """Whole months between two days, 0 where the first is the later."""
    months = max((to.year - since.year) * 12 + to.month - since.month, 0)
    return months - 1 if months and add_months(since, months) > to else months


def _down(value: Fraction) -> int:
    return value.numerator // value.denominator


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


_CHECKS = {
    "first_bps": _first,
    "pay_bps": _pay_bps,
    "person_pay_ratio": _pay_ratio,
    "months": _lock,
    "floor_bps": _floor,
    "plans_at_once": _plans,
    "plan_months": _months,
    "bought_to_awarded": _bought,
    "technical_staff_years": _service,
    "person_minor": _person_value,
    "net_asset_growth_bps": _all_value,
    "after_tax_profit_bps": _profit,
    "staff_bps": _staff,
    "state_bps": _state,
}
