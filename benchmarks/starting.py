"""`make run` on a machine where everything is installed: seconds to the first page, on a new home and on a kept one."""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.place import free_port
from benchmarks.serving import wait_for
from incubator import embedded
from incubator.config import CHECKOUT
from incubator.embedded import processes

RUN = [sys.executable, "-m", "incubator.embedded", "run"]
WITHIN = 300.0
AGAIN = 5.0
"""Seconds within which a kept home is up again."""
FIRST_PAGE = "/sign-in"
BETWEEN = 12.0
"""Seconds that the workers get to come up before the run is ended."""


def measure() -> list[Figure]:
    """From the start of the command until the sign-in page answers 200: servers made, migrated, demonstration data."""
    section = "`make run`, everything installed"
    with embedded.scratch_home() as home, tempfile.TemporaryDirectory() as folder:
        environ = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environ |= {"INCUBATOR_HOME": str(home), "INCUBATOR_DEMO": "1"}
        first, again = (_run(environ, Path(folder) / "run.log") for _ in range(2))
    note = "databases made, migrated, demonstration data, web"
    return [
        Figure(section, "new home to first page", first, "s", note=note),
        Figure(section, "kept home to first page", again, "s", AGAIN),
    ]


def _run(environ: dict[str, str], log: Path) -> float:
    port = free_port()
    environ = environ | {"INCUBATOR_BIND": f"127.0.0.1:{port}"}
    begun = time.monotonic()
    child = processes.spawn(RUN, folder=CHECKOUT, env=environ, log=log)
    try:
        wait_for(port, FIRST_PAGE, WITHIN)
        seconds = time.monotonic() - begun
        time.sleep(BETWEEN)
    finally:
        processes.stop([child.pid], [signal.SIGTERM], 30.0)
        child.wait()
    return seconds
