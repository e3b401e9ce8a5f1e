"""Many things: what breaks at one must not keep the others waiting, nor a provider that does not answer the others."""

import logging
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from incubator.core import queue
from incubator.core.jobs import registry

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


def one_by_one(act: Callable[P, T], *given: P.args, **named: P.kwargs) -> T | None:
    """What the act answers; None, and a line in the log, when it breaks. It has transactions of its own."""
    try:
        return act(*given, **named)
    except Exception:
        log.exception("one of many broke", extra={"act": act.__name__, "given": [str(one)[:80] for one in given]})
        return None


def hand_over(name: str, provider_ids: Sequence[int], *, is_first: bool = False) -> list[int]:
    """Have a job done for each of these providers, of one that runs aside out of its own queue; where it waits already
    it is left out. is_first: before what waits there already."""
    waiting, is_aside = {int(number) for (number,) in queue.waiting(name)}, registry[name].aside
    return [
        one
        for one in provider_ids
        if one not in waiting and queue.enqueue(name, one, lane=one if is_aside else None, is_first=is_first)
    ]
