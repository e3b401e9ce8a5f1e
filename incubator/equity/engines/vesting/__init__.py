"""Vesting, exactly: the semantics of the Open Cap Format 1.2.0, in whole numbers and fractions, never a float.

All instalments of a condition are allocated first; a cliff then holds back those before it and pays their sum at it.
The n-th date is counted from the anchor and never from the date before: 30 January, 28 February, 30 March. A grant
dated after its vesting start pays the arrears on the day of the grant. Vested, lapsed and waiting units always sum to
the grant. (Design, incentives.md, "Vesting, exactly"; OCF VestingTerms and its enums.)
"""

from incubator.equity.engines.vesting.allocation import Allocation, Quantity, VestingError, allocate
from incubator.equity.engines.vesting.balance import Balance, Move, Way, balance_on, next_vesting, vested_on
from incubator.equity.engines.vesting.graph import (
    DAY_RULES,
    START_DAY,
    After,
    Condition,
    Event,
    Graph,
    On,
    Period,
    Portion,
    Start,
    read,
)
from incubator.equity.engines.vesting.schedule import Terms, schedule
from incubator.equity.engines.vesting.timeline import (
    Acceleration,
    Facts,
    Happened,
    Instalment,
    Lapse,
    Leave,
    Order,
    Timeline,
    Vesting,
    timeline,
)

ENGINE_VERSION = "vesting/2"

__all__ = [
    "DAY_RULES",
    "ENGINE_VERSION",
    "START_DAY",
    "Acceleration",
    "After",
    "Allocation",
    "Balance",
    "Condition",
    "Event",
    "Facts",
    "Graph",
    "Happened",
    "Instalment",
    "Lapse",
    "Leave",
    "Move",
    "On",
    "Order",
    "Period",
    "Portion",
    "Quantity",
    "Start",
    "Terms",
    "Timeline",
    "Vesting",
    "VestingError",
    "Way",
    "allocate",
    "balance_on",
    "next_vesting",
    "read",
    "schedule",
    "timeline",
    "vested_on",
]
