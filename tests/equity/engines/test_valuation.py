"""Option values against Hull's printed example and QuantLib as an oracle."""

from decimal import Decimal

import pytest
import QuantLib as ql  # noqa: N813
from hypothesis import given
from hypothesis import strategies as st

from incubator.equity.engines.valuation import Inputs, Right, ValuationError, black_scholes, in_minor, normal

HULL = Inputs(Decimal(42), Decimal(40), Decimal("0.1"), Decimal("0.2"), Decimal("0.5"))
"""J. Hull, Options, Futures and Other Derivatives, the example of the chapter on the model: 4.76 and 0.81."""


def test_hulls_example() -> None:
    assert in_minor(black_scholes(HULL), 6) == Decimal("4.759422")
    assert in_minor(black_scholes(HULL, Right.PUT), 6) == Decimal("0.808599")


def test_without_time_or_deviation_the_value_is_what_exercise_gives() -> None:
    now = Inputs(Decimal(42), Decimal(40), Decimal("0.1"), Decimal("0.2"), Decimal(0))
    assert (black_scholes(now), black_scholes(now, Right.PUT)) == (2, 0)
    free = Inputs(Decimal(42), Decimal(0), Decimal("0.1"), Decimal("0.2"), Decimal(1))
    assert black_scholes(free) == 42


def test_the_distribution_has_its_known_values_and_ends() -> None:
    assert in_minor(normal(Decimal(0)), 10) == Decimal("0.5000000000")
    assert in_minor(normal(Decimal("1.959963984540054")), 10) == Decimal("0.9750000000")
    assert (normal(Decimal(11)), normal(Decimal(-11))) == (1, 0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"spot": "0"}, "price is above 0"),
        ({"strike": "-1"}, "price is above 0"),
        ({"volatility": "-0.1"}, "price is above 0"),
        ({"years": "-1"}, "price is above 0"),
        ({"spot": "NaN"}, "is a number"),
        ({"rate": "1.01"}, "within"),
        ({"dividend_yield": "-1.01"}, "within"),
        ({"volatility": "5.1"}, "within"),
        ({"years": "101"}, "within"),
    ],
)
def test_inputs_without_a_value_are_refused(changes: dict[str, str], words: str) -> None:
    given_ = {"spot": "1", "strike": "1", "rate": "0", "volatility": "0.2", "years": "1"} | changes
    with pytest.raises(ValuationError, match=words):
        Inputs(**{name: Decimal(figure) for name, figure in given_.items()})


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places)


@given(
    decimals("0.5", "500", 2), decimals("0.5", "500", 2), decimals("-0.02", "0.12", 4), decimals("0.05", "0.9", 3),
    decimals("0.05", "10", 2), decimals("0", "0.08", 4), st.sampled_from(Right),
)  # fmt: skip
def test_it_agrees_with_quantlib(
    spot: Decimal, strike: Decimal, rate: Decimal, volatility: Decimal, years: Decimal, dividends: Decimal, right: Right
) -> None:
    given_ = Inputs(spot, strike, rate, volatility, years, dividends)
    kind = ql.Option.Call if right is Right.CALL else ql.Option.Put
    forward = float(spot) * pow(2.718281828459045, float((rate - dividends) * years))
    deviation = float(volatility) * float(years) ** 0.5
    discount = pow(2.718281828459045, float(-rate * years))
    expected = ql.blackFormula(kind, float(strike), forward, deviation, discount)
    assert float(black_scholes(given_, right)) == pytest.approx(expected, abs=1e-8 * float(spot + strike))


@given(decimals("1", "100", 2), decimals("1", "100", 2), decimals("0", "0.1", 3), decimals("0.1", "1", 2))
def test_calls_and_puts_keep_their_parity(spot: Decimal, strike: Decimal, rate: Decimal, volatility: Decimal) -> None:
    given_ = Inputs(spot, strike, rate, volatility, Decimal(2))
    difference = black_scholes(given_) - black_scholes(given_, Right.PUT)
    assert abs(difference - (spot - strike * (-rate * 2).exp())) < Decimal("1e-25")
