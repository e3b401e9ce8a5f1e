"""A process that is started again when it ends, each time after a longer pause."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from incubator.config import CHECKOUT
from incubator.embedded import interruption
from incubator.embedded.errors import EmbeddedError, plain_errors
from incubator.embedded.processes import spawn, stop

_SHORTEST, _LONGEST = 0.5, 30.0  # seconds of pause
_STEADY = 60.0  # seconds alive after which an end counts as the first again


def say(line: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Thing(Protocol):
    """What can be kept running."""

    @property
    def name(self) -> str:
        """For people."""

    @property
    def log(self) -> Path:
        """Where it writes."""

    def start(self) -> None:
        """Start it; may raise EmbeddedError."""

    def has_ended(self) -> bool:
        """Whether it does not run."""


class Program:
    """A process of the product."""

    def __init__(self, name: str, command: tuple[str, ...], home: Path, environ: Mapping[str, str]) -> None:
        self.name = name
        self.log = home / "log" / f"{name}.log"
        self._command = command
        self._environ = environ
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in the checkout."""
        with plain_errors(self.log.parent), interruption.held_back():
            self.log.parent.mkdir(mode=0o700, exist_ok=True)
            self._child = spawn(list(self._command), folder=CHECKOUT, env=self._environ, log=self.log)

    @property
    def pid(self) -> int:
        """Its process number."""
        if self._child is None:
            raise LookupError(self.name)
        return self._child.pid

    def has_ended(self) -> bool:
        """Whether it does not run."""
        return self._child is None or self._child.poll() is not None

    def wait(self) -> int:
        """Its exit code, when it ends."""
        return self._child.wait() if self._child else 0

    def stop(self, patience: float) -> None:
        """End it if it still runs."""
        if not self.has_ended():
            stop([self.pid], [signal.SIGTERM], patience)
            self.wait()

    def last_line(self) -> str:
        """What it said last."""
        return (self.log.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]


class Kept:
    """Looks after one thing."""

    def __init__(self, thing: Thing) -> None:
        self.thing = thing
        self.failures = 0  # ends in a row, each soon after a start
        self._started = time.monotonic()
        self._due = self._started if thing.has_ended() else None

    def look(self) -> None:
        """Start the thing if it has ended and its pause is over."""
        now = time.monotonic()
        if self._due is None and self.thing.has_ended():
            self.failures = 1 if now - self._started > _STEADY else self.failures + 1
            pause = min(_SHORTEST * 2 ** (self.failures - 1), _LONGEST)
            self._due = now + pause
            say(f"{self.thing.name} has ended and starts again in {pause:g} s (see {self.thing.log}).")
        if self._due is not None and now >= self._due:
            self._due, self._started = None, now
            self._start()

    def _start(self) -> None:
        try:
            self.thing.start()
        except EmbeddedError as error:
            say(str(error))
