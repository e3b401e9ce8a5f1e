"""Processes of a run: started, watched by their numbers, and ended by them."""

import http.client
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.place import Place, free_port
from incubator.config import CHECKOUT
from incubator.embedded import processes

TICKS = os.sysconf("SC_CLK_TCK")
WITHIN = 60.0
PRODUCT = (sys.executable, "-m", "gunicorn", "wsgi:app")
FLOOR = (sys.executable, "-m", "gunicorn", "-c", "benchmarks/floor/gunicorn_conf.py", "benchmarks.floor.app:app")


@dataclass(frozen=True)
class Web:
    """A running web server: where it listens, its master's number, its database."""

    name: str
    port: int
    pid: int
    database_url: str

    @property
    def workers(self) -> list[int]:
        """The numbers of its worker processes."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def cpu(self) -> float:
        """Seconds of CPU that its workers and their database sessions have used."""
        with psycopg.connect(self.database_url) as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND backend_type = 'client backend'",
                (self.name,),
            )
            sessions = [int(row[0]) for row in found]
        return sum(cpu_of(pid) for pid in [*self.workers, *sessions])

    def megabytes(self, counted: str = "Pss") -> float:
        """What its largest worker takes of the memory: "Pss" counts a page that n processes share as 1/n of one, "Rss"
        counts it whole."""
        return max(memory_of(pid, counted) for pid in self.workers)


@contextmanager
def serve(place: Place, name: str, command: tuple[str, ...], database: str, *, redis: int = 0) -> Iterator[Web]:
    """A web server with the product's default number of processes and threads, until the block ends."""
    port = free_port()
    environ = place.environment(database, redis=redis, port=port) | {"PGAPPNAME": name}
    child = processes.spawn(list(command), folder=CHECKOUT, env=environ, log=place.logs / f"{name}.log")
    try:
        wait_for(port, "/live")
        yield Web(name, port, child.pid, place.url(database))
    finally:
        processes.stop([child.pid], [signal.SIGTERM], 15.0)
        child.wait()


def wait_for(port: int, path: str, within: float = WITHIN) -> float:
    """Wait until a page answers 200; the seconds it took."""
    begun = time.monotonic()
    while time.monotonic() < begun + within:
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == http.HTTPStatus.OK:
                return time.monotonic() - begun
        time.sleep(0.02)
    raise TimeoutError(f"nothing answers within {within:.0f} s")


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_of(pid: int, counted: str) -> float:
    """Memory of a process in MB: "Pss" or "Rss" of proc(5), smaps_rollup."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{counted}:"):
            return int(line.split()[1]) / 1024
    return 0.0
