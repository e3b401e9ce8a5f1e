"""What becomes of a grant when its holder leaves: worked by hand, and every unit accounted for."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.equity.engines.leaving import DEFAULTS, Holding, LeavingError, Outcome, Reason, outcome, read

LAST_DAY = dt.date(2026, 3, 31)
RULES = {"resignation": {"unvested": "lapse", "vested": "window", "window_days": 30, "price": "cost"}}


def holding(*, shares: bool = False, value: int | None = 500) -> Holding:
    return Holding(vested=600, unvested=400, shares=shares, decimals=0, cost_minor=100, value_minor=value)


@pytest.mark.parametrize(
    ("reason", "shares", "expected"),
    [
        # options: what has not vested lapses; 90 days for the rest
        (Reason.RESIGNATION, False, Outcome(0, 0, 400, 0, 600, 0, 0, dt.date(2026, 6, 29))),
        # dismissed for cause: what had vested is bought back at the lower of cost (1.00) and value (5.00)
        (Reason.CAUSE, False, Outcome(0, 0, 400, 600, 0, 100, 60_000, None)),
        # shares do not lapse: the unvested ones are bought back at their value
        (Reason.RETIREMENT, True, Outcome(0, 0, 0, 400, 600, 500, 200_000, None)),
        (Reason.VENTURE_ENDED, True, Outcome(0, 0, 0, 400, 600, 100, 40_000, None)),
        (Reason.DEATH, False, Outcome(400, 0, 0, 0, 1_000, 0, 0, None)),
        (Reason.MOVE, False, Outcome(0, 400, 0, 0, 600, 0, 0, None)),
    ],
)
def test_the_defaults(reason: Reason, shares: bool, expected: Outcome) -> None:
    assert outcome(read({}, reason), holding(shares=shares), LAST_DAY) == expected


def test_a_plan_s_own_rule_comes_first_and_amounts_round_down() -> None:
    assert outcome(read(RULES, "resignation"), holding(), LAST_DAY).until == dt.date(2026, 4, 30)
    odd = Holding(vested=0, unvested=333, shares=True, decimals=2, cost_minor=101, value_minor=None)
    found = outcome(read(RULES, "resignation"), odd, LAST_DAY)
    assert (found.bought, found.price_minor, found.amount_minor) == (333, 101, 336)  # 3.33 units at 1.01: 3.3633


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"cause": {"unvested": "vanish", "vested": "keep", "window_days": 0, "price": "cost"}}, "says nothing of"),
        ({"cause": {"unvested": "lapse"}}, "says nothing of 'window_days'"),
        ({"cause": DEFAULTS[Reason.CAUSE] | {"window_days": 4_000}}, "between 0 and 3660 days"),
        ({"cause": DEFAULTS[Reason.CAUSE] | {"window_days": "30"}}, "between 0 and 3660 days"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rules: dict[str, object], words: str) -> None:
    with pytest.raises(LeavingError, match=words):
        read(rules, "cause")


def test_an_unknown_reason_has_no_rule() -> None:
    with pytest.raises(LeavingError, match="the plan's rule for holiday"):
        read({}, "holiday")


def test_a_value_that_nobody_has_appraised_is_not_guessed() -> None:
    with pytest.raises(LeavingError, match="no appraised value"):
        outcome(read({}, Reason.RETIREMENT), holding(shares=True, value=None), LAST_DAY)


@given(st.sampled_from(list(Reason)), st.integers(0, 10**12), st.integers(0, 10**12), st.booleans())
def test_every_unit_is_accounted_for(reason: Reason, vested: int, unvested: int, shares: bool) -> None:
    held = Holding(vested, unvested, shares, 0, 100, 500)
    found = outcome(read({}, reason), held, LAST_DAY)
    assert found.goes_on + found.lapses + found.bought + found.keeps == vested + unvested
    assert min(found.vests, found.goes_on, found.lapses, found.bought, found.keeps, found.amount_minor) >= 0
