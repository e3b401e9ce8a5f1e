"""What an appreciation right comes to, in money and in shares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.equity.engines.rights import Net, RightsError, net_shares, rise


@pytest.mark.parametrize(
    ("units", "value", "base", "decimals", "money", "net"),
    [
        (1_000, 400, 100, 0, 300_000, Net(750, 0)),  # 1,000 × 3.00 = 3,000.00; at 4.00 each 750 shares
        (1_000, 350, 120, 0, 230_000, Net(657, 50)),  # 2,300.00 / 3.50 = 657.14…; 657 × 3.50 = 2,299.50; 0.50 is left
        (10_000, 400, 100, 1, 300_000, Net(7_500, 0)),  # the same 1,000 whole units in tenths
        (3, 300, 299, 2, 0, Net(0, 0)),  # 0.03 of a rise of 0.01
        (5, 100, 100, 0, 0, Net(0, 0)),
        (5, 90, 100, 0, 0, Net(0, 0)),  # under water: nothing, never less
        (7, 500, 0, 0, 3_500, Net(7, 0)),  # no base: a whole share
    ],
)
def test_by_hand(units: int, value: int, base: int, decimals: int, money: int, net: Net) -> None:
    figures = {"value": value, "base": base, "decimals": decimals}
    assert (rise(units, **figures), net_shares(units, **figures)) == (money, net)


@pytest.mark.parametrize("wrong", [{"units": 0}, {"value": 0}, {"base": -1}, {"decimals": 7}, {"decimals": -1}])
def test_what_cannot_be(wrong: dict[str, int]) -> None:
    figures = {"units": 1, "value": 2, "base": 1, "decimals": 0} | wrong
    for compute in (rise, net_shares):
        with pytest.raises(RightsError):
            compute(figures["units"], value=figures["value"], base=figures["base"], decimals=figures["decimals"])


UNITS, PRICES = st.integers(1, 10**15), st.integers(1, 10**9)


@given(UNITS, PRICES, st.integers(0, 10**9), st.integers(0, 6))
def test_shares_and_money_are_the_rise_and_never_more(units: int, value: int, base: int, decimals: int) -> None:
    total, net = (compute(units, value=value, base=base, decimals=decimals) for compute in (rise, net_shares))
    paid = net.shares * value + net.minor * 10**decimals  # in minor units of smallest units
    exact = units * max(value - base, 0)
    assert 0 <= exact - paid < 10**decimals
    assert 0 <= net.shares <= units
    assert net.minor * 10**decimals < value
    assert total == exact // 10**decimals
