"""Vesting terms of ours as the format's: conditions, periods and portions; and what it has no word for.

The format has no cliff that holds instalments back: one is written as a condition of its own, which is the same where
units are rounded as they add up. Where larger parts come first or last it is not, and the dates are listed instead.
"""

from typing import Any

from incubator.equity.engines.ocf.values import number
from incubator.equity.engines.vesting import After, Allocation, Condition, Graph, On, Period, Portion, Start

ADDING_UP = (Allocation.CUMULATIVE_ROUNDING, Allocation.CUMULATIVE_ROUND_DOWN, Allocation.FRACTIONAL)
"""Allocations under which a cliff is the same as a condition of its own."""


def terms_of(key: str, name: str, graph: Graph, decimals: int) -> dict[str, Any] | None:
    """A graph as a VESTING_TERMS object; None where the format cannot say it and dates have to be listed."""
    if graph.allocation not in ADDING_UP and any(_cliff(one) for one in graph.conditions):
        return None
    conditions = [made for one in graph.conditions for made in _conditions(one, graph, decimals)]
    return {
        "object_type": "VESTING_TERMS", "id": key, "name": name, "description": name,
        "allocation_type": str(graph.allocation), "vesting_conditions": conditions,
    }  # fmt: skip


def _cliff(condition: Condition) -> int:
    """The instalment before which all are held back; 0 for none."""
    trigger = condition.trigger
    return trigger.cliff if isinstance(trigger, After) and trigger.cliff > 1 else 0


def _conditions(one: Condition, graph: Graph, decimals: int) -> list[dict[str, Any]]:
    """A condition of ours as the format's: one, or its cliff and what follows it."""
    following, trigger, cliff = list(one.following), one.trigger, _cliff(one)
    if not isinstance(trigger, After) or not cliff:
        return [{"id": one.id, "trigger": _trigger(one), "next_condition_ids": following} | _amount(one, 1, decimals)]
    rest = trigger.times - cliff
    after = _fresh(f"{one.id}-after-cliff", graph)
    made = [
        {"id": one.id, "trigger": _relative(trigger, trigger.anchor, trigger.length * cliff, 1),
         "next_condition_ids": [after] if rest else following} | _amount(one, cliff, decimals)
    ]  # fmt: skip
    if rest:
        made.append(
            {"id": after, "trigger": _relative(trigger, one.id, trigger.length, rest), "next_condition_ids": following}
            | _amount(one, 1, decimals)
        )
    return made


def _fresh(name: str, graph: Graph) -> str:
    """An id that no condition has."""
    return name if name not in graph.by_id else _fresh(f"{name}-", graph)


def _amount(one: Condition, times: int, decimals: int) -> dict[str, Any]:
    if isinstance(one.amount, Portion):
        part = one.amount.part * times
        portion: dict[str, Any] = {"numerator": str(part.numerator), "denominator": str(part.denominator)}
        return {"portion": portion | ({"remainder": True} if one.amount.of_remainder else {})}
    return {"quantity": number(one.amount * times, decimals)}


def _trigger(one: Condition) -> dict[str, Any]:
    trigger = one.trigger
    if isinstance(trigger, After):
        return _relative(trigger, trigger.anchor, trigger.length, trigger.times)
    if isinstance(trigger, On):
        return {"type": "VESTING_SCHEDULE_ABSOLUTE", "date": trigger.day.isoformat()}
    return {"type": "VESTING_START_DATE" if isinstance(trigger, Start) else "VESTING_EVENT"}


def _relative(after: After, anchor: str, length: int, times: int) -> dict[str, Any]:
    period: dict[str, Any] = {"length": length, "type": str(after.period), "occurrences": times}
    if after.period is Period.MONTHS:
        period |= {"day_of_month": after.day_rule}
    return {"type": "VESTING_SCHEDULE_RELATIVE", "relative_to_condition_id": anchor, "period": period}
