"""Ranks with what the scores leave open: joint draws ranked and funded one by one, then counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from incubator.reviews.engines.calibration.fitting import Calibration, Finding
from incubator.reviews.engines.calibration.scores import Floats, Whole

DRAWS = 4_000
"""The standard error of a probability is at most 0.008."""
COIN = 1e-9
"""Equal draws are parted by a coin this small against the scores."""
LEVELS = (0.05, 0.25, 0.75, 0.95)


class Position(StrEnum):
    """Where a proposal's 50 % interval of ranks lies against the line."""

    ABOVE = "above"
    CLOSE = "close"
    BELOW = "below"


@dataclass(frozen=True, eq=False)
class Contest:
    """Proposals that compete for one budget.

    members: their places among the calibration's proposals, (m,). costs: what each asks, minor units, (m,). budget:
    minor units. stops: the first that does not fit ends the funding (else it is passed over). minimum: the least score
    funded, in points, None for none. is_settled: who has the same rank in half of the draws and more is not too close
    to call, on the line either.
    """

    members: Whole
    costs: Whole
    budget: int
    stops: bool = False
    minimum: float | None = None
    is_settled: bool = False

    def funded(self, draws: Floats, order: Whole) -> tuple[Whole, Whole]:
        """How many are funded in each draw, (d,), and in how many draws each is, (m,).

        draws (d, m); order (d, m): the members by falling score.
        """
        count, rows = draws.shape[0], np.arange(draws.shape[0])
        left, going = np.full(count, self.budget, dtype=np.int64), np.ones(count, dtype=bool)
        won, times = np.zeros(count, dtype=np.int64), np.zeros(len(self.members), dtype=np.int64)
        for turn in order.T:
            good = going if self.minimum is None else going & (draws[rows, turn] >= self.minimum)
            cost = self.costs[turn]
            takes = good & (cost <= left)
            left -= cost * takes
            won += takes
            times += np.bincount(turn, weights=takes, minlength=len(times)).astype(np.int64)
            if self.stops:
                going = going & (takes | ~good)
        return won, times


@dataclass(frozen=True)
class Standing:
    """One proposal in its contest. All ranks count from 1, the best.

    place: by the calibrated score. low and high: the 90 % interval of the score in points. expected: the mean of the
    drawn rank. inner and outer: its 50 % and 90 % intervals. top: the chance to be among the first k; funded: to be
    funded under the budget.
    """

    key: str
    shown: float
    low: float
    high: float
    place: int
    expected: float
    inner: tuple[int, int]
    outer: tuple[int, int]
    top: float
    funded: float
    position: Position


def stand(calibration: Calibration, contest: Contest, draws: Floats) -> list[Standing]:
    """Every member of a contest, the best first; draws (d, P) as the calibration gives them.

    k is how many the budget funds by the calibrated scores. The line is the k-th smallest expected rank.
    """
    keys = [calibration.scores.proposals[member] for member in contest.members]
    shown = calibration.shown[contest.members]
    drawn = draws[:, contest.members]
    order = _falling(drawn, calibration)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(1, len(keys) + 1), order.shape), axis=1)
    k = int(contest.funded(shown[None, :], np.argsort(-shown, kind="stable")[None, :])[0][0])
    expected, top = ranks.mean(axis=0), (ranks <= k).mean(axis=0)
    if {Finding.ALL_EQUAL, Finding.NOT_SEPARATED} & set(calibration.findings):
        expected, top = np.full(len(keys), (len(keys) + 1) / 2), np.full(len(keys), k / len(keys))
    funded = contest.funded(drawn, order)[1] / len(drawn)
    levels, bounds = _quantiles(ranks), _quantiles(drawn)
    line = float(np.sort(expected)[k - 1]) if k else 0.0
    places = np.argsort(np.argsort(-shown, kind="stable"), kind="stable") + 1
    found = [
        Standing(
            keys[i], float(shown[i]), float(bounds[0][i]), float(bounds[3][i]), int(places[i]), float(expected[i]),
            (int(levels[1][i]), int(levels[2][i])), (int(levels[0][i]), int(levels[3][i])), float(top[i]),
            float(funded[i]), _position(int(levels[1][i]), int(levels[2][i]), line, k=k, of=len(keys),
                                        is_settled=contest.is_settled),
        )
        for i in range(len(keys))
    ]  # fmt: skip
    return sorted(found, key=lambda standing: standing.place)


def _falling(drawn: Floats, calibration: Calibration) -> Whole:
    """The members by falling score in each draw; equal ones in an order of chance, the same for the same draws."""
    rng = np.random.Generator(np.random.PCG64(drawn.shape[1]))
    scale = COIN * (np.abs(calibration.shown).max() + 1)
    order: Whole = np.argsort(-(drawn + scale * rng.standard_normal(drawn.shape)), axis=1)
    return order


def _quantiles(columns: Floats | Whole) -> list[Floats | Whole]:
    """The values at the levels of each column, as they were drawn."""
    places = [min(len(columns) - 1, int(level * len(columns))) for level in LEVELS]
    parted = np.partition(columns, places, axis=0)
    return [parted[place] for place in places]


def _position(best: int, worst: int, line: float, *, k: int, of: int, is_settled: bool) -> Position:
    is_sure = is_settled and best == worst
    if k == of or worst < line or (is_sure and worst <= k):
        return Position.ABOVE
    return Position.CLOSE if best <= line and not is_sure else Position.BELOW


def extra_reviews(chances: Mapping[str, float], spare: int) -> list[str]:
    """Where one more review pays most: the proposals whose chance is nearest one half, as many as there is load."""
    return sorted(chances, key=lambda key: (abs(chances[key] - 0.5), key))[: max(spare, 0)]
