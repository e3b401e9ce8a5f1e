"""What PostgreSQL and Valkey have in common as our children."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from incubator.embedded.errors import EmbeddedError, plain_errors
from incubator.embedded.keys import why_taken
from incubator.embedded.places import Home
from incubator.embedded.processes import spawn, stop, working_in

# No PG… variable, no locale and no library path of the caller reaches a server.
PLAIN_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}

_READY_WITHIN = 120.0  # seconds; after a crash the log is replayed first
_PATIENCE = 15.0  # seconds between a polite signal and a ruder one
_LOG_KEPT = 10 * 1024 * 1024


@dataclass(kw_only=True)
class Server(ABC):
    """A server on a loopback port, its data in one folder of the data folder.

    `fast` gives up what protects the data from a loss of power, for tests.
    """

    home: Home
    name: str
    port: int
    fast: bool
    child: subprocess.Popen[bytes] | None = field(default=None, init=False)
    log_from: int = field(default=0, init=False)

    program: ClassVar[str]
    farewell: ClassVar[tuple[signal.Signals, ...]]

    @property
    def folder(self) -> Path:
        """Where its data are."""
        return self.home.folder / self.name

    @property
    def log(self) -> Path:
        """Where its messages go."""
        return self.home.folder / "log" / f"{self.name}.log"

    @abstractmethod
    def create(self) -> None:
        """Make the data folder if it is not there."""

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments; they hold no secret, everybody may list processes."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it answers."""

    def text(self) -> str:
        """What it reads from its standard input."""
        return ""

    def is_main(self, title: str) -> bool:
        """Whether a process with this command line is the server itself, not one of its helpers."""
        return bool(title)

    def prepare(self) -> None:  # noqa: B027 - most have nothing to clear
        """Clear away what a killed server left in the folder; nothing runs there any more."""

    def launch(self) -> None:
        """Start the program; whatever a killed run left running is stopped first."""
        self._stop_leftovers()
        if why := why_taken(self.port):
            raise EmbeddedError(
                f"Port {self.port} of {self.name} {why}: free it, "
                f"or delete {self.home.folder / 'ports.json'} to have new ports chosen."
            )
        with plain_errors(self.home.folder):
            self.prepare()
            self.log.parent.mkdir(mode=0o700, exist_ok=True)
            self._turn_log()
            self.child = spawn(
                self.command(),
                folder=self.folder,
                env=PLAIN_ENVIRONMENT,
                log=self.log,
                user=self.home.account,
                farewell=self.farewell[0],
                text=self.text(),
            )

    def wait(self) -> None:
        """Until it answers; raises EmbeddedError with its own last words when it ends instead."""
        until = time.monotonic() + _READY_WITHIN
        while not self.has_ended():
            if self.is_ready():
                return
            if time.monotonic() > until:
                raise EmbeddedError(f"{self.name} does not answer within {_READY_WITHIN:.0f} s: see {self.log}")
            time.sleep(0.02)
        raise EmbeddedError(f"{self.name} did not start: {last_words(self._said())} (all of it: {self.log})")

    def start(self) -> None:
        """Launch and wait."""
        self.launch()
        self.wait()

    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.child is None or self.child.poll() is not None

    def stop(self) -> None:
        """Stop it politely, then less so."""
        if self.child and not self.has_ended():
            stop([self.child.pid], self.farewell[-1:] if self.fast else self.farewell, _PATIENCE)
            self.child.wait()

    def _stop_leftovers(self) -> None:
        found = working_in(self.folder, self.program)
        stop([pid for pid, title in found.items() if self.is_main(title)], self.farewell, _PATIENCE)
        stop(working_in(self.folder, self.program), (), _PATIENCE)

    def _turn_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_KEPT:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.log_from = self.log.stat().st_size if self.log.exists() else 0

    def _said(self) -> str:
        with self.log.open("rb") as handle:
            handle.seek(self.log_from)
            return handle.read().decode(errors="replace")


def last_words(text: str) -> str:
    """The line of a server's output that tells why it ended."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "ERROR", "error:"))]
    return (telling or lines or ["it said nothing"])[-1]
