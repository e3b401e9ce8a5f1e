"""Ctrl-C and its like: one orderly KeyboardInterrupt, never in the middle of starting a process."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _State:
    """holding: something must not be cut in two now; asked: an interruption waits for its end."""

    holding = False
    asked = False


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    for one in STOPPING:
        signal.signal(one, signal.SIG_IGN)
    if _State.holding:
        _State.asked = True
    else:
        raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[None]:
    """Any of the stopping signals is a KeyboardInterrupt, once: a second Ctrl-C must not break an orderly end."""
    nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # then a closed terminal is no reason to stop
    before = {one: signal.signal(one, _interrupt) for one in STOPPING if not (nohup and one is signal.SIGHUP)}
    try:
        yield
    finally:
        _State.asked = False
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def held_back() -> Iterator[None]:
    """An interruption waits for the end of the block: a child just born is known before all children are stopped."""
    _State.holding = True
    try:
        yield
    finally:
        _State.holding = False
    if _State.asked:
        _State.asked = False
        raise KeyboardInterrupt
