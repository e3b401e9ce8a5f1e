"""How units that do not divide evenly are spread, in whole numbers and fractions (OCF enum AllocationType)."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

Quantity = int | Fraction
"""Units: whole ones, except under FRACTIONAL."""


class VestingError(ValueError):
    """Terms or facts that make no schedule; the message says what would be right."""


class Allocation(StrEnum):
    """How units that do not divide evenly are spread; the example is 18 over 4."""

    CUMULATIVE_ROUNDING = "CUMULATIVE_ROUNDING"
    """5-4-5-4: what has vested so far is rounded, halves up."""
    CUMULATIVE_ROUND_DOWN = "CUMULATIVE_ROUND_DOWN"
    """4-5-4-5: what has vested so far is rounded down."""
    FRONT_LOADED = "FRONT_LOADED"
    """5-5-4-4."""
    BACK_LOADED = "BACK_LOADED"
    """4-4-5-5."""
    FRONT_LOADED_TO_SINGLE_TRANCHE = "FRONT_LOADED_TO_SINGLE_TRANCHE"
    """6-4-4-4."""
    BACK_LOADED_TO_SINGLE_TRANCHE = "BACK_LOADED_TO_SINGLE_TRANCHE"
    """4-4-4-6."""
    FRACTIONAL = "FRACTIONAL"
    """4.5 each."""


def allocate(units: int, instalments: int, allocation: Allocation) -> tuple[Quantity, ...]:
    """Spread units over equal instalments; the parts sum to the units exactly."""
    so_far = [_SO_FAR[allocation](units, instalments, number) for number in range(instalments + 1)]
    return tuple(after - before for before, after in pairwise(so_far))


def spread(
    allocation: Allocation, *, due: Fraction, each: Fraction, times: int, given: Quantity, most: Quantity
) -> tuple[Quantity, ...]:
    """The parts of one condition that comes `times` times, `each` exactly so much of the grant.

    due: what the conditions before it came to, exactly; given: what they gave, rounded; most: all that there is.
    The cumulative types round what has come so far over the whole path, so that a fraction that one condition left
    is paid by the next. The others round the condition's own total, up for what is loaded to the front and down for
    what is loaded to the back, and spread that. Nobody gets more than `most`.
    """
    whole = each * times
    if due == given and whole.denominator == 1 and given + whole <= most:
        return allocate(whole.numerator, times, allocation)
    if allocation is Allocation.FRACTIONAL:
        so_far = [given, *(min(due + each * n, Fraction(most)) for n in range(1, times + 1))]
        return tuple(after - before for before, after in pairwise(so_far))
    if allocation in _CUMULATIVE:
        up = _CUMULATIVE[allocation]
        so_far = [given, *(min(_whole(due + each * n, up), most) for n in range(1, times + 1))]
        return tuple(after - before for before, after in pairwise(so_far))
    ends = min(_whole(due + each * times, _BORDER[allocation]), most)
    return allocate(int(ends - given), times, allocation)


def _whole(exact: Fraction, up: Fraction) -> int:
    """Rounded down after adding `up`: 1/2 rounds halves up, 0 rounds down; just below 1 rounds up."""
    return int((exact + up) // 1) if up != 1 else -int(-exact // 1)


_CUMULATIVE = {Allocation.CUMULATIVE_ROUNDING: Fraction(1, 2), Allocation.CUMULATIVE_ROUND_DOWN: Fraction(0)}
_BORDER = {
    Allocation.FRONT_LOADED: Fraction(1),
    Allocation.FRONT_LOADED_TO_SINGLE_TRANCHE: Fraction(1),
    Allocation.BACK_LOADED: Fraction(0),
    Allocation.BACK_LOADED_TO_SINGLE_TRANCHE: Fraction(0),
}
_SO_FAR: Mapping[Allocation, Callable[[int, int, int], Quantity]] = {
    Allocation.CUMULATIVE_ROUNDING: lambda units, of, number: (2 * units * number + of) // (2 * of),
    Allocation.CUMULATIVE_ROUND_DOWN: lambda units, of, number: units * number // of,
    Allocation.FRONT_LOADED: lambda units, of, number: units // of * number + min(number, units % of),
    Allocation.BACK_LOADED: lambda units, of, number: units // of * number + max(0, number - of + units % of),
    Allocation.FRONT_LOADED_TO_SINGLE_TRANCHE: lambda units, of, number: (
        units // of * number + units % of * (number > 0)
    ),
    Allocation.BACK_LOADED_TO_SINGLE_TRANCHE: lambda units, of, number: (
        units // of * number + units % of * (number == of)
    ),
    Allocation.FRACTIONAL: lambda units, of, number: Fraction(units * number, of),
}
"""All units of the first so many instalments, of how many."""
