import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.core.money import Money, split

weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any)


@given(st.integers(-(10**15), 10**15), weights)
def test_a_split_conserves_every_fen_and_is_fair_to_one(amount, parts):
    result = split(amount, parts)

    assert sum(result) == amount
    for part, weight in zip(result, parts, strict=True):
        assert abs(part * sum(parts) - amount * weight) < sum(parts)


def test_equal_remainders_go_to_the_earlier():
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(-100, [1, 1, 1]) == [-34, -33, -33]


@pytest.mark.parametrize("parts", [[0, 0], [1, -1]])
def test_weights_must_make_sense(parts):
    with pytest.raises(ValueError, match="weights"):
        split(1, parts)


def test_currencies_do_not_mix():
    assert Money("CNY", 5) + Money("CNY", 2) - Money("CNY", 1) == -Money("CNY", -6)
    with pytest.raises(ValueError, match="do not add up"):
        Money("CNY", 1) + Money("USD", 1)
    with pytest.raises(ValueError, match="unknown currency"):
        Money("XYZ", 1)
