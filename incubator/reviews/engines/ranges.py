"""What a handful of reviews can tell about a proposal's mean: its 90 % interval by Student's t."""

from collections.abc import Sequence
from fractions import Fraction

from incubator.reviews.engines.scoring import rounded_root

T_90 = (6314, 2920, 2353, 2132, 2015, 1943, 1895, 1860, 1833, 1812, 1796, 1782, 1771, 1761, 1753, 1746, 1740, 1734,
        1729, 1725, 1721, 1717, 1714, 1711, 1708, 1706, 1703, 1701, 1699, 1697)  # fmt: skip
"""The 95 % point of Student's t in thousandths for 1 to 30 degrees of freedom (NIST/SEMATECH e-Handbook, 1.3.6.7.2)."""
T_90_MANY = 1645
"""The same of the normal distribution, for more."""


def interval(mean: int, spread: int | None, reviews: int, low: int, high: int) -> tuple[int, int] | None:
    """mean ± t · spread / √reviews, cut to the scale low…high; all in hundredths. None for fewer than two reviews.

    spread is the sample standard deviation of the single totals. It uses this proposal's own reviews alone and takes
    no reviewer's severity out, so it says how far these reviews agree, and no more.
    """
    if spread is None or reviews < 2:
        return None
    t = T_90[reviews - 2] if reviews - 2 < len(T_90) else T_90_MANY
    half = rounded_root(Fraction((t * spread) ** 2, 1_000_000 * reviews))
    return max(low, mean - half), min(high, mean + half)


def is_split(ticks: Sequence[int], low: int, high: int) -> bool:
    """Tell whether the single totals lie further apart than two fifths of the scale."""
    return len(ticks) > 1 and 5 * (max(ticks) - min(ticks)) > 2 * (high - low)
