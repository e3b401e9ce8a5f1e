"""The order of a lottery, which nobody can choose: a hash over a seed that was committed before the first score."""

import hashlib
from collections.abc import Iterable, Sequence


def lottery_order(seed: str, keys: Iterable[str]) -> Sequence[str]:
    """The keys by ascending hex SHA-256 of seed + ":" + key; the seed is committed before scoring."""
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).hexdigest())
