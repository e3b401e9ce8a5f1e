"""Limits on the terms of a grant: each parameter by a hand-worked example (design/incentives.md), and by property."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.equity.engines.caps import CapsError, Held, Measure
from incubator.equity.engines.regime import Appraised, Case, Rule, evaluate
from incubator.rules.packs import PACK

DAY = dt.date(2026, 6, 30)
CASE = Case(
    kind="option", size="small", capital=10_000_000, scale=1, units=10_000, price=120, granted_on=DAY, months=48,
    lock_months=60, profit=10_000_000, staff=11, state=1,
    first=Held(), appraised=Appraised(120, dt.date(2026, 3, 31), "Zhonghe"), pay=30_000_000,
    unit_value=100, bought=10_000, joined_on=dt.date(2023, 6, 30), net_asset_growth=1_000_000_000,
)  # fmt: skip


def rule(**parameters: Any) -> Rule:
    return Rule("r", "source", parameters, confirmed=True)


def only(asked: Rule, case: Case) -> tuple[int, int, int, int, bool]:
    """Limit, used, asked, headroom and whether it holds, of the one check there is."""
    ((check, _held),) = evaluate(asked, case)
    return check.limit, check.used, check.asked, check.headroom, check.ok


@pytest.mark.parametrize(
    ("parameters", "changes", "expected"),
    [
        # 1 % of 10,000,000 for a large company, 3 % else; 290,000 stand granted or pending
        ({"first_bps": {"large": 100}, "first_within_days": 60}, {"size": "large", "first": Held(60_000, 30_000)},
         (100_000, 90_000, 10_000, 10_000, True)),
        ({"first_bps": {"small": 300}, "first_within_days": 60}, {"first": Held(290_001)},
         (300_000, 290_001, 10_000, 9_999, False)),
        # 40 % of 300,000.00 are 120,000.00; 10,000 units at 1.00 are 10,000.00
        ({"pay_bps": 4_000}, {}, (12_000_000, 0, 1_000_000, 12_000_000, True)),
        ({"pay_bps": 4_000}, {"year_value": Held(11_000_000, 1)}, (12_000_000, 11_000_001, 1_000_000, 999_999, False)),
        # two thirds of 100.00 are 66.66; half a cent is asked as a whole one
        ({"person_pay_ratio": [2, 3]}, {"pay": 10_000, "units": 1, "scale": 100, "unit_value": 50},
         (6_666, 0, 1, 6_666, True)),
        ({"months": 60}, {}, (60, 0, 60, 0, True)),
        ({"months": 60}, {"lock_months": 59}, (60, 0, 59, -1, False)),
        # the floor is rounded up: 90 % of 1.21 are 1.089, so 1.09
        ({"floor_bps": 9_000}, {"appraised": Appraised(121, DAY, "Z"), "price": 108}, (109, 0, 108, -1, False)),
        ({"floor_bps": 10_000}, {}, (120, 0, 120, 0, True)),
        ({"plans_at_once": 1, "again_months": 60}, {}, (1, 0, 1, 1, True)),
        ({"plans_at_once": 1, "again_months": 60}, {"other_plans": 1}, (1, 1, 1, 0, False)),
        ({"plan_months": 36}, {}, (36, 0, 48, 36, False)),
        ({"bought_to_awarded": [1, 1]}, {"bought": 9_999}, (10_000, 0, 9_999, -1, False)),
        ({"bought_to_awarded": [1, 2]}, {"bought": 5_000}, (5_000, 0, 5_000, 0, True)),
        # three years to the day, and one day less
        ({"technical_staff_years": 3}, {}, (36, 0, 36, 0, True)),
        ({"technical_staff_years": 3}, {"joined_on": dt.date(2023, 7, 1)}, (36, 0, 35, -1, False)),
        ({"technical_staff_years": 3}, {"joined_on": dt.date(2027, 1, 1)}, (36, 0, 0, -36, False)),
        # CNY 3,000,000 a person: 10,000 units at 1.20 on top of 2,988,000.01
        ({"person_minor": 300_000_000}, {"person_awards": Held(298_800_001)},
         (300_000_000, 298_800_001, 1_200_000, 1_199_999, False)),
        # 15 % of growth of 10,000,000.00
        ({"net_asset_growth_bps": 1_500}, {}, (150_000_000, 0, 1_200_000, 150_000_000, True)),
        # 15 % of 100,000.00 are 15,000.00; 10,000 units at 1.00 beside 5,000.00, and beside a cent more
        ({"after_tax_profit_bps": 1_500}, {"year_total": Held(400_000, 100_000)},
         (1_500_000, 500_000, 1_000_000, 1_000_000, True)),
        ({"after_tax_profit_bps": 1_500}, {"year_total": Held(500_001)},
         (1_500_000, 500_001, 1_000_000, 999_999, False)),
        # 30 % of 11 people are 3
        ({"staff_bps": 3_000}, {"people": Held(2)}, (3, 2, 1, 1, True)),
        ({"staff_bps": 3_000}, {"people": Held(2, 1)}, (3, 3, 1, 0, False)),
        # 34 % of 90,001 + 10,000 units, rounded up: 34,001 (34,000.34)
        ({"state_bps": 3_400}, {"state": 34_001, "capital_held": Held(80_000, 10_001)}, (34_001, 0, 34_001, 0, True)),
        ({"state_bps": 3_400}, {"state": 34_000, "capital_held": Held(90_001)}, (34_001, 0, 34_000, -1, False)),
    ],
)  # fmt: skip
def test_each_parameter_makes_its_check(
    parameters: dict[str, Any], changes: dict[str, Any], expected: tuple[int, ...]
) -> None:
    assert only(rule(**parameters), replace(CASE, **changes)) == expected


@pytest.mark.parametrize(
    ("parameters", "changes", "missing"),
    [
        ({"pay_bps": 4_000}, {"pay": None}, "pay_minor"),
        ({"pay_bps": 4_000}, {"unit_value": None}, "unit_value_minor"),
        ({"floor_bps": 10_000}, {"appraised": None}, "appraisal"),
        ({"bought_to_awarded": [1, 1]}, {"bought": None}, "bought_units"),
        ({"technical_staff_years": 3}, {"joined_on": None}, "joined_on"),
        ({"person_minor": 1}, {"appraised": None}, "appraisal"),
        ({"net_asset_growth_bps": 1_500}, {"net_asset_growth": None}, "net_asset_growth_minor"),
        ({"after_tax_profit_bps": 1_500}, {"profit": None}, "after_tax_profit_minor"),
        ({"after_tax_profit_bps": 1_500}, {"unit_value": None}, "unit_value_minor"),
        ({"staff_bps": 3_000}, {"staff": None}, "staff"),
        ({"state_bps": 3_400}, {"state": None}, "state_units"),
    ],
)
def test_what_nobody_said_is_named_and_nothing_is_guessed(
    parameters: dict[str, Any], changes: dict[str, Any], missing: str
) -> None:
    ((check, _held),) = evaluate(rule(**parameters), replace(CASE, **changes))
    assert (check.missing, check.ok) == (missing, False)


def test_some_checks_have_no_case() -> None:
    assert evaluate(rule(first_bps={"small": 1}, first_within_days=60), replace(CASE, first=None)) == []
    assert evaluate(rule(plan_months=36), replace(CASE, months=None)) == []
    assert evaluate(rule(floor_bps=10_000, kinds=["restricted"]), CASE) == []


@pytest.mark.parametrize(
    "parameters",
    [{"first_bps": {"large": 1}, "first_within_days": 60}, {"pay_bps": "much"}, {"person_pay_ratio": [1, 0]},
     {"months": None}],
)  # fmt: skip
def test_parameters_that_say_nothing_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(CapsError, match="its parameters cannot be used"):
        evaluate(rule(**parameters), CASE)


def test_the_shipped_rules_make_their_checks() -> None:
    made = {
        one.code: [
            check.parameter for check, _held in evaluate(Rule(one.code, one.source, one.parameters, False), CASE)
        ]
        for one in PACK
        if one.code.startswith("cn.equity.")
    }
    assert {code: names for code, names in made.items() if names} == {
        "cn.equity.award": ["bought_to_awarded", "technical_staff_years", "person_minor", "net_asset_growth_bps"],
        "cn.equity.lock": ["months"],
        "cn.equity.post_dividend": ["person_pay_ratio", "plan_months", "after_tax_profit_bps", "staff_bps"],
        "cn.equity.once": ["plans_at_once"],
        "cn.equity.price": ["floor_bps"],
        "cn.equity.pilot.lock": ["months"],
        "cn.equity.pilot.price": ["floor_bps"],
        "cn.equity.pilot.state": ["state_bps"],
        "cn.equity.listed.first": ["first_bps"],
        "cn.equity.listed.pay": ["pay_bps"],
        "cn.equity.listed.price": ["floor_bps"],
    }


@given(pay=st.integers(0, 10**9), points=st.integers(0, 10_000), units=st.integers(1, 10**6),
       each=st.integers(0, 10**5), used=st.integers(0, 10**9))  # fmt: skip
def test_what_passes_stays_within_the_part_of_pay(pay: int, points: int, units: int, each: int, used: int) -> None:
    case = replace(CASE, pay=pay, units=units, unit_value=each, year_value=Held(used))
    ((check, _held),) = evaluate(rule(pay_bps=points), case)
    assert check.measure is Measure.MONEY
    assert check.ok == ((used + units * each) * 10_000 <= pay * points)
