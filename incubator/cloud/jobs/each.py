"""Many things, one after the other: what breaks at one must not keep the others waiting."""

import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

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
