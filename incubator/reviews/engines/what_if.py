"""Another budget or other weights on scores that stand: who would be funded, and with what chance.

Plain integers, no numpy: a page asks this in a request, of the draws that a ranking run has kept. Under other weights a
proposal's draws move with its mean, so what its reviews leave open stays as wide as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from incubator.reviews.engines.scoring import Rubric


@dataclass(frozen=True)
class Entrant:
    """A proposal: what it asks (minor units), its total and criterion means (hundredths), and kept draws of its score
    (hundredths; None where no chances are given)."""

    key: str
    cost: int
    total: int
    means: Mapping[str, int | None]
    draws: Sequence[int] | None = None


@dataclass(frozen=True)
class Terms:
    """Under what is funded: budget in minor units, the least total (hundredths) or None, and whether the first that
    does not fit ends it."""

    budget: int
    minimum: int | None = None
    stops: bool = False


@dataclass(frozen=True)
class Standing:
    """A proposal under the terms: total in hundredths, place from 1, funded, and the chance in basis points or None."""

    key: str
    total: int
    place: int
    funded: bool
    chance: int | None


def reweighed(entrant: Entrant, rubric: Rubric) -> int:
    """The total (hundredths of the rubric's scale) from the criterion means under the rubric's weights; the stored one
    where none of the weighed criteria has a mean."""
    weight, points = 0, Fraction(0)
    for criterion in rubric.criteria:
        mean = entrant.means.get(criterion.key)
        if mean is not None:
            part = (Fraction(mean, 100) - criterion.low) / (criterion.high - criterion.low)
            points += criterion.weight * (1 - part if criterion.lower_is_better else part)
            weight += criterion.weight
    return round(100 * rubric.shown(100 * points / weight)) if weight else entrant.total


def stand(entrants: Sequence[Entrant], terms: Terms, totals: Mapping[str, int] | None = None) -> list[Standing]:
    """Every entrant under the terms, the best first; equal ones in the order given. totals: other ones by key."""
    found = [entrant.total if totals is None else totals[entrant.key] for entrant in entrants]
    costs = [entrant.cost for entrant in entrants]
    order = sorted(range(len(entrants)), key=lambda at: -found[at])
    winners = set(_funded(order, found, costs, terms))
    chances = _chances(entrants, found, costs, terms)
    return [
        Standing(entrants[at].key, found[at], place, at in winners, chances[at]) for place, at in enumerate(order, 1)
    ]


def _funded(order: Sequence[int], scores: Sequence[int], costs: Sequence[int], terms: Terms) -> list[int]:
    left, winners = terms.budget, []
    for at in order:
        if terms.minimum is not None and scores[at] < terms.minimum:
            break
        if costs[at] <= left:
            left -= costs[at]
            winners.append(at)
        elif terms.stops:
            break
    return winners


def _chances(entrants: Sequence[Entrant], found: Sequence[int], costs: Sequence[int], terms: Terms) -> list[int | None]:
    drawn = [entrant.draws for entrant in entrants]
    count = min((len(draws) for draws in drawn if draws is not None), default=0)
    if not count or any(draws is None for draws in drawn):
        return [None] * len(entrants)
    shifts = [total - entrant.total for total, entrant in zip(found, entrants, strict=True)]
    times = [0] * len(entrants)
    for n in range(count):
        scores = [draws[n] + shift for draws, shift in zip(drawn, shifts, strict=True) if draws is not None]
        order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
        for at in _funded(order, scores, costs, terms):
            times[at] += 1
    return [10_000 * n // count for n in times]
