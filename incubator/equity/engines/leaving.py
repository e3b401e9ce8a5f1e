"""What becomes of a grant when its holder leaves, moves, or its venture ends: by the plan's rule, in whole units.

A rule is data, {reason: {unvested, vested, window_days, price}}. unvested: `lapse` (shares are bought back), all vests
at once (`accelerate`), or vesting goes on (`continue`). vested: kept (`keep`), to be exercised within `window_days`
(`window`), or bought back (`buy_back`). price of what is bought back: what was paid (`cost`), the value of the day
(`value`), or the lower of the two (`lower`).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class LeavingError(ValueError):
    """A rule that says nothing, or figures that it cannot be applied to; the message says which."""


class Reason(StrEnum):
    """Why somebody's vesting changes."""

    RESIGNATION = "resignation"
    CAUSE = "cause"
    REDUNDANCY = "redundancy"
    RETIREMENT = "retirement"
    DEATH = "death"
    MOVE = "move"
    VENTURE_ENDED = "venture_ended"


class Unvested(StrEnum):
    """What becomes of what has not vested."""

    LAPSE = "lapse"
    ACCELERATE = "accelerate"
    CONTINUE = "continue"


class Vested(StrEnum):
    """What becomes of what has vested."""

    KEEP = "keep"
    WINDOW = "window"
    BUY_BACK = "buy_back"


class Price(StrEnum):
    """What is paid for what is bought back."""

    COST = "cost"
    VALUE = "value"
    LOWER = "lower"


DEFAULTS: dict[str, dict[str, Any]] = {
    Reason.RESIGNATION: {"unvested": "lapse", "vested": "window", "window_days": 90, "price": "lower"},
    Reason.CAUSE: {"unvested": "lapse", "vested": "buy_back", "window_days": 0, "price": "lower"},
    Reason.REDUNDANCY: {"unvested": "lapse", "vested": "window", "window_days": 180, "price": "value"},
    Reason.RETIREMENT: {"unvested": "lapse", "vested": "keep", "window_days": 0, "price": "value"},
    Reason.DEATH: {"unvested": "accelerate", "vested": "keep", "window_days": 0, "price": "value"},
    Reason.MOVE: {"unvested": "continue", "vested": "keep", "window_days": 0, "price": "value"},
    Reason.VENTURE_ENDED: {"unvested": "lapse", "vested": "keep", "window_days": 0, "price": "cost"},
}
"""What holds where a plan says nothing else."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A grant at the end of the last day. shares: it is capital already, so what goes is bought back, not lapsed.

    decimals: of its class; prices are minor units of one whole unit, value None where no appraisal says one.
    """

    vested: int
    unvested: int
    shares: bool
    decimals: int
    cost_minor: int
    value_minor: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a departure does to one grant, in smallest units: vests now, goes on vesting, lapses, is bought back.

    price_minor: for one whole unit; amount_minor: for all that is bought back, rounded down to a minor unit.
    until: the last day on which what is kept can be exercised, None for no such day.
    """

    vests: int
    goes_on: int
    lapses: int
    bought: int
    keeps: int
    price_minor: int
    amount_minor: int
    until: dt.date | None


def read(rules: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """The rule of a reason: the plan's own, else the default. LeavingError when it makes no sense."""
    rule = dict(rules.get(reason) or DEFAULTS.get(reason) or {})
    try:
        days = rule["window_days"]
        read_rule = {"unvested": Unvested(rule["unvested"]), "vested": Vested(rule["vested"]), "window_days": days,
                     "price": Price(rule["price"])}  # fmt: skip
    except (KeyError, ValueError) as error:
        raise LeavingError(f"the plan's rule for {reason} says nothing of {error}") from error
    if not isinstance(days, int) or not 0 <= days <= 3_660:
        raise LeavingError(f"the plan's rule for {reason}: a window is between 0 and 3660 days")
    return read_rule


def outcome(rule: Mapping[str, Any], holding: Holding, last_day: dt.date) -> Outcome:
    """Apply a rule of `read` to a grant. LeavingError when it asks for a value that nothing says."""
    unvested, vested = rule["unvested"], rule["vested"]
    vests = holding.unvested if unvested is Unvested.ACCELERATE else 0
    goes_on = holding.unvested if unvested is Unvested.CONTINUE else 0
    gone = holding.unvested - vests - goes_on
    kept = holding.vested + vests
    bought_vested = kept if vested is Vested.BUY_BACK else 0
    bought = bought_vested + (gone if holding.shares else 0)
    price = _price(rule["price"], holding) if bought else 0
    has_window = vested is Vested.WINDOW and not holding.shares
    return Outcome(
        vests=vests,
        goes_on=goes_on,
        lapses=0 if holding.shares else gone,
        bought=bought,
        keeps=kept - bought_vested,
        price_minor=price,
        amount_minor=bought * price // 10**holding.decimals,
        until=last_day + dt.timedelta(days=rule["window_days"]) if has_window else None,
    )


def _price(kind: Price, holding: Holding) -> int:
    if kind is Price.COST:
        return holding.cost_minor
    if holding.value_minor is None:
        raise LeavingError("the rule buys back at a value, and there is no appraised value")
    return min(holding.value_minor, holding.cost_minor) if kind is Price.LOWER else holding.value_minor
