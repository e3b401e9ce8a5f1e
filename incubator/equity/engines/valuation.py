"""The fair value of an option on the day it is granted: Black, Scholes and Merton, in decimals.

Source: F. Black, M. Scholes, "The Pricing of Options and Corporate Liabilities" (1973), with Merton's continuous
dividend yield; IFRS 2, paragraph B6 (what a model must take into account). Computed with 50 digits of precision, so
that the same inputs give the same figure on every machine; nothing here is a float.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from enum import StrEnum

ENGINE_VERSION = "valuation/1"
DIGITS = 50
FAR = Decimal(10)
"""Beyond so many standard deviations the normal distribution is 0 or 1 (7.6e-24 is left out)."""


class ValuationError(ValueError):
    """Inputs that have no value; the message says which."""


class Right(StrEnum):
    """To buy or to sell."""

    CALL = "call"
    PUT = "put"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the model needs: prices in one currency (any unit), rates a year and continuous, the term in years."""

    spot: Decimal
    strike: Decimal
    rate: Decimal
    volatility: Decimal
    years: Decimal
    dividend_yield: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        figures = (self.spot, self.strike, self.rate, self.volatility, self.years, self.dividend_yield)
        if not all(figure.is_finite() for figure in figures):
            raise ValuationError("every input is a number")
        if self.spot <= 0 or self.strike < 0 or self.volatility < 0 or self.years < 0:
            raise ValuationError("the price is above 0; strike, volatility and term are at least 0")
        if max(abs(self.rate), abs(self.dividend_yield)) > 1 or self.volatility > 5 or self.years > 100:
            raise ValuationError("rates are within 100 %, volatility within 500 %, the term within 100 years")


def black_scholes(inputs: Inputs, right: Right = Right.CALL) -> Decimal:
    """The value of a European option, in the unit of its prices, not rounded."""
    with localcontext(Context(prec=DIGITS)):
        spot = inputs.spot * (-inputs.dividend_yield * inputs.years).exp()
        strike = inputs.strike * (-inputs.rate * inputs.years).exp()
        deviation = inputs.volatility * inputs.years.sqrt()
        sign = 1 if right is Right.CALL else -1
        if not deviation or not strike:
            return max(Decimal(0), sign * (spot - strike))
        d1 = (spot / strike).ln() / deviation + deviation / 2
        value = sign * (spot * normal(sign * d1) - strike * normal(sign * (d1 - deviation)))
        return max(Decimal(0), value)


def in_minor(value: Decimal, places: int = 0) -> Decimal:
    """A value rounded half up to so many decimals."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def normal(x: Decimal) -> Decimal:
    """The standard normal distribution function: 1/2 + density(x) * (x + x^3/3 + x^5/(3*5) + ...)."""
    with localcontext(Context(prec=DIGITS)):
        if abs(x) > FAR:
            return Decimal(int(x > 0))
        term = total = x
        square, n = x * x, 1
        while abs(term) > Decimal(10) ** -(DIGITS - 5) * max(abs(total), Decimal(1)):
            n += 2
            term = term * square / n
            total += term
        density = (-square / 2).exp() / (2 * _pi()).sqrt()
        return Decimal("0.5") + density * total


def _pi() -> Decimal:
    return Decimal("3.14159265358979323846264338327950288419716939937510582097494459")
