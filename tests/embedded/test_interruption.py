"""An interruption comes once, and waits while a process is being started."""

import os
import signal

import pytest

from incubator.embedded.interruption import held_back, interruptible


def test_it_waits_for_the_end_of_what_must_not_be_cut_in_two():
    seen = []
    with interruptible(), pytest.raises(KeyboardInterrupt), held_back():
        os.kill(os.getpid(), signal.SIGTERM)
        seen.append("to its end")
    assert seen == ["to its end"]


def test_otherwise_it_comes_at_once_and_a_second_one_is_ignored():
    before = signal.getsignal(signal.SIGTERM)
    with interruptible():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGTERM) is before
